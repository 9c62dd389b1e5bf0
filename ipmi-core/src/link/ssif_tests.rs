//! Tests of the host end of SSIF.

use super::*;

const GET_DEVICE_ID: [u8; 2] = [0x18, 0x01];

fn host(request: &[u8]) -> (SsifHost, Instant) {
    let now = Instant::now();
    let mut host = SsifHost::new(Capabilities { max_request: 255, packet_error_code: false });
    host.start(request, now + Duration::from_secs(1));
    (host, now)
}

/// Polls past the waits; gives the first other step and its time.
fn act(host: &mut SsifHost, mut now: Instant) -> (Step, Instant) {
    loop {
        match host.poll(now) {
            Step::Wait(time) => now = time,
            step => return (step, now),
        }
    }
}

/// Writes the request, whatever its parts, and returns the SMBus commands used.
fn write(host: &mut SsifHost, now: Instant) -> Vec<u8> {
    let mut commands = Vec::new();
    while let Step::Write { command, data } = host.poll(now) {
        assert!((1..=BLOCK).contains(&data.len()));
        commands.push(command);
        host.complete(Transfer::Written, now);
    }
    commands
}

#[test]
fn a_short_exchange() {
    let (mut host, now) = host(&GET_DEVICE_ID);
    assert_eq!(host.poll(now), Step::Write { command: 2, data: GET_DEVICE_ID.to_vec() });
    host.complete(Transfer::Written, now);
    let (step, now) = act(&mut host, now);
    assert_eq!(step, Step::Read { command: 3 });
    host.complete(Transfer::Read(&[0x1C, 0x01, 0x00, 0x20]), now);
    assert_eq!(host.poll(now), Step::Done(vec![0x1C, 0x01, 0x00, 0x20]));
    assert_eq!(host.poll(now), Step::Idle);
}

#[test]
fn the_last_response_is_taken_again_only_after_a_while() {
    let reading = |value| [0x14, 0x2D, 0x00, value];
    let (mut host, now) = host(&[0x10, 0x2D, 1]);
    write(&mut host, now);
    let (_, now) = act(&mut host, now);
    host.complete(Transfer::Read(&reading(22)), now);
    assert_eq!(host.poll(now), Step::Done(reading(22).to_vec()));

    // Another sensor: a new value counts at once, the old one when it stays.
    for (value, waits) in [(31, false), (31, true)] {
        host.start(&[0x10, 0x2D, 2], now + Duration::from_secs(1));
        write(&mut host, now);
        let (_, mut time) = act(&mut host, now);
        if !waits {
            host.complete(Transfer::Read(&reading(22)), time);
            let step;
            (step, time) = act(&mut host, time);
            assert_eq!(step, Step::Read { command: 3 }, "what was there before the request");
        }
        loop {
            host.complete(Transfer::Read(&reading(value)), time);
            match act(&mut host, time) {
                (Step::Done(response), _) => {
                    assert_eq!(response, reading(value));
                    break;
                }
                (Step::Read { command: 3 }, later) => time = later,
                (step, _) => panic!("{step:?}"),
            }
        }
        assert_eq!(time - now >= STALE, waits, "{:?}", time - now);
        assert!(time - now < 2 * STALE, "{:?}", time - now);
    }
}

#[test]
fn long_requests_go_in_parts() {
    for (length, commands) in
        [(32, vec![2]), (33, vec![6, 8]), (64, vec![6, 8]), (65, vec![6, 7, 8]), (255, vec![6, 7, 7, 7, 7, 7, 7, 8])]
    {
        let (mut host, now) = host(&vec![0x18; length]);
        assert_eq!(write(&mut host, now), commands, "{length}");
    }
    for length in [0, 1, 256] {
        let (mut host, now) = host(&vec![0x18; length]);
        assert_eq!(host.poll(now), Step::Failed(SsifError::Length { len: length, most: 255 }));
    }
}

