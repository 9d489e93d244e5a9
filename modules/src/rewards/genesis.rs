//! Genesis of rewards: `app_state.rewards`, the JSON of `jmes.rewards.v1.GenesisState`. A chain that begins needs none of
//! it; an export has all of the state.

use super::state::{self, Income};
use super::{default_params, params, power_of, total_power, unredeemed, withdraw_address, Fixed};
use crate::kernel::{
    codes, message_from_json, message_to_json, Address, Amount, Ctx, Decimal, Error, Key, Map, Result, Value,
    View,
};
use cosmos_sdk_proto::cosmos::distribution::v1beta1::Params;
use jmes_proto::jmes::rewards::v1::{BondStart, GenesisState, ValidatorIncome, WithdrawAddress};
use std::collections::BTreeSet;

pub(super) fn import(ctx: &mut Ctx, genesis: &serde_json::Value) -> Result<()> {
    let genesis: GenesisState =
        if genesis.is_null() { GenesisState::default() } else { message_from_json(genesis)? };
    let place = |error: Error| error.context("genesis: rewards");
    let params = genesis.params.unwrap_or_else(default_params);
    check_params(&params).map_err(place)?;
    state::PARAMS.save(ctx, &params)?;
    let unredeemed = amount(&genesis.unredeemed).map_err(place)?;
    if !unredeemed.is_zero() {
        state::UNREDEEMED.save(ctx, &unredeemed)?;
    }
    let accumulator = Fixed::parse(&genesis.accumulator).map_err(place)?;
    if !accumulator.is_zero() {
        state::ACCUMULATOR.save(ctx, &accumulator)?;
    }
    for validator in &genesis.validators {
        let place = |error: Error| {
            error.context(format!("genesis: rewards.validators: {}", validator.operator_address))
        };
        import_validator(ctx, validator).map_err(place)?;
    }
    for bond in &genesis.bonds {
        let place = |error: Error| {
            let (delegator, operator) = (&bond.delegator_address, &bond.operator_address);
            error.context(format!("genesis: rewards.bonds: {delegator} to {operator}"))
        };
        import_bond(ctx, bond).map_err(place)?;
    }
    for entry in &genesis.withdraw_addresses {
        import_withdraw_address(ctx, entry)
            .map_err(|error| error.context("genesis: rewards.withdraw_addresses"))?;
    }
    Ok(())
}

pub(super) fn export(view: &View) -> Result<serde_json::Value> {
    let mut genesis = GenesisState {
        params: Some(params(view)?),
        unredeemed: unredeemed(view)?.to_string(),
        accumulator: state::ACCUMULATOR.load(view)?.unwrap_or_default().to_string(),
        ..GenesisState::default()
    };
    let powers = all(view, &state::POWERS)?;
    let incomes = all(view, &state::INCOMES)?;
    let operators: BTreeSet<Address> = powers
        .iter()
        .map(|(operator, _)| *operator)
        .chain(incomes.iter().map(|(operator, _)| *operator))
        .collect();
    for operator in operators {
        let income = state::INCOMES.load(view, &operator)?.unwrap_or_default();
        genesis.validators.push(ValidatorIncome {
            operator_address: operator.operator(),
            power: power_of(view, &operator)?,
            accumulator: income.accumulator.to_string(),
            fees: income.fees.to_string(),
            commission: income.commission.to_string(),
            bonds: income.bonds.to_string(),
            per_share: income.per_share.to_string(),
        });
    }
    for ((operator, delegator), start) in all(view, &state::BONDS)? {
        genesis.bonds.push(BondStart {
            operator_address: operator.operator(),
            delegator_address: delegator.to_string(),
            per_share: start.to_string(),
        });
    }
    for (delegator, wallet) in all(view, &state::WITHDRAW_ADDRESSES)? {
        genesis.withdraw_addresses.push(WithdrawAddress {
            delegator_address: delegator.to_string(),
            withdraw_address: wallet.to_string(),
        });
    }
    message_to_json(&genesis)
}

/// The rates of `cosmos.distribution` that have no place in §7 must be 0.
#[allow(deprecated, reason = "the message still carries the fields that the SDK has retired")]
pub(super) fn check_params(params: &Params) -> Result<()> {
    let rates = [
        ("community_tax", &params.community_tax),
        ("base_proposer_reward", &params.base_proposer_reward),
        ("bonus_proposer_reward", &params.bonus_proposer_reward),
    ];
    for (name, rate) in rates {
        let rate = Decimal::from_proto(rate).map_err(|error| error.context(format!("params.{name}")))?;
        if rate != Decimal::ZERO {
            return Err(invalid(format!("params.{name} is {rate}: it must be 0")));
        }
    }
    Ok(())
}

fn import_validator(ctx: &mut Ctx, validator: &ValidatorIncome) -> Result<()> {
    let operator = Address::parse_operator(&validator.operator_address)?;
    if state::INCOMES.has(ctx, &operator)? {
        return Err(invalid("it is listed twice".into()));
    }
    let income = Income {
        accumulator: Fixed::parse(&validator.accumulator)?,
        fees: amount(&validator.fees)?,
        commission: Fixed::parse(&validator.commission)?,
        bonds: Fixed::parse(&validator.bonds)?,
        per_share: Fixed::parse(&validator.per_share)?,
    };
    state::INCOMES.save(ctx, &operator, &income)?;
    if validator.power == 0 {
        return Ok(());
    }
    state::POWERS.save(ctx, &operator, &validator.power)?;
    let total = total_power(ctx)?.checked_add(validator.power);
    let total = total.ok_or_else(|| invalid("the powers sum to more than 2^64 - 1".into()))?;
    state::TOTAL_POWER.save(ctx, &total)
}

fn import_bond(ctx: &mut Ctx, bond: &BondStart) -> Result<()> {
    let operator = Address::parse_operator(&bond.operator_address)?;
    let delegator = Address::parse(&bond.delegator_address)?;
    if state::BONDS.has(ctx, &(operator, delegator))? {
        return Err(invalid("it is listed twice".into()));
    }
    state::BONDS.save(ctx, &(operator, delegator), &Fixed::parse(&bond.per_share)?)
}

fn import_withdraw_address(ctx: &mut Ctx, entry: &WithdrawAddress) -> Result<()> {
    let delegator = Address::parse(&entry.delegator_address)?;
    let wallet = Address::parse(&entry.withdraw_address)?;
    if withdraw_address(ctx, &delegator)? != delegator {
        return Err(invalid(format!("{delegator} is listed twice")));
    }
    if wallet == delegator {
        return Err(invalid(format!("{delegator} is its own withdraw address; leave it out")));
    }
    state::WITHDRAW_ADDRESSES.save(ctx, &delegator, &wallet)
}

/// An empty text, where JSON leaves a field out, is nothing.
fn amount(text: &str) -> Result<Amount> {
    if text.is_empty() {
        Ok(Amount::ZERO)
    } else {
        Amount::parse(text)
    }
}

fn all<K: Key, V: Value>(view: &View, map: &Map<K, V>) -> Result<Vec<(K, V)>> {
    map.scan(view, &[], None, false, usize::MAX)
}

fn invalid(why: String) -> Error {
    Error::sdk(codes::INVALID_REQUEST, why)
}
