//! The running totals of the votes (§11), kept as votes, bonds and slashes happen.
//!
//! A row has the shares of one validator behind each side of a proposal. The totals of a proposal are the sums of its rows, each
//! at the validator's rate and rounded down: never rounded per voter.

use super::error::broken;
use super::state;
use super::types::{Ballot, Choice, Clock, Rate, Sides};
use crate::kernel::{Address, Ctx, Key, Result, View};
use crate::staking;

/// A bond went from `before` to `after` shares, already stored: the owner's votes follow. Called by `staking` after each change,
/// the slash of what was redelegated included, never for a slash of the validator (§11).
pub fn bond_changed(
    ctx: &mut Ctx,
    owner: &Address,
    operator: &Address,
    before: u128,
    after: u128,
) -> Result<()> {
    let Clock { cycle, voted: true, .. } = clock(ctx)? else { return Ok(()) };
    let Some(mut ballot) = state::BALLOTS.load(ctx, &(cycle, *owner))? else { return Ok(()) };
    if ballot.counted {
        let rate = rate(ctx, operator)?;
        for (id, choice) in &ballot.votes {
            move_shares(ctx, (cycle, (*operator, *id)), rate, *choice, before, after)?;
        }
    }
    let counted = staking::bonded(ctx, owner)? >= super::params::min_vote_stake(ctx)?;
    if counted == ballot.counted {
        return Ok(());
    }
    if counted {
        add(ctx, cycle, owner, &ballot)?;
    } else {
        remove(ctx, cycle, owner, &ballot)?;
    }
    ballot.counted = counted;
    state::BALLOTS.save(ctx, &(cycle, *owner), &ballot)
}

/// The validator was slashed, its record is already stored: the votes of its bonds are worth less (§11). Work in the number of
/// proposals that its bonds' owners have voted on.
pub fn validator_slashed(ctx: &mut Ctx, operator: &Address) -> Result<()> {
    let validator = staking::require(ctx, operator)?;
    if validator.shares == 0 {
        return Ok(());
    }
    let before = rate(ctx, operator)?;
    let after = Rate { tokens: validator.tokens.0, shares: validator.shares };
    let Clock { cycle, voted, .. } = clock(ctx)?;
    if voted {
        for ((_, (_, id)), row) in rows_of(ctx, cycle, operator)? {
            let mut totals = totals(ctx, id)?;
            for choice in [Choice::Yes, Choice::No] {
                let shares = row.of(choice);
                let moved = moved(totals.of(choice), before.value_of(shares)?, after.value_of(shares)?, id)?;
                totals = totals.with(choice, moved);
            }
            save_totals(ctx, id, totals)?;
        }
    }
    state::RATES.save(ctx, operator, &after)
}

/// The validator's last share is gone: a share will be worth 1 Nil again (§11).
pub fn validator_emptied(ctx: &mut Ctx, operator: &Address) -> Result<()> {
    if state::RATES.has(ctx, operator)? {
        state::RATES.remove(ctx, operator)?;
    }
    Ok(())
}

/// The stored cycle.
pub(super) fn clock(view: &View) -> Result<Clock> {
    Ok(state::CLOCK.load(view)?.unwrap_or_default())
}

/// Puts the votes of a ballot into the sums.
pub(super) fn add(ctx: &mut Ctx, cycle: u64, voter: &Address, ballot: &Ballot) -> Result<()> {
    for (operator, shares) in staking::bonds_of(ctx, voter)? {
        let rate = rate(ctx, &operator)?;
        for (id, choice) in &ballot.votes {
            move_shares(ctx, (cycle, (operator, *id)), rate, *choice, 0, shares)?;
        }
    }
    Ok(())
}

/// Takes the votes of a ballot out of the sums.
fn remove(ctx: &mut Ctx, cycle: u64, voter: &Address, ballot: &Ballot) -> Result<()> {
    for (operator, shares) in staking::bonds_of(ctx, voter)? {
        let rate = rate(ctx, &operator)?;
        for (id, choice) in &ballot.votes {
            move_shares(ctx, (cycle, (operator, *id)), rate, *choice, shares, 0)?;
        }
    }
    Ok(())
}

/// A vote on one proposal in place of `old`, if there was one, of a voter whose votes are in the sums.
pub(super) fn replace(
    ctx: &mut Ctx,
    cycle: u64,
    voter: &Address,
    id: u64,
    old: Option<Choice>,
    new: Choice,
) -> Result<()> {
    if old == Some(new) {
        return Ok(());
    }
    for (operator, shares) in staking::bonds_of(ctx, voter)? {
        let (rate, row) = (rate(ctx, &operator)?, (cycle, (operator, id)));
        if let Some(old) = old {
            move_shares(ctx, row, rate, old, shares, 0)?;
        }
        move_shares(ctx, row, rate, new, 0, shares)?;
    }
    Ok(())
}

/// The running totals of a proposal, in Nils, without premint.
pub(super) fn totals(view: &View, id: u64) -> Result<Sides> {
    Ok(state::TOTALS.load(view, &id)?.unwrap_or_default())
}

/// What a share of the validator counts.
pub(super) fn rate(view: &View, operator: &Address) -> Result<Rate> {
    Ok(state::RATES.load(view, operator)?.unwrap_or(Rate::ONE))
}

/// A number of shares in a row changes from `before` to `after`, and the totals with it.
fn move_shares(
    ctx: &mut Ctx,
    key: (u64, (Address, u64)),
    rate: Rate,
    choice: Choice,
    before: u128,
    after: u128,
) -> Result<()> {
    let (_, (_, id)) = key;
    let row = state::ROWS.load(ctx, &key)?.unwrap_or_default();
    let shares = moved(row.of(choice), before, after, id)?;
    let totals = totals(ctx, id)?;
    let value = moved(totals.of(choice), rate.value_of(row.of(choice))?, rate.value_of(shares)?, id)?;
    let row = row.with(choice, shares);
    if row == Sides::default() {
        state::ROWS.remove(ctx, &key)?;
    } else {
        state::ROWS.save(ctx, &key, &row)?;
    }
    save_totals(ctx, id, totals.with(choice, value))
}

fn save_totals(ctx: &mut Ctx, id: u64, totals: Sides) -> Result<()> {
    if totals == Sides::default() {
        state::TOTALS.remove(ctx, &id)
    } else {
        state::TOTALS.save(ctx, &id, &totals)
    }
}

fn moved(sum: u128, before: u128, after: u128, id: u64) -> Result<u128> {
    let rest = sum.checked_sub(before).and_then(|rest| rest.checked_add(after));
    rest.ok_or_else(|| {
        broken(format!("of {sum} behind proposal {id}, {before} were to be replaced by {after}"))
    })
}

type Row = ((u64, (Address, u64)), Sides);

fn rows_of(view: &View, cycle: u64, operator: &Address) -> Result<Vec<Row>> {
    state::ROWS.scan(view, &(cycle, *operator).encoded(), None, false, usize::MAX)
}
