//! Both ends of KCS against each other: by ports and by line, slow, silent and broken.

use super::*;
use crate::link::kcs_bmc::{KcsBmc, KcsRequest};
use crate::link::serial_kcs;
use crate::link::serial_kcs_bmc::SerialKcsBmc;
use proptest::prelude::*;

const REQUEST: [u8; 4] = [0x28, 0x23, 0x00, 0xFF];
const RESPONSE: [u8; 5] = [0x2C, 0x23, 0x00, 0x11, 0x22];
const PATIENCE: Duration = Duration::from_secs(5);

/// Executes each access at once, as I/O ports do. `answer` gives the response, or `None` to stay silent.
fn by_ports(
    host: &mut KcsHost,
    bmc: &mut KcsBmc,
    mut answer: impl FnMut(&mut KcsBmc, KcsRequest),
) -> Result<Vec<u8>, KcsError> {
    let mut now = Instant::now();
    host.start(&REQUEST, now + PATIENCE);
    loop {
        now += Duration::from_millis(1);
        match host.poll() {
            Step::Access(Access::Write(register, value)) => {
                if let Some(request) = bmc.write(register, value) {
                    answer(bmc, request);
                }
            }
            Step::Access(Access::Read(register)) => host.complete(bmc.read(register), now),
            Step::Access(Access::Wait { .. }) => host.complete(bmc.status(), now),
            Step::Done(response) => return Ok(response),
            Step::Failed(error) => return Err(error),
            step => panic!("{step:?}"),
        }
    }
}

/// Sends everything that can be sent together, as a serial line does. Gives the round trips as well.
fn by_line(
    host: &mut KcsHost,
    bmc: &mut SerialKcsBmc,
    mut answer: impl FnMut(KcsRequest) -> Option<Vec<u8>>,
) -> (Result<Vec<u8>, KcsError>, u32) {
    let mut now = Instant::now();
    let mut trips = 0;
    host.start(&REQUEST, now + PATIENCE);
    let mut line = Vec::new();
    loop {
        match host.poll() {
            Step::Access(access) => serial_kcs::emit(access, &mut line),
            Step::Blocked => {
                bmc.handle_input(&std::mem::take(&mut line), now);
                while let Some(request) = bmc.poll_request() {
                    if let Some(response) = answer(request.clone()) {
                        bmc.respond(request.ticket, &response, now);
                    }
                }
                trips += 1;
                let mut output = bmc.poll_output();
                if output.is_empty() {
                    now = bmc.poll_timeout().expect("a wait is held");
                    bmc.handle_timeout(now);
                    output = bmc.poll_output();
                }
                for byte in output {
                    host.complete(byte, now);
                }
            }
            Step::Done(response) => return (Ok(response), trips),
            Step::Failed(error) => return (Err(error), trips),
            Step::Idle => panic!("idle"),
        }
    }
}

#[test]
fn a_transfer_by_ports() {
    let (mut host, mut bmc) = (KcsHost::new(), KcsBmc::new());
    for _ in 0..3 {
        let response = by_ports(&mut host, &mut bmc, |bmc, request| {
            assert_eq!(request.bytes, REQUEST);
            assert!(bmc.respond(request.ticket, &RESPONSE));
        });
        assert_eq!(response, Ok(RESPONSE.to_vec()));
        assert_eq!(State::of(bmc.status()), State::Idle);
    }
}

#[test]
fn a_transfer_by_line_needs_few_round_trips() {
    let (mut host, mut bmc) = (KcsHost::over_line(), SerialKcsBmc::new());
    for length in [3, 4, 31, 32, 33, 34, 35, 64, 65, 66, 67, 300] {
        let expected: Vec<u8> = (0..length).map(|byte| byte as u8).collect();
        let (response, trips) = by_line(&mut host, &mut bmc, |_| Some(expected.clone()));
        assert_eq!(response, Ok(expected), "{length}");
        assert!(trips as usize <= 3 + length / SENT_AHEAD, "{length}: {trips}");
        assert_eq!(bmc.kcs().status(), State::Idle.bits(), "{length}");
    }
    // The same line, byte by byte.
    let mut host = KcsHost::new();
    let (response, trips) = by_line(&mut host, &mut bmc, |_| Some(RESPONSE.to_vec()));
    assert_eq!(response, Ok(RESPONSE.to_vec()));
    assert!(trips as usize <= RESPONSE.len() + 2, "{trips}");
}

