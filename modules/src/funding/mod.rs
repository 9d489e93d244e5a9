//! Funding: what governance has granted is paid in every block out of the DAO budget (§12).
//!
//! A [`Grant`] becomes a stream, due in a fixed number of issuance heights. Which of the streams are paid, in which order, is
//! the plan: it is made anew only when the streams, a seat in a slot, the budget or a parameter changed. What a stream was paid
//! so far is written down only when that changes, so that a block writes nothing but the payments themselves.

mod error;
mod genesis;
mod invariants;
mod params;
mod plan;
mod queries;
mod requests;
pub mod state;
#[cfg(test)]
mod tests;

pub use error::*;
pub use params::{check_params, defaults, params};
pub use plan::{Entry, Limits, Plan, Step, Walk};
pub use requests::{check_conclude, check_raise, raised_request, request, Request};

use crate::kernel::{
    codes, message_from_json, message_to_json, Address, Amount, Ctx, Error, Event, Module, QueryRoutes,
    Result, View,
};
use crate::{bank, emission, slots};
use jmes_proto::jmes::funding::v1::Outcome;
use state::{is_due, Stream};
use std::cmp::Reverse;

/// The module.
pub struct Funding;

impl Module for Funding {
    fn name(&self) -> &'static str {
        "funding"
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
        params::set(ctx, &message_from_json(params)?)
    }
    fn check_invariants(&self, view: &View) -> Result<()> {
        invariants::check(view)
    }
}

/// A request that governance granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The governance proposal.
    pub proposal_id: u64,
    /// Who is paid.
    pub dao: Address,
    /// What, and for how long.
    pub request: Request,
    /// Yes minus no at the tally, in Nils: the rank.
    pub net_yes: Amount,
}

/// Begins to pay from the next issuance height on. Nothing for a rate of 0.
pub fn start(ctx: &mut Ctx, grant: &Grant) -> Result<()> {
    let Grant { proposal_id, dao, request, net_yes } = *grant;
    if request.rate.is_zero() {
        return Ok(());
    }
    if state::STREAMS.has(ctx, &proposal_id)? {
        let why = format!("proposal {proposal_id} was to be funded twice");
        return Err(Error::sdk(codes::LOGIC, why));
    }
    let n = emission::issuance_height(ctx)?;
    let latest = state::ORDER.scan(ctx, &[], None, true, 1)?;
    let stream = Stream {
        dao,
        rate: request.rate,
        first: n.saturating_add(1),
        last: n.saturating_add(request.blocks),
        net_yes,
        position: latest.first().map_or(0, |(position, _)| *position).saturating_add(1),
        paid_blocks: 0,
        paid_since: 0,
    };
    insert(ctx, proposal_id, &stream, true)?;
    let event = Event::new("funding_started").with("proposal_id", proposal_id).with("dao", dao);
    let event = event.with("rate", stream.rate).with("first_height", stream.first);
    ctx.emit(event.with("last_height", stream.last));
    refresh(ctx)
}

/// Stores a new stream with its indexes.
fn insert(ctx: &mut Ctx, proposal_id: u64, stream: &Stream, due: bool) -> Result<()> {
    state::STREAMS.save(ctx, &proposal_id, stream)?;
    state::ORDER.save(ctx, &stream.position, &proposal_id)?;
    state::OF_DAO.save(ctx, &(stream.dao, stream.position), &proposal_id)?;
    if due {
        state::DUE.save(ctx, &(stream.last, stream.position), &proposal_id)?;
    }
    Ok(())
}

/// Ends a proposal's funding: nothing is due any more from the next issuance height on. Nothing if it has none, or its last
/// height has passed. Transactions call this, after the block's payments; what ends by itself needs nobody.
pub fn end(ctx: &mut Ctx, proposal_id: u64) -> Result<()> {
    match state::STREAMS.load(ctx, &proposal_id)? {
        Some(stream) if is_due(ctx, &stream)? => close(ctx, proposal_id, stream),
        _ => Ok(()),
    }
}

