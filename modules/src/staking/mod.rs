//! Validators and bonds (§5, §6 messages, §8). Who of the validators is in the engine's set is the business of `seats`.

mod bonds;
mod convert;
mod error;
mod genesis;
mod genesis_details;
mod history;
mod invariants;
mod jail;
mod msgs;
mod msgs_bonds;
mod queries;
mod queries_bonds;
mod redelegation;
mod registry;
mod slashes;
pub mod state;
#[cfg(test)]
mod tests;
mod unbonding;
mod validator;

pub use bonds::{bond, bonded, bonds_of, shares_of, MAX_SHARES};
pub use convert::{commission, consensus_key, consensus_key_to_proto, ED25519_TYPE};
pub use error::*;
pub use history::record_history;
pub use jail::{check_can_unjail, jail, tombstone, unjail};
pub use redelegation::{settle_slashed, RedelegationEntry};
pub use registry::{by_consensus, create, ranking, require, save, validator, NewValidator};
pub use slashes::{slash, Slash};
pub use unbonding::{unbonding, UnbondingEntry};
pub use validator::{consensus_address, Commission, Validator};

use crate::kernel::{
    message_from_json, message_to_json, Amount, Ctx, Decimal, Module, QueryRoutes, Result, Routes, View,
};
use crate::{consensus, upgrade, BASE_DENOM};
use cosmos_sdk_proto::cosmos::staking::v1beta1::{
    MsgBeginRedelegate, MsgCancelUnbondingDelegation, MsgCreateValidator, MsgDelegate, MsgEditValidator,
    MsgUndelegate, Params,
};
use error::invalid;
use serde_json::Value;
use tendermint_proto::google::protobuf::Duration;

/// The module.
pub struct Staking;

impl Module for Staking {
    fn name(&self) -> &'static str {
        "staking"
    }
    /// Parameters change by Improvement (§14): there is no MsgUpdateParams.
    fn messages(&self, routes: &mut Routes) {
        routes.add::<MsgCreateValidator>("/cosmos.staking.v1beta1.MsgCreateValidator");
        routes.add::<MsgEditValidator>("/cosmos.staking.v1beta1.MsgEditValidator");
        routes.add::<MsgDelegate>("/cosmos.staking.v1beta1.MsgDelegate");
        routes.add::<MsgBeginRedelegate>("/cosmos.staking.v1beta1.MsgBeginRedelegate");
        routes.add::<MsgUndelegate>("/cosmos.staking.v1beta1.MsgUndelegate");
        routes.add::<MsgCancelUnbondingDelegation>("/cosmos.staking.v1beta1.MsgCancelUnbondingDelegation");
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
        check_params(&params)?;
        check_unbonding_time(ctx, &params)?;
        state::PARAMS.save(ctx, &params)
    }
    /// The number of seats is a parameter of `seats`.
    fn immutable_params(&self) -> &'static [&'static str] {
        &["max_validators", "bond_denom"]
    }
    fn check_invariants(&self, view: &View) -> Result<()> {
        invariants::check(view)
    }
}

/// Parameters when genesis says nothing (§1, §8).
pub fn default_params() -> Params {
    Params {
        unbonding_time: Some(Duration { seconds: 1_814_400, nanos: 0 }),
        max_validators: 100,
        max_entries: 7,
        historical_entries: 10_000,
        bond_denom: BASE_DENOM.into(),
        min_commission_rate: "0".into(),
    }
}

/// The parameters in force.
pub fn params(view: &View) -> Result<Params> {
    Ok(state::PARAMS.load(view)?.unwrap_or_else(default_params))
}

/// The most unbonding entries of a pair: their settlement is work in one message.
const MAX_ENTRIES: u32 = 100;
/// The longest history, in blocks: two of them are forgotten in a block at most.
const MAX_HISTORY: u32 = 1_000_000;
/// The shortest unbonding time that an improvement can set, unless genesis has a shorter one: 21 days in nanoseconds (§1).
const MIN_UNBONDING_TIME: u64 = 1_814_400_000_000_000;
/// The longest: 365 days in nanoseconds.
const MAX_UNBONDING_TIME: u64 = 31_536_000_000_000_000;

