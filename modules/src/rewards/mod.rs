//! Income of validators and bonds (§7): entitlements to coins that come into being when they are redeemed.
//!
//! The validators' part of a block's reward grows one accumulator per unit of power; a validator's share of it is
//! computed when the validator is settled, a bond's share of that when the bond is redeemed. So a block costs the same
//! whatever the number of validators and bonds.
//!
//! [`unredeemed`] counts what is credited in full and loses only what is minted, so what roundings leave over stays in it,
//! and supply + unredeemed ≤ genesis supply + C(n) at every height (§2).

mod fixed;
mod genesis;
mod invariants;
mod msgs;
mod queries;
pub mod state;
#[cfg(test)]
mod tests;

pub use fixed::Fixed;

use crate::kernel::{
    codes, message_from_json, message_to_json, Address, Amount, Coin, ConsensusAddress, Ctx, Error, Event,
    Module, QueryRoutes, Result, Routes, View,
};
use crate::{bank, emission, staking, BASE_DENOM};
use cosmos_sdk_proto::cosmos::distribution::v1beta1::{
    MsgSetWithdrawAddress, MsgWithdrawDelegatorReward, MsgWithdrawValidatorCommission, Params,
};
use state::Income;

/// The module. Its messages and queries are those of `cosmos.distribution.v1beta1`.
pub struct Rewards;

/// Codes of the codespace `distribution`, as the Cosmos SDK numbers them.
pub mod distribution_codes {
    /// The codespace.
    pub const DISTRIBUTION: &str = "distribution";
    /// The delegator has no bond to the validator.
    pub const NO_DELEGATION: u32 = 5;
    /// The operator has less than 1 Nil to redeem.
    pub const NO_COMMISSION: u32 = 7;
    /// The parameters don't let withdraw addresses be set.
    pub const WITHDRAW_ADDRESS_DISABLED: u32 = 8;
}

impl Module for Rewards {
    fn name(&self) -> &'static str {
        "rewards"
    }
    fn messages(&self, routes: &mut Routes) {
        routes.add::<MsgSetWithdrawAddress>("/cosmos.distribution.v1beta1.MsgSetWithdrawAddress");
        routes.add::<MsgWithdrawDelegatorReward>("/cosmos.distribution.v1beta1.MsgWithdrawDelegatorReward");
        routes.add::<MsgWithdrawValidatorCommission>(
            "/cosmos.distribution.v1beta1.MsgWithdrawValidatorCommission",
        );
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
        genesis::check_params(&params).map_err(|error| error.context("rewards"))?;
        state::PARAMS.save(ctx, &params)
    }
    /// The rates that have no place in §7 are 0 for ever.
    fn immutable_params(&self) -> &'static [&'static str] {
        &["community_tax", "base_proposer_reward", "bonus_proposer_reward"]
    }
    fn check_invariants(&self, view: &View) -> Result<()> {
        invariants::check(view)
    }
}

/// The parameters in force. Only `withdraw_addr_enabled` has an effect: there is no community pool and no bonus for
/// proposers, so the rates are 0.
pub fn params(view: &View) -> Result<Params> {
    Ok(state::PARAMS.load(view)?.unwrap_or_else(default_params))
}

/// Takes a fee, in Nils of `ujmes`, from `payer`: it leaves supply now and becomes the proposer's
/// entitlement at the block's end (§4, §15 step 8).
pub fn charge_fee(ctx: &mut Ctx, payer: &Address, fee: Amount) -> Result<()> {
    bank::withdraw_from_supply(ctx, payer, fee)?;
    let collected = state::BLOCK_FEES.load(ctx)?.unwrap_or_default();
    state::BLOCK_FEES.save(ctx, &collected.plus(fee)?)
}

/// Credits the validators' part of the block's reward by power and the block's fees to its proposer; in the last block of
/// the Initial Distribution Period all validators with power are settled (§7, §15 step 8).
pub fn end_block(ctx: &mut Ctx) -> Result<()> {
    credit_reward(ctx)?;
    credit_fees(ctx)?;
    if emission::is_idp_last(ctx)? {
        for (operator, _) in state::POWERS.scan(ctx, &[], None, false, usize::MAX)? {
            settle(ctx, &operator)?;
        }
    }
    Ok(())
}

/// The power by which a validator earns changes (§7): it is settled first. 0 when it loses its seat.
pub fn set_power(ctx: &mut Ctx, operator: &Address, power: u64) -> Result<()> {
    let before = power_of(ctx, operator)?;
    if before == power {
        return Ok(());
    }
    settle(ctx, operator)?;
    let others = total_power(ctx)?.checked_sub(before);
    let total = others.and_then(|others| others.checked_add(power)).ok_or_else(|| {
        Error::sdk(
            codes::LOGIC,
            format!("the sum of powers with {power} of {} is out of range", operator.operator()),
        )
    })?;
    state::TOTAL_POWER.save(ctx, &total)?;
    if power == 0 {
        return state::POWERS.remove(ctx, operator);
    }
    state::POWERS.save(ctx, operator, &power)?;
    let accumulator = state::ACCUMULATOR.load(ctx)?.unwrap_or_default();
    state::INCOMES.save(ctx, operator, &Income { accumulator, ..income_of(ctx, operator)? })
}

