//! Conclusions (§11): a passed proposal takes effect, once, when anyone sends for it.

use super::cycle::cycle;
use super::error::{refused, CONCLUDED, LAPSED, NOT_PASSED, WITHDRAWN};
use super::types::{Content, Proposal};
use super::{body, proposals_of_dao, request, require, state, status};
use crate::funding::{self, Grant, Request};
use crate::kernel::{Address, Ctx, Event, Result, View};
use crate::slots::{self, Claim, Slot};
use crate::upgrade;
use jmes_proto::jmes::governance::v1::proposal::Status;

/// Makes a passed proposal take effect; refused when it can't, and then it may be tried again until it lapses. A claim of a
/// slot for which a better one was concluded before only lapses (§13).
pub(super) fn conclude(ctx: &mut Ctx, sender: &Address, id: u64) -> Result<()> {
    let mut proposal = require(ctx, id)?;
    check_passed(ctx, id, &proposal)?;
    let content = body(ctx, id)?.content;
    let slot = match content {
        Content::CoreSlot(slot) => Some(slot),
        _ => None,
    };
    let request = request(ctx, &proposal)?;
    let done = take_effect(ctx, id, &proposal, &content, request)?;
    if done {
        if let Some(request) = request {
            funding::check_conclude(ctx, &concluded(ctx, &proposal)?, request, slot)?;
        }
        start_funding(ctx, id, &proposal, request)?;
    }
    let (status, event) = if done {
        (Status::Concluded, "governance_proposal_concluded")
    } else {
        (Status::Lapsed, "governance_proposal_lapsed")
    };
    proposal.status = status;
    proposal.concluded_height = ctx.block().height;
    state::PROPOSALS.save(ctx, &id, &proposal)?;
    ctx.emit(
        Event::new(event)
            .with("proposal_id", id)
            .with("dao", proposal.dao)
            .with("kind", proposal.kind.as_str_name())
            .with("sender", sender),
    );
    Ok(())
}

/// The DAO gives up its core slot.
pub(super) fn resign(ctx: &mut Ctx, dao: &Address) -> Result<()> {
    slots::resign(ctx, dao)
}

fn check_passed(view: &View, id: u64, proposal: &Proposal) -> Result<()> {
    let now = cycle(view)?;
    let (code, why) = match status(proposal, &now) {
        Status::Passed => return Ok(()),
        Status::Concluded => (CONCLUDED, format!("was concluded at height {}", proposal.concluded_height)),
        Status::Withdrawn => (WITHDRAWN, "was withdrawn by its DAO".into()),
        Status::Failed => {
            (NOT_PASSED, format!("has failed: {} against {}", proposal.tally.yes, proposal.tally.no))
        }
        Status::Lapsed if proposal.concluded_height > 0 => {
            (LAPSED, "came after a better one for its slot was concluded".into())
        }
        Status::Lapsed => (LAPSED, format!("was of cycle {} and lapsed with the next", proposal.cycle)),
        Status::Raised | Status::Voting | Status::Unspecified => {
            (NOT_PASSED, format!("is tallied when cycle {} ends", proposal.cycle))
        }
    };
    Err(refused(code, format!("proposal {id} {why}")))
}

/// The ids of the DAO's funded proposals of that cycle that have taken effect already.
fn concluded(view: &View, proposal: &Proposal) -> Result<Vec<u64>> {
    let others = proposals_of_dao(view, &proposal.dao, proposal.cycle)?;
    let counts = |other: &Proposal| other.status == Status::Concluded && other.funding.is_some();
    Ok(others.into_iter().filter(|(_, other)| counts(other)).map(|(id, _)| id).collect())
}

/// Does what the proposal is about; false when nothing is to be done any more.
fn take_effect(
    ctx: &mut Ctx,
    id: u64,
    proposal: &Proposal,
    content: &Content,
    request: Option<Request>,
) -> Result<bool> {
    let blocks = request.map_or(0, |request| request.blocks);
    match content {
        Content::Text => Ok(()),
        Content::RequestFeature(feature) => slots::grant(ctx, &proposal.dao, *feature, id, blocks),
        Content::CoreSlot(slot) => return seat(ctx, id, proposal, *slot, blocks),
        Content::Improvement(actions) => upgrade::apply(ctx, id, actions, proposal.tallied_height),
        Content::RevokeCoreSlot(slot, sitting) => slots::revoke(ctx, *slot, sitting),
    }?;
    Ok(true)
}

fn seat(ctx: &mut Ctx, id: u64, proposal: &Proposal, slot: Slot, blocks: u64) -> Result<bool> {
    let claim = Claim {
        dao: proposal.dao,
        slot,
        proposal_id: id,
        cycle: proposal.cycle,
        net_yes: proposal.tally.net_yes(),
        blocks,
    };
    slots::seat(ctx, &claim)
}

fn start_funding(ctx: &mut Ctx, id: u64, proposal: &Proposal, request: Option<Request>) -> Result<()> {
    match request.filter(|request| !request.rate.is_zero()) {
        Some(request) => {
            let net_yes = proposal.tally.net_yes();
            funding::start(ctx, &Grant { proposal_id: id, dao: proposal.dao, request, net_yes })
        }
        None => Ok(()),
    }
}