fn close(ctx: &mut Ctx, proposal_id: u64, stream: Stream) -> Result<()> {
    state::DUE.remove(ctx, &(stream.last, stream.position))?;
    let last = stream.last.min(emission::issuance_height(ctx)?);
    let ended = Stream { last, paid_blocks: stream.paid_until(last), paid_since: 0, ..stream };
    state::STREAMS.save(ctx, &proposal_id, &ended)?;
    let event = Event::new("funding_ended").with("proposal_id", proposal_id).with("dao", ended.dao);
    let event = event.with("last_height", last).with("total_paid", ended.total_paid(last)?);
    ctx.emit(event.with("missed_blocks", ended.missed(last)));
    refresh(ctx)
}

/// Has the plan made anew before the next payment: somebody took or left a slot, or a parameter changed.
pub fn refresh(ctx: &mut Ctx) -> Result<()> {
    state::STALE.save(ctx, &())
}

/// Takes out what was due for the last time at n - 1 (§15 step 5).
pub fn end_streams(ctx: &mut Ctx) -> Result<()> {
    while let Some(((last, _), proposal_id)) = state::DUE.scan(ctx, &[], None, false, 1)?.pop() {
        if last >= emission::issuance_height(ctx)? {
            break;
        }
        end(ctx, proposal_id)?;
    }
    Ok(())
}

/// Pays what is due in this block (§12, §15 step 6). An unpaced block pays nothing.
pub fn pay(ctx: &mut Ctx) -> Result<()> {
    let (stale, payments) = (state::STALE.load(ctx)?.is_some(), state::PAYMENTS.load(ctx)?);
    if payments.is_none() && !stale {
        return Ok(());
    }
    let clock = emission::clock(ctx)?;
    if !clock.paced {
        return Ok(());
    }
    let budget = emission::block_reward(ctx)?.dao_budget;
    let payments = match payments {
        Some(payments) if !stale && payments.limits.budget == budget => payments,
        _ => make_plan(ctx, clock.n, budget)?.payments(),
    };
    for entry in &payments.entries {
        bank::mint(ctx, &entry.dao, entry.rate)?;
        ctx.emit_with(|| {
            let event = Event::new("funding_paid").with("proposal_id", entry.proposal_id);
            event.with("dao", entry.dao).with("amount", format!("{}{}", entry.rate, crate::BASE_DENOM))
        });
    }
    Ok(())
}

/// Makes the plan from issuance height `n` on, and writes down whose payments begin and stop.
fn make_plan(ctx: &mut Ctx, n: u64, budget: Amount) -> Result<Plan> {
    let mut due = Vec::new();
    for (_, proposal_id) in state::DUE.scan(ctx, &[], None, false, usize::MAX)? {
        due.push((proposal_id, require(ctx, proposal_id)?));
    }
    due.sort_unstable_by_key(|(proposal_id, stream)| {
        (Reverse(stream.net_yes), stream.position, *proposal_id)
    });
    let limits = Limits::of(budget, &params(ctx)?)?;
    let mut walk = Walk::new(&limits);
    let mut entries = Vec::with_capacity(due.len());
    for (proposal_id, mut stream) in due {
        let (dao, rate) = (stream.dao, stream.rate);
        let slot = slots::slot_of(ctx, &dao)?;
        let outcome = walk.next(rate, slot).outcome;
        let paid = outcome == Outcome::Paid;
        let changes = stream.note(paid, n);
        if changes {
            state::STREAMS.save(ctx, &proposal_id, &stream)?;
        }
        if changes || stream.first == n {
            let event = Event::new("funding_planned").with("proposal_id", proposal_id).with("dao", dao);
            ctx.emit(event.with("outcome", outcome.as_str_name()));
        }
        entries.push(Entry { proposal_id, dao, rate, slot, paid });
    }
    let plan = Plan { limits, entries };
    state::STALE.remove(ctx)?;
    save_plan(ctx, &plan)?;
    Ok(plan)
}

fn save_plan(ctx: &mut Ctx, plan: &Plan) -> Result<()> {
    if plan.entries.is_empty() {
        state::PLAN.remove(ctx)?;
        return state::PAYMENTS.remove(ctx);
    }
    state::PLAN.save(ctx, plan)?;
    state::PAYMENTS.save(ctx, &plan.payments())
}

fn require(view: &View, proposal_id: u64) -> Result<Stream> {
    let none = || Error::sdk(codes::LOGIC, format!("the stream of proposal {proposal_id} is missing"));
    state::STREAMS.load(view, &proposal_id)?.ok_or_else(none)
}