/// Settles a validator: what it has earned so far is split between its operator and its bonds as they are now. Called before
/// its shares or its commission change (§7).
pub fn settle(ctx: &mut Ctx, operator: &Address) -> Result<()> {
    let income = settled(ctx, operator)?;
    if income != income_of(ctx, operator)? {
        state::INCOMES.save(ctx, operator, &income)?;
    }
    Ok(())
}

/// Redeems what a bond has earned, in Nils minted to the delegator's withdraw address; from here on it earns by the shares it
/// has after the change. Called after [`settle`], before a bond is created, changed or ended (§7). The fraction of a Nil is
/// dropped.
pub fn redeem(ctx: &mut Ctx, delegator: &Address, operator: &Address) -> Result<Amount> {
    let mut income = income_of(ctx, operator)?;
    let shares = staking::shares_of(ctx, delegator, operator)?;
    let bond = (*operator, *delegator);
    let start = state::BONDS.load(ctx, &bond)?;
    if start != Some(income.per_share) {
        state::BONDS.save(ctx, &bond, &income.per_share)?;
    }
    if shares == 0 {
        return Ok(Amount::ZERO);
    }
    let earned = earned_since(start, shares, &income)?;
    if !earned.is_zero() {
        income.bonds = income.bonds.minus(earned)?;
        state::INCOMES.save(ctx, operator, &income)?;
    }
    let amount = earned.floor();
    pay(ctx, delegator, amount)?;
    ctx.emit(
        Event::new("withdraw_rewards")
            .with("amount", Coin::new(BASE_DENOM, amount))
            .with("validator", operator.operator())
            .with("delegator", delegator),
    );
    Ok(amount)
}

/// Forgets a bond that has ended, after [`redeem`].
pub fn forget(ctx: &mut Ctx, delegator: &Address, operator: &Address) -> Result<()> {
    state::BONDS.remove(ctx, &(*operator, *delegator))
}

/// What [`MsgWithdrawDelegatorReward`] would redeem now, in Nils: 0 without a bond.
pub fn pending_reward(view: &View, delegator: &Address, operator: &Address) -> Result<Amount> {
    Ok(pending_of_bond(view, delegator, operator)?.floor())
}

/// What [`MsgWithdrawValidatorCommission`] would redeem now, in Nils: 0 without a validator.
pub fn pending_commission(view: &View, operator: &Address) -> Result<Amount> {
    Ok(settled(view, operator)?.commission.floor())
}

/// What the operator of the validator with this consensus key could redeem now, in Nils.
pub fn income(view: &View, address: &ConsensusAddress) -> Result<Amount> {
    match staking::by_consensus(view, address)? {
        Some(operator) => pending_commission(view, &operator),
        None => Ok(Amount::ZERO),
    }
}

/// The sum of all entitlements that are not redeemed, in Nils (§2).
pub fn unredeemed(view: &View) -> Result<Amount> {
    Ok(state::UNREDEEMED.load(view)?.unwrap_or_default())
}

/// Where the redemptions of `owner` go: its own wallet unless it said otherwise.
pub fn withdraw_address(view: &View, owner: &Address) -> Result<Address> {
    Ok(state::WITHDRAW_ADDRESSES.load(view, owner)?.unwrap_or(*owner))
}

fn default_params() -> Params {
    #[allow(deprecated, reason = "the message still carries the fields that the SDK has retired")]
    Params {
        community_tax: "0".into(),
        base_proposer_reward: "0".into(),
        bonus_proposer_reward: "0".into(),
        withdraw_addr_enabled: true,
    }
}

/// The power by which a validator earns, 0 without a seat.
pub fn power_of(view: &View, operator: &Address) -> Result<u64> {
    Ok(state::POWERS.load(view, operator)?.unwrap_or_default())
}

/// The sum of all powers.
pub fn total_power(view: &View) -> Result<u64> {
    Ok(state::TOTAL_POWER.load(view)?.unwrap_or_default())
}

fn income_of(view: &View, operator: &Address) -> Result<Income> {
    Ok(state::INCOMES.load(view, operator)?.unwrap_or_default())
}

