//! Requests under way against peers of every kind, on a virtual clock.

use super::*;
use ipmi_core::{NetFn, SlaveAddress};

const TIMEOUT: Duration = Duration::from_secs(1);
const ROUTE: Route = Route { transit: None, my_address: SlaveAddress::BMC };
/// Time a datagram takes each way.
const WAY: Duration = Duration::from_millis(5);
/// Virtual time after which a run counts as hung.
const LONG: Duration = Duration::from_secs(600);

fn exchange() -> Exchange {
    Exchange::new(Pace { timeout: TIMEOUT, sendings: 4, retries: 4 }, ROUTE, Window::default())
}

/// A request that only reads; `number` comes back.
fn reading(number: u8) -> Request {
    Request::new(NetFn::SENSOR_EVENT, 0x2D, [number])
}

/// What a peer does with a message: the answers, each with the time it takes beyond the way there and back.
type Peer<'a> = &'a mut dyn FnMut(&IpmbMessage, Instant) -> Vec<(Duration, Response)>;

struct Run {
    outcomes: Vec<Outcome>,
    sent: usize,
    took: Duration,
}

/// Runs until every request is done.
fn run(exchange: &mut Exchange, requests: usize, peer: Peer<'_>) -> Run {
    let start = Instant::now();
    let (mut now, mut sent) = (start, 0);
    let mut outcomes = Vec::new();
    let mut coming: Vec<(Instant, usize, Vec<u8>)> = Vec::new();
    exchange.pump(now);
    loop {
        while let Some(payload) = exchange.poll_transmit() {
            let message = IpmbMessage::parse(&payload).unwrap();
            sent += 1;
            for (delay, response) in peer(&message, now + WAY) {
                coming.push((now + WAY * 2 + delay, sent, message.reply(&response).emit()));
            }
        }
        outcomes.extend(std::iter::from_fn(|| exchange.poll()));
        if outcomes.len() == requests {
            return Run { outcomes, sent, took: now - start };
        }
        coming.sort();
        let arrival = coming.first().map(|(at, _, _)| *at);
        now = arrival.into_iter().chain(exchange.poll_timeout()).min().expect("something to wait for").max(now);
        assert!(now < start + LONG, "hung");
        if arrival.is_some_and(|at| at <= now) {
            let (_, _, bytes) = coming.remove(0);
            exchange.handle_message(&IpmbMessage::parse(&bytes).unwrap(), now);
        }
        exchange.handle_timeout(now);
        exchange.fail_given_up(now);
    }
}

fn submit_readings(exchange: &mut Exchange, count: u8) {
    for number in 0..count {
        exchange.submit(number.into(), Target::Bmc, reading(number));
    }
}

fn assert_right(outcomes: &[Outcome]) {
    for outcome in outcomes {
        assert_eq!(outcome.result, Ok(Response::ok([outcome.ticket as u8])), "{}", outcome.ticket);
    }
}

fn echo(message: &IpmbMessage) -> Response {
    Response::ok(message.data.clone())
}

#[test]
fn a_good_peer_is_asked_once_and_in_parallel() {
    let mut exchange = exchange();
    submit_readings(&mut exchange, 200);
    let run = run(&mut exchange, 200, &mut |message, _| vec![(Duration::ZERO, echo(message))]);
    assert_right(&run.outcomes);
    assert_eq!((run.sent, exchange.window().depth()), (200, 8));
    assert!(run.took < WAY * 2 * 40, "{:?}", run.took);
}

#[test]
fn a_silent_peer_costs_every_sending_and_its_growing_timeout() {
    let mut exchange = exchange();
    exchange.submit(1, Target::Bmc, reading(1));
    let run = run(&mut exchange, 1, &mut |_, _| vec![]);
    assert_eq!(run.outcomes[0].result, Err(Failure::Timeout));
    assert_eq!((run.sent, run.took, run.outcomes[0].after), (4, TIMEOUT * 10, TIMEOUT * 10));
}

#[test]
fn a_peer_that_takes_one_at_a_time_is_found_out() {
    let mut exchange = exchange();
    submit_readings(&mut exchange, 60);
    let mut busy_until = None;
    let run = run(&mut exchange, 60, &mut |message, at| {
        if busy_until.is_some_and(|until| at < until) {
            return vec![];
        }
        let work = Duration::from_millis(2);
        busy_until = Some(at + work);
        vec![(work, echo(message))]
    });
    assert_right(&run.outcomes);
    assert!(exchange.window().is_one_at_a_time(), "{:?} {}", exchange.window(), run.sent);
    assert!(run.sent <= 72, "{}", run.sent);
    assert!(run.took < (WAY * 2 + Duration::from_millis(2)) * 75, "{:?}", run.took);
}

