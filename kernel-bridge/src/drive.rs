//! [`Drive`]: a way to a BMC without a thread of its own, moved on by whoever waits for a reply.

use std::collections::HashMap;
use std::time::Duration;

use crossbeam_channel::Sender;
use ipmi_core::{Request, Response, Target};

use crate::driver::Answer;
use crate::event::Event;
use crate::lan::Ticket;
use crate::transport::Failure;

/// What came of a request: its ticket, the result, and the time since it was first sent.
pub type Finished = (Ticket, Result<Response, Failure>, Duration);

/// Something that carries requests a step at a time, for example over a virtual clock.
pub trait Drive: Send {
    /// Takes a request. Its result carries the same ticket.
    fn submit(&mut self, ticket: Ticket, target: Target, request: Request);

    /// Moves on to the next thing that happens, and gives what is finished by then; `None` when nothing will happen
    /// any more.
    fn step(&mut self) -> Option<Vec<Finished>>;

    /// Lets `time` pass: on a clock of its own, if it has one.
    fn pause(&mut self, time: Duration) {
        std::thread::sleep(time);
    }
}

/// A drive with the results that nobody has fetched yet.
pub(crate) struct Driven {
    drive: Box<dyn Drive>,
    tickets: Ticket,
    finished: HashMap<Ticket, Answer>,
    /// Kept, so that receivers do not find the sender gone.
    subscribers: Vec<Sender<Event>>,
}

impl Driven {
    pub(crate) fn new(drive: Box<dyn Drive>) -> Self {
        Self { drive, tickets: 0, finished: HashMap::new(), subscribers: Vec::new() }
    }

    pub(crate) fn submit(&mut self, target: Target, request: Request) -> Ticket {
        self.tickets += 1;
        self.drive.submit(self.tickets, target, request);
        self.tickets
    }

    pub(crate) fn pause(&mut self, time: Duration) {
        self.drive.pause(time);
    }

    pub(crate) fn subscribe(&mut self, subscriber: Sender<Event>) {
        self.subscribers.push(subscriber);
    }

    /// Moves on until the result of `ticket` is there; `None` when it never comes.
    pub(crate) fn wait(&mut self, ticket: Ticket) -> Option<Answer> {
        loop {
            if let Some(answer) = self.finished.remove(&ticket) {
                return Some(answer);
            }
            for (ticket, result, after) in self.drive.step()? {
                self.finished.insert(ticket, (result, after));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Bmc, Options};
    use ipmi_core::NetFn;

    /// Answers the last request first, two at a step, and only as many as it is told.
    struct Backwards {
        requests: Vec<(Ticket, Request)>,
        left: usize,
    }

    impl Drive for Backwards {
        fn submit(&mut self, ticket: Ticket, _target: Target, request: Request) {
            self.requests.push((ticket, request));
        }

        fn step(&mut self) -> Option<Vec<Finished>> {
            self.left = self.left.checked_sub(1)?;
            let (ticket, request) = self.requests.pop()?;
            Some(vec![(ticket, Ok(Response::ok([request.cmd])), Duration::ZERO)])
        }
    }

    #[test]
    fn replies_are_found_in_any_order_and_a_standstill_is_an_error() {
        let drive = Backwards { requests: Vec::new(), left: 2 };
        let bmc = Bmc::driven_by("virtual", Box::new(drive), Options::default());
        let submit = |cmd| bmc.submit(Target::Bmc, Request::new(NetFn::APP, cmd, []));
        let (first, second, third) = (submit(1), submit(2), submit(3));
        assert_eq!(second.wait(), Ok(Response::ok([2])));
        assert_eq!(third.wait(), Ok(Response::ok([3])));
        assert!(first.wait().unwrap_err().to_string().contains("virtual"));
    }
}
