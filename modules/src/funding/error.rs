//! The module's own error codes.

/// The codespace.
pub const FUNDING: &str = "funding";
/// A period of no months, or of more than can be requested (§12).
pub const MONTHS_OUT_OF_RANGE: u32 = 2;
/// An amount that is less than a Nil a block (§12).
pub const RATE_TOO_SMALL: u32 = 3;
/// More than one DAO may request in a cycle (§12).
pub const TOO_MUCH_REQUESTED: u32 = 4;
/// More than the share of the slot that is asked for (§12).
pub const SLOT_SHARE_EXCEEDED: u32 = 5;
