//! The VM protocol against a small server: requests, events, lost connections.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::{Shared, State, sdr, sel};
use ipmi_core::command::app::GetDeviceId;
use ipmi_core::link::system_message::parse_request;
use ipmi_core::link::vm::{Decoder, Frame, ToBmc, ToMachine, emit_response, emit_to_machine};
use ipmi_core::{Error, Request, Target};
use kernel_bridge::walk::sdr as sdr_walk;
use kernel_bridge::{Bmc, BmcUrl, Event, Options};

/// What the server does with the next requests.
#[derive(Default)]
struct Manners {
    /// Requests to hang up on instead of answering.
    hang_up: AtomicU32,
    /// Requests not to answer.
    ignore: AtomicU32,
}

fn take(count: &AtomicU32) -> bool {
    count.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |count| count.checked_sub(1)).is_ok()
}

fn server(state: Shared, manners: Arc<Manners>) -> BmcUrl {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            serve(stream.unwrap(), &state, &manners);
        }
    });
    format!("vm:127.0.0.1:{port}").parse().unwrap()
}

fn serve(mut stream: TcpStream, state: &Shared, manners: &Manners) {
    stream.write_all(&emit_to_machine(ToMachine::Version(1))).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(5))).unwrap();
    let mut decoder = Decoder::default();
    let mut attention = false;
    let mut announced = Vec::new();
    loop {
        let wants = !state.lock().unwrap().events.is_empty();
        if wants != attention {
            attention = wants;
            let control = if wants { ToMachine::Attention } else { ToMachine::NoAttention };
            stream.write_all(&emit_to_machine(control)).unwrap();
        }
        let mut buffer = [0; 256];
        let count = match stream.read(&mut buffer) {
            Ok(0) => return,
            Ok(count) => count,
            Err(_) => continue,
        };
        for byte in &buffer[..count] {
            match decoder.push(*byte) {
                Some(Ok(Frame::Control { id, argument })) => announced.push(ToBmc::parse(id, argument)),
                Some(Ok(Frame::Message { sequence, bytes })) => {
                    assert_eq!(announced[0], ToBmc::Version(1));
                    if take(&manners.hang_up) {
                        return;
                    }
                    if take(&manners.ignore) {
                        continue;
                    }
                    let request = parse_request(&bytes).unwrap();
                    let response = state.lock().unwrap().handle(&request);
                    // A late answer to somebody else's request, and a broken frame, come first.
                    let mut out = emit_response(sequence.wrapping_sub(1), &request, &response);
                    out.extend([1, 2, 3, 4, 0xA0]);
                    out.extend(emit_response(sequence, &request, &response));
                    stream.write_all(&out).unwrap();
                }
                Some(Err(error)) => panic!("{error}"),
                None => {}
            }
        }
    }
}

fn bench() -> (Bmc, Shared, Arc<Manners>) {
    let state = State { sdrs: (1..=20).map(|id| sdr(id, 60)).collect(), ..State::new() };
    let (state, manners) = (Arc::new(Mutex::new(state)), Arc::new(Manners::default()));
    let url = server(Arc::clone(&state), Arc::clone(&manners));
    let options = Options { timeout: Duration::from_millis(500), ..Options::default() };
    (Bmc::open(&url, &options).unwrap(), state, manners)
}

#[test]
fn a_walk_over_tcp() {
    let (bmc, _, _) = bench();
    let read = sdr_walk::read_repository(&bmc, |_, _| {}).unwrap();
    assert_eq!((read.records.len(), read.problems.len()), (20, 0));
}

#[test]
fn a_lost_connection_is_an_error_once() {
    let (bmc, _, manners) = bench();
    manners.hang_up.store(1, Ordering::SeqCst);
    let error = bmc.raw(Target::Bmc, &Request::of(&GetDeviceId)).unwrap_err();
    assert!(matches!(&error, Error::Transport { reason } if reason.contains("127.0.0.1")), "{error}");
    bmc.call(&GetDeviceId).unwrap();
}

#[test]
fn a_missing_answer_is_a_timeout() {
    let (bmc, _, manners) = bench();
    manners.ignore.store(1, Ordering::SeqCst);
    assert!(matches!(bmc.call(&GetDeviceId), Err(Error::Timeout { .. })));
    bmc.call(&GetDeviceId).unwrap();
}

#[test]
fn attention_brings_events() {
    let (bmc, state, _) = bench();
    let events = bmc.events();
    for id in 0..5 {
        state.lock().unwrap().events.push_back(sel(id));
        assert_eq!(events.recv_timeout(Duration::from_secs(10)), Ok(Event::EventMessage(sel(id))));
    }
}

#[test]
fn nobody_there_is_said_at_once() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url: BmcUrl = format!("vm:{}", listener.local_addr().unwrap()).parse().unwrap();
    drop(listener);
    let error = Bmc::open(&url, &Options::default()).unwrap_err();
    assert!(error.to_string().contains("cannot connect"), "{error}");
    let later = Bmc::open_later(&url, &Options::default()).unwrap();
    assert!(matches!(later.call(&GetDeviceId), Err(Error::Transport { .. })));
}
