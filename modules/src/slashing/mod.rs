//! Liveness and evidence (§8): who misses too many commits is jailed, who signs twice is slashed and tombstoned.
//!
//! Jail and tombstones stand in the validator's record (`staking`); here stand the windows, by consensus address, and the
//! evidence.

mod evidence;
mod genesis;
mod invariants;
mod liveness;
mod msgs;
mod params;
mod queries;
pub mod state;
#[cfg(test)]
mod tests;
pub mod types;
mod window;

pub use msgs::can_unjail;
pub use params::{check_evidence_age, default_params, params, validate_params, MAX_JAIL_SECONDS, MAX_WINDOW};

use crate::kernel::{
    message_from_json, message_to_json, Address, Ctx, Module, QueryRoutes, Result, Routes, View,
};
use cosmos_sdk_proto::cosmos::slashing::v1beta1::MsgUnjail;
use jmes_proto::Timestamp;
use serde_json::Value;

/// The module.
pub struct Slashing;

/// Until when the tombstoned are jailed, as the Cosmos SDK shows it: 9999-12-31T23:59:59Z.
const NEVER: Timestamp = Timestamp { seconds: 253_402_300_799, nanos: 0 };

impl Module for Slashing {
    fn name(&self) -> &'static str {
        "slashing"
    }
    fn messages(&self, routes: &mut Routes) {
        routes.add::<MsgUnjail>("/cosmos.slashing.v1beta1.MsgUnjail");
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
    fn set_params(&self, ctx: &mut Ctx, params: &Value) -> Result<()> {
        let params = message_from_json(params)?;
        params::check_change(ctx, &params).map_err(|error| error.context("slashing"))?;
        state::PARAMS.save(ctx, &params)
    }
    /// Every seat has a window; counters of missed commits are the numbers of bits set; evidence stands under its hash, and its
    /// validator is tombstoned; evidence is accepted as long as coins unbond.
    fn check_invariants(&self, view: &View) -> Result<()> {
        invariants::check(view)
    }
}

/// Evidence, then liveness (§15 step 2).
pub fn begin_block(ctx: &mut Ctx) -> Result<()> {
    evidence::judge_misbehavior(ctx)?;
    let rules = params::Rules::in_force(ctx)?;
    liveness::judge_commit(ctx, &rules)
}

/// A validator was seated: its window starts anew (§8).
pub fn start_window(ctx: &mut Ctx, operator: &Address) -> Result<()> {
    liveness::start_window(ctx, operator)
}

/// `time` in nanoseconds since 1970 as messages carry it.
fn timestamp(time: u64) -> Timestamp {
    const SECOND: u64 = 1_000_000_000;
    Timestamp {
        seconds: i64::try_from(time / SECOND).unwrap_or(i64::MAX),
        nanos: i32::try_from(time % SECOND).unwrap_or(0),
    }
}
