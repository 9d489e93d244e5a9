//! Refusals of the codespace `staking`: up to 42 the Cosmos SDK's codes, from 100 our own.

use crate::kernel::{codes, Error};

/// The codespace.
pub const STAKING: &str = "staking";

/// There is no such validator.
pub const NO_VALIDATOR: u32 = 3;
/// The operator runs a validator already.
pub const OPERATOR_EXISTS: u32 = 4;
/// The consensus key is, or was, another validator's.
pub const KEY_EXISTS: u32 = 5;
/// The consensus key is not an ed25519 key.
pub const KEY_TYPE: u32 = 6;
/// The validator is jailed.
pub const JAILED: u32 = 7;
/// A rate is above 100%.
pub const COMMISSION_HUGE: u32 = 10;
/// The rate is above the validator's own maximum.
pub const COMMISSION_ABOVE_MAX: u32 = 11;
/// The rate changed less than 24 hours ago.
pub const COMMISSION_UPDATE_TIME: u32 = 12;
/// The maximum change is above the maximum rate.
pub const CHANGE_RATE_ABOVE_MAX: u32 = 14;
/// The rate rises by more than the validator's own maximum.
pub const COMMISSION_ABOVE_CHANGE: u32 = 15;
/// The operator's bond is below the minimum it named.
pub const SELF_DELEGATION_BELOW_MIN: u32 = 16;
/// The minimum of the operator's bond can only rise.
pub const MIN_SELF_DELEGATION_DECREASED: u32 = 17;
/// There is no such bond.
pub const NO_DELEGATION: u32 = 19;
/// There is nothing unbonding.
pub const NO_UNBONDING: u32 = 26;
/// Too many unbonding entries of one pair.
pub const MAX_UNBONDING_ENTRIES: u32 = 27;
/// A redelegation to the validator where the coins are.
pub const SELF_REDELEGATION: u32 = 29;
/// The validator that a redelegation goes to does not exist.
pub const BAD_REDELEGATION_DST: u32 = 31;
/// A redelegation of what was redelegated.
pub const TRANSITIVE_REDELEGATION: u32 = 32;
/// Too many redelegation entries of one triple.
pub const MAX_REDELEGATION_ENTRIES: u32 = 33;
/// The validator has lost all tokens that its shares stand for.
pub const WORTHLESS_SHARES: u32 = 34;
/// A message without a consensus key.
pub const EMPTY_KEY: u32 = 39;
/// The rate is below the chain's minimum.
pub const COMMISSION_BELOW_MIN: u32 = 40;
/// The address bonds to as many validators as it may.
pub const TOO_MANY_BONDS: u32 = 100;
/// The amount is worth less than one share.
pub const ZERO_SHARES: u32 = 101;
/// The validator would have more shares than 10^30.
pub const TOO_MANY_SHARES: u32 = 102;

pub(super) fn refused(code: u32, why: impl Into<String>) -> Error {
    Error::new(STAKING, code, why)
}

pub(super) fn invalid(why: impl Into<String>) -> Error {
    Error::sdk(codes::INVALID_REQUEST, why)
}

/// Something that holds by construction does not.
pub(super) fn broken(why: impl Into<String>) -> Error {
    Error::sdk(codes::LOGIC, why)
}