/// A lossy network is no peer that takes one at a time.
#[test]
fn random_losses_are_no_pattern() {
    for seed in 1..=100u32 {
        let mut exchange = exchange();
        let (mut state, mut total) = (seed.wrapping_mul(0x9E37_79B9), 0);
        for _ in 0..3 {
            submit_readings(&mut exchange, 200);
            let run = run(&mut exchange, 200, &mut |message, _| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                // 6 of 100: 3 on each way.
                if (state >> 8) % 100 < 6 { vec![] } else { vec![(Duration::ZERO, echo(message))] }
            });
            assert_right(&run.outcomes);
            total += run.sent;
        }
        assert!(!exchange.window().is_one_at_a_time(), "seed {seed}: {:?}", exchange.window());
        assert!(total < 700, "seed {seed}: {total}");
    }
}

#[test]
fn losses_are_repaired_without_waiting_for_the_timeout() {
    for each in [7, 10, 23] {
        let mut exchange = exchange();
        submit_readings(&mut exchange, 200);
        let mut count = 0;
        let run = run(&mut exchange, 200, &mut |message, _| {
            count += 1;
            if count % each == 0 { vec![] } else { vec![(Duration::ZERO, echo(message))] }
        });
        assert_right(&run.outcomes);
        assert!(run.sent <= 200 + 2 * 200 / each, "{each}: {}", run.sent);
        assert!(run.took < TIMEOUT * 3, "{each}: {:?}", run.took);
    }
}

#[test]
fn late_and_doubled_answers_are_told_apart() {
    let mut exchange = exchange();
    submit_readings(&mut exchange, 200);
    // Every answer comes twice, and every fifth a second late.
    let run = run(&mut exchange, 200, &mut |message, _| {
        let late = if message.data[0] % 5 == 0 { Duration::from_millis(900) } else { Duration::ZERO };
        vec![(late, echo(message)), (late + WAY, echo(message))]
    });
    assert_right(&run.outcomes);
    assert!(exchange.patience > 1);
}

#[test]
fn reordered_answers_cost_little() {
    let mut exchange = exchange();
    submit_readings(&mut exchange, 200);
    let run = run(&mut exchange, 200, &mut |message, _| {
        vec![(Duration::from_micros(u64::from(message.data[0] % 3) * 900), echo(message))]
    });
    assert_right(&run.outcomes);
    assert!(run.sent < 210, "{}", run.sent);
}

#[test]
fn a_busy_peer_is_asked_again_and_less() {
    let mut exchange = exchange();
    submit_readings(&mut exchange, 20);
    let mut refusals = 3;
    let run = run(&mut exchange, 20, &mut |message, _| {
        if refusals > 0 {
            refusals -= 1;
            return vec![(Duration::ZERO, Response::refused(CompletionCode::NODE_BUSY))];
        }
        vec![(Duration::ZERO, echo(message))]
    });
    assert_right(&run.outcomes);
    assert_eq!(run.sent, 23);
    let mut exchange = self::exchange();
    exchange.submit(0, Target::Bmc, reading(0));
    let always = |_: &IpmbMessage, _| vec![(Duration::ZERO, Response::refused(CompletionCode::NODE_BUSY))];
    let run = self::run(&mut exchange, 1, &mut { always });
    assert_eq!((run.sent, run.outcomes[0].result.clone()), (5, Ok(Response::refused(CompletionCode::NODE_BUSY))));
}

/// What acts is not sent twice on a suspicion.
#[test]
fn what_acts_waits_for_its_timeout() {
    let mut exchange = exchange();
    exchange.submit(0, Target::Bmc, Request::new(NetFn::STORAGE, 0x44, [0]));
    exchange.submit(1, Target::Bmc, reading(1));
    let mut first = true;
    let run = run(&mut exchange, 2, &mut |message, _| {
        let lost = message.cmd == 0x44 && std::mem::replace(&mut first, false);
        if lost { vec![] } else { vec![(Duration::ZERO, echo(message))] }
    });
    assert_right(&run.outcomes);
    assert_eq!((run.sent, run.took), (3, TIMEOUT + WAY * 2));
}

#[test]
fn a_satellite_is_waited_for_after_send_message_was_answered() {
    let mut exchange = exchange();
    let target = Target::of_owner(SlaveAddress(0x2C), ipmi_core::ChannelNumber::PRIMARY_IPMB);
    exchange.submit(9, target, reading(9));
    let now = Instant::now();
    exchange.pump(now);
    let outer = IpmbMessage::parse(&exchange.poll_transmit().unwrap()).unwrap();
    let inner = IpmbMessage::parse(&outer.data[1..]).unwrap();
    assert!(exchange.handle_message(&outer.reply(&Response::ok([])), now));
    assert!(exchange.poll().is_none());
    assert!(exchange.handle_message(&inner.reply(&Response::ok([9])), now));
    assert_right(&[exchange.poll().unwrap()]);
    // The bus was not free: again after a moment.
    exchange.submit(9, target, reading(9));
    exchange.pump(now);
    let outer = IpmbMessage::parse(&exchange.poll_transmit().unwrap()).unwrap();
    assert!(exchange.handle_message(&outer.reply(&Response::refused(CompletionCode(0x81))), now));
    assert!(exchange.poll_transmit().is_none());
    let due = exchange.poll_timeout().unwrap();
    exchange.handle_timeout(due);
    assert!(exchange.poll_transmit().is_some());
}

