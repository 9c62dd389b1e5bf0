//! Channels, LAN and users (IPMI 2.0 s22, s23). Passwords and keys cannot be read.

use ipmi_core::NetFn;

use super::document::{Document, byte, hex, text};
use super::identity::INVALID_COMMAND;
use super::reader::{Answer, BMC, Reader, at};
use super::settings;
use crate::Failure;

const GET_IP_STATISTICS: u8 = 0x04;
const ADMINISTRATOR: u8 = 4;
const GET_AUTHENTICATION_CAPABILITIES: u8 = 0x38;
const GET_SESSION_INFO: u8 = 0x3D;
const GET_CHANNEL_ACCESS: u8 = 0x41;
const GET_CHANNEL_INFO: u8 = 0x42;
const GET_USER_ACCESS: u8 = 0x44;
const GET_USER_NAME: u8 = 0x46;
const GET_PAYLOAD_ACCESS: u8 = 0x4D;
/// Medium types of a channel: 802.3 LAN, RS-232.
const LAN_MEDIUM: u8 = 0x04;
const SERIAL_MEDIUM: u8 = 0x05;
/// Channels that a BMC may have or not.
const CHANNELS: std::ops::RangeInclusive<u8> = 1..=11;
/// The LAN channel of a simulated BMC, and its serial channel.
const LAN: u8 = 1;
const SERIAL: u8 = 2;
/// Get Channel Access: what is kept, what is in force.
const NON_VOLATILE: u8 = 0x40;
const PRESENT: u8 = 0x80;
/// Cipher suites at most.
const SUITES: usize = 16;
/// Names of the privilege levels from 1 up.
const LEVELS: [&str; 5] = ["callback", "user", "operator", "administrator", "oem"];
/// Access of a user who has none.
const NO_ACCESS: u8 = 0x0F;
/// What the users get for a password.
const PASSWORD: &str = "admin";
/// Masks of payload access that a user of a simulated BMC has: SOL.
const PAYLOADS: [u8; 4] = [0x02, 0, 0, 0];

pub(super) fn record(reader: &Reader<'_>, document: &mut Document) -> Result<(), Failure> {
    let (channels, no_channel) = channels(reader)?;
    let lan = channels.iter().find(|channel| channel.medium() == LAN_MEDIUM).map(|channel| channel.number);
    for channel in &channels {
        channel.write(lan, document);
    }
    if let Some(code) = no_channel {
        document.table("[channels]").entry("absent", byte(code));
    }
    if let Some(channel) = lan {
        if channel != LAN {
            document.remark(&format!("the LAN channel is {channel} and is served as channel {LAN}"));
        }
        record_lan(reader, channel, document)?;
        settings::record(reader, &settings::SOL, channel, document)?;
    }
    if channels.iter().any(|channel| channel.number == SERIAL && channel.medium() == SERIAL_MEDIUM) {
        settings::record(reader, &settings::SERIAL, SERIAL, document)?;
    }
    let channel = lan.unwrap_or(LAN);
    for (net_fn, cmd, data) in [
        (NetFn::TRANSPORT, GET_IP_STATISTICS, [channel, 0]),
        (NetFn::APP, GET_AUTHENTICATION_CAPABILITIES, [channel, ADMINISTRATOR]),
    ] {
        let answer = reader.ask(net_fn, cmd, &data)?;
        if answer.is_err() {
            document.answer(BMC, net_fn, cmd, &[], &answer);
        }
    }
    if let Ok(session) = reader.ask(NetFn::APP, GET_SESSION_INFO, &[0])? {
        document.value("session_limit", (at(&session, 1) & 0x3F).max(1));
    }
    record_users(reader, lan.unwrap_or(LAN), document)
}

/// A channel there is.
struct Channel {
    number: u8,
    info: Vec<u8>,
    present: Answer,
    non_volatile: Answer,
}

/// The channels, and the completion code for one that is not there.
fn channels(reader: &Reader<'_>) -> Result<(Vec<Channel>, Option<u8>), Failure> {
    let (mut found, mut refusal) = (Vec::new(), None);
    for number in CHANNELS {
        let info = match reader.ask(NetFn::APP, GET_CHANNEL_INFO, &[number])? {
            Ok(info) => info,
            Err(code) => {
                refusal = Some(code);
                continue;
            }
        };
        let present = reader.ask(NetFn::APP, GET_CHANNEL_ACCESS, &[number, PRESENT])?;
        let non_volatile = reader.ask(NetFn::APP, GET_CHANNEL_ACCESS, &[number, NON_VOLATILE])?;
        found.push(Channel { number, info, present, non_volatile });
    }
    Ok((found, refusal))
}

impl Channel {
    fn medium(&self) -> u8 {
        at(&self.info, 1) & 0x7F
    }

