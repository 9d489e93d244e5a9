//! The module's own error codes.

/// The codespace.
pub const SLOTS: &str = "slots";
/// The DAO does not sit in that slot, or in none (§13).
pub const NOT_SEATED: u32 = 2;
/// The DAO sits in another slot (§13).
pub const IN_OTHER_SLOT: u32 = 3;
/// A question about a height that is still to come.
pub const FUTURE_HEIGHT: u32 = 4;
