//! The tally (§11): once for each cycle, in the first block of a later one.

use super::cycle::cycle;
use super::params::{min_vote_stake, params};
use super::sums::{clock, totals};
use super::types::{Ballot, Choice, Clock, Content, Proposal, Sides, Tally};
use super::{body, proposals_of, require, state};
use crate::kernel::{Address, Amount, Ctx, Event, Result, View};
use crate::{premint, slots, staking};
use jmes_proto::jmes::governance::v1::proposal::Status;
use jmes_proto::jmes::governance::v1::Kind;
use std::collections::BTreeMap;

/// How many rows of past cycles a block removes.
const SWEEP: usize = 100;

/// Tallies the stored cycle once when the cycle has turned (§11, §15 step 4); after that removes some rows in each block until
/// none of past cycles is left, because their number grows with that of the validators.
pub fn begin_block(ctx: &mut Ctx) -> Result<()> {
    let stored = clock(ctx)?;
    let now = cycle(ctx)?;
    let turned = now.index > stored.cycle;
    if turned {
        tally(ctx, stored.cycle)?;
        ctx.emit(Event::new("governance_cycle_started").with("cycle", now.index));
    }
    let mut old_rows = stored.old_rows || turned && stored.voted;
    if old_rows {
        old_rows = sweep(ctx, now.index)?;
    }
    let next = Clock { cycle: now.index.max(stored.cycle), voted: stored.voted && !turned, old_rows };
    if next == stored {
        return Ok(());
    }
    state::CLOCK.save(ctx, &next)
}

/// The votes of premint wallets as of now (§3, §11).
pub(super) struct Premint {
    /// The weight of all wallets, whether they vote or not, in Nils.
    pub(super) weight: Amount,
    /// The ballots of those whose weight reaches the minimum.
    ballots: Vec<(Address, Amount, Ballot)>,
}

impl Premint {
    /// Of a cycle.
    pub(super) fn of(view: &View, cycle: u64) -> Result<Self> {
        let least = min_vote_stake(view)?;
        let mut votes = Self { weight: Amount::ZERO, ballots: Vec::new() };
        for (address, _) in premint::wallets(view)? {
            let weight = premint::voting_weight(view, &address)?;
            votes.weight = votes.weight.plus(weight)?;
            if weight < least {
                continue;
            }
            if let Some(ballot) = state::BALLOTS.load(view, &(cycle, address))? {
                votes.ballots.push((address, weight, ballot));
            }
        }
        Ok(votes)
    }

    /// What they add to each proposal, in Nils.
    pub(super) fn sums(&self) -> Result<BTreeMap<u64, Sides>> {
        let mut sums: BTreeMap<u64, Sides> = BTreeMap::new();
        for (_, weight, ballot) in &self.ballots {
            for (id, choice) in &ballot.votes {
                let sides = sums.entry(*id).or_default();
                *sides = sides.with(*choice, Amount(sides.of(*choice)).plus(*weight)?.0);
            }
        }
        Ok(sums)
    }
}

/// What the tally of a proposal of the stored cycle would be now.
pub(super) fn result(view: &View, id: u64, premint: Sides, possible: Amount) -> Result<Tally> {
    let bonded = totals(view, id)?;
    let sum = |choice| Amount(bonded.of(choice)).plus(Amount(premint.of(choice)));
    Ok(Tally { yes: sum(Choice::Yes)?, no: sum(Choice::No)?, possible })
}

/// All who could vote now: everything bonded, and the weight of all premint wallets.
pub(super) fn possible(view: &View, premint: &Premint) -> Result<Amount> {
    staking::total_bonded(view)?.plus(premint.weight)
}

fn tally(ctx: &mut Ctx, cycle: u64) -> Result<()> {
    let ids = proposals_of(ctx, cycle)?;
    if ids.is_empty() {
        return Ok(());
    }
    let premint = Premint::of(ctx, cycle)?;
    let (sums, possible) = (premint.sums()?, possible(ctx, &premint)?);
    let threshold = params(ctx)?.pass_threshold_percent;
    for id in ids {
        let proposal = require(ctx, id)?;
        if proposal.status != Status::Raised {
            continue;
        }
        let tally = result(ctx, id, sums.get(&id).copied().unwrap_or_default(), possible)?;
        let status = if tally.has_passed(threshold) { Status::Passed } else { Status::Failed };
        if (status, proposal.kind) == (Status::Passed, Kind::RevokeCoreSlot) {
            if let Content::RevokeCoreSlot(slot, sitting) = body(ctx, id)?.content {
                slots::vote_out(ctx, slot, &sitting, cycle)?;
            }
        }
        settle(ctx, id, Proposal { status, tally, ..proposal })?;
    }
    for (wallet, _, ballot) in premint.ballots {
        state::BALLOTS.save(ctx, &(cycle, wallet), &Ballot { counted: true, ..ballot })?;
    }
    Ok(())
}

fn settle(ctx: &mut Ctx, id: u64, mut proposal: Proposal) -> Result<()> {
    proposal.tallied_height = ctx.block().height;
    state::TOTALS.remove(ctx, &id)?;
    state::PROPOSALS.save(ctx, &id, &proposal)?;
    let Tally { yes, no, possible } = proposal.tally;
    ctx.emit(
        Event::new("governance_proposal_tallied")
            .with("proposal_id", id)
            .with("dao", proposal.dao)
            .with("status", proposal.status.as_str_name())
            .with("yes", yes)
            .with("no", no)
            .with("possible", possible),
    );
    Ok(())
}

/// Removes rows of cycles before `present`; tells whether there are more.
fn sweep(ctx: &mut Ctx, present: u64) -> Result<bool> {
    let first = state::ROWS.scan(ctx, &[], None, false, SWEEP.saturating_add(1))?;
    let old: Vec<_> = first.into_iter().map(|(key, _)| key).filter(|(cycle, _)| *cycle < present).collect();
    old.iter().take(SWEEP).try_for_each(|key| state::ROWS.remove(ctx, key))?;
    Ok(old.len() > SWEEP)
}