#[test]
fn the_longest_response_is_taken() {
    let (mut host, mut bmc) = (KcsHost::over_line(), SerialKcsBmc::new());
    let (response, _) = by_line(&mut host, &mut bmc, |_| Some(vec![0x2C; MAX_RESPONSE]));
    assert_eq!(response.map(|response| response.len()), Ok(MAX_RESPONSE));
}

#[test]
fn a_slow_bmc_is_waited_for() {
    let (mut host, mut bmc) = (KcsHost::new(), KcsBmc::new());
    let mut late = None;
    let now = Instant::now();
    host.start(&REQUEST, now + PATIENCE);
    for polls in 0..1000 {
        match host.poll() {
            Step::Access(Access::Write(register, value)) => late = bmc.write(register, value).or(late),
            Step::Access(Access::Read(register)) => host.complete(bmc.read(register), now),
            Step::Access(Access::Wait { .. }) => {
                if polls > 500
                    && let Some(request) = late.take()
                {
                    bmc.respond(request.ticket, &RESPONSE);
                }
                host.complete(bmc.status(), now);
            }
            Step::Done(response) => return assert_eq!(response, RESPONSE),
            step => panic!("{step:?}"),
        }
    }
    panic!("no response");
}

#[test]
fn a_silent_bmc_times_out_and_the_next_request_works() {
    let (mut host, mut bmc) = (KcsHost::over_line(), SerialKcsBmc::new());
    let (response, _) = by_line(&mut host, &mut bmc, |_| None);
    assert!(matches!(response, Err(KcsError::Timeout { .. })), "{response:?}");
    let (response, _) = by_line(&mut host, &mut bmc, |_| Some(RESPONSE.to_vec()));
    assert_eq!(response, Ok(RESPONSE.to_vec()));
}

#[test]
fn an_interface_left_in_mid_transfer_is_recovered() {
    for writes in 0..4 {
        let (mut host, mut bmc) = (KcsHost::new(), KcsBmc::new());
        for (register, value) in
            [(Register::CommandStatus, WRITE_START), (Register::Data, 0x18), (Register::CommandStatus, WRITE_END)]
                .into_iter()
                .take(writes)
        {
            bmc.write(register, value);
        }
        bmc.write(Register::CommandStatus, 0x33);
        let mut failures = 0;
        let response = by_ports(&mut host, &mut bmc, |bmc, request| {
            // The first two responses are interrupted by an error state.
            if failures < 2 {
                failures += 1;
                bmc.write(Register::CommandStatus, 0x77);
            } else {
                bmc.respond(request.ticket, &RESPONSE);
            }
        });
        assert_eq!(response, Ok(RESPONSE.to_vec()));
    }
}

#[test]
fn after_three_recoveries_the_host_gives_up_and_says_why() {
    let (mut host, mut bmc) = (KcsHost::new(), KcsBmc::with_max_request(3));
    let response = by_ports(&mut host, &mut bmc, |_, _| {});
    assert_eq!(response, Err(KcsError::GaveUp { times: MAX_RECOVERIES + 1, error: ErrorStatus::LENGTH }));
    let mut bmc = SerialKcsBmc::with_kcs(KcsBmc::with_max_request(3));
    let (response, _) = by_line(&mut host, &mut bmc, |_| None);
    assert_eq!(response, Err(KcsError::GaveUp { times: MAX_RECOVERIES + 1, error: ErrorStatus::LENGTH }));
}

#[test]
fn a_request_without_bytes_is_refused() {
    let mut host = KcsHost::new();
    host.start(&[0x18], Instant::now());
    assert_eq!(host.poll(), Step::Failed(KcsError::Length { len: 1 }));
    assert_eq!(host.poll(), Step::Idle);
}

proptest! {
    /// Whatever the registers give, the transfer ends.
    #[test]
    fn any_register_values_end(bytes in prop::collection::vec(any::<u8>(), 1..400), together: bool, line: bool) {
        let mut host = if line { KcsHost::over_line() } else { KcsHost::new() };
        let mut now = Instant::now();
        host.start(&REQUEST, now + PATIENCE);
        let mut values = bytes.iter().cycle();
        let mut owed = 0;
        for _ in 0..200_000 {
            match host.poll() {
                Step::Access(access) => {
                    owed += access.results();
                    if together { continue }
                }
                Step::Blocked => {}
                Step::Done(_) | Step::Failed(_) => return Ok(()),
                Step::Idle => prop_assert!(false, "idle"),
            }
            while owed > 0 {
                owed -= 1;
                now += Duration::from_millis(1);
                host.complete(*values.next().unwrap(), now);
            }
        }
        prop_assert!(false, "no end");
    }
}
