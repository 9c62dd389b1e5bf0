//! Which completion codes are worth another try, and how long to wait before it (codes: IPMI 2.0 table 5-2).

use std::time::Duration;

use ipmi_core::CompletionCode;

/// Transient codes with the first wait; each further wait doubles. Every other code is the BMC's final word.
///
/// C5h (reservation lost) is not here: only the caller can make a new reservation.
pub const TRANSIENT: &[(CompletionCode, Duration)] = &[
    (CompletionCode::NODE_BUSY, Duration::from_millis(10)),
    (CompletionCode::TIMEOUT, Duration::from_millis(50)),
    (CompletionCode::DUPLICATED_REQUEST, Duration::from_millis(50)),
    (CompletionCode::SDR_UPDATE_MODE, Duration::from_millis(100)),
    (CompletionCode::FIRMWARE_UPDATE_MODE, Duration::from_millis(100)),
    (CompletionCode::BMC_INITIALIZING, Duration::from_millis(100)),
];

const LONGEST: Duration = Duration::from_secs(1);

/// How long to wait before try number `attempt` (0 = the first repetition); `None` when the code is final.
pub fn delay(code: CompletionCode, attempt: u32) -> Option<Duration> {
    let (_, first) = TRANSIENT.iter().find(|(transient, _)| *transient == code)?;
    Some(first.saturating_mul(1 << attempt.min(16)).min(LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_a_bound() {
        assert_eq!(delay(CompletionCode::NODE_BUSY, 0), Some(Duration::from_millis(10)));
        assert_eq!(delay(CompletionCode::NODE_BUSY, 2), Some(Duration::from_millis(40)));
        assert_eq!(delay(CompletionCode::NODE_BUSY, u32::MAX), Some(LONGEST));
    }

    #[test]
    fn the_rest_is_final() {
        for code in [0x00, 0x81, 0xC1, 0xC5, 0xC7, 0xC8, 0xCA, 0xCB, 0xD4, 0xD6, 0xFF] {
            assert_eq!(delay(CompletionCode(code), 0), None, "{code:02X}");
        }
        assert!(TRANSIENT.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
