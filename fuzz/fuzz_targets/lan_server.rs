//! The LAN side of the simulated BMC under any datagrams, from strangers and from who listens in, with time passing: a
//! session that is open stays usable, tables stay small, and strangers get no more than they sent, by much.
#![no_main]

use std::collections::VecDeque;
use std::time::Duration;

use fuzz::{Script, World, random};
use ipmi_core::Request;
use ipmi_core::command::app::GetDeviceId;
use ipmi_core::link::console::{CipherChoice, Login, Opened, Session, answer_to, request_of};
use ipmi_core::link::rmcp_plus::cipher_suite::CipherSuite;
use ipmi_core::link::rmcp_plus::header::PayloadType;
use ipmi_core::link::session_1_5::AuthType;
use libfuzzer_sys::fuzz_target;

const HONEST: u16 = 4000;
const STRANGER: u16 = 5000;
/// A session ends after 60 s without a packet; the console speaks more often.
const STEP: Duration = Duration::from_secs(40);

/// Logs in, with integrity codes; the datagrams it took are kept for who listens in.
fn log_in(script: &mut Script<'_>, world: &mut World, seen: &mut Vec<Vec<u8>>) -> Session {
    let mut config = script.login();
    config.auth_type = Some(AuthType::Md5);
    if !matches!(config.cipher, CipherChoice::Fixed(CipherSuite(2 | 3 | 8 | 17))) {
        config.cipher = CipherChoice::Fixed(CipherSuite(17));
    }
    let mut login = Login::new(config, random(), world.now()).expect("it fits the protocol");
    let mut answers = VecDeque::new();
    loop {
        while let Some(datagram) = login.poll_transmit() {
            answers.extend(world.ask(HONEST, &datagram));
            seen.push(datagram);
        }
        if let Some(outcome) = login.poll() {
            return outcome.expect("the password is right");
        }
        let answer = answers.pop_front().expect("every packet is answered");
        login.handle_datagram(&answer, world.now());
    }
}

fn is_usable(session: &mut Session, world: &mut World, sequence: u8) -> Vec<u8> {
    let message = request_of(&Request::of(&GetDeviceId), sequence & 0x3F);
    let datagram = session.seal(PayloadType::Ipmi, &message.emit()).expect("it fits");
    let answers = world.ask(HONEST, &datagram);
    let [answer] = answers.as_slice() else { panic!("{} answers in session", answers.len()) };
    let Opened::Payload(PayloadType::Ipmi, payload) = session.open(answer) else { panic!("not for the session") };
    let response = answer_to(&message, &payload, session.agreed().quirks).expect("the answer to the question");
    assert!(response.decode::<GetDeviceId>().is_ok());
    datagram
}

fuzz_target!(|data: &[u8]| {
    let mut script = Script(data);
    let mut world = World::new();
    let mut seen = Vec::new();
    let mut session = log_in(&mut script, &mut world, &mut seen);
    let mut sequence = 0u8;
    while !script.is_over() {
        let how = script.byte();
        match how % 4 {
            0 => world.pass(STEP * u32::from(script.byte()) / 255),
            _ => {
                let template = seen.get(usize::from(how >> 2) % seen.len()).cloned().unwrap_or_default();
                let forged = script.forged(&template);
                let port = if how % 4 == 1 { HONEST } else { STRANGER };
                let answers = world.ask(port, &forged);
                let bytes: usize = answers.iter().map(Vec::len).sum();
                assert!(answers.len() <= 2 && bytes <= 160 + forged.len(), "{} answers, {bytes} bytes", answers.len());
            }
        }
        if how % 4 == 0 || how & 0x40 != 0 {
            sequence = sequence.wrapping_add(1);
            let datagram = is_usable(&mut session, &mut world, sequence);
            seen.truncate(48);
            seen.push(datagram);
        }
    }
    is_usable(&mut session, &mut world, sequence.wrapping_add(1));
    let tables = format!("{:?}", world.server).len();
    assert!(tables < 128 * 1024, "{tables}");
});
