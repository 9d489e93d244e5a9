//! Proposals and votes of members (§10).

use super::dao_codes::{DAO, INVALID_OPTION, INVALID_TEXT, NOT_MEMBER, NOT_OPEN, TOO_MANY_OPEN};
use super::params::{params, period};
use super::registry::next;
use super::types::{Ballot, Content, Dao, Proposal, Status, VoteOption};
use super::{execution, state};
use crate::kernel::{check_text, codes, Address, Ctx, Error, Event, Key, Result, View};
use std::ops::RangeInclusive;

/// Characters of a title.
const TITLE: RangeInclusive<usize> = 1..=64;
/// Characters of a summary.
const SUMMARY: RangeInclusive<usize> = 0..=10_000;

/// The proposal; `sdk/38` when there is none.
pub(super) fn require_proposal(view: &View, id: u64) -> Result<Proposal> {
    let found = state::PROPOSALS.load(view, &id)?;
    found.ok_or_else(|| Error::sdk(codes::NOT_FOUND, format!("there is no proposal {id} of a DAO")))
}

/// The power of a member; refused for everyone else.
pub(super) fn require_member(dao: &Dao, address: &Address) -> Result<u64> {
    dao.power_of(address).ok_or_else(|| {
        let Dao { name, version, .. } = dao;
        let why = format!("{address} is no member of \"{name}\" (version {version})");
        Error::new(DAO, NOT_MEMBER, why)
    })
}

/// Submits a proposal and casts its proposer's vote for it; gives its id.
pub(super) fn submit(ctx: &mut Ctx, dao: &Dao, proposer: &Address, content: &Content) -> Result<u64> {
    let power = require_member(dao, proposer)?;
    let refused = |why| Error::new(DAO, INVALID_TEXT, why);
    check_text("the title", &content.title, TITLE).map_err(refused)?;
    check_text("the summary", &content.summary, SUMMARY).map_err(refused)?;
    execution::decode(&dao.address, &content.messages)?;
    execution::check_readable(&content.messages)?;
    check_open(ctx, dao, proposer)?;
    let id = next(state::PROPOSAL_COUNT.load(ctx)?)?;
    let proposal = Proposal {
        dao: dao.address,
        proposer: *proposer,
        version: dao.version,
        status: Status::Open,
        poll: content.messages.is_empty(),
        yes: 0,
        no: 0,
        abstain: 0,
        height: ctx.block().height,
        deadline: ctx.block().time.saturating_add(dao.voting_period),
        execute_until: None,
        failure: String::new(),
    };
    ctx.emit(
        Event::new("dao_proposal_submitted")
            .with("dao", dao.address)
            .with("proposal_id", id)
            .with("proposer", proposer)
            .with("title", &content.title),
    );
    state::PROPOSAL_COUNT.save(ctx, &id)?;
    state::CONTENTS.save(ctx, &id, content)?;
    state::PROPOSALS_OF.save(ctx, &(dao.id, id), &())?;
    state::OPEN.save(ctx, &(dao.id, (*proposer, id)), &())?;
    cast(ctx, dao, id, proposal, (*proposer, Ballot { option: VoteOption::Yes, power }))?;
    Ok(id)
}

/// Casts or changes a member's vote; gives the proposal as it is then.
pub(super) fn vote(
    ctx: &mut Ctx,
    dao: &Dao,
    id: u64,
    voter: &Address,
    option: VoteOption,
) -> Result<Proposal> {
    let proposal = require_proposal(ctx, id)?;
    let status = proposal.status_at(dao.version, ctx.block().time);
    if status != Status::Open {
        let why = format!("proposal {id} can't be voted on: {}", reason(status, &proposal, dao));
        return Err(Error::new(DAO, NOT_OPEN, why));
    }
    let power = require_member(dao, voter)?;
    cast(ctx, dao, id, proposal, (*voter, Ballot { option, power }))
}

