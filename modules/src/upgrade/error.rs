//! Refusals of the module, and the two errors with which it stops the node.

use crate::kernel::Error;

/// Codes of the codespace `upgrade`.
pub mod upgrade_codes {
    /// The codespace.
    pub const UPGRADE: &str = "upgrade";
    /// A list of actions, or one of them, is malformed.
    pub const INVALID_ACTION: u32 = 2;
    /// The parameter does not exist or never changes.
    pub const UNCHANGEABLE: u32 = 3;
    /// The parameter was changed since the tally.
    pub const STALE: u32 = 4;
    /// The version is not the next one, or not in this binary.
    pub const WRONG_VERSION: u32 = 5;
    /// A migration failed.
    pub const MIGRATION_FAILED: u32 = 6;
    /// An upgrade can't be scheduled so.
    pub const INVALID_PLAN: u32 = 7;
    /// Raising improvements can't be opened yet, or is open.
    pub const NOT_TO_BE_OPENED: u32 = 8;
    /// The block is the first of another binary: [`begin_block`](crate::upgrade::begin_block) stops the node with it.
    pub const UPGRADE_NEEDED: u32 = 9;
    /// The binary knows the scheduled upgrade before its height: [`begin_block`](crate::upgrade::begin_block) stops the node with it.
    pub const UPGRADED_TOO_EARLY: u32 = 10;
}

use upgrade_codes::UPGRADE;

/// Whether an error of [`begin_block`](crate::upgrade::begin_block) means that the node must stop, without committing, for another binary. Its
/// message is what to tell the operator.
pub fn stops_node(error: &Error) -> bool {
    error.codespace == UPGRADE
        && [upgrade_codes::UPGRADE_NEEDED, upgrade_codes::UPGRADED_TOO_EARLY].contains(&error.code)
}

/// Whether the node stops because this binary does not know the upgrade of this height: `upgrade-info.json` is to be written.
pub fn needs_upgrade(error: &Error) -> bool {
    error.codespace == UPGRADE && error.code == upgrade_codes::UPGRADE_NEEDED
}

pub(super) fn refused(code: u32, why: impl Into<String>) -> Error {
    Error::new(UPGRADE, code, why)
}
