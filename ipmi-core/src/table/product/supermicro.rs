//! Supermicro boards, in order of the product id (IPMI 2.0 s20.1).

mod boards_0000;
mod boards_0860;
mod boards_1b01;

/// The boards in parts: every id of one part is below those of the next.
pub(super) const PARTS: &[&[(u16, &str)]] = &[boards_0000::BOARDS, boards_0860::BOARDS, boards_1b01::BOARDS];