#[test]
fn long_responses_come_in_parts() {
    let (mut host, now) = host(&GET_DEVICE_ID);
    write(&mut host, now);
    let response: Vec<u8> = [0x1C, 0x01, 0x00].into_iter().chain(3..80).collect();
    let (step, now) = act(&mut host, now);
    assert_eq!(step, Step::Read { command: 3 });
    host.complete(Transfer::Read(&[&[0, 1], &response[..30]].concat()), now);
    assert_eq!(host.poll(now), Step::Read { command: 9 });
    host.complete(Transfer::Read(&[&[0], &response[30..61]].concat()), now);
    // The BMC needs a moment.
    host.complete(Transfer::Refused, now);
    let (step, now) = act(&mut host, now);
    assert_eq!(step, Step::Read { command: 9 });
    host.complete(Transfer::Read(&[&[0xFF], &response[61..]].concat()), now);
    assert_eq!(host.poll(now), Step::Done(response));
}

#[test]
fn a_busy_bmc_is_asked_until_the_deadline() {
    let (mut host, start) = host(&GET_DEVICE_ID);
    write(&mut host, start);
    let (mut reads, mut now) = (0, start);
    let error = loop {
        let step;
        (step, now) = act(&mut host, now);
        match step {
            Step::Read { .. } => {
                reads += 1;
                // Not there yet, in three ways: no acknowledge, nothing, the answer to something else.
                let late: &[Transfer<'_>] =
                    &[Transfer::Refused, Transfer::Read(&[]), Transfer::Read(&[0x1C, 0x02, 0, 1])];
                host.complete(late[reads % 3], now);
            }
            Step::Failed(error) => break error,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!((error, now - start), (SsifError::Timeout, Duration::from_secs(1)));
    assert!((40..70).contains(&reads), "{reads}");
}

#[test]
fn nobody_there_is_told_from_a_busy_bmc() {
    let (mut host, mut now) = host(&GET_DEVICE_ID);
    for _ in 0..WRITE_TRIES {
        let step;
        (step, now) = act(&mut host, now);
        assert!(matches!(step, Step::Write { .. }));
        host.complete(Transfer::Refused, now);
    }
    assert_eq!(act(&mut host, now).0, Step::Failed(SsifError::Absent));
}

#[test]
fn damaged_and_wrong_parts_are_read_anew_a_few_times() {
    for (bad, error) in [
        (Transfer::Damaged, SsifError::Damaged),
        (Transfer::Read(&[7, 1, 2]), SsifError::Order { expected: 0, found: 7 }),
    ] {
        let (mut host, mut now) = host(&GET_DEVICE_ID);
        write(&mut host, now);
        for _ in 0..=READ_RESTARTS {
            let step;
            (step, now) = act(&mut host, now);
            assert_eq!(step, Step::Read { command: 3 });
            host.complete(Transfer::Read(&[0, 1, 0x1C, 1, 0]), now);
            assert_eq!(host.poll(now), Step::Read { command: 9 });
            host.complete(bad, now);
        }
        assert_eq!(act(&mut host, now).0, Step::Failed(error));
    }
}

#[test]
fn an_endless_response_ends() {
    let (mut host, now) = host(&GET_DEVICE_ID);
    write(&mut host, now);
    let (_, now) = act(&mut host, now);
    host.complete(Transfer::Read(&[0, 1, 0x1C, 1, 0]), now);
    for number in 0..255_u8 {
        host.complete(Transfer::Read(&[&[number][..], &[0; 31]].concat()), now);
    }
    assert!(matches!(host.poll(now), Step::Failed(SsifError::Length { most: MAX_RESPONSE, .. })));
}

#[test]
fn random_blocks_never_panic_or_hang() {
    let mut state = 1_u32;
    let mut random = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    for _ in 0..500 {
        let (mut host, mut now) = host(&GET_DEVICE_ID);
        for turn in 0.. {
            assert!(turn < 5000);
            let step;
            (step, now) = act(&mut host, now);
            let block: Vec<u8> = (0..random() % 34).map(|_| random() % 4).collect();
            match step {
                Step::Write { .. } if random() < 250 => host.complete(Transfer::Written, now),
                Step::Write { .. } | Step::Read { .. } if random() < 20 => host.complete(Transfer::Refused, now),
                Step::Write { .. } | Step::Read { .. } => host.complete(Transfer::Read(&block), now),
                _ => break,
            }
        }
    }
}

#[test]
fn capabilities_have_limits() {
    assert_eq!(Capabilities::parse(&[0, 0x40, 255, 255]).max_request, 64);
    assert_eq!(Capabilities::parse(&[0, 0x80, 3, 3]).max_request, 32);
    for data in [&[][..], &[0], &[0, 0xC0]] {
        assert_eq!(Capabilities::parse(data), Capabilities::LEAST);
    }
}
