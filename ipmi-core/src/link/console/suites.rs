//! Which cipher suites are tried, and in which order (IPMI 2.0 table 22-20).

use std::collections::VecDeque;

use super::CipherChoice;
use crate::link::rmcp_plus::cipher_suite::CipherSuite;
use crate::link::rmcp_plus::suite_records::SuiteRecord;

/// Strongest first: SHA-256 before SHA-1 before MD5, encrypted before authenticated before neither. Suite 0, which lets
/// anybody in, and xRC4 are not among them.
const STRONGEST_FIRST: [u8; 11] = [17, 3, 8, 12, 16, 2, 7, 11, 15, 6, 1];
/// Without a list: 3, which nearly every BMC has, then the one that replaces it, then the others.
const UNLISTED: [u8; 11] = [3, 17, 8, 12, 16, 2, 7, 11, 15, 6, 1];

/// Suites still to be tried.
#[derive(Debug)]
pub(super) struct Suites {
    left: VecDeque<CipherSuite>,
    tried: Vec<CipherSuite>,
    /// Only suites that authenticate and encrypt every packet will do: the BMC has taken one before, and nothing in the
    /// handshake proves that it is the BMC that refuses them.
    protecting: bool,
}

impl Suites {
    /// What is tried before anything is asked.
    pub(super) fn new(choice: CipherChoice) -> Self {
        let left = match choice {
            CipherChoice::Fixed(suite) | CipherChoice::Remembered(suite) => VecDeque::from([suite]),
            CipherChoice::Ask => VecDeque::new(),
        };
        let protecting = matches!(choice, CipherChoice::Remembered(suite) if suite.protects());
        Self { left, tried: Vec::new(), protecting }
    }

    /// True when weaker suites than the remembered one are left out.
    pub(super) fn is_protecting(&self) -> bool {
        self.protecting
    }

    /// The next one.
    pub(super) fn take(&mut self) -> Option<CipherSuite> {
        let suite = self.left.pop_front()?;
        self.tried.push(suite);
        Some(suite)
    }

    /// Takes over what the BMC lists. Records that make no sense, or a list without a usable suite, count as none.
    pub(super) fn list(&mut self, records: &[u8]) {
        let listed = SuiteRecord::parse_all(records).unwrap_or_default();
        let is_listed =
            |suite: CipherSuite| listed.iter().any(|record| record.manufacturer.is_none() && record.suite == suite);
        let usable: Vec<CipherSuite> = STRONGEST_FIRST.map(CipherSuite).into_iter().filter(|s| is_listed(*s)).collect();
        let order = if usable.is_empty() { UNLISTED.map(CipherSuite).to_vec() } else { usable };
        let will_do = |suite: &CipherSuite| !self.tried.contains(suite) && (suite.protects() || !self.protecting);
        self.left = order.into_iter().filter(will_do).collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(suites: &mut Suites) -> Vec<u8> {
        std::iter::from_fn(|| suites.take()).map(|suite| suite.0).collect()
    }

    fn records(suites: &[u8]) -> Vec<u8> {
        suites.iter().filter_map(|suite| SuiteRecord::standard(CipherSuite(*suite))).flat_map(|r| r.emit()).collect()
    }

    #[test]
    fn the_strongest_listed_comes_first_and_zero_never() {
        let mut suites = Suites::new(CipherChoice::Ask);
        suites.list(&records(&[0, 1, 2, 3, 4, 8, 17]));
        assert_eq!(order(&mut suites), [17, 3, 8, 2, 1]);
    }

    #[test]
    fn no_list_means_three_first() {
        for list in [&[][..], &[0xC0], &[9, 9, 9], &records(&[0, 4])] {
            let mut suites = Suites::new(CipherChoice::Ask);
            suites.list(list);
            assert_eq!(order(&mut suites), UNLISTED, "{list:?}");
        }
    }

    #[test]
    fn what_was_tried_is_not_tried_again() {
        let mut suites = Suites::new(CipherChoice::Remembered(CipherSuite(3)));
        assert_eq!(order(&mut suites), [3]);
        suites.list(&records(&[3, 17]));
        assert_eq!(order(&mut suites), [17]);
        suites.list(&records(&[1, 2]));
        assert_eq!(order(&mut suites), [0; 0]);
        let mut suites = Suites::new(CipherChoice::Remembered(CipherSuite(2)));
        suites.list(&records(&[1, 2]));
        assert_eq!(order(&mut suites), [2, 1]);
        assert_eq!(order(&mut Suites::new(CipherChoice::Fixed(CipherSuite(0)))), [0]);
    }
}
