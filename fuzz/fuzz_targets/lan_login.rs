//! A log-in over LAN whose answers are forged from some point on: it ends, in few packets, and a session that comes out
//! of it with integrity codes is one the BMC knows.
#![no_main]

use std::collections::VecDeque;

use fuzz::{Script, World, random};
use ipmi_core::Request;
use ipmi_core::command::app::GetDeviceId;
use ipmi_core::link::console::{CipherChoice, Login, Opened, Session, request_of};
use ipmi_core::link::rmcp_plus::header::PayloadType;
use libfuzzer_sys::fuzz_target;

const PORT: u16 = 4000;

fuzz_target!(|data: &[u8]| {
    let mut script = Script(data);
    let config = script.login();
    let asks = config.cipher == CipherChoice::Ask;
    let honest = script.byte() % 24;
    let mut world = World::new();
    let mut login = Login::new(config, random(), world.now()).expect("it fits the protocol");
    let mut answers = VecDeque::new();
    let mut seen = Vec::new();
    let (mut passed, mut steps) = (0, 0);
    let outcome = loop {
        steps += 1;
        assert!(steps < 4096, "hung: {login:?}");
        while let Some(datagram) = login.poll_transmit() {
            answers.extend(world.ask(PORT, &datagram));
        }
        if let Some(outcome) = login.poll() {
            break outcome;
        }
        let now = world.now();
        if let Some(answer) = answers.pop_front() {
            seen = answer;
            if passed < honest {
                passed += 1;
                login.handle_datagram(&seen, now);
                continue;
            }
        }
        if script.is_over() {
            answers.clear();
            world.pass_until(login.poll_timeout().expect("it waits for something"));
            login.handle_timeout(world.now());
        } else {
            login.handle_datagram(&script.forged(&seen), now);
        }
    };
    // What the list of suites may hold bounds the tries.
    assert!(login.sent() < if asks { 512 } else { 128 }, "{} sent", login.sent());
    match outcome {
        Ok(session) => in_session(session, &seen, &mut script, &mut world),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});

fn in_session(mut session: Session, seen: &[u8], script: &mut Script<'_>, world: &mut World) {
    while !script.is_over() {
        session.open(&script.forged(seen));
    }
    let message = request_of(&Request::of(&GetDeviceId), 1).emit();
    let datagram = session.seal(PayloadType::Ipmi, &message).expect("it fits");
    let answers = world.ask(PORT, &datagram);
    let has_codes = session
        .agreed()
        .algorithms
        .is_some_and(|algorithms| algorithms.integrity.code_len().is_some_and(|len| len > 0));
    if has_codes {
        let [answer] = answers.as_slice() else { panic!("{} answers", answers.len()) };
        assert!(matches!(session.open(answer), Opened::Payload(PayloadType::Ipmi, _)));
    }
}
