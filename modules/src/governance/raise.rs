//! Raising and withdrawing proposals (§11, §12, §13, §14).

use super::cycle::{cycle, moment, Cycle, Phase};
use super::error::{invalid, refused, NOT_A_CORE_DAO, NOT_A_DAO, NOT_RAISING, WITHDRAWN};
use super::types::{Body, Content, FundingRequest, Proposal, Tally};
use super::{params, proposals_of_dao, request, require, state};
use crate::funding::{self, Request};
use crate::kernel::{check_text, codes, Address, Amount, Ctx, Error, Event, Result, View};
use crate::{bank, dao, slots, upgrade};
use jmes_proto::jmes::governance::v1::proposal::Status;
use std::ops::RangeInclusive;

const TITLE: RangeInclusive<usize> = 4..=64;
const DESCRIPTION: RangeInclusive<usize> = 4..=10_000;

/// Raises a proposal of `dao` and burns its price; gives the proposal's id.
pub(super) fn raise(ctx: &mut Ctx, dao: &Address, body: &Body, asked: Option<FundingRequest>) -> Result<u64> {
    let now = check_raising(ctx)?;
    if dao::dao(ctx, dao)?.is_none() {
        return Err(refused(NOT_A_DAO, format!("{dao} is not a DAO; only DAOs raise proposals")));
    }
    check_text("title", &body.title, TITLE).map_err(invalid)?;
    check_text("description", &body.description, DESCRIPTION).map_err(invalid)?;
    check_content(ctx, dao, &body.content, asked)?;
    if let Some(asked) = asked {
        let this = funding::request(ctx, asked.amount, asked.months)?;
        let slot = match body.content {
            Content::CoreSlot(slot) => Some(slot),
            _ => None,
        };
        funding::check_raise(ctx, &others(ctx, dao, now.index)?, this, slot)?;
    }
    let id = add(ctx, dao, now.index, body, asked)?;
    bank::burn(ctx, dao, Amount::parse(&params(ctx)?.proposal_burn)?)?;
    ctx.emit(
        Event::new("governance_proposal_raised")
            .with("proposal_id", id)
            .with("dao", dao)
            .with("kind", body.content.kind().as_str_name())
            .with("cycle", now.index),
    );
    Ok(id)
}

/// Takes a proposal back while raising lasts; nothing is refunded.
pub(super) fn withdraw(ctx: &mut Ctx, dao: &Address, id: u64) -> Result<()> {
    let proposal = require(ctx, id)?;
    if proposal.dao != *dao {
        let why = format!("proposal {id} was raised by {}; {dao} can't withdraw it", proposal.dao);
        return Err(Error::sdk(codes::UNAUTHORIZED, why));
    }
    if proposal.status == Status::Withdrawn {
        return Err(refused(WITHDRAWN, format!("proposal {id} was withdrawn already")));
    }
    let now = check_raising(ctx)?;
    if proposal.cycle != now.index {
        let why = format!("proposal {id} is of cycle {}, it can't be withdrawn any more", proposal.cycle);
        return Err(refused(NOT_RAISING, why));
    }
    state::PROPOSALS.save(ctx, &id, &Proposal { status: Status::Withdrawn, ..proposal })?;
    ctx.emit(Event::new("governance_proposal_withdrawn").with("proposal_id", id).with("dao", dao));
    Ok(())
}

/// Saves a new proposal of a cycle.
pub(super) fn add(
    ctx: &mut Ctx,
    dao: &Address,
    cycle: u64,
    body: &Body,
    funding: Option<FundingRequest>,
) -> Result<u64> {
    let id = state::LAST_ID.load(ctx)?.unwrap_or(0).saturating_add(1);
    let proposal = Proposal {
        dao: *dao,
        cycle,
        kind: body.content.kind(),
        funding,
        status: Status::Raised,
        tally: Tally::default(),
        raised_height: ctx.block().height,
        tallied_height: 0,
        concluded_height: 0,
    };
    save_new(ctx, id, &proposal, body)?;
    Ok(id)
}

/// Saves the proposal that comes after all others, with all that lists it.
pub(super) fn save_new(ctx: &mut Ctx, id: u64, proposal: &Proposal, body: &Body) -> Result<()> {
    state::LAST_ID.save(ctx, &id)?;
    state::PROPOSALS.save(ctx, &id, proposal)?;
    state::BODIES.save(ctx, &id, body)?;
    state::BY_CYCLE.save(ctx, &(proposal.cycle, id), &())?;
    state::BY_DAO.save(ctx, &(proposal.dao, (proposal.cycle, id)), &())
}

fn check_raising(view: &View) -> Result<Cycle> {
    let now = cycle(view)?;
    if now.phase == Phase::Raising {
        return Ok(now);
    }
    let Cycle { index, end, .. } = now;
    let why = format!("raising in cycle {index} is over, voting lasts until {}", moment(end));
    Err(refused(NOT_RAISING, why))
}

/// What depends on the content: whether funding is needed or forbidden, and whether it could be done now.
fn check_content(
    ctx: &mut Ctx,
    dao: &Address,
    content: &Content,
    asked: Option<FundingRequest>,
) -> Result<()> {
    let kind = content.kind().as_str_name();
    match content {
        Content::RequestFeature(_) | Content::CoreSlot(_) if asked.is_none() => {
            Err(invalid(format!("{kind} needs funding, which says for how long; the amount may be 0")))
        }
        Content::Improvement(_) | Content::RevokeCoreSlot(..) if asked.is_some() => {
            Err(invalid(format!("{kind} can't be funded; leave funding out")))
        }
        Content::Text | Content::RequestFeature(_) => Ok(()),
        Content::CoreSlot(slot) => slots::check_seat(ctx, dao, *slot),
        Content::RevokeCoreSlot(slot, sitting) => slots::check_revoke(ctx, *slot, sitting),
        Content::Improvement(actions) => {
            if slots::slot_of(ctx, dao)?.is_none() && !upgrade::improvements_open(ctx)? {
                let why = format!("{dao} sits in no core slot; raising improvements is not open to all DAOs");
                return Err(refused(NOT_A_CORE_DAO, why));
            }
            upgrade::check(ctx, actions)
        }
    }
}

/// What the DAO's proposals of the cycle request, those that were withdrawn left out.
fn others(view: &View, dao: &Address, cycle: u64) -> Result<Vec<Request>> {
    let proposals = proposals_of_dao(view, dao, cycle)?;
    let open = proposals.iter().filter(|(_, other)| other.status != Status::Withdrawn);
    open.filter_map(|(_, other)| request(view, other).transpose()).collect()
}
