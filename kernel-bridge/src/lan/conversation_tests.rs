//! Conversations with a BMC of IPMI 1.5 that asks for no authentication, on a virtual clock.

use super::*;
use ipmi_core::NetFn;
use ipmi_core::link::console::{Protocol, Quirks, Timing};
use ipmi_core::link::ipmb::IpmbMessage;
use ipmi_core::link::rmcp::RmcpHeader;
use ipmi_core::link::rmcp_plus::rakp::UserName;
use ipmi_core::link::session_1_5::{AuthType, Packet15, Password15};

const WAY: Duration = Duration::from_millis(1);
const LONG: Duration = Duration::from_secs(300);

/// A BMC with one session.
#[derive(Default)]
struct Bmc {
    session: Option<u32>,
    log_ins: u32,
    sequence: u32,
    /// It is switched off.
    deaf: bool,
    closed: bool,
    /// What comes in a session it does not know is answered outside.
    disowns: bool,
    /// Requests that are refused as if the session had no level.
    forgets_level: u32,
    /// Log-ins that end with "node busy".
    busy: u32,
    /// Answers after the log-in have a wrong checksum, each time the same or each time another.
    wrong_checksums: Option<fn(u8, u32) -> u8>,
    /// Sessions are authenticated with MD5.
    md5: bool,
    /// Answers after the log-in have wrong authentication codes.
    miscodes: bool,
    /// Set Session Privilege Level is not answered.
    levels_ignored: bool,
    /// Get Device ID and the rest that came within the session.
    requests: Vec<(u8, u8)>,
}

impl Bmc {
    fn answer(&mut self, datagram: &[u8]) -> Option<Vec<u8>> {
        let (_, body) = RmcpHeader::parse(datagram).unwrap();
        let packet = Packet15::parse(body).unwrap();
        let message = IpmbMessage::parse(packet.message).unwrap();
        if self.deaf {
            return None;
        }
        let before = packet.session_id == 0;
        let known = self.session == Some(packet.session_id);
        let (mut id, mut sequence) = (packet.session_id, 0);
        let auth_type = if self.md5 && !before { AuthType::Md5 } else { AuthType::None };
        let response = match message.cmd {
            0x38 if before && self.md5 => Response::ok([1, 0x04, 0x06, 0, 0, 0, 0, 0]),
            0x38 if before => Response::ok([1, 0x01, 0x16, 0, 0, 0, 0, 0]),
            0x39 if before => {
                let mut data = 0x77u32.to_le_bytes().to_vec();
                data.extend([0x55; 16]);
                Response::ok(data)
            }
            0x3A if packet.session_id == 0x77 => {
                self.log_ins += 1;
                self.session = Some(0x1000 + self.log_ins);
                self.sequence = u32::from_le_bytes(message.data[18..22].try_into().unwrap());
                let mut data = vec![auth_type.code()];
                data.extend((0x1000 + self.log_ins).to_le_bytes());
                data.extend([1, 0, 0, 0, 4]);
                id = 0x77;
                Response::ok(data)
            }
            _ if !known && self.disowns => return Some(stranger()),
            _ if !known => return None,
            0x3B if self.levels_ignored => return None,
            0x3B if self.busy > 0 => {
                self.busy -= 1;
                Response::refused(CompletionCode::NODE_BUSY)
            }
            0x3B => Response::ok([message.data[0]]),
            0x3C => {
                self.closed = true;
                Response::ok([])
            }
            _ if self.forgets_level > 0 => {
                self.forgets_level -= 1;
                Response::refused(CompletionCode::INSUFFICIENT_PRIVILEGE)
            }
            cmd => {
                self.requests.push((message.net_fn.get(), cmd));
                Response::ok([cmd])
            }
        };
        if known {
            sequence = self.sequence;
            self.sequence += 1;
        }
        let mut frame = message.reply(&response).emit();
        if let (Some(wrong), Some(checksum), true) = (self.wrong_checksums, frame.last_mut(), message.cmd < 0x38) {
            *checksum = wrong(*checksum, self.sequence);
        }
        let mut packet = Packet15::sealed(auth_type, sequence, id, &frame, &Password15::new(b"").unwrap()).unwrap();
        if self.miscodes && message.cmd < 0x38 {
            packet.auth_code = [0xEE; 16];
        }
        let mut out = RmcpHeader::IPMI.emit().to_vec();
        out.extend(packet.emit());
        Some(out)
    }
}

