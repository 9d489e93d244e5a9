//! Jail: a jailed validator has no seat, no rank and does not wait (§6, §8).

use super::{require, save, shares_of, Validator};
use crate::kernel::{Address, Ctx, Error, Result, View};
use crate::seats;

/// The codespace of refusals to unjail, and its codes, as the Cosmos SDK has them.
const SLASHING: &str = "slashing";
const STILL_JAILED: u32 = 4;
const NOT_JAILED: u32 = 5;
const NO_SELF_DELEGATION: u32 = 6;
const SELF_DELEGATION_TOO_LOW: u32 = 7;

/// Jails a validator until `until` (nanoseconds since 1970, never earlier than before). It loses its seat at the block's end
/// (§6) and its place in the ranking and among those who wait at once.
pub fn jail(ctx: &mut Ctx, operator: &Address, until: u64) -> Result<()> {
    let mut validator = require(ctx, operator)?;
    validator.jailed = true;
    validator.jailed_until = validator.jailed_until.max(until);
    save(ctx, &validator)?;
    seats::leave(ctx, operator)
}

/// Jails a validator for ever (§8).
pub fn tombstone(ctx: &mut Ctx, operator: &Address) -> Result<()> {
    let validator = Validator { tombstoned: true, ..require(ctx, operator)? };
    save(ctx, &validator)?;
    jail(ctx, operator, u64::MAX)
}

/// Lets a validator out of jail; during the Initial Distribution Period it begins to wait for a seat. Refused with the codes of
/// `cosmos.slashing`: `slashing/4` when it can't be unjailed yet or ever, `slashing/5` when it is not jailed, `slashing/6` and
/// `slashing/7` when its operator's bond is below the minimum it named.
pub fn unjail(ctx: &mut Ctx, operator: &Address) -> Result<()> {
    let mut validator = require(ctx, operator)?;
    check_can_unjail(ctx, &validator)?;
    validator.jailed = false;
    save(ctx, &validator)?;
    seats::wait(ctx, operator)
}

/// Whether a validator can leave jail now; the refusal that [`unjail`] gives otherwise.
pub fn check_can_unjail(view: &View, validator: &Validator) -> Result<()> {
    let refuse = |code, why: String| Err(Error::new(SLASHING, code, why));
    let operator = validator.operator.operator();
    let shares = shares_of(view, &validator.operator, &validator.operator)?;
    let (bond, least) = (validator.value_of(shares)?, validator.min_self_delegation);
    if bond < least {
        if shares == 0 {
            let why = "validator has no self-delegation; cannot be unjailed";
            return refuse(NO_SELF_DELEGATION, format!("{operator}: {why}"));
        }
        let why = "validator's self delegation less than minimum; cannot be unjailed";
        return refuse(SELF_DELEGATION_TOO_LOW, format!("{bond} less than {least}: {why}"));
    }
    if !validator.jailed {
        return refuse(NOT_JAILED, format!("{operator}: validator not jailed; cannot be unjailed"));
    }
    let why = if validator.tombstoned {
        "it is tombstoned".to_owned()
    } else if validator.key.is_none() {
        "another validator proved possession of its consensus key".to_owned()
    } else if view.block().time < validator.jailed_until {
        let wait = validator.jailed_until.saturating_sub(view.block().time).div_ceil(1_000_000_000);
        format!("{wait} seconds of jail remain")
    } else {
        return Ok(());
    };
    refuse(STILL_JAILED, format!("{operator}: {why}: validator still jailed; cannot be unjailed"))
}
