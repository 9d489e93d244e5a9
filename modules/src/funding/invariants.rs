//! What must always hold of funding (§12).

use super::plan::{Limits, Plan, Walk};
use super::state::{self, Stream};
use super::{params, require};
use crate::emission;
use crate::kernel::{codes, Amount, Error, Result, View};
use crate::slots::Slot;
use jmes_proto::jmes::funding::v1::Outcome;

/// Indexes agree with the streams; nobody was paid in more blocks than it was due, nor all together more than the DAO budgets so
/// far; the plan is what the rules give, within budget, caps and shares.
pub(super) fn check(view: &View) -> Result<()> {
    check_streams(view)?;
    let (plan, payments) = (state::PLAN.load(view)?, state::PAYMENTS.load(view)?);
    if let Some(plan) = &plan {
        check_plan(view, plan)?;
    }
    if payments != plan.map(|plan| plan.payments()) {
        return Err(broken("the payments are not the plan's".into()));
    }
    Ok(())
}

fn check_streams(view: &View) -> Result<()> {
    let n = emission::issuance_height(view)?;
    let streams = state::STREAMS.scan(view, &[], None, false, usize::MAX)?;
    let (mut due, mut paid) = (0_usize, Amount::ZERO);
    for (id, stream) in &streams {
        let Stream { dao, position, first, last, .. } = stream;
        let listed = state::ORDER.load(view, position)? == Some(*id)
            && state::OF_DAO.load(view, &(*dao, *position))? == Some(*id);
        let blocks = n.min(*last).saturating_add(1).saturating_sub(*first);
        let in_blocks = stream.paid_until(n);
        let queued = state::DUE.load(view, &(*last, *position))?;
        if !listed || in_blocks > blocks || queued.is_some_and(|other| other != *id) {
            return Err(broken(format!(
                "the stream of proposal {id} was due in {blocks} blocks and paid in {in_blocks}, or is not listed"
            )));
        }
        if queued.is_none() && stream.paid_since != 0 {
            return Err(broken(format!("the stream of proposal {id} has ended and is being paid")));
        }
        due = due.saturating_add(usize::from(queued.is_some()));
        paid = paid.plus(stream.total_paid(n)?)?;
    }
    let queue = state::DUE.scan(view, &[], None, false, usize::MAX)?.len();
    let order = state::ORDER.scan(view, &[], None, false, usize::MAX)?.len();
    let of_dao = state::OF_DAO.scan(view, &[], None, false, usize::MAX)?.len();
    if (queue, order, of_dao) != (due, streams.len(), streams.len()) {
        return Err(broken(format!(
            "{} streams, {due} due; their lists have {order}, {of_dao} and {queue}",
            streams.len()
        )));
    }
    let settings = emission::settings(view)?;
    let before = settings.schedule.at(settings.idp_blocks)?.issued;
    let issued = emission::issued(view)?.minus(before).unwrap_or_default();
    let most = issued.times(settings.dao_share_percent.into(), 100)?;
    if paid > most {
        return Err(broken(format!("{paid} Nils were paid, all DAO budgets so far are at most {most}")));
    }
    Ok(())
}

fn check_plan(view: &View, plan: &Plan) -> Result<()> {
    let mut walk = Walk::new(&plan.limits);
    let mut sums = Limits::default();
    for entry in &plan.entries {
        let outcome = walk.next(entry.rate, entry.slot).outcome;
        let stream = require(view, entry.proposal_id)?;
        if entry.paid != (outcome == Outcome::Paid) || (stream.dao, stream.rate) != (entry.dao, entry.rate) {
            return Err(broken(format!(
                "the plan of proposal {} is not what the rules give",
                entry.proposal_id
            )));
        }
        if entry.paid {
            add(&mut sums, entry.rate, entry.slot)?;
        }
    }
    let Limits { budget, core, non_core, slots } = plan.limits;
    let within = sums.budget <= budget && sums.core <= core && sums.non_core <= non_core;
    if !within || sums.slots.iter().zip(&slots).any(|(paid, share)| paid > share) {
        return Err(broken(format!("the plan pays {sums:?}, its limits are {:?}", plan.limits)));
    }
    if state::STALE.load(view)?.is_some() {
        return Ok(());
    }
    let fresh = Limits::of(emission::dao_budget_at(view, emission::issuance_height(view)?)?, &params(view)?)?;
    let due = state::DUE.scan(view, &[], None, false, usize::MAX)?;
    if fresh != plan.limits || due.len() != plan.entries.len() {
        return Err(broken(format!("the plan has {:?} and should have {fresh:?}", plan.limits)));
    }
    Ok(())
}

fn add(sums: &mut Limits, rate: Amount, slot: Option<Slot>) -> Result<()> {
    sums.budget = sums.budget.plus(rate)?;
    let group = if slot.is_some() { &mut sums.core } else { &mut sums.non_core };
    *group = group.plus(rate)?;
    for (sum, of) in sums.slots.iter_mut().zip(Slot::ALL) {
        if slot == Some(of) {
            *sum = sum.plus(rate)?;
        }
    }
    Ok(())
}

fn broken(why: String) -> Error {
    Error::sdk(codes::LOGIC, format!("funding: {why}"))
}
