//! A small BMC for tests: the commands walkers need, with switches for what real BMCs get wrong.
#![allow(dead_code, clippy::unwrap_used, clippy::indexing_slicing)]

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};

use ipmi_core::link::ipmb::IpmbMessage;
use ipmi_core::{CompletionCode, Request, Response};
use kernel_bridge::transport::InProcess;
use kernel_bridge::{Bmc, Options};

/// What the BMC holds and how it misbehaves.
#[derive(Default)]
pub(crate) struct State {
    /// SDRs: id in the order of the repository, bytes with header.
    pub(crate) sdrs: Vec<Vec<u8>>,
    /// Most recent addition to and erase of the SDR repository.
    pub(crate) sdr_times: [u32; 2],
    pub(crate) sdr_free: u16,
    /// Minor firmware revision.
    pub(crate) firmware: u8,
    pub(crate) guid: Option<[u8; 16]>,
    /// SEL records.
    pub(crate) sel: Vec<[u8; 16]>,
    /// FRU 0.
    pub(crate) fru: Vec<u8>,
    pub(crate) fru_by_words: bool,
    /// The most SDR or FRU bytes one response may hold.
    pub(crate) most: usize,
    /// Refusal for more than that.
    pub(crate) too_much: u8,
    /// Next id given after this SDR instead of the right one.
    pub(crate) wrong_next: HashMap<u16, u16>,
    /// Bytes left off the end of this SDR.
    pub(crate) cut: HashMap<u16, usize>,
    /// Refusals for this SDR.
    pub(crate) refused: HashMap<u16, u8>,
    /// How often a reservation is lost before it holds.
    pub(crate) lose: u32,
    pub(crate) reservation: u16,
    /// Codes given before the next real answer.
    pub(crate) busy: VecDeque<u8>,
    /// FRU device busy answers.
    pub(crate) fru_busy: u32,
    /// The receive message queue and the event message buffer.
    pub(crate) queue: VecDeque<Vec<u8>>,
    pub(crate) events: VecDeque<[u8; 16]>,
    pub(crate) enables: u8,
    pub(crate) erase_polls: u32,
    /// The reply to Send Message comes inside its response.
    pub(crate) inline_reply: bool,
    /// How many requests, by NetFn and command.
    pub(crate) counts: HashMap<(u8, u8), u32>,
}

pub(crate) type Shared = Arc<Mutex<State>>;

impl State {
    pub(crate) fn new() -> Self {
        Self { most: 255, too_much: 0xCA, firmware: 0x1E, ..Self::default() }
    }

    pub(crate) fn count(&self, net_fn: u8, cmd: u8) -> u32 {
        self.counts.get(&(net_fn, cmd)).copied().unwrap_or_default()
    }

    pub(crate) fn handle(&mut self, request: &Request) -> Response {
        *self.counts.entry((request.net_fn.get(), request.cmd)).or_default() += 1;
        if let Some(code) = self.busy.pop_front() {
            return Response::refused(CompletionCode(code));
        }
        let refuse = |code| Response::refused(CompletionCode(code));
        let data = &request.data;
        match (request.net_fn.get(), request.cmd) {
            (0x06, 0x01) => Response::ok([0x20, 0x01, 0x02, self.firmware, 0x02, 0xBF, 0xA2, 0x02, 0x00, 0x00, 0x01]),
            (0x06, 0x37) => self.guid.map_or(refuse(0xC1), Response::ok),
            (0x06, 0x2E) => {
                self.enables = data[0];
                Response::ok([])
            }
            (0x06, 0x2F) => Response::ok([self.enables]),
            (0x06, 0x31) => Response::ok([u8::from(!self.queue.is_empty()) | u8::from(!self.events.is_empty()) << 1]),
            (0x06, 0x33) => self.queue.pop_front().map_or(refuse(0x80), Response::ok),
            (0x06, 0x35) => self.events.pop_front().map_or(refuse(0x80), Response::ok),
            (0x06, 0x34) => self.send_message(data),
            (0x04, 0x2D) => Response::ok([request.data[0], 0xC0, 0xC0]),
            (0x0A, 0x20) => {
                let mut info = vec![0x51];
                info.extend((self.sdrs.len() as u16).to_le_bytes());
                info.extend(self.sdr_free.to_le_bytes());
                info.extend(self.sdr_times.iter().flat_map(|time| time.to_le_bytes()));
                info.push(0);
                Response::ok(info)
            }
            (0x0A, 0x22 | 0x42) => {
                self.reservation += 1;
                Response::ok(self.reservation.to_le_bytes())
            }
            (0x0A, 0x23) => self.get_sdr(data),
            (0x0A, 0x40) => {
                let mut info = vec![0x51];
                info.extend((self.sel.len() as u16).to_le_bytes());
                info.extend([0; 11]);
                Response::ok(info)
            }
            (0x0A, 0x43) => self.get_sel_entry(data),
            (0x0A, 0x47) => self.clear_sel(data),
            (0x0A, 0x10) => {
                let size = (self.fru.len() as u16).to_le_bytes();
                Response::ok([size[0], size[1], u8::from(self.fru_by_words)])
            }
            (0x0A, 0x11) => self.read_fru(data),
            _ => refuse(0xC1),
        }
    }