fn config() -> ConversationConfig {
    let mut login = LoginConfig::new(Protocol::Ipmi15, UserName::new(b"admin").unwrap(), ipmi_core::Secret::default());
    login.timing = Timing { timeout: Duration::from_secs(2), retries: 3, ..Timing::default() };
    ConversationConfig {
        name: "lan://bmc".to_owned(),
        login,
        timeout: Duration::from_secs(2),
        sendings: 4,
        retries: 4,
        transit: None,
        my_address: SlaveAddress::BMC,
        automatic_quirks: true,
        one_at_a_time: false,
        other_addresses: 0,
    }
}

struct World {
    conversation: Conversation,
    bmc: Bmc,
    now: Instant,
    start: Instant,
    events: Vec<Event>,
    sent: usize,
    /// Time from what is sent to its answer.
    way: Duration,
}

impl World {
    fn new(config: ConversationConfig) -> Self {
        let start = Instant::now();
        let mut state = 1u8;
        let random: Random = Box::new(move |bytes| {
            for byte in bytes {
                state = state.wrapping_mul(5).wrapping_add(3);
                *byte = state;
            }
        });
        let conversation = Conversation::new(config, random, start);
        Self { conversation, bmc: Bmc::default(), now: start, start, events: Vec::new(), sent: 0, way: WAY }
    }

    /// Runs until `done` says so of the events, or nothing is due any more.
    fn run(&mut self, done: impl Fn(&[Event]) -> bool) {
        let mut coming = VecDeque::new();
        loop {
            self.events.extend(std::iter::from_fn(|| self.conversation.poll()));
            while let Some(datagram) = self.conversation.poll_transmit() {
                self.sent += 1;
                coming.extend(self.bmc.answer(&datagram).map(|answer| (self.now + self.way, answer)));
            }
            if done(&self.events) {
                return;
            }
            let arrival = coming.front().map(|(at, _)| *at);
            let Some(next) = arrival.into_iter().chain(self.conversation.poll_timeout()).min() else { return };
            self.now = next.max(self.now);
            assert!(self.now < self.start + LONG, "hung: {:?}", self.conversation);
            if arrival.is_some_and(|at| at <= self.now) {
                let (_, datagram) = coming.pop_front().unwrap();
                // Nobody waits for what answers the end of a log-in that failed, or a question that was sent again.
                let taken = self.conversation.handle_datagram(&datagram, self.now);
                assert!(taken || self.bmc.closed || self.bmc.disowns || self.way > WAY);
            }
            self.conversation.handle_timeout(self.now);
        }
    }

    fn results(&mut self, count: usize) -> Vec<(Ticket, Result<Response, Failure>)> {
        let is_done = |event: &Event| matches!(event, Event::Done { .. });
        self.run(|events| events.iter().filter(|event| is_done(event)).count() == count);
        let done = std::mem::take(&mut self.events).into_iter().filter_map(|event| match event {
            Event::Done { ticket, result, .. } => Some((ticket, result)),
            _ => None,
        });
        done.collect()
    }

    fn submit(&mut self, ticket: Ticket, cmd: u8) {
        self.conversation.submit(ticket, Target::Bmc, Request::new(NetFn::APP, cmd, []), self.now);
    }
}

