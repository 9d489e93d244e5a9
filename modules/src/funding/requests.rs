//! Requests, and how much one DAO may request in a cycle (§12).

use super::{params, plan::Limits, state, FUNDING, MONTHS_OUT_OF_RANGE};
use super::{RATE_TOO_SMALL, SLOT_SHARE_EXCEEDED, TOO_MUCH_REQUESTED};
use crate::emission::{self, Settings};
use crate::governance::{self, Cycle};
use crate::kernel::{Amount, Error, Result, View};
use crate::slots::Slot;

/// What a proposal requests, per block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// What is due in a block, in Nils; 0 when the request only carries the period.
    pub rate: Amount,
    /// For how many issuance heights.
    pub blocks: u64,
}

/// The request of `amount` Nils over `months`: rate = floor(amount / N) (§12). Refused when months are out of range or the rate
/// of a positive amount is 0.
pub fn request(view: &View, amount: Amount, months: u32) -> Result<Request> {
    let most = params(view)?.max_months;
    if !(1..=most).contains(&months) {
        let why = format!("a period of {months} months can't be requested; it must be from 1 to {most}");
        return Err(Error::new(FUNDING, MONTHS_OUT_OF_RANGE, why));
    }
    raised_request(view, amount, months)
}

/// The same for a proposal that was raised, when the months were in range; the parameter may have changed since.
pub fn raised_request(view: &View, amount: Amount, months: u32) -> Result<Request> {
    let blocks = emission::blocks_in_months(view, months.into())?;
    let rate = Amount(amount.0.checked_div(blocks.into()).unwrap_or(0));
    if blocks == 0 || (rate.is_zero() && !amount.is_zero()) {
        let why = format!(
            "{amount} Nils over {months} months are less than 1 Nil in each of {blocks} blocks; request at least {} Nils, or 0",
            blocks.max(1)
        );
        return Err(Error::new(FUNDING, RATE_TOO_SMALL, why));
    }
    Ok(Request { rate, blocks })
}

/// Refused when `this` and the DAO's `others` of the cycle (open ones) together ask too much, or a request for `slot` more than
/// the slot's share, as if concluded at the last moment (§12).
pub fn check_raise(view: &View, others: &[Request], this: Request, slot: Option<Slot>) -> Result<()> {
    let (n, time) = (emission::issuance_height(view)?, view.block().time);
    let concluded = last_conclusion(n, time, &governance::cycle(view)?, &emission::settings(view)?);
    let due = |request: &Request| (request.rate, concluded.saturating_add(request.blocks));
    check(view, others.iter().map(due), due(&this), slot)
}

/// The same when it is concluded now; `others` are the DAO's already concluded proposals of that cycle, by id (§12).
pub fn check_conclude(view: &View, others: &[u64], this: Request, slot: Option<Slot>) -> Result<()> {
    let mut concluded = Vec::with_capacity(others.len());
    for proposal in others {
        concluded.extend(state::STREAMS.load(view, proposal)?.map(|stream| (stream.rate, stream.last)));
    }
    let last = emission::issuance_height(view)?.saturating_add(this.blocks);
    check(view, concluded.into_iter(), (this.rate, last), slot)
}

/// The highest issuance height at which a proposal that is raised at `n` and block time `time` can be concluded: the chain can't
/// be faster until the end of the next cycle (§12).
pub(super) fn last_conclusion(n: u64, time: u64, cycle: &Cycle, settings: &Settings) -> u64 {
    let end = cycle.end.saturating_add(cycle.end.saturating_sub(cycle.start));
    let on_pace = end.saturating_sub(time).checked_div(settings.block_time).unwrap_or(0);
    let credit = settings.pace_credit.checked_div(settings.block_time).unwrap_or(0);
    n.saturating_add(credit).saturating_add(on_pace)
}

/// Rates with the last heights at which they are due, against the lowest budget until then. It never rises (§2).
fn check(
    view: &View,
    others: impl Iterator<Item = (Amount, u64)>,
    this: (Amount, u64),
    slot: Option<Slot>,
) -> Result<()> {
    let (rate, mut last) = this;
    if rate.is_zero() {
        return Ok(());
    }
    let mut sum = rate;
    for (rate, due) in others.filter(|(rate, _)| !rate.is_zero()) {
        sum = sum.plus(rate)?;
        last = last.max(due);
    }
    let params = params(view)?;
    let limits = Limits::of(emission::dao_budget_at(view, last)?, &params)?;
    let (budget, percent) = (limits.budget, params.max_request_percent);
    let most = budget.times(percent.into(), 100)?;
    if sum > most {
        let why = format!(
            "the requests of this DAO in this cycle are {sum} Nils a block together; it may request {most}, {percent}% of the DAO budget of {budget} Nils at issuance height {last}"
        );
        return Err(Error::new(FUNDING, TOO_MUCH_REQUESTED, why));
    }
    match slot {
        Some(slot) if rate > limits.slot(slot) => {
            let (share, name) = (limits.slot(slot), slot.name());
            let why = format!(
                "{rate} Nils a block are more than the share of the {name} slot, {share} Nils at issuance height {last}"
            );
            Err(Error::new(FUNDING, SLOT_SHARE_EXCEEDED, why))
        }
        _ => Ok(()),
    }
}