/// Counts a vote, instead of the voter's earlier one, and decides if that decides.
fn cast(
    ctx: &mut Ctx,
    dao: &Dao,
    id: u64,
    mut proposal: Proposal,
    (voter, ballot): (Address, Ballot),
) -> Result<Proposal> {
    if let Some(before) = state::BALLOTS.load(ctx, &(id, voter))? {
        if let Some(sum) = proposal.sum(before.option) {
            *sum = sum.saturating_sub(before.power);
        }
    }
    let sum = proposal.sum(ballot.option).ok_or_else(|| {
        Error::new(DAO, INVALID_OPTION, "the option is none of YES (1), NO (2) and ABSTAIN (3)")
    })?;
    *sum = sum.saturating_add(ballot.power);
    state::BALLOTS.save(ctx, &(id, voter), &ballot)?;
    ctx.emit(
        Event::new("dao_vote_cast")
            .with("dao", dao.address)
            .with("proposal_id", id)
            .with("voter", voter)
            .with("option", ballot.option.as_str_name())
            .with("power", ballot.power),
    );
    decide(ctx, dao, id, &mut proposal)?;
    state::PROPOSALS.save(ctx, &id, &proposal)?;
    Ok(proposal)
}

/// Passes or fails the proposal as soon as the votes that are still to come can't change that (§10).
fn decide(ctx: &mut Ctx, dao: &Dao, id: u64, proposal: &mut Proposal) -> Result<()> {
    let against = proposal.no.saturating_add(proposal.abstain);
    if proposal.yes >= dao.threshold {
        proposal.status = Status::Passed;
        if !proposal.poll {
            let period = period("execution_period", params(ctx)?.execution_period.as_ref())?;
            proposal.execute_until = Some(ctx.block().time.saturating_add(period));
        }
    } else if dao.total_power().saturating_sub(against) < dao.threshold {
        proposal.status = Status::Failed;
    } else {
        return Ok(());
    }
    state::OPEN.remove(ctx, &(dao.id, (proposal.proposer, id)))?;
    ctx.emit(
        Event::new("dao_proposal_decided")
            .with("dao", dao.address)
            .with("proposal_id", id)
            .with("status", proposal.status.as_str_name()),
    );
    Ok(())
}

/// Refused when the proposer has as many open proposals in the DAO as a member can have. Those that have ended meanwhile are
/// stored so and count no more; their number is bounded by the same parameter.
fn check_open(ctx: &mut Ctx, dao: &Dao, proposer: &Address) -> Result<()> {
    let mut open = 0_u32;
    for (key, ()) in state::OPEN.scan(ctx, &(dao.id, *proposer).encoded(), None, false, usize::MAX)? {
        let (_, (_, id)) = key;
        let proposal = require_proposal(ctx, id)?;
        match proposal.status_at(dao.version, ctx.block().time) {
            Status::Open => open = open.saturating_add(1),
            status => {
                state::PROPOSALS.save(ctx, &id, &Proposal { status, ..proposal })?;
                state::OPEN.remove(ctx, &key)?;
            }
        }
    }
    let most = params(ctx)?.max_open_proposals;
    if open >= most {
        let why = format!(
            "{proposer} has {open} open proposals in \"{}\" and can have {most}: one must be decided or expire first",
            dao.name
        );
        return Err(Error::new(DAO, TOO_MANY_OPEN, why));
    }
    Ok(())
}

/// Why nothing more can be done with a proposal of that status.
pub(super) fn reason(status: Status, proposal: &Proposal, dao: &Dao) -> String {
    match status {
        Status::Open => format!("it has {} of the {} yes votes that pass it", proposal.yes, dao.threshold),
        Status::Passed => "it has passed".into(),
        Status::Failed => "it has failed".into(),
        Status::Executed => "it has been executed".into(),
        Status::Expired => "it has expired".into(),
        Status::Superseded => {
            let (old, new) = (proposal.version, dao.version);
            format!("it is superseded: it was submitted in version {old} of the DAO, which has version {new}")
        }
        Status::Unspecified => "it has no status".into(),
    }
}
