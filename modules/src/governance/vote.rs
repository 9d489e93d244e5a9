//! Votes (§11): who may vote, with what weight, and where a vote goes.

use super::cycle::{cycle, moment, Phase};
use super::error::{refused, NOT_VOTING, WEIGHT_TOO_LOW, WITHDRAWN};
use super::msgs::option;
use super::params::min_vote_stake;
use super::types::{Choice, Clock};
use super::{require, state, sums};
use crate::kernel::{Address, Amount, Ctx, Event, Result, View};
use crate::{premint, staking, BASE_DENOM};
use jmes_proto::jmes::governance::v1::proposal::Status;

/// With what weight `address` could vote now, in Nils: its bonds', or its unlocked premint (§3, §11).
pub fn voting_weight(view: &View, address: &Address) -> Result<Amount> {
    if premint::is_wallet(view, address)? {
        premint::voting_weight(view, address)
    } else {
        staking::bonded(view, address)
    }
}

/// On how many proposals of the cycle `address` has voted: each change of its bonds is work in them.
pub fn votes_of(view: &View, address: &Address) -> Result<usize> {
    let cycle = sums::clock(view)?.cycle;
    Ok(state::BALLOTS.load(view, &(cycle, *address))?.map_or(0, |ballot| ballot.votes.len()))
}

/// Casts or changes a vote. Bonds are valued anew: from then on all votes of the voter in this cycle count.
pub(super) fn vote(ctx: &mut Ctx, voter: &Address, id: u64, choice: Choice) -> Result<()> {
    check_open(ctx, id)?;
    check_weight(ctx, voter)?;
    let clock = sums::clock(ctx)?;
    let cycle = clock.cycle;
    let key = (cycle, *voter);
    let mut ballot = state::BALLOTS.load(ctx, &key)?.unwrap_or_default();
    let old = ballot.votes.insert(id, choice);
    if ballot.counted {
        sums::replace(ctx, cycle, voter, id, old, choice)?;
    } else if !premint::is_wallet(ctx, voter)? {
        ballot.counted = true;
        sums::add(ctx, cycle, voter, &ballot)?;
    }
    state::BALLOTS.save(ctx, &key, &ballot)?;
    if !clock.voted {
        state::CLOCK.save(ctx, &Clock { voted: true, ..clock })?;
    }
    ctx.emit(
        Event::new("governance_vote_cast")
            .with("proposal_id", id)
            .with("voter", voter)
            .with("option", option(choice).as_str_name()),
    );
    Ok(())
}

fn check_open(view: &View, id: u64) -> Result<()> {
    let (proposal, now) = (require(view, id)?, cycle(view)?);
    if proposal.status == Status::Withdrawn {
        return Err(refused(WITHDRAWN, format!("proposal {id} was withdrawn by its DAO")));
    }
    if proposal.cycle != now.index {
        let why = format!(
            "the vote on proposal {id} ended with cycle {}; this is cycle {}",
            proposal.cycle, now.index
        );
        return Err(refused(NOT_VOTING, why));
    }
    if now.phase == Phase::Raising {
        let begins = moment(now.voting_start);
        return Err(refused(NOT_VOTING, format!("voting on proposal {id} begins at {begins}")));
    }
    Ok(())
}

fn check_weight(view: &View, voter: &Address) -> Result<()> {
    let (weight, least) = (voting_weight(view, voter)?, min_vote_stake(view)?);
    if weight >= least {
        return Ok(());
    }
    let why = format!(
        "{voter} has a weight of {weight}{BASE_DENOM}, less than {least}{BASE_DENOM} that it takes to vote; bond more"
    );
    Err(refused(WEIGHT_TOO_LOW, why))
}