#[test]
fn a_lost_session_keeps_what_may_be_repeated() {
    let mut exchange = exchange();
    exchange.submit(0, Target::Bmc, reading(0));
    exchange.submit(1, Target::Bmc, Request::new(NetFn::CHASSIS, 0x02, [3]));
    exchange.submit(2, Target::Bmc, Request::new(NetFn::CHASSIS, 0x02, [3]));
    let now = Instant::now();
    exchange.pump(now);
    exchange.session_lost(&Failure::Timeout, now);
    // The second was under way, the third was not.
    let outcome = exchange.poll().unwrap();
    assert_eq!((outcome.ticket, outcome.result), (1, Err(Failure::Timeout)));
    assert!(exchange.poll().is_none() && exchange.poll_transmit().is_none());
    let run = run(&mut exchange, 2, &mut |message, _| vec![(Duration::ZERO, echo(message))]);
    assert_eq!((run.sent, run.outcomes.len()), (2, 2));
}

#[test]
fn any_message_is_borne() {
    let mut exchange = exchange();
    submit_readings(&mut exchange, 4);
    let now = Instant::now();
    exchange.pump(now);
    let mut state = 1u32;
    for _ in 0..2000 {
        let mut bytes = vec![0; (state % 24) as usize];
        for byte in &mut bytes {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            *byte = (state >> 24) as u8;
        }
        if let Ok(message) = IpmbMessage::parse_queued(SlaveAddress::REMOTE_CONSOLE, &bytes) {
            exchange.handle_message(&message, now);
        }
        state = state.wrapping_add(7);
    }
    assert!(exchange.flights.len() <= 8);
}

#[test]
fn what_waits_can_be_taken_back() {
    let mut exchange = exchange();
    submit_readings(&mut exchange, 10);
    exchange.pump(Instant::now());
    let (under_way, waiting): (Vec<Ticket>, Vec<Ticket>) = (0..10).partition(|ticket| *ticket < 2);
    for ticket in under_way {
        assert!(!exchange.withdraw(ticket), "{ticket} is under way");
    }
    for ticket in waiting {
        assert!(exchange.withdraw(ticket) && !exchange.withdraw(ticket), "{ticket} waits");
    }
    let run = run(&mut exchange, 2, &mut |message, _| vec![(Duration::ZERO, echo(message))]);
    assert_right(&run.outcomes);
    assert_eq!((run.sent, exchange.is_idle()), (2, true));
}

/// Readings one after the other from a peer whose answers take `round_trip`, `known` beforehand or not: what was sent.
fn readings_from_afar(round_trip: Duration, known: bool) -> usize {
    let mut exchange = exchange();
    if known {
        let mut lasting = RoundTrip::default();
        lasting.measured(round_trip);
        exchange.set_round_trip(lasting);
    }
    let sent = (0..20u8).map(|number| {
        exchange.submit(number.into(), Target::Bmc, reading(number));
        let run = run(&mut exchange, 1, &mut |message, _| vec![(round_trip, echo(message))]);
        assert_right(&run.outcomes);
        run.sent
    });
    sent.sum()
}

#[test]
fn a_peer_far_away_is_asked_once() {
    for tenths in [8, 15, 30, 60] {
        let round_trip = TIMEOUT * tenths / 10;
        assert_eq!(readings_from_afar(round_trip, true), 20, "{round_trip:?}");
        // The first tells how far away it is.
        let sent = readings_from_afar(round_trip, false);
        assert!((20..=23).contains(&sent), "{round_trip:?}: {sent}");
    }
}

#[test]
fn what_acts_is_sent_once_over_a_long_way() {
    let mut exchange = exchange();
    let mut lasting = RoundTrip::default();
    lasting.measured(TIMEOUT * 3);
    exchange.set_round_trip(lasting);
    for number in 0..8u8 {
        exchange.submit(number.into(), Target::Bmc, Request::new(NetFn::STORAGE, 0x44, [number]));
    }
    let run = run(&mut exchange, 8, &mut |message, _| vec![(TIMEOUT * 3, echo(message))]);
    assert_right(&run.outcomes);
    assert_eq!(run.sent, 8);
}

#[test]
fn a_way_that_grows_longer_is_found_out() {
    for grown in [TIMEOUT * 21 / 20, TIMEOUT * 3 / 2, TIMEOUT * 3] {
        let pace = Pace { timeout: TIMEOUT, sendings: 4, retries: 4 };
        let mut exchange = Exchange::new(pace, ROUTE, Window::one_at_a_time());
        submit_readings(&mut exchange, 50);
        let run = run(&mut exchange, 50, &mut |message, _| {
            let time = if message.data[0] < 10 { TIMEOUT / 20 } else { grown };
            vec![(time, echo(message))]
        });
        assert_right(&run.outcomes);
        // Where the answers to the first sending come when those to the second might, one that comes twice tells.
        assert!(run.sent <= 54, "{grown:?}: {}", run.sent);
    }
}