#[test]
fn the_first_request_logs_in_and_close_ends_the_session() {
    let mut world = World::new(config());
    world.submit(1, 0x01);
    world.submit(2, 0x08);
    let results = world.results(2);
    assert_eq!(results, [(1, Ok(Response::ok([0x01]))), (2, Ok(Response::ok([0x08])))]);
    // Four for the log-in.
    assert_eq!((world.sent, world.bmc.log_ins), (6, 1));
    world.conversation.close(world.now);
    world.run(|events| events.iter().any(|event| matches!(event, Event::Closed)));
    assert!(world.bmc.closed);
    assert_eq!(world.conversation.poll_timeout(), None);
    world.submit(3, 0x01);
    assert!(matches!(&world.results(1)[0].1, Err(Failure::Broken { reason, .. }) if reason.contains("closed")));
}

#[test]
fn an_idle_session_is_kept_alive() {
    let mut world = World::new(config());
    world.conversation.connect(world.now);
    world.run(|events| events.iter().any(|event| matches!(event, Event::Up(_))));
    for time in 1..=4 {
        let due = world.conversation.poll_timeout().unwrap();
        assert_eq!(due, world.now + KEEP_ALIVE);
        world.now = due;
        world.conversation.handle_timeout(due);
        let datagram = world.conversation.poll_transmit().unwrap();
        let answer = world.bmc.answer(&datagram).unwrap();
        assert!(world.conversation.handle_datagram(&answer, world.now));
        assert_eq!(world.bmc.requests.len(), time);
    }
    // The asker hears nothing of it.
    assert!(world.conversation.poll().is_none());
}

#[test]
fn a_bmc_that_forgot_the_session_is_logged_in_to_again() {
    let mut world = World::new(config());
    world.submit(1, 0x01);
    assert_eq!(world.results(1).len(), 1);
    world.bmc.session = None;
    // One reads, the other acts: the BMC may have carried it out.
    world.submit(2, 0x01);
    world.submit(3, 0x02);
    let mut results = world.results(2);
    results.sort_by_key(|(ticket, _)| *ticket);
    assert_eq!(results[0], (2, Ok(Response::ok([0x01]))));
    assert_may_have_happened(&results[1]);
    assert_eq!(world.bmc.log_ins, 2);
    world.submit(4, 0x02);
    assert_eq!(world.results(1), [(4, Ok(Response::ok([0x02])))]);
}

/// The request was for something that the BMC may have done, and the error says so.
fn assert_may_have_happened((ticket, result): &(Ticket, Result<Response, Failure>)) {
    let says = |reason: &str| reason.contains("may have carried");
    assert!(matches!(result, Err(Failure::Broken { reason, sent: true }) if says(reason)), "{ticket}: {result:?}");
}

#[test]
fn a_bmc_that_says_it_knows_no_session_is_logged_in_to_soon() {
    let mut world = World::new(config());
    world.submit(1, 0x01);
    assert_eq!(world.results(1).len(), 1);
    (world.bmc.session, world.bmc.disowns) = (None, true);
    let lost = world.now;
    world.submit(2, 0x01);
    world.submit(3, 0x02);
    let mut results = world.results(2);
    results.sort_by_key(|(ticket, _)| *ticket);
    assert_eq!(results[0], (2, Ok(Response::ok([0x01]))));
    assert_may_have_happened(&results[1]);
    assert!(world.now - lost < Duration::from_secs(5), "{:?}", world.now - lost);
}

#[test]
fn a_forged_word_about_no_session_costs_one_question() {
    let mut world = World::new(config());
    world.submit(1, 0x01);
    assert_eq!(world.results(1).len(), 1);
    let sent = world.sent;
    for _ in 0..100 {
        assert!(!world.conversation.handle_datagram(&stranger(), world.now));
    }
    world.submit(2, 0x08);
    assert_eq!(world.results(1), [(2, Ok(Response::ok([0x08])))]);
    assert_eq!((world.sent - sent, world.bmc.log_ins), (2, 1));
}

