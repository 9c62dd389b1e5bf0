//! A BMC that is a function: SDRs, readings, thresholds and a log, and a count of what was asked.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use cim::{Access, Broker, Identity, OperationContext, Repository};
use cim_provider::{HardwareProvider, Node, schema};
use ipmi_core::{CompletionCode, Request, Response};
use kernel_bridge::transport::InProcess;
use kernel_bridge::{Bmc, Options};

/// What the BMC holds.
#[derive(Default)]
pub(crate) struct Fake {
    /// SDR records.
    pub(crate) sdr: Vec<Vec<u8>>,
    /// SEL records.
    pub(crate) sel: Vec<[u8; 16]>,
    /// Sensor number to Get Sensor Reading response; other sensors answer CBh.
    pub(crate) readings: HashMap<u8, Vec<u8>>,
    /// Sensor number to Get Sensor Thresholds response.
    pub(crate) thresholds: HashMap<u8, [u8; 7]>,
    /// Threshold writes are accepted and forgotten.
    pub(crate) forgets: bool,
    /// Nobody answers.
    pub(crate) away: bool,
    /// The host is on.
    pub(crate) on: bool,
    /// Commands that are refused.
    pub(crate) refuses: Vec<(u8, u8)>,
    /// Every response is cut to this many bytes.
    pub(crate) cut: Option<usize>,
    /// Every response is made of pseudo-random bytes that follow from this seed.
    pub(crate) noise: Option<u64>,
    /// (NetFn, Cmd) of every request.
    pub(crate) asked: Vec<(u8, u8)>,
}

impl Fake {
    /// How often a command was asked.
    pub(crate) fn count(&self, net_fn: u8, cmd: u8) -> usize {
        self.asked.iter().filter(|asked| **asked == (net_fn, cmd)).count()
    }

    fn answer(&mut self, request: &Request) -> Response {
        if let Some(seed) = &mut self.noise {
            // Each message that is accepted for a satellite and never answered would cost a timeout.
            if (request.net_fn.get(), request.cmd) == (0x06, 0x34) {
                return Response::refused(CompletionCode::DESTINATION_UNAVAILABLE);
            }
            let length = next(seed) % 24;
            return Response::ok((0..length).map(|_| next(seed)).collect::<Vec<u8>>());
        }
        if self.refuses.contains(&(request.net_fn.get(), request.cmd)) {
            return Response::refused(CompletionCode::INVALID_COMMAND);
        }
        let mut response = self.sound_answer(request);
        response.data.truncate(self.cut.unwrap_or(usize::MAX));
        response
    }

    fn sound_answer(&mut self, request: &Request) -> Response {
        let key = (request.net_fn.get(), request.cmd);
        self.asked.push(key);
        let data = request.data.as_slice();
        match key {
            (0x00, 0x01) => Response::ok([u8::from(self.on), 0, 0x40]),
            (0x00, 0x02) => {
                self.on = matches!(data, [1..=3]);
                Response::ok([])
            }
            (0x06, 0x01) => Response::ok([0x20, 0x81, 0x02, 0x1E, 0x02, 0xDF, 0xA2, 0x02, 0x00, 0x00, 0x01]),
            (0x06, 0x31) => Response::ok([0x02]),
            (0x06, 0x2F) => Response::ok([0x08]),
            (0x06, 0x37) => Response::ok((1..=16).collect::<Vec<u8>>()),
            (0x04, 0x2D) => match data.first().and_then(|sensor| self.readings.get(sensor)) {
                Some(reading) => Response::ok(reading.clone()),
                None => Response::refused(CompletionCode::NOT_PRESENT),
            },
            (0x04, 0x25) => Response::ok([2, 2]),
            (0x04, 0x26) => self.set_thresholds(data),
            (0x04, 0x27) => match data.first().and_then(|sensor| self.thresholds.get(sensor)) {
                Some(values) => Response::ok(*values),
                None => Response::refused(CompletionCode::NOT_PRESENT),
            },
            (0x04, 0x29) => Response::ok([0xC0]),
            (0x04, 0x28 | 0x2A) => Response::ok([]),
            (0x0A, 0x20) => {
                let [low, high] = u16::try_from(self.sdr.len()).unwrap().to_le_bytes();
                Response::ok([0x51, low, high, 0, 0, 1, 0, 0, 0x60, 2, 0, 0, 0x60, 0x22])
            }
            (0x0A, 0x23) => self.get_sdr(data),
            (0x0A, 0x22 | 0x42) => Response::ok([1, 0]),
            (0x0A, 0x40) => {
                let [low, high] = u16::try_from(self.sel.len()).unwrap().to_le_bytes();
                Response::ok([0x51, low, high, 0x00, 0x10, low, 0, 0, 0x60, 2, 0, 0, 0x60, 0x02])
            }
            (0x0A, 0x43) => self.get_sel(data),
            (0x0A, 0x46) => {
                let id = [data[2], data[3]];
                self.sel.retain(|record| record[..2] != id);
                Response::ok(id)
            }
            (0x0A, 0x47) => {
                self.sel.clear();
                Response::ok([1])
            }
            _ => Response::refused(CompletionCode::INVALID_COMMAND),
        }
    }

