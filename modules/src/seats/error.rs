//! The module's own error codes.

/// The codespace.
pub const SEATS: &str = "seats";
/// One can join without stake during the Initial Distribution Period only (§6).
pub const PERIOD_OVER: u32 = 2;
/// The work of a join is not below the target (§6).
pub const TOO_LITTLE_WORK: u32 = 3;
/// The proof of possession is not the consensus key's signature (§6).
pub const NO_POSSESSION: u32 = 4;
/// As many as can be wait already, and none of them with a higher work hash (§6).
pub const WAITING_FULL: u32 = 5;
/// The validator is there already: seated, waiting or jailed.
pub const ALREADY_JOINED: u32 = 6;
