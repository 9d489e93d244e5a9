//! Refusals of the codespace `governance`.

use crate::kernel::{codes, Error};

/// The codespace.
pub const GOVERNANCE: &str = "governance";

/// Only DAOs raise proposals.
pub const NOT_A_DAO: u32 = 2;
/// Raising is over until the next cycle.
pub const NOT_RAISING: u32 = 3;
/// The proposal's voting phase has not begun, or is over.
pub const NOT_VOTING: u32 = 4;
/// The voter's weight is below the minimum.
pub const WEIGHT_TOO_LOW: u32 = 5;
/// The proposal was withdrawn.
pub const WITHDRAWN: u32 = 6;
/// The proposal was not tallied yet, or has failed.
pub const NOT_PASSED: u32 = 7;
/// The proposal was not concluded in time, or lost its slot to a better one.
pub const LAPSED: u32 = 8;
/// The proposal was concluded already.
pub const CONCLUDED: u32 = 9;
/// Only core DAOs raise improvements before raising them was opened.
pub const NOT_A_CORE_DAO: u32 = 10;

pub(super) fn refused(code: u32, why: impl Into<String>) -> Error {
    Error::new(GOVERNANCE, code, why)
}

pub(super) fn invalid(why: impl Into<String>) -> Error {
    Error::sdk(codes::INVALID_REQUEST, why)
}

/// Something that holds by construction does not.
pub(super) fn broken(why: impl Into<String>) -> Error {
    Error::sdk(codes::LOGIC, format!("governance: {}", why.into()))
}
