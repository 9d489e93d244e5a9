//! Liveness: who misses too many commits of its window is jailed and, after the Initial Distribution Period, slashed (§8).

use super::params::Rules;
use super::types::{SigningInfo, Windows};
use super::{state, window};
use crate::consensus;
use crate::kernel::{Address, Amount, CommitVote, Ctx, Event, Result};
use crate::seats;
use crate::staking::{self, Validator};

/// Counts the decided commit of the block before. For a validator that has missed nothing in its window and signed, this is one
/// read and no write.
pub(super) fn judge_commit(ctx: &mut Ctx, rules: &Rules) -> Result<()> {
    if ctx.block().commit.is_empty() {
        return Ok(());
    }
    let since = windows_since(ctx, rules)?;
    let votes = ctx.block().commit.clone();
    votes.iter().try_for_each(|vote| judge(ctx, rules, since, vote))
}

/// A validator was seated at this block's end: the first commit it can sign is that of the height at which the engine's set
/// has it, two later. The set of genesis makes the first block.
pub(super) fn start_window(ctx: &mut Ctx, operator: &Address) -> Result<()> {
    let Some(address) = staking::require(ctx, operator)?.consensus_address() else { return Ok(()) };
    let start_height = match ctx.block().height {
        0 => consensus::origin(ctx)?.map_or(1, |origin| origin.initial_height.max(1)),
        height => height.saturating_add(2),
    };
    if state::SIGNING_INFOS.load(ctx, &address)?.is_some_and(|info| info.missed > 0) {
        window::clear(ctx, &address)?;
    }
    state::SIGNING_INFOS.save(ctx, &address, &SigningInfo { start_height, missed: 0 })
}

/// The first height that counts in any window. All windows restart with this block when their length has changed or the
/// Initial Distribution Period is over.
fn windows_since(ctx: &mut Ctx, rules: &Rules) -> Result<u64> {
    let &Rules { length, idp, .. } = rules;
    let since = match state::WINDOWS.load(ctx)? {
        Some(windows) if (windows.length, windows.idp) == (length, idp) => return Ok(windows.since),
        Some(_) => ctx.block().height,
        None => 0,
    };
    state::WINDOWS.save(ctx, &Windows { since, length, idp })?;
    Ok(since)
}

fn judge(ctx: &mut Ctx, rules: &Rules, since: u64, vote: &CommitVote) -> Result<()> {
    let Some(stored) = state::SIGNING_INFOS.load(ctx, &vote.address)? else { return Ok(()) };
    let mut info = stored;
    if info.start_height < since {
        info = SigningInfo { start_height: since, missed: 0 };
        if stored.missed > 0 {
            window::clear(ctx, &vote.address)?;
        }
    }
    let restarted = info;
    count(ctx, rules, vote, &mut info)?;
    // That all windows restarted follows from `since`, and is stored of those only that have something to forget.
    if info != restarted || (info != stored && stored.missed > 0) {
        state::SIGNING_INFOS.save(ctx, &vote.address, &info)?;
    }
    Ok(())
}

/// Puts the vote into the validator's window, and judges it once the window is full. Who has lost its seat is still in the
/// commits of two heights: what it misses there counts, but it is not judged any more.
fn count(ctx: &mut Ctx, rules: &Rules, vote: &CommitVote, info: &mut SigningInfo) -> Result<()> {
    let height = ctx.block().height.saturating_sub(1);
    if height < info.start_height || (vote.signed && info.missed == 0) {
        return Ok(());
    }
    let mut missed = false;
    if !vote.signed {
        missed = free_validator(ctx, vote)?.is_some();
    }
    let place = height.checked_rem(rules.length).unwrap_or(0);
    let was_missed = window::put(ctx, &vote.address, place, missed)?;
    info.missed = info.missed.saturating_add(missed.into()).saturating_sub(was_missed.into());
    if missed {
        ctx.emit(
            Event::new("liveness")
                .with("address", vote.address)
                .with("missed_blocks", info.missed)
                .with("height", ctx.block().height),
        );
    }
    let counted = height.saturating_sub(info.start_height).saturating_add(1);
    if counted < rules.length || info.missed <= rules.max_missed {
        return Ok(());
    }
    let Some(validator) = free_validator(ctx, vote)? else { return Ok(()) };
    if !seats::is_seated(ctx, &validator.operator)? {
        return Ok(());
    }
    punish(ctx, rules, vote, &validator)?;
    *info = SigningInfo { start_height: ctx.block().height, missed: 0 };
    Ok(())
}

/// The validator of a vote, unless it is jailed already: then it does not miss anything, and is not judged.
fn free_validator(ctx: &Ctx, vote: &CommitVote) -> Result<Option<Validator>> {
    let Some(operator) = staking::by_consensus(ctx, &vote.address)? else { return Ok(None) };
    Ok(staking::validator(ctx, &operator)?.filter(|validator| !validator.jailed))
}

/// The offence is of the commit's height. The window restarts, so that whoever keeps its seat (§6) is not jailed again
/// at once.
fn punish(ctx: &mut Ctx, rules: &Rules, vote: &CommitVote, validator: &Validator) -> Result<()> {
    let offence_height = ctx.block().height.saturating_sub(1);
    let burnt = if rules.idp {
        Amount::ZERO
    } else {
        staking::slash(ctx, &validator.operator, rules.slash, offence_height)?
    };
    ctx.emit(
        Event::new("slash")
            .with("address", vote.address)
            .with("power", vote.power)
            .with("reason", "missing_signature")
            .with("jailed", vote.address)
            .with("burned_coins", burnt),
    );
    let until = ctx.block().time.saturating_add(rules.jail);
    staking::jail(ctx, &validator.operator, until)?;
    window::clear(ctx, &vote.address)
}