/// Checks the bounds of an unbonding time that an improvement sets (§1): from 21 days, or what genesis has when that is less,
/// to as long as the engine accepts evidence.
fn check_unbonding_time(view: &View, params: &Params) -> Result<()> {
    let time = nanoseconds(params.unbonding_time.as_ref());
    let least = upgrade::at_genesis(view, &Staking, "unbonding_time")?;
    let least = least.and_then(|time| u64::try_from(time).ok()).unwrap_or(u64::MAX).min(MIN_UNBONDING_TIME);
    let evidence = consensus::evidence_age(view)?.unwrap_or(u64::MAX);
    let most = evidence.min(MAX_UNBONDING_TIME);
    if (least..=most).contains(&time) {
        return Ok(());
    }
    Err(invalid(format!(
        "staking: params: unbonding_time is {time} ns; it must be from {least} ns to {most} ns, and evidence must be accepted for as long"
    )))
}

/// Refuses parameters that the module can't work with.
pub fn check_params(params: &Params) -> Result<()> {
    let refuse = |why: String| Err(invalid(format!("staking: params: {why}")));
    let time = params.unbonding_time.unwrap_or_default();
    if time.seconds < 0 || !(0..1_000_000_000).contains(&time.nanos) || (time.seconds, time.nanos) == (0, 0) {
        return refuse(format!(
            "unbonding_time is {} s and {} ns; it must be positive",
            time.seconds, time.nanos
        ));
    }
    if params.bond_denom != BASE_DENOM {
        return refuse(format!("bond_denom is \"{}\"; only {BASE_DENOM} is bonded", params.bond_denom));
    }
    if params.max_validators == 0 {
        return refuse("max_validators must be at least 1".into());
    }
    if !(1..=MAX_ENTRIES).contains(&params.max_entries) {
        return refuse(format!("max_entries is {}; it must be from 1 to {MAX_ENTRIES}", params.max_entries));
    }
    if params.historical_entries > MAX_HISTORY {
        let why = format!(
            "historical_entries is {}; it must be from 0 to {MAX_HISTORY}",
            params.historical_entries
        );
        return refuse(why);
    }
    let least = Decimal::from_proto(&params.min_commission_rate)
        .map_err(|error| error.context("staking: params: min_commission_rate"))?;
    if least > Decimal::ONE {
        return refuse("min_commission_rate is more than 1".into());
    }
    Ok(())
}

/// Forgets redelegations that have aged, then pays out what has finished unbonding, which may owe for them (§15 step 3).
pub fn mature(ctx: &mut Ctx) -> Result<()> {
    redelegation::complete(ctx)?;
    unbonding::complete(ctx)
}

/// The sum of all validators' tokens, in Nils: the supply of `bujmes`.
pub fn total_bonded(view: &View) -> Result<Amount> {
    Ok(state::TOTAL_BONDED.load(view)?.unwrap_or_default())
}

/// The sum of all unbonding entries, in Nils; a slash of theirs is burnt when they are settled (§8).
pub fn total_unbonding(view: &View) -> Result<Amount> {
    Ok(state::TOTAL_UNBONDING.load(view)?.unwrap_or_default())
}

/// How long unbonding takes, in nanoseconds.
pub fn unbonding_time(view: &View) -> Result<u64> {
    Ok(nanoseconds(params(view)?.unbonding_time.as_ref()))
}

fn nanoseconds(duration: Option<&Duration>) -> u64 {
    let part = |number| u64::try_from(number).unwrap_or(0);
    duration.map_or(0, |time| {
        part(time.seconds).saturating_mul(1_000_000_000).saturating_add(part(time.nanos.into()))
    })
}

/// How many unbonding entries a pair, and how many redelegations a triple can have.
fn entries_limit(view: &View) -> Result<usize> {
    Ok(usize::try_from(params(view)?.max_entries).unwrap_or(usize::MAX))
}

/// The id of a new unbonding entry or redelegation.
fn next_entry(ctx: &mut Ctx) -> Result<u64> {
    let id = state::LAST_ENTRY.load(ctx)?.unwrap_or(0).saturating_add(1);
    state::LAST_ENTRY.save(ctx, &id)?;
    Ok(id)
}