/// A message outside any session.
fn stranger() -> Vec<u8> {
    let message = ipmi_core::link::console::request_of(&Request::new(NetFn::APP, 0x01, []), 1);
    let frame = message.reply(&Response::refused(CompletionCode::NOT_IN_PRESENT_STATE)).emit();
    let packet = Packet15::sealed(AuthType::None, 0, 0, &frame, &Password15::new(b"").unwrap()).unwrap();
    [RmcpHeader::IPMI.emit().to_vec(), packet.emit()].concat()
}

#[test]
fn a_bmc_that_forgot_the_level_is_logged_in_to_once() {
    let mut world = World::new(config());
    world.bmc.forgets_level = 1;
    // It has not carried out what it refused, so that this is sent again.
    world.submit(1, 0x02);
    assert_eq!(world.results(1), [(1, Ok(Response::ok([0x02])))]);
    assert_eq!(world.bmc.log_ins, 2);
    world.bmc.forgets_level = 1;
    world.submit(2, 0x02);
    assert_eq!(world.results(1), [(2, Ok(Response::refused(CompletionCode::INSUFFICIENT_PRIVILEGE)))]);
    assert_eq!(world.bmc.log_ins, 2);
}

#[test]
fn a_bmc_that_went_away_is_an_error_that_names_it() {
    let mut world = World::new(config());
    world.submit(1, 0x01);
    assert_eq!(world.results(1).len(), 1);
    world.bmc.deaf = true;
    world.submit(2, 0x01);
    let results = world.results(1);
    let says = |reason: &str| reason.starts_with("lan://bmc: the session was lost, and there is no new one: ");
    assert!(matches!(&results[0].1, Err(Failure::Broken { reason, .. }) if says(reason)), "{results:?}");
    // It is back.
    world.bmc = Bmc::default();
    world.now += Duration::from_secs(1);
    world.submit(3, 0x01);
    assert_eq!(world.results(1), [(3, Ok(Response::ok([0x01])))]);
}

#[test]
fn a_bmc_that_is_busy_is_logged_in_to_after_a_pause() {
    let mut world = World::new(config());
    world.bmc.busy = 2;
    world.submit(1, 0x01);
    assert_eq!(world.results(1), [(1, Ok(Response::ok([0x01])))]);
    assert!(world.now - world.start >= Duration::from_millis(30));
    let mut world = World::new(config());
    world.bmc.busy = u32::MAX;
    world.submit(1, 0x01);
    assert!(matches!(&world.results(1)[0].1, Err(Failure::Broken { reason, .. }) if reason.contains("Node busy")));
}

#[test]
fn quirks_that_do_not_help_are_not_kept() {
    let mut world = World::new(config());
    world.bmc.levels_ignored = true;
    world.submit(1, 0x01);
    let results = world.results(1);
    assert!(
        matches!(&results[0].1, Err(Failure::Broken { reason, .. }) if reason.contains("Set Session Privilege Level")),
        "{results:?}"
    );
    assert!(world.bmc.log_ins > 1, "tried without quirks and with them");
    assert_eq!(world.conversation.config.login.quirks, Quirks::empty());
    world.bmc = Bmc::default();
    world.now += Duration::from_secs(1);
    world.submit(2, 0x01);
    world.run(|events| events.iter().any(|event| matches!(event, Event::Done { .. })));
    assert!(!world.events.iter().any(|event| matches!(event, Event::Quirks(_))), "{:?}", world.events);
}

#[test]
fn checksums_that_are_wrong_each_time_are_borne() {
    let mut world = World::new(config());
    world.bmc.wrong_checksums = Some(|right, _| right ^ 0x55);
    world.submit(1, 0x01);
    world.run(|events| events.iter().any(|event| matches!(event, Event::Quirks(Quirks::NOCHECKSUMCHECK))));
    assert_eq!(world.results(1)[0].1, Ok(Response::ok([0x01])));
    assert_eq!(world.bmc.requests.len(), 2, "sent again once");
    world.submit(2, 0x02);
    assert_eq!(world.results(1)[0].1, Ok(Response::ok([0x02])));
    assert_eq!(world.bmc.requests.len(), 3);
}

