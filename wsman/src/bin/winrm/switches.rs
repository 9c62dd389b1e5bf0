//! Windows switches (`-r:host`, `/username:x`, any case) as the long options clap knows.

/// Long option, whether it takes a value, and its other spellings.
struct Switch {
    long: &'static str,
    takes_value: bool,
    spellings: &'static [&'static str],
}

const fn value(long: &'static str, spellings: &'static [&'static str]) -> Switch {
    Switch { long, takes_value: true, spellings }
}

const fn flag(long: &'static str, spellings: &'static [&'static str]) -> Switch {
    Switch { long, takes_value: false, spellings }
}

/// Every switch of the Windows command that is known here.
const SWITCHES: &[Switch] = &[
    value("remote", &["r"]),
    value("username", &["u"]),
    value("password", &["p"]),
    value("authentication", &["a", "auth"]),
    value("certificate", &["c"]),
    flag("unencrypted", &["un"]),
    flag("usessl", &["ssl"]),
    flag("skipcacheck", &[]),
    flag("skipcncheck", &[]),
    flag("skiprevocationcheck", &[]),
    flag("spnport", &[]),
    flag("defaultcreds", &[]),
    value("timeout", &[]),
    value("encoding", &[]),
    value("format", &["f"]),
    value("file", &[]),
    value("options", &[]),
    value("filter", &[]),
    value("dialect", &[]),
    flag("associations", &[]),
    value("fragment", &[]),
    value("returntype", &[]),
    flag("shallow", &[]),
    flag("basepropertiesonly", &[]),
    flag("help", &["h", "?"]),
    flag("version", &["v"]),
];

/// Rewrites Windows switches and the verb, which is the first argument; everything else stays as it is.
pub(crate) fn to_long(arguments: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut long: Vec<String> = arguments.into_iter().map(|argument| rewrite(&argument).unwrap_or(argument)).collect();
    if let Some(verb) = long.get_mut(1).filter(|verb| verb.bytes().all(|byte| byte.is_ascii_alphabetic())) {
        verb.make_ascii_lowercase();
    }
    long
}

fn rewrite(argument: &str) -> Option<String> {
    let body = argument.strip_prefix("--").or_else(|| argument.strip_prefix(['-', '/']))?;
    let (name, given) = match body.split_once([':', '=']) {
        Some((name, value)) => (name, Some(value)),
        None => (body, None),
    };
    let known = SWITCHES.iter().find(|switch| {
        std::iter::once(&switch.long).chain(switch.spellings).any(|spelling| spelling.eq_ignore_ascii_case(name))
    })?;
    Some(match (known.takes_value, given) {
        (true, Some(value)) => format!("--{}={value}", known.long),
        (_, None) => format!("--{}", known.long),
        // Left to clap to complain about.
        (false, Some(value)) => format!("--{}={value}", known.long),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_spellings() {
        let rewritten = |text: &str| to_long([text.to_owned()]).remove(0);
        for (windows, long) in [
            ("-r:http://127.0.0.1:5985", "--remote=http://127.0.0.1:5985"),
            ("/R:host", "--remote=host"),
            ("-u:admin", "--username=admin"),
            ("-un", "--unencrypted"),
            ("-a:basic", "--authentication=basic"),
            ("-Auth:Basic", "--authentication=Basic"),
            ("-skipCAcheck", "--skipcacheck"),
            ("-f:json", "--format=json"),
            ("--format=json", "--format=json"),
            ("-?", "--help"),
            ("-filter:select * from A where B=':'", "--filter=select * from A where B=':'"),
        ] {
            assert_eq!(rewritten(windows), long);
        }
        let words = |words: &[&str]| to_long(words.iter().map(|&word| word.to_owned()));
        assert_eq!(words(&["winrm", "GET", "wmi/X"]), ["winrm", "get", "wmi/X"]);
        assert_eq!(words(&["winrm", "invoke", "ClearLog", "-R:a"]), ["winrm", "invoke", "ClearLog", "--remote=a"]);
        for same in ["enumerate", "wmi/root/hardware/*", "@{A=\"1\"}", "-2144108495", "/opt/x", "--unknown"] {
            assert_eq!(rewritten(same), same);
        }
    }

    #[test]
    fn every_spelling_once() {
        let all: Vec<_> =
            SWITCHES.iter().flat_map(|switch| std::iter::once(&switch.long).chain(switch.spellings)).collect();
        for (index, spelling) in all.iter().enumerate() {
            assert!(!all[..index].contains(spelling), "{spelling}");
        }
    }
}
