//! Recorded answers: what a configuration says to requests that no handler knows, or answers otherwise.

use ipmi_core::{CompletionCode, NetFn, Privilege, Response};

/// Answers to requests that begin with certain bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OemAnswer {
    /// Address of the controller that answers.
    pub owner: u8,
    /// Network function.
    pub net_fn: NetFn,
    /// Command.
    pub cmd: u8,
    /// What the request data begins with.
    pub request: Vec<u8>,
    /// Lowest privilege a session needs.
    pub privilege: Privilege,
    /// The answer.
    pub response: Response,
}

/// The recorded answers of a BMC.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OemAnswers(Vec<OemAnswer>);

impl OemAnswers {
    /// Adds an answer.
    pub fn add(&mut self, answer: OemAnswer) {
        self.0.push(answer);
    }

    /// The answer to a request: the one that names most of its bytes, the first of those.
    pub fn find(&self, owner: u8, net_fn: NetFn, cmd: u8, data: &[u8]) -> Option<&OemAnswer> {
        let fits = |answer: &&OemAnswer| {
            (answer.owner, answer.net_fn, answer.cmd) == (owner, net_fn, cmd) && data.starts_with(&answer.request)
        };
        self.0
            .iter()
            .filter(fits)
            .reduce(|best, next| if next.request.len() > best.request.len() { next } else { best })
    }
}

/// An answer without data, or with.
pub(crate) fn response(code: u8, data: Vec<u8>) -> Response {
    Response { code: CompletionCode(code), data }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(request: &[u8], byte: u8) -> OemAnswer {
        OemAnswer {
            owner: 0x20,
            net_fn: NetFn::new(0x30),
            cmd: 0x01,
            request: request.to_vec(),
            privilege: Privilege::User,
            response: response(0, vec![byte]),
        }
    }

    #[test]
    fn the_longest_prefix_answers() {
        let mut answers = OemAnswers::default();
        for (request, byte) in [(&[][..], 1), (&[7, 8], 2), (&[7], 3), (&[7], 4)] {
            answers.add(answer(request, byte));
        }
        let found = |data: &[u8]| answers.find(0x20, NetFn::new(0x30), 1, data).map(|answer| answer.response.data[0]);
        assert_eq!([found(&[]), found(&[7]), found(&[7, 8, 9]), found(&[9])], [Some(1), Some(3), Some(2), Some(1)]);
        assert_eq!(answers.find(0x20, NetFn::new(0x30), 2, &[]), None);
        assert_eq!(answers.find(0x2C, NetFn::new(0x30), 1, &[]), None);
    }
}
