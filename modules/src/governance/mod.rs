//! Governance: the cycle, proposals, votes and tally (§11), conclusions (§11–§14).
//!
//! DAOs raise proposals in the first phase of a cycle, in the second holders of bonds vote ([`state`] has running totals, so that
//! the tally does not read votes), in the next cycle anyone concludes what has passed.

mod conclude;
mod content;
mod cycle;
mod error;
mod genesis;
mod invariants;
mod msgs;
mod params;
mod queries;
mod raise;
pub mod state;
mod sums;
mod tally;
#[cfg(test)]
mod tests;
pub mod types;
mod vote;

pub use cycle::{cycle, Cycle, Phase};
pub use error::*;
pub use params::{check_params, default_params, params};
pub use sums::{bond_changed, validator_emptied, validator_slashed};
pub use tally::begin_block;
pub use vote::{votes_of, voting_weight};

use crate::funding::{self, Request};
use crate::kernel::{
    codes, message_from_json, message_to_json, Address, Ctx, Error, Key, Module, QueryRoutes, Result, Routes,
    View,
};
use error::broken;
use jmes_proto::jmes::governance::v1::proposal::Status;
use jmes_proto::jmes::governance::v1::{
    MsgConclude, MsgRaiseProposal, MsgResignSlot, MsgVote, MsgWithdrawProposal,
};
use types::{Body, Proposal};

/// The module.
pub struct Governance;

impl Module for Governance {
    fn name(&self) -> &'static str {
        "governance"
    }
    fn messages(&self, routes: &mut Routes) {
        routes.add::<MsgRaiseProposal>("/jmes.governance.v1.MsgRaiseProposal");
        routes.add::<MsgWithdrawProposal>("/jmes.governance.v1.MsgWithdrawProposal");
        routes.add::<MsgVote>("/jmes.governance.v1.MsgVote");
        routes.add::<MsgConclude>("/jmes.governance.v1.MsgConclude");
        routes.add::<MsgResignSlot>("/jmes.governance.v1.MsgResignSlot");
    }
    fn queries(&self, routes: &mut QueryRoutes) {
        queries::add(routes);
    }
    fn import(&self, ctx: &mut Ctx, genesis: &serde_json::Value) -> Result<()> {
        genesis::import(ctx, genesis)
    }
    fn export(&self, view: &View) -> Result<serde_json::Value> {
        genesis::export(view)
    }
    fn params(&self, view: &View) -> Result<serde_json::Value> {
        message_to_json(&params(view)?)
    }
    fn set_params(&self, ctx: &mut Ctx, params: &serde_json::Value) -> Result<()> {
        let params = message_from_json(params)?;
        check_params(&params)?;
        params::check_notice(ctx, &params)?;
        state::PARAMS.save(ctx, &params)
    }
    /// The clock of cycles, and when improvements can be opened at the earliest (§1).
    fn immutable_params(&self) -> &'static [&'static str] {
        &["raising_period", "voting_period", "improvements_open_after"]
    }
    /// Sums are what a recount of ballots and bonds gives; proposals stand in all lists.
    fn check_invariants(&self, view: &View) -> Result<()> {
        invariants::check(view)
    }
}

/// The proposal with this id.
pub fn proposal(view: &View, id: u64) -> Result<Option<Proposal>> {
    state::PROPOSALS.load(view, &id)
}

/// What has become of a proposal at the view's block: as stored, but `Voting` while it can be voted on, and `Lapsed` when
/// the cycle after its own is over without a conclusion (§11).
pub fn status(proposal: &Proposal, now: &Cycle) -> Status {
    match proposal.status {
        Status::Raised if proposal.cycle == now.index && now.phase == Phase::Voting => Status::Voting,
        Status::Passed if now.index.checked_sub(proposal.cycle) > Some(1) => Status::Lapsed,
        status => status,
    }
}

/// The proposal with this id; `sdk/38` when there is none.
fn require(view: &View, id: u64) -> Result<Proposal> {
    proposal(view, id)?
        .ok_or_else(|| Error::sdk(codes::NOT_FOUND, format!("there is no governance proposal {id}")))
}

/// Text and content of a proposal that there is.
fn body(view: &View, id: u64) -> Result<Body> {
    let body = state::BODIES.load(view, &id)?;
    body.ok_or_else(|| broken(format!("proposal {id} has no text")))
}

/// The ids of the proposals of a cycle, ascending.
fn proposals_of(view: &View, cycle: u64) -> Result<Vec<u64>> {
    let found = state::BY_CYCLE.scan(view, &cycle.encoded(), None, false, usize::MAX)?;
    Ok(found.into_iter().map(|((_, id), ())| id).collect())
}

/// The proposals of a DAO in a cycle in order of raising.
fn proposals_of_dao(view: &View, dao: &Address, cycle: u64) -> Result<Vec<(u64, Proposal)>> {
    let group = (*dao, cycle).encoded();
    let found = state::BY_DAO.scan(view, &group, None, false, usize::MAX)?;
    found.into_iter().map(|((_, (_, id)), ())| Ok((id, require(view, id)?))).collect()
}

/// What a proposal requests in each block, if it requests anything.
fn request(view: &View, proposal: &Proposal) -> Result<Option<Request>> {
    let request = |asked: types::FundingRequest| funding::raised_request(view, asked.amount, asked.months);
    proposal.funding.map(request).transpose()
}