#[test]
fn wrong_authentication_codes_are_said() {
    let mut world = World::new(config());
    world.bmc.md5 = true;
    world.submit(1, 0x01);
    assert_eq!(world.results(1)[0].1, Ok(Response::ok([0x01])));
    world.bmc.miscodes = true;
    world.submit(2, 0x02);
    let results = world.results(1);
    let Err(Failure::Broken { reason, .. }) = &results[0].1 else { panic!("{results:?}") };
    assert!(reason.contains("wrong authentication codes") && reason.contains("noauthcodecheck"), "{reason}");
}

#[test]
fn damage_and_no_quirks_stay_errors() {
    let damaged: fn(u8, u32) -> u8 = |right, sequence| right ^ (0x80 | sequence as u8 & 0x7F);
    for (wrong, automatic_quirks) in [(damaged, true), (|right, _| right ^ 0x55, false)] {
        let mut world = World::new(ConversationConfig { automatic_quirks, ..config() });
        world.bmc.wrong_checksums = Some(wrong);
        world.submit(1, 0x01);
        let results = world.results(1);
        assert!(results[0].1.is_err(), "{results:?}");
    }
}

#[test]
fn the_next_address_is_tried() {
    let mut world = World::new(ConversationConfig { other_addresses: 1, ..config() });
    world.submit(1, 0x01);
    world.conversation.handle_unreachable("nobody listens", world.now);
    assert!(matches!(world.conversation.poll(), Some(Event::NextAddress)));
    assert_eq!(world.results(1), [(1, Ok(Response::ok([0x01])))]);
    // In a session, it counts for nothing.
    world.conversation.handle_unreachable("nobody listens", world.now);
    world.submit(2, 0x01);
    assert_eq!(world.results(1), [(2, Ok(Response::ok([0x01])))]);
    let mut world = World::new(config());
    world.submit(1, 0x01);
    world.conversation.handle_unreachable("nobody listens", world.now);
    assert!(
        matches!(&world.results(1)[0].1, Err(Failure::Broken { reason, sent: false }) if reason.contains("nobody"))
    );
}

#[test]
fn software_is_nobody_and_costs_nothing() {
    let mut world = World::new(config());
    world.conversation.submit(1, Target::Software, Request::new(NetFn::APP, 1, []), world.now);
    let results = world.results(1);
    assert_eq!(results, [(1, Ok(Response::refused(CompletionCode::DESTINATION_UNAVAILABLE)))]);
    assert_eq!(world.sent, 0);
}

#[test]
fn any_datagram_is_borne() {
    let mut world = World::new(config());
    world.conversation.connect(world.now);
    world.run(|events| events.iter().any(|event| matches!(event, Event::Up(_))));
    let mut state = 7u32;
    for _ in 0..2000 {
        let mut bytes = vec![0; (state % 64) as usize];
        for byte in &mut bytes {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            *byte = (state >> 24) as u8;
        }
        if state.is_multiple_of(2) {
            bytes.splice(0..bytes.len().min(4), RmcpHeader::IPMI.emit());
        }
        world.conversation.handle_datagram(&bytes, world.now);
        state = state.wrapping_add(11);
    }
    world.submit(1, 0x01);
    assert_eq!(world.results(1), [(1, Ok(Response::ok([0x01])))]);
}

#[test]
fn over_a_long_way_nothing_is_done_twice() {
    for tenths in [25, 30, 60] {
        let mut world = World::new(config());
        world.way = Duration::from_secs(1) * tenths / 10;
        for ticket in 1..=6 {
            world.submit(ticket, 0x02);
        }
        assert!(world.results(6).iter().all(|(_, result)| *result == Ok(Response::ok([0x02]))));
        // What the log-in has learnt holds for the session, from its first request on.
        assert_eq!((world.bmc.requests.len(), world.bmc.log_ins), (6, 1), "{:?}", world.way);
        // Only the first question goes out before it is known how long answers take.
        assert!(world.sent <= 6 + 4 + 3, "{:?}: {}", world.way, world.sent);
    }
}