/// Without anybody who has power the part is not created; §6 never lets that be.
fn credit_reward(ctx: &mut Ctx) -> Result<()> {
    let reward = emission::block_reward(ctx)?.validators;
    let power = total_power(ctx)?;
    if reward.is_zero() || power == 0 {
        return Ok(());
    }
    let accumulator = state::ACCUMULATOR.load(ctx)?.unwrap_or_default();
    let grown = accumulator.plus(Fixed::whole(reward).divided(power.into())?)?;
    state::ACCUMULATOR.save(ctx, &grown)?;
    owe(ctx, reward)
}

/// During the Initial Distribution Period fees are the operator's at once, so that its end needs to settle only who has
/// power. A proposer whose key nobody has is impossible; its fees would be owed to nobody for ever.
fn credit_fees(ctx: &mut Ctx) -> Result<()> {
    let Some(fees) = state::BLOCK_FEES.load(ctx)? else { return Ok(()) };
    state::BLOCK_FEES.remove(ctx)?;
    owe(ctx, fees)?;
    let Some(operator) = staking::by_consensus(ctx, &ctx.block().proposer)? else { return Ok(()) };
    let mut income = income_of(ctx, &operator)?;
    if emission::is_idp(ctx)? {
        income.commission = income.commission.plus(Fixed::whole(fees))?;
    } else {
        income.fees = income.fees.plus(fees)?;
    }
    state::INCOMES.save(ctx, &operator, &income)
}

/// The validator's income as a settlement would leave it now. What it earned is its operator's during the Initial
/// Distribution Period and while it has no shares, else the commission on it is.
fn settled(view: &View, operator: &Address) -> Result<Income> {
    let mut income = income_of(view, operator)?;
    let mut earned = Fixed::whole(income.fees);
    income.fees = Amount::ZERO;
    let power = power_of(view, operator)?;
    if power > 0 {
        let accumulator = state::ACCUMULATOR.load(view)?.unwrap_or_default();
        earned = earned.plus(accumulator.minus(income.accumulator)?.times(power.into())?)?;
        income.accumulator = accumulator;
    }
    if earned.is_zero() {
        return Ok(income);
    }
    let validator = staking::require(view, operator)?;
    let operators = if validator.shares == 0 || emission::is_idp(view)? {
        earned
    } else {
        earned.part(validator.commission.rate)?
    };
    income.commission = income.commission.plus(operators)?;
    let rest = earned.minus(operators)?;
    if !rest.is_zero() {
        income.bonds = income.bonds.plus(rest)?;
        income.per_share = income.per_share.plus(rest.divided(validator.shares)?)?;
    }
    Ok(income)
}

/// What `shares` have earned of a settled `income` since one share had earned `start`; nothing when the bond is not known.
fn earned_since(start: Option<Fixed>, shares: u128, income: &Income) -> Result<Fixed> {
    match start {
        Some(start) => income.per_share.minus(start)?.times(shares),
        None => Ok(Fixed::ZERO),
    }
}

fn pending_of_bond(view: &View, delegator: &Address, operator: &Address) -> Result<Fixed> {
    let shares = staking::shares_of(view, delegator, operator)?;
    if shares == 0 {
        return Ok(Fixed::ZERO);
    }
    let start = state::BONDS.load(view, &(*operator, *delegator))?;
    earned_since(start, shares, &settled(view, operator)?)
}

/// Redeems what is the operator's; the fraction of a Nil stays.
fn redeem_commission(ctx: &mut Ctx, operator: &Address) -> Result<Amount> {
    staking::require(ctx, operator)?;
    let mut income = settled(ctx, operator)?;
    let amount = income.commission.floor();
    if amount.is_zero() {
        let why = format!(
            "{} has less than 1 Nil of income: no validator commission to withdraw",
            operator.operator()
        );
        return Err(Error::new(distribution_codes::DISTRIBUTION, distribution_codes::NO_COMMISSION, why));
    }
    income.commission = income.commission.minus(Fixed::whole(amount))?;
    state::INCOMES.save(ctx, operator, &income)?;
    pay(ctx, operator, amount)?;
    ctx.emit(Event::new("withdraw_commission").with("amount", Coin::new(BASE_DENOM, amount)));
    Ok(amount)
}

/// Mints what was owed to `owner`.
fn pay(ctx: &mut Ctx, owner: &Address, amount: Amount) -> Result<()> {
    if amount.is_zero() {
        return Ok(());
    }
    let total = unredeemed(ctx)?;
    let rest = total.minus(amount).ok_or_else(|| {
        Error::sdk(codes::LOGIC, format!("{amount} Nils were to be redeemed of {total} that are owed"))
    })?;
    state::UNREDEEMED.save(ctx, &rest)?;
    let wallet = withdraw_address(ctx, owner)?;
    bank::mint(ctx, &wallet, amount)
}

fn owe(ctx: &mut Ctx, amount: Amount) -> Result<()> {
    let total = unredeemed(ctx)?.plus(amount)?;
    state::UNREDEEMED.save(ctx, &total)
}
