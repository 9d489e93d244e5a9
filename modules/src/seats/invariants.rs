//! What must hold of seats after every block.

use super::members::{facts, load};
use super::powers::{power, Stake};
use super::{params, state, waiting};
use crate::kernel::{codes, Error, Result, View};
use crate::{rewards, staking};
use std::collections::BTreeSet;

/// Seats: 1 to the parameter, distinct, one of them proven, each with its validator's key and the power that the rule gives
/// it, by which it and nobody else earns. The waiting list: its indexes agree, and nobody on it is seated, jailed or without a key.
pub(super) fn check(view: &View) -> Result<()> {
    check_seats(view)?;
    check_waiting(view)
}

fn check_seats(view: &View) -> Result<()> {
    let (members, params) = (load(view)?, params(view)?);
    let (count, most) = (members.len(), params.seats);
    let operators: BTreeSet<_> = members.iter().map(|member| member.operator).collect();
    if count == 0 || u32::try_from(count).unwrap_or(u32::MAX) > most || operators.len() != count {
        let distinct = operators.len();
        return Err(broken(format!("{count} seats of {distinct} validators; there must be 1 to {most}")));
    }
    if !members.iter().any(|member| member.proven) {
        return Err(broken("no seated validator is proven".into()));
    }
    let stake = Stake::counted(view, &params)?;
    for member in &members {
        let operator = member.operator.operator();
        let validator = staking::require(view, &member.operator)?;
        if validator.key != Some(member.key) || !validator.ever_seated {
            return Err(broken(format!("{operator} is seated with a key that is not its own")));
        }
        let expected = power(member, &facts(view, &member.operator)?, stake, &params);
        if member.power != expected {
            let told = member.power;
            return Err(broken(format!(
                "the engine was told power {told} of {operator}, which has {expected}"
            )));
        }
        let earning = rewards::power_of(view, &member.operator)?;
        if earning != expected {
            return Err(broken(format!("{operator} has power {expected}, but earns by {earning}")));
        }
        if waiting::has(view, &member.operator)? {
            return Err(broken(format!("{operator} is seated and waits")));
        }
    }
    let sum = members.iter().fold(0_u64, |sum, member| sum.saturating_add(member.power));
    let earning = rewards::total_power(view)?;
    if earning != sum {
        return Err(broken(format!("the seats' powers sum to {sum}, those that earn to {earning}")));
    }
    Ok(())
}

fn check_waiting(view: &View) -> Result<()> {
    let list = state::WAITING.scan(view, &[], None, false, usize::MAX)?;
    let count = waiting::count(view)?;
    if u64::try_from(list.len()) != Ok(count) {
        return Err(broken(format!("{} wait, their number is {count}", list.len())));
    }
    let mut never_seated = 0_u32;
    let mut works = BTreeSet::new();
    for (index, (position, candidate)) in (0..).zip(&list) {
        let operator = candidate.operator.operator();
        let validator = staking::require(view, &candidate.operator)?;
        never_seated = u32::from(!validator.ever_seated).saturating_add(never_seated);
        if validator.jailed || validator.tombstoned || validator.key.is_none() {
            return Err(broken(format!("{operator} waits, but is jailed or has no key")));
        }
        let found = waiting::nth(view, index)?;
        let own = state::POSITIONS.load(view, &candidate.operator)?;
        let work = waiting::Work::of(&validator);
        if own != Some(*position) || found != Some(*candidate) || work != candidate.work {
            return Err(broken(format!("{operator} is not found where it waits")));
        }
        works.insert((candidate.work, *position));
    }
    let most = params(view)?.max_waiting;
    if never_seated > most {
        return Err(broken(format!("{never_seated} wait that were never seated, {most} are the most")));
    }
    works.retain(|(work, _)| *work != waiting::Work::SEATED);
    let indexed = state::BY_WORK.scan(view, &[], None, false, usize::MAX)?;
    if !indexed.into_iter().map(|(key, ())| key).eq(works) {
        return Err(broken("the waiting list and its order by work differ".into()));
    }
    Ok(())
}

fn broken(why: String) -> Error {
    Error::sdk(codes::LOGIC, format!("seats: {why}"))
}
