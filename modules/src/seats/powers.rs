//! The power of seats (§6), and what the engine is told.

use super::members::{Facts, Member};
use super::params::MAX_POWER;
use crate::kernel::{Address, Result, ValidatorUpdate, View};
use crate::{emission, JMES};
use jmes_proto::jmes::staking::v1::Params;

/// What the whole JMES bonded to a proven member count for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stake {
    /// Nothing: during the Initial Distribution Period all proven members are equal.
    Ignored,
    /// At most so many JMES: in the first blocks after it.
    UpTo(u128),
    /// All of them.
    Full,
}

impl Stake {
    /// What counts at the end of the block being made.
    pub fn counted(view: &View, params: &Params) -> Result<Self> {
        if !emission::idp_ended(view)? {
            return Ok(Self::Ignored);
        }
        let since = emission::issuance_height(view)?.saturating_sub(emission::idp_blocks(view)?);
        Ok(Self::after(since, params))
    }

    /// What counts `since` issuance heights after the period: 1 JMES at first, doubled every `bond_doubling_blocks`, and
    /// everything after `bond_ramp_blocks`.
    pub fn after(since: u64, params: &Params) -> Self {
        if since > params.bond_ramp_blocks {
            return Self::Full;
        }
        let doublings = since.checked_div(params.bond_doubling_blocks).unwrap_or(0);
        let doublings = u32::try_from(doublings).unwrap_or(u32::MAX);
        1_u128.checked_shl(doublings).map_or(Self::Full, Self::UpTo)
    }
}

/// A member's power: 1 until it is proven, then `proven_power` for each JMES that counts, at least one. The parameters and the
/// supply keep the sum far below what the engine allows, and [`MAX_POWER`] does so whatever they are.
pub fn power(member: &Member, facts: &Facts, stake: Stake, params: &Params) -> u64 {
    if !member.proven {
        return 1;
    }
    let whole = facts.bond.0.checked_div(JMES).unwrap_or(0).max(1);
    let counted = match stake {
        Stake::Ignored => 1,
        Stake::UpTo(most) => whole.min(most),
        Stake::Full => whole,
    };
    let power = counted.saturating_mul(u128::from(params.proven_power));
    u64::try_from(power).unwrap_or(u64::MAX).min(MAX_POWER)
}

/// A change of one validator's power.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PowerChange {
    /// The validator.
    pub operator: Address,
    /// What the engine is told.
    pub update: ValidatorUpdate,
}

/// The difference of two sets: those who left, then those whose power is new, in order of seating.
pub fn changes(before: &[Member], after: &[Member]) -> Vec<PowerChange> {
    let change = |member: &Member, power| PowerChange {
        operator: member.operator,
        update: ValidatorUpdate { key: member.key, power },
    };
    let find = |members: &[Member], operator: &Address| {
        members.iter().find(|member| member.operator == *operator).map(|member| member.power)
    };
    let left = before.iter().filter(|member| find(after, &member.operator).is_none());
    let new = after.iter().filter(|member| find(before, &member.operator) != Some(member.power));
    left.map(|member| change(member, 0)).chain(new.map(|member| change(member, member.power))).collect()
}