    fn set_thresholds(&mut self, data: &[u8]) -> Response {
        let Some(values) = data.first().and_then(|sensor| self.thresholds.get_mut(sensor)) else {
            return Response::refused(CompletionCode::NOT_PRESENT);
        };
        for index in 0..6 {
            if data[1] >> index & 1 == 1 && !self.forgets {
                values[1 + index] = data[2 + index];
            }
        }
        Response::ok([])
    }

    fn get_sdr(&self, data: &[u8]) -> Response {
        let id = u16::from_le_bytes([data[2], data[3]]);
        let index = self.sdr.iter().position(|record| record[..2] == id.to_le_bytes()).unwrap_or(0);
        let next = self.sdr.get(index + 1).map_or([0xFF, 0xFF], |record| [record[0], record[1]]);
        let (offset, count) = (usize::from(data[4]), usize::from(data[5]));
        let record = &self.sdr[index];
        let part = record.iter().skip(offset).take(if count == 0xFF { record.len() } else { count });
        Response::ok(next.into_iter().chain(part.copied()).collect::<Vec<u8>>())
    }

    fn get_sel(&self, data: &[u8]) -> Response {
        let id = [data[2], data[3]];
        let index = if id == [0, 0] { Some(0) } else { self.sel.iter().position(|record| record[..2] == id) };
        match index.filter(|index| *index < self.sel.len()) {
            Some(index) => {
                let next = self.sel.get(index + 1).map_or([0xFF, 0xFF], |record| [record[0], record[1]]);
                Response::ok([&next[..], &self.sel[index]].concat())
            }
            None => Response::refused(CompletionCode::NOT_PRESENT),
        }
    }
}

/// A broker over a fake BMC, and the BMC itself.
pub(crate) fn broker(fake: Fake) -> (Broker, Arc<Mutex<Fake>>) {
    let fake = Arc::new(Mutex::new(fake));
    let shared = Arc::clone(&fake);
    let connector = move || {
        let shared = Arc::clone(&shared);
        if shared.lock().unwrap().away {
            return Err("nobody is there".to_owned());
        }
        let transport = InProcess::new(Box::new(move |request: &Request| shared.lock().unwrap().answer(request)));
        Ok(Box::new(transport) as Box<dyn kernel_bridge::transport::Transport>)
    };
    let bmc = Bmc::from_connector("fake", connector, Options::default()).unwrap();
    let mut repository = Repository::default();
    schema::load(&mut repository).unwrap();
    let mut broker = Broker::new(repository);
    broker.register(Arc::new(HardwareProvider::new(Node::new(bmc)))).unwrap();
    (broker, fake)
}

/// An administrator in no hurry.
pub(crate) fn context() -> OperationContext {
    OperationContext { identity: Identity { user: "admin".into(), access: Access::Full }, deadline: None }
}

/// The next byte of a linear congruential generator.
fn next(seed: &mut u64) -> u8 {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    seed.to_be_bytes()[0]
}
