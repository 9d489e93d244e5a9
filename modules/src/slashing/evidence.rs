//! Evidence of double signing and of attacks on light clients, which the engine has verified (§8).

use super::params::double_sign_fraction;
use super::types::EvidenceHash;
use super::{state, timestamp};
use crate::consensus;
use crate::kernel::{Ctx, Event, Misbehavior, Result, View};
use crate::staking;
use cosmos_sdk_proto::cosmos::evidence::v1beta1::Equivocation;

/// Acts upon the block's evidence.
pub(super) fn judge_misbehavior(ctx: &mut Ctx) -> Result<()> {
    let all = ctx.block().misbehavior.clone();
    all.iter().try_for_each(|misbehavior| judge(ctx, misbehavior))
}

/// Slashes and tombstones, once. Ignored are keys that nobody has, validators that are tombstoned already, and what is too old.
fn judge(ctx: &mut Ctx, misbehavior: &Misbehavior) -> Result<()> {
    let address = misbehavior.address;
    if is_too_old(ctx, misbehavior)? {
        return Ok(());
    }
    // A key that was taken over (§6) was never in the engine's set before: the offence is its present owner's.
    let Some(operator) = staking::by_consensus(ctx, &address)? else { return Ok(()) };
    let Some(validator) = staking::validator(ctx, &operator)?.filter(|validator| !validator.tombstoned)
    else {
        return Ok(());
    };
    let fraction = double_sign_fraction(ctx)?;
    let burnt = staking::slash(ctx, &operator, fraction, misbehavior.height)?;
    ctx.emit(
        Event::new("slash")
            .with("address", address)
            .with("power", misbehavior.power)
            .with("reason", "double_sign")
            .with("burned_coins", burnt),
    );
    staking::tombstone(ctx, &operator)?;
    if !validator.jailed {
        ctx.emit(Event::new("slash").with("jailed", address));
    }
    let evidence = equivocation(misbehavior);
    state::EVIDENCE.save(ctx, &EvidenceHash::of(&evidence), &evidence)
}

/// As the engine has it: evidence is too old only when both its blocks and its time are past the limit.
fn is_too_old(view: &View, misbehavior: &Misbehavior) -> Result<bool> {
    let Some(limit) = consensus::params(view)?.evidence else { return Ok(false) };
    let block = view.block();
    let max_blocks = u64::try_from(limit.max_age_num_blocks).unwrap_or(0);
    let max_age = super::params::nanoseconds(limit.max_age_duration.as_ref());
    Ok(block.height.saturating_sub(misbehavior.height) > max_blocks
        && block.time.saturating_sub(misbehavior.time) > max_age)
}

fn equivocation(misbehavior: &Misbehavior) -> Equivocation {
    let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    Equivocation {
        height: number(misbehavior.height),
        time: Some(timestamp(misbehavior.time)),
        power: number(misbehavior.power),
        consensus_address: misbehavior.address.to_string(),
    }
}
