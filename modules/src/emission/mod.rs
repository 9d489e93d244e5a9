//! The clock of issuance heights (§1) and the schedule of rewards (§2).

mod clock;
mod genesis;
mod params;
mod queries;
mod schedule;
pub mod state;
#[cfg(test)]
mod tests;

pub use clock::Clock;
pub use params::{default_params, Settings};
pub use schedule::{Period, Point, Schedule};

use crate::bank::{self, MAX_GENESIS_SUPPLY};
use crate::kernel::{codes, message_to_json, Amount, Ctx, Error, Event, Module, QueryRoutes, Result, View};
use crate::{rewards, BASE_DENOM};
use jmes_proto::jmes::emission::v1::Params;
use serde_json::Value;

/// The module.
pub struct Emission;

impl Module for Emission {
    fn name(&self) -> &'static str {
        "emission"
    }
    fn queries(&self, routes: &mut QueryRoutes) {
        queries::add(routes);
    }
    fn import(&self, ctx: &mut Ctx, genesis: &Value) -> Result<()> {
        genesis::import(ctx, genesis)
    }
    fn export(&self, view: &View) -> Result<Value> {
        genesis::export(view)
    }
    fn params(&self, view: &View) -> Result<Value> {
        message_to_json(&params(view)?)
    }
    /// All of them (§1).
    fn immutable_params(&self) -> &'static [&'static str] {
        &[
            "target_block_time",
            "pace_credit",
            "max_supply",
            "initial_reward",
            "reduction",
            "seconds_per_month",
            "idp_blocks",
            "dao_share_percent",
        ]
    }
    /// The clock follows the schedule, and no more exists or is owed than genesis and the schedule allow (§2).
    fn check_invariants(&self, view: &View) -> Result<()> {
        let clock = clock(view)?;
        let point = settings(view)?.schedule.at(clock.n)?;
        if clock.point != point {
            let why = format!("at n = {} the clock has {:?}, the schedule {point:?}", clock.n, clock.point);
            return Err(Error::sdk(codes::LOGIC, why));
        }
        let (supply, unredeemed) = (bank::supply(view, BASE_DENOM)?, rewards::unredeemed(view)?);
        if supply.plus(unredeemed)? > MAX_GENESIS_SUPPLY.plus(point.issued)? {
            let why = format!(
                "supply {supply} and unredeemed {unredeemed} pass {MAX_GENESIS_SUPPLY} of genesis and {} issued",
                point.issued
            );
            return Err(Error::sdk(codes::LOGIC, why));
        }
        Ok(())
    }
}

/// What the block being made creates at most (§2), in Nils; nothing in an unpaced block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BlockReward {
    /// The part of the validators.
    pub validators: Amount,
    /// The part that funds DAOs; what is not paid out is never created.
    pub dao_budget: Amount,
}

/// The parameters.
pub fn params(view: &View) -> Result<Params> {
    Ok(state::PARAMS.load(view)?.unwrap_or_else(default_params))
}

/// The parameters as numbers.
pub fn settings(view: &View) -> Result<Settings> {
    Settings::new(&params(view)?)
}

/// The clock: as of the block being made from step 4 on, else as of the last block.
pub fn clock(view: &View) -> Result<Clock> {
    match state::CLOCK.load(view)? {
        Some(clock) => Ok(clock),
        None => Clock::new(&settings(view)?),
    }
}

/// Advances the clock (§1, §15 step 4). Blocks are quiet, but for the first of a period and the last of the Initial
/// Distribution Period.
pub fn begin_block(ctx: &mut Ctx) -> Result<()> {
    let settings = settings(ctx)?;
    let before = clock(ctx)?;
    let (height, time) = (ctx.block().height, ctx.block().time);
    let clock = before.advance(&settings, height, time)?;
    state::CLOCK.save(ctx, &clock)?;
    let Clock { n, paced, point, .. } = clock;
    if paced && (n == 1 || point.period != before.point.period) {
        let event = Event::new("emission_period_started").with("period", point.period).with("n", n);
        ctx.emit(event.with("reward", point.reward));
    }
    if paced && n == settings.idp_blocks {
        ctx.emit(Event::new("idp_ended").with("n", n).with("height", height));
    }
    Ok(())
}

/// The issuance height n of the block being made (from step 4 on), or of the last one.
pub fn issuance_height(view: &View) -> Result<u64> {
    Ok(clock(view)?.n)
}

/// What the block being made creates.
pub fn block_reward(view: &View) -> Result<BlockReward> {
    let clock = clock(view)?;
    if clock.paced {
        split(&settings(view)?, clock.n, clock.point.reward)
    } else {
        Ok(BlockReward::default())
    }
}

/// The DAO budget of issuance height `n`, past or to come, in Nils. After the Initial Distribution Period it never rises.
/// O(periods).
pub fn dao_budget_at(view: &View, n: u64) -> Result<Amount> {
    let settings = settings(view)?;
    Ok(split(&settings, n, settings.schedule.at(n)?.reward)?.dao_budget)
}

/// The split of §2 of the reward of issuance height `n`.
fn split(settings: &Settings, n: u64, reward: Amount) -> Result<BlockReward> {
    if n <= settings.idp_blocks {
        return Ok(BlockReward { validators: reward, dao_budget: Amount::ZERO });
    }
    let dao_budget = reward.times(settings.dao_share_percent.into(), 100)?;
    Ok(BlockReward { validators: reward.minus(dao_budget).unwrap_or_default(), dao_budget })
}

/// C(n): the sum of all rewards so far, in Nils (§2).
pub fn issued(view: &View) -> Result<Amount> {
    Ok(clock(view)?.point.issued)
}

/// How much of a premint of `amount` Nils is unlocked: floor(amount × C(n) / E) (§3).
pub fn unlocked(view: &View, amount: Amount) -> Result<Amount> {
    settings(view)?.schedule.unlocked(amount, issued(view)?)
}

/// Whether the view's block is in the Initial Distribution Period: up to and including the first height
/// with n = the period's length (§1). What is decided from that block's end on asks [`idp_ended`].
pub fn is_idp(view: &View) -> Result<bool> {
    let (clock, last) = (clock(view)?, idp_blocks(view)?);
    Ok(clock.n < last || reaches(&clock, last, view))
}

/// Whether the Initial Distribution Period is over at this block's end: true in its last block after step 4
/// and ever after.
pub fn idp_ended(view: &View) -> Result<bool> {
    Ok(clock(view)?.n >= idp_blocks(view)?)
}

/// Whether the block being made is the Initial Distribution Period's last (after step 4). A period of length 0 has none.
pub fn is_idp_last(view: &View) -> Result<bool> {
    Ok(reaches(&clock(view)?, idp_blocks(view)?, view))
}

/// Whether the view's block is the first with issuance height `n`.
fn reaches(clock: &Clock, n: u64, view: &View) -> bool {
    clock.n == n && clock.paced && clock.height == view.block().height
}

/// The last issuance height of the Initial Distribution Period; 0 when there is none.
pub fn idp_blocks(view: &View) -> Result<u64> {
    Ok(params(view)?.idp_blocks)
}

/// How many blocks on pace there are in `months` (§1).
pub fn blocks_in_months(view: &View, months: u64) -> Result<u64> {
    settings(view)?.blocks_in_months(months)
}
