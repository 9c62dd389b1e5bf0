//! A conversation in session over a network that loses, repeats and forges, with time passing: every request is done
//! once, and in the end nothing hangs.
#![no_main]

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use fuzz::{Script, World, random};
use ipmi_core::link::console::{LoginConfig, Timing};
use ipmi_core::{NetFn, Request, SlaveAddress, Target};
use kernel_bridge::lan::{Conversation, ConversationConfig, Event, Ticket};
use libfuzzer_sys::fuzz_target;

const PORT: u16 = 4000;
const MOST: usize = 64;

struct Net {
    world: World,
    conversation: Conversation,
    coming: VecDeque<Vec<u8>>,
    seen: Vec<u8>,
    done: BTreeMap<Ticket, u32>,
    is_up: bool,
    is_closed: bool,
}

impl Net {
    fn new(login: LoginConfig, how: u8) -> Self {
        let config = ConversationConfig {
            name: "lan://bmc".to_owned(),
            login: LoginConfig { timing: Timing { retries: 2, ..Timing::default() }, ..login },
            timeout: Duration::from_secs(1),
            sendings: 4,
            retries: 4,
            transit: None,
            my_address: SlaveAddress::BMC,
            automatic_quirks: how & 1 == 0,
            one_at_a_time: how & 2 != 0,
            other_addresses: usize::from(how >> 2 & 1),
        };
        let world = World::new();
        let conversation = Conversation::new(config, random(), world.now());
        let (coming, seen, done) = (VecDeque::new(), Vec::new(), BTreeMap::new());
        Self { world, conversation, coming, seen, done, is_up: false, is_closed: false }
    }

    /// Takes what the conversation says and sends.
    fn settle(&mut self) {
        while let Some(event) = self.conversation.poll() {
            match event {
                Event::Done { ticket, .. } => *self.done.entry(ticket).or_default() += 1,
                Event::Up(_) => self.is_up = true,
                Event::Down(reason) => assert!(reason.contains("lan://bmc"), "{reason}"),
                Event::Closed => self.is_closed = true,
                Event::Payload(..) | Event::NextAddress | Event::Quirks(_) | Event::OneAtATime(_) => {}
            }
        }
        while let Some(datagram) = self.conversation.poll_transmit() {
            let answers = self.world.ask(PORT, &datagram);
            self.coming.extend(answers);
        }
        assert!(self.coming.len() < 4096);
    }

    fn deliver(&mut self) {
        if let Some(datagram) = self.coming.pop_front() {
            self.conversation.handle_datagram(&datagram, self.world.now());
            self.seen = datagram;
        }
    }

    fn forged(&mut self, script: &mut Script<'_>) {
        let seen = self.coming.front().unwrap_or(&self.seen);
        let forged = script.forged(seen);
        self.conversation.handle_datagram(&forged, self.world.now());
    }

    fn time_passes(&mut self, time: Duration) {
        self.world.pass(time);
        self.conversation.handle_timeout(self.world.now());
    }

    /// Runs without faults until `done` or nothing is due.
    fn run(&mut self, done: impl Fn(&Self) -> bool) {
        for _ in 0..20_000 {
            self.settle();
            if done(self) {
                return;
            }
            if !self.coming.is_empty() {
                self.deliver();
            } else if let Some(at) = self.conversation.poll_timeout() {
                self.world.pass_until(at);
                self.conversation.handle_timeout(self.world.now());
            } else {
                return;
            }
        }
        panic!("hung: {:?}", self.conversation);
    }
}

fuzz_target!(|data: &[u8]| {
    let mut script = Script(data);
    let login = script.login();
    let how = script.byte();
    let mut net = Net::new(login, how);
    net.conversation.connect(net.world.now());
    if how & 0x80 == 0 {
        net.run(|net| net.is_up);
    }
    let mut tickets = 0;
    while !script.is_over() {
        net.settle();
        match script.byte() % 8 {
            0 | 1 if tickets < MOST => {
                let target = if script.byte() % 8 == 7 { Target::Software } else { Target::Bmc };
                let (net_fn, cmd, data): (_, _, &[u8]) = match script.byte() % 6 {
                    0 => (NetFn::APP, 0x01, &[]),
                    1 => (NetFn::STORAGE, 0x23, &[0, 0, 0, 0, 0, 0xFF]),
                    2 => (NetFn::SENSOR_EVENT, 0x2D, &[1]),
                    3 => (NetFn::STORAGE, 0x43, &[0, 0, 0, 0, 0, 0xFF]),
                    4 => (NetFn::APP, 0x3C, &[1, 0, 0, 0]),
                    _ => (NetFn::APP, 0x08, &[]),
                };
                let request = Request::new(net_fn, cmd, data);
                net.conversation.submit(tickets as Ticket, target, request, net.world.now());
                tickets += 1;
            }
            2 | 3 => net.deliver(),
            4 => drop(net.coming.pop_front()),
            5 => net.forged(&mut script),
            6 => net.time_passes(Duration::from_millis(u64::from(script.byte()) * 4)),
            7 => net.time_passes(Duration::from_secs(script.byte().into())),
            _ => {}
        }
    }
    net.run(|net| net.done.len() >= tickets);
    assert!(net.done.values().all(|times| *times == 1) && net.done.len() == tickets, "{:?} of {tickets}", net.done);
    net.conversation.close(net.world.now());
    net.run(|net| net.is_closed);
    assert!(net.is_closed);
});