    fn write(&self, lan: Option<u8>, document: &mut Document) {
        let number = match self.number {
            number if Some(number) == lan => LAN,
            LAN => {
                return document
                    .remark("channel 1 is no LAN channel and is left out: a simulated BMC has its LAN there");
            }
            number => number,
        };
        let (protocol, sessions) = (at(&self.info, 2) & 0x1F, (at(&self.info, 3) >> 6).min(2));
        document.table("[[channel]]").entry("number", number).entry("medium", self.medium());
        document.entry("protocol", protocol);
        document.entry("sessions", if number == LAN { sessions.max(1) } else { sessions });
        if let [a, b] = [at(&self.info, 7), at(&self.info, 8)]
            && [a, b] != [0, 0]
        {
            document.entry("auxiliary", format!("[{}, {}]", byte(a), byte(b)));
        }
        for (name, answer) in [("access", &self.present), ("non_volatile", &self.non_volatile)] {
            if let Ok([access, limit]) = answer.as_deref() {
                document.entry(name, format!("[{}, {}]", byte(*access), byte(*limit)));
            }
        }
    }
}

/// A LAN parameter, without its revision byte.
fn parameter(reader: &Reader<'_>, channel: u8, number: u8) -> Result<Answer, Failure> {
    let answer = reader.ask(NetFn::TRANSPORT, 0x02, &[channel, number, 0, 0])?;
    Ok(answer.map(|data| data.get(1..).unwrap_or_default().to_vec()))
}

fn record_lan(reader: &Reader<'_>, channel: u8, document: &mut Document) -> Result<(), Failure> {
    document.table("[lan]");
    for (name, number) in [("address", 3), ("mask", 6), ("gateway", 12)] {
        if let Ok([a, b, c, d]) = parameter(reader, channel, number)?.as_deref() {
            document.entry(name, format!("\"{a}.{b}.{c}.{d}\""));
        }
    }
    if let Ok(mac) = parameter(reader, channel, 5)?
        && mac.len() == 6
    {
        document.entry("mac", hex(&mac));
    }
    let count = parameter(reader, channel, 22)?;
    if let (Ok(count), Ok(suites)) = (count, parameter(reader, channel, 23)?) {
        let suites: Vec<u8> = suites.into_iter().skip(1).take(usize::from(at(&count, 0) & 0x1F).min(SUITES)).collect();
        if !suites.is_empty() {
            document.entry("cipher_suites", format!("{suites:?}"));
        }
    }
    settings::record(reader, &settings::LAN, channel, document)
}

fn record_users(reader: &Reader<'_>, channel: u8, document: &mut Document) -> Result<(), Failure> {
    let first = match reader.ask(NetFn::APP, GET_USER_ACCESS, &[channel, 1])? {
        Ok(first) => first,
        Err(code) => {
            document
                .problem(&format!("users cannot be read ({code:02X}h): bmc-sim gives admin, with the password admin"));
            return Ok(());
        }
    };
    let (slots, fixed_names) = (at(&first, 0) & 0x3F, at(&first, 2) & 0x3F);
    let mut users = Vec::new();
    for id in 1..=slots {
        let asked =
            [(GET_USER_ACCESS, vec![channel, id]), (GET_USER_NAME, vec![id]), (GET_PAYLOAD_ACCESS, vec![channel, id])];
        let [access, name, payloads] = asked.map(|(cmd, data)| reader.ask(NetFn::APP, cmd, &data));
        let (Ok(access), name, payloads) = (access?, name?, payloads?) else {
            document.problem(&format!("access of user {id}"));
            continue;
        };
        users.push(User { id, access, name: name.unwrap_or_default(), payloads });
    }
    let told = users.iter().any(|user| user.status() != 0);
    let empty = empty_slot(&users);
    document.table("[users]").entry("count", slots).entry("fixed_names", fixed_names);
    document.entry("empty", byte(empty)).entry("says_status", told);
    let known = users.iter().any(|user| user.is_known(empty));
    users.iter().filter(|user| user.is_known(empty)).for_each(|user| user.write(told, document));
    // One refusal of all of them, or none.
    if let Some(User { payloads: refused @ Err(INVALID_COMMAND), .. }) = users.first() {
        document.answer(BMC, NetFn::APP, GET_PAYLOAD_ACCESS, &[], refused);
    }
    if known {
        document.note(
            "Passwords and keys cannot be read from a BMC: every user below has the password \"admin\" until it is",
        );
        document.note(
            "changed here (`password` of [[user]]); --user NAME:PASSWORD of bmc-sim takes the place of all of them.",
        );
    } else {
        document.note("The BMC has no users: bmc-sim --user NAME:PASSWORD gives it one.");
        document.value("user", "[]");
    }
    Ok(())
}

/// Access of most slots that have no name.
fn empty_slot(users: &[User]) -> u8 {
    let mut counts = std::collections::BTreeMap::<u8, usize>::new();
    for user in users.iter().filter(|user| user.id != 1 && user.name().is_empty()) {
        *counts.entry(user.flags() & 0x7F).or_default() += 1;
    }
    counts.into_iter().max_by_key(|(_, count)| *count).map_or(NO_ACCESS, |(flags, _)| flags)
}