    fn get_sdr(&mut self, data: &[u8]) -> Response {
        let refuse = |code| Response::refused(CompletionCode(code));
        let [r0, r1, i0, i1, offset, count] = *data else { return refuse(0xC7) };
        let (reservation, id) = (u16::from_le_bytes([r0, r1]), u16::from_le_bytes([i0, i1]));
        let ids: Vec<u16> = self.sdrs.iter().map(|sdr| u16::from_le_bytes([sdr[0], sdr[1]])).collect();
        let id = if id == 0 { ids.first().copied().unwrap_or_default() } else { id };
        let Some(index) = ids.iter().position(|other| *other == id) else { return refuse(0xCB) };
        if let Some(code) = self.refused.get(&id) {
            return refuse(*code);
        }
        if offset != 0 && reservation != self.reservation {
            return refuse(0xC5);
        }
        if self.lose > 0 && (offset != 0 || reservation != 0) {
            self.lose -= 1;
            return refuse(0xC5);
        }
        let sdr = &self.sdrs[index];
        let sdr = &sdr[..sdr.len() - self.cut.get(&id).copied().unwrap_or_default()];
        let rest = sdr.get(usize::from(offset)..).unwrap_or_default();
        let wanted = if count == 0xFF { rest.len() } else { usize::from(count) };
        if wanted > self.most {
            return refuse(self.too_much);
        }
        let next = self.wrong_next.get(&id).copied().or(ids.get(index + 1).copied()).unwrap_or(0xFFFF);
        let mut answer = next.to_le_bytes().to_vec();
        answer.extend(rest.iter().take(wanted));
        Response::ok(answer)
    }

    fn get_sel_entry(&mut self, data: &[u8]) -> Response {
        let id = u16::from_le_bytes([data[2], data[3]]);
        let ids: Vec<u16> = self.sel.iter().map(|record| u16::from_le_bytes([record[0], record[1]])).collect();
        let index = match id {
            0 => 0,
            0xFFFF => ids.len().wrapping_sub(1),
            id => ids.iter().position(|other| *other == id).unwrap_or(usize::MAX),
        };
        let Some(record) = self.sel.get(index) else { return Response::refused(CompletionCode::NOT_PRESENT) };
        let next = self.wrong_next.get(&ids[index]).copied().or(ids.get(index + 1).copied()).unwrap_or(0xFFFF);
        let mut answer = next.to_le_bytes().to_vec();
        let record = &record[..16 - self.cut.get(&ids[index]).copied().unwrap_or_default()];
        answer.extend(record.iter().skip(usize::from(data[4])).take(usize::from(data[5])));
        Response::ok(answer)
    }

    fn clear_sel(&mut self, data: &[u8]) -> Response {
        if self.lose > 0 || u16::from_le_bytes([data[0], data[1]]) != self.reservation {
            self.lose = self.lose.saturating_sub(1);
            return Response::refused(CompletionCode::RESERVATION_CANCELLED);
        }
        if data[5] == 0xAA {
            self.sel.clear();
        }
        if self.erase_polls > 0 {
            self.erase_polls -= 1;
            return Response::ok([0]);
        }
        Response::ok([1])
    }

    fn read_fru(&mut self, data: &[u8]) -> Response {
        if self.fru_busy > 0 {
            self.fru_busy -= 1;
            return Response::refused(CompletionCode(0x81));
        }
        let unit = if self.fru_by_words { 2 } else { 1 };
        let (offset, count) = (usize::from(u16::from_le_bytes([data[1], data[2]])) * unit, usize::from(data[3]) * unit);
        if count > self.most {
            return Response::refused(CompletionCode(self.too_much));
        }
        let bytes = self.fru.get(offset..(offset + count).min(self.fru.len())).unwrap_or_default();
        let mut answer = vec![(bytes.len() / unit) as u8];
        answer.extend(bytes);
        Response::ok(answer)
    }

    /// The satellite at 2Ch answers Get Sensor Reading with its own number; nobody else is on the bus.
    fn send_message(&mut self, data: &[u8]) -> Response {
        let message = IpmbMessage::parse(&data[1..]).unwrap();
        if message.responder.0 == 0x30 {
            // Takes messages and never answers.
            return Response::ok([]);
        }
        if message.responder.0 != 0x2C {
            return Response::refused(CompletionCode(0x83));
        }
        let reply = message.reply(&Response::ok([0x2C, 0xC0, 0xC0])).emit();
        // A message for somebody else, and a stale reply, come first.
        let mut stale = message.clone();
        stale.sequence ^= 1;
        if self.inline_reply {
            return Response::ok(reply);
        }
        self.queue.push_back(vec![0x00, 1, 2, 3]);
        for frame in [stale.reply(&Response::ok([])).emit(), reply] {
            let mut queued = vec![data[0] & 0x0F];
            queued.extend(&frame[1..]);
            self.queue.push_back(queued);
        }
        Response::ok([])
    }
}

/// A handle to `state`.
pub(crate) fn bmc(state: State, options: Options) -> (Bmc, Shared) {
    let shared = Arc::new(Mutex::new(state));
    let (requests, attention) = (Arc::clone(&shared), Arc::clone(&shared));
    let transport =
        InProcess::new(Box::new(move |request| requests.lock().unwrap().handle(request))).with_attention(move || {
            let state = attention.lock().unwrap();
            !state.queue.is_empty() || !state.events.is_empty()
        });
    (Bmc::from_transport("fake", Box::new(transport), options).unwrap(), shared)
}

/// An OEM SDR of `length` body bytes.
pub(crate) fn sdr(id: u16, length: u8) -> Vec<u8> {
    let [low, high] = id.to_le_bytes();
    let mut record = vec![low, high, 0x51, 0xC0, length];
    record.extend((0..length).map(|byte| byte ^ low));
    record
}

/// A SEL record.
pub(crate) fn sel(id: u16) -> [u8; 16] {
    let [low, high] = id.to_le_bytes();
    [low, high, 2, 1, 2, 3, 4, 0x20, 0, 4, 1, 0x30, 1, 0x57, 0x10, 0x20]
}
