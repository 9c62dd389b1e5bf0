//! Several hosts in one word: lists, ranges, networks and files, for `-H`.
//!
//! | word | hosts |
//! |---|---|
//! | `a,b` | each |
//! | `node[001-200]`, `10.1.2.[1-9,17]` | one for each number, as wide as the first |
//! | `127.0.0.1:[20000-20999]` | one for each port |
//! | `10.0.0.0/28` | every address but the network's and the broadcast's |
//! | `@file` | one word a line, `#` comments |

use std::net::Ipv4Addr;
use std::path::Path;

/// Most hosts one command line may name.
pub const MOST: usize = 65_536;
/// Longest word for hosts: names have at most 253 characters. Every pair of brackets in it costs a level of recursion.
const LONGEST: usize = 1024;
/// Largest file of hosts read.
const MOST_BYTES: u64 = 8 << 20;

/// The hosts `word` stands for, in order.
///
/// # Errors
/// What is wrong with it.
///
/// ```
/// use sel_tools::hosts::expand;
/// assert_eq!(expand("node[09-11]").unwrap(), ["node09", "node10", "node11"]);
/// assert_eq!(expand("[fe80::1%eth0]:623").unwrap(), ["[fe80::1%eth0]:623"]);
/// assert_eq!(expand("10.0.0.0/30,b").unwrap(), ["10.0.0.1", "10.0.0.2", "b"]);
/// ```
pub fn expand(word: &str) -> Result<Vec<String>, String> {
    let mut hosts = Vec::new();
    expand_into(word, &mut hosts, true)?;
    Ok(hosts)
}

fn expand_into(word: &str, hosts: &mut Vec<String>, files: bool) -> Result<(), String> {
    for part in split(word) {
        let part = part.trim();
        match part.strip_prefix('@') {
            Some(path) if files => from_file(Path::new(path), hosts)?,
            Some(_) => return Err(format!("{part}: a file of hosts cannot name another one")),
            None if part.is_empty() => {
                return Err(format!("expected a host, found nothing between commas in {word:?}"));
            }
            None if part.len() > LONGEST => {
                return Err(format!("expected at most {LONGEST} characters for a host, found {}", part.len()));
            }
            None => match part.split_once('/') {
                Some((address, length)) => network(address, length, hosts)?,
                None => ranges(part, hosts)?,
            },
        }
    }
    Ok(())
}

/// Splits at commas outside brackets.
fn split(word: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_usize;
    word.split(move |character| {
        match character {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        character == ',' && depth == 0
    })
}

fn from_file(path: &Path, hosts: &mut Vec<String>) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{}: {error}", path.display());
    let text = crate::file::read_text(path, MOST_BYTES).map_err(failed)?;
    for (number, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if !line.is_empty() {
            expand_into(line, hosts, false).map_err(|reason| format!("{}:{}: {reason}", path.display(), number + 1))?;
        }
    }
    Ok(())
}

fn network(address: &str, length: &str, hosts: &mut Vec<String>) -> Result<(), String> {
    let wrong = || format!("expected an IPv4 network such as 10.0.0.0/24, found {address}/{length}");
    let address = u32::from(address.parse::<Ipv4Addr>().map_err(|_| wrong())?);
    let length: u32 = length
        .parse()
        .ok()
        .filter(|length| (16..=32).contains(length))
        .ok_or_else(|| format!("{}; a prefix length from 16 to 32", wrong()))?;
    let size = 1_u32 << (32 - length);
    let first = address & !(size - 1);
    // Networks of one or two addresses have neither a network's nor a broadcast's own.
    let inner = if size > 2 { 1..size - 1 } else { 0..size };
    for offset in inner {
        push(Ipv4Addr::from(first + offset).to_string(), hosts)?;
    }
    Ok(())
}

/// Expands the first bracket that holds numbers, and what follows it.
fn ranges(word: &str, hosts: &mut Vec<String>) -> Result<(), String> {
    let bracket = word.match_indices('[').find_map(|(at, _)| {
        let (inside, rest) = word.get(at + 1..)?.split_once(']')?;
        // IPv6 addresses have colons there, and a port after them.
        (!inside.contains(':')).then_some((at, inside, rest))
    });
    let Some((at, inside, rest)) = bracket else { return push(word.to_owned(), hosts) };
    let before = word.get(..at).unwrap_or_default();
    for item in inside.split(',') {
        let (first, last) = item.split_once('-').unwrap_or((item, item));
        let number = |text: &str| {
            let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse::<u32>()
                .ok()
                .filter(|_| digits)
                .ok_or_else(|| format!("{word}: expected a number, found {text:?}"))
        };
        let (from, to, width) = (number(first)?, number(last)?, first.len());
        if from > to {
            return Err(format!("{word}: expected a range from low to high, found {item}"));
        }
        for number in from..=to {
            ranges(&format!("{before}{number:0width$}{rest}"), hosts)?;
        }
    }
    Ok(())
}

fn push(host: String, hosts: &mut Vec<String>) -> Result<(), String> {
    if hosts.len() >= MOST {
        return Err(format!("expected at most {MOST} hosts"));
    }
    hosts.push(host);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_of_numbers_and_ports() {
        assert_eq!(expand("a[1-2]b[3,5]").unwrap(), ["a1b3", "a1b5", "a2b3", "a2b5"]);
        let ports = expand("127.0.0.1:[20000-20999]").unwrap();
        assert_eq!((ports.len(), ports[999].as_str()), (1000, "127.0.0.1:20999"));
        assert_eq!(expand("x[8-10]").unwrap(), ["x8", "x9", "x10"]);
        assert_eq!(expand("[::1]:[1-2]").unwrap(), ["[::1]:1", "[::1]:2"]);
        assert_eq!(expand("10.0.0.5/32").unwrap(), ["10.0.0.5"]);
        assert_eq!(expand("10.0.0.77/28").unwrap().len(), 14);
    }

    #[test]
    fn files_hold_words_and_comments() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "# rack 1\nnode[1-2] # two\n\nb,c\n").unwrap();
        let word = format!("@{}", file.path().display());
        assert_eq!(expand(&word).unwrap(), ["node1", "node2", "b", "c"]);
        std::fs::write(file.path(), format!("ok\n{word}\n")).unwrap();
        assert!(expand(&word).unwrap_err().contains(":2: "));
        assert!(expand("@/nowhere").unwrap_err().contains("/nowhere"));
    }

    #[test]
    fn wrong_words_say_why_and_huge_ones_end() {
        for (word, what) in [
            ("a,,b", "between commas"),
            ("a[2-1]", "low to high"),
            ("a[1-x]", "number"),
            ("a[]", "number"),
            ("a[+1]", "number"),
            ("10.0.0.0/8", "16 to 32"),
            ("host/24", "IPv4 network"),
            ("a[1-4000000000]", "at most"),
            ("a[1-999][1-999]", "at most"),
            (&"[1]".repeat(100_000), "at most 1024 characters"),
        ] {
            let error = expand(word).unwrap_err();
            assert!(error.contains(what), "{word}: {error}");
        }
    }
}