/// A user slot.
struct User {
    id: u8,
    access: Vec<u8>,
    name: Vec<u8>,
    payloads: Answer,
}

impl User {
    /// Privilege limit and flags.
    fn flags(&self) -> u8 {
        at(&self.access, 3)
    }

    /// 1 enabled, 2 disabled, 0 not said.
    fn status(&self) -> u8 {
        at(&self.access, 1) >> 6
    }

    /// Somebody is in the slot, or may be.
    fn is_known(&self, empty: u8) -> bool {
        !self.name().is_empty() || self.flags() & 0x7F != empty || self.id == 1
    }

    fn name(&self) -> &[u8] {
        let end = self.name.iter().position(|byte| *byte == 0).unwrap_or(self.name.len());
        self.name.get(..end.min(16)).unwrap_or_default()
    }

    /// Writes the user; `told` of a BMC that says of users whether they are enabled.
    fn write(&self, told: bool, document: &mut Document) {
        let (flags, limit) = (self.flags(), usize::from(self.flags() & 0x0F));
        let nobody = if limit == 0 { &"unset" } else { &"none" };
        let level = limit.checked_sub(1).and_then(|level| LEVELS.get(level)).unwrap_or(nobody);
        let messaging = flags & 0x10 != 0;
        let status = match self.status() {
            1 => "enabled",
            2 => "disabled",
            _ if told => "unset",
            // A BMC that says it of nobody: those who have access are enabled.
            _ if messaging && (1..=LEVELS.len()).contains(&limit) => "enabled",
            _ => "disabled",
        };
        document.table("[[user]]").entry("id", self.id).entry("name", text(self.name()));
        document.entry("password", format!("\"{PASSWORD}\"")).entry("privilege", format!("\"{level}\""));
        document.entry("status", format!("\"{status}\"")).entry("messaging", messaging);
        document.entry("link_authentication", flags & 0x20 != 0);
        if flags & 0x40 != 0 {
            document.entry("callback_only", true);
        }
        if let Ok([a, b, c, d]) = self.payloads.as_deref()
            && [*a, *b, *c, *d] != PAYLOADS
        {
            document.entry("payloads", format!("[{a}, {b}, {c}, {d}]"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(id: u8, access: [u8; 4], name: &[u8]) -> User {
        User { id, access: access.to_vec(), name: name.to_vec(), payloads: Err(0xC1) }
    }

    #[test]
    fn users_are_written_with_their_access() {
        let mut document = Document::default();
        let administrator = user(2, [16, 0x41, 1, 0x34], b"admin\0\0");
        administrator.write(true, &mut document);
        User { payloads: Ok(vec![0, 0, 0, 0]), ..user(3, [16, 0x81, 1, 0x4F], b"out\xFF") }.write(true, &mut document);
        let text = document.text();
        for line in ["id = 2\nname = \"admin\"\npassword = \"admin\"\nprivilege = \"administrator\"\nstatus = \"enabled\"\nmessaging = true"]
            .into_iter()
            .chain(["name = \"out?\"", "privilege = \"none\"\nstatus = \"disabled\"\nmessaging = false", "callback_only = true", "payloads = [0, 0, 0, 0]"])
        {
            assert!(text.contains(line), "{line}: {text}");
        }
    }

    #[test]
    fn empty_slots_are_nobody() {
        let slot = |id, flags, name: &[u8]| user(id, [16, 0x01, 1, flags], name);
        assert!(!slot(5, 0x0F, b"").is_known(0x0F) && !slot(5, 0, &[0; 16]).is_known(0));
        assert!(slot(5, 0x04, b"").is_known(0x0F) && slot(5, 0x0F, b"x").is_known(0x0F));
        assert!(slot(1, 0x0F, b"").is_known(0x0F));
        let slots =
            [slot(1, 0x14, b""), slot(2, 0x34, b"x"), slot(3, 0x20, b""), slot(4, 0x20, b""), slot(5, 0x0F, b"")];
        assert_eq!((empty_slot(&slots), empty_slot(&[])), (0x20, NO_ACCESS));
    }

    #[test]
    fn the_lan_is_channel_1() {
        let channel = |number, medium| Channel {
            number,
            info: vec![number, medium, 1, 0x80, 0xF2, 0x1B, 0, 0, 7],
            present: Ok(vec![2, 4]),
            non_volatile: Err(0xCC),
        };
        let mut document = Document::default();
        channel(1, SERIAL_MEDIUM).write(Some(3), &mut document);
        channel(3, LAN_MEDIUM).write(Some(3), &mut document);
        let text = document.text();
        assert!(text.starts_with("# channel 1 is no LAN channel"), "{text}");
        assert!(text.contains("number = 1\nmedium = 4\nprotocol = 1\nsessions = 2\nauxiliary = [0x00, 0x07]\naccess = [0x02, 0x04]\n\n"), "{text}");
    }
}
