//! Genesis of coins: `app_state.bank`, the JSON of `cosmos.bank.v1beta1.GenesisState` as Cosmos tools
//! write it, with what was burnt before an export beside it under `burnt`. Supply of `ujmes` is what is in wallets, bonded
//! and unbonding: 100,000,000 JMES at most (§1), plus what an exported chain has issued since. Without `denom_metadata` the
//! denominations are shown as §1 has them; an empty list is none.

use super::{params, set_balance, state, DEFAULT_PARAMS, MAX_GENESIS_SUPPLY};
use crate::kernel::{
    codes, message_from_json, message_to_json, Address, Amount, Coin, Coins, Ctx, Error, Key, Map, Result,
    Value, View,
};
use crate::{auth, emission, staking};
use crate::{BASE_DENOM, BONDED_DENOM};
use cosmos_sdk_proto::cosmos::bank::v1beta1::{Balance, DenomUnit, GenesisState, Metadata};
use std::collections::BTreeMap;

pub(super) fn import(ctx: &mut Ctx, genesis: &serde_json::Value) -> Result<()> {
    let mut standard = genesis.clone();
    if let Some(burnt) = standard.as_object_mut().and_then(|fields| fields.remove("burnt")) {
        let burnt = burnt.as_str().ok_or_else(|| invalid("burnt: expected an amount in a text".into()))?;
        state::BURNT.save(ctx, &Amount::parse(burnt)?)?;
    }
    let genesis: GenesisState =
        if standard.is_null() { GenesisState::default() } else { message_from_json(&standard)? };
    let metadata = match standard.get("denom_metadata") {
        None | Some(serde_json::Value::Null) => default_metadata(),
        Some(_) => genesis.denom_metadata.clone(),
    };
    let mut sums: BTreeMap<String, Amount> = BTreeMap::new();
    for Balance { address, coins } in &genesis.balances {
        let owner = Address::parse(address).map_err(|error| error.context("genesis: bank: balances"))?;
        for coin in Coins::from_proto(coins)
            .map_err(|error| error.context(format!("genesis: bank: {address}")))?
            .iter()
        {
            if coin.denom == BONDED_DENOM {
                return Err(invalid(format!("{address}: {BONDED_DENOM} is a view of bonds, not a coin")));
            }
            if !super::balance(ctx, &owner, &coin.denom)?.is_zero() {
                return Err(invalid(format!("balances of {address} are listed twice")));
            }
            let sum = sums.entry(coin.denom.clone()).or_default();
            *sum = sum.plus(coin.amount)?;
            set_balance(ctx, &owner, &coin.denom, coin.amount)?;
        }
    }
    let bonds = staking::total_bonded(ctx)?.plus(staking::total_unbonding(ctx)?)?;
    if !bonds.is_zero() {
        let sum = sums.entry(BASE_DENOM.into()).or_default();
        *sum = sum.plus(bonds)?;
    }
    check_sums(&genesis, &sums, MAX_GENESIS_SUPPLY.plus(emission::issued(ctx)?)?)?;
    for (denom, sum) in &sums {
        state::SUPPLY.save(ctx, denom, sum)?;
    }
    state::PARAMS.save(ctx, &genesis.params.unwrap_or(DEFAULT_PARAMS))?;
    metadata.iter().try_for_each(|metadata| state::METADATA.save(ctx, &metadata.base, metadata))
}

/// `sums` are of balances and bonds; `most` is the most of them in `ujmes`.
fn check_sums(genesis: &GenesisState, sums: &BTreeMap<String, Amount>, most: Amount) -> Result<()> {
    let native = sums.get(BASE_DENOM).copied().unwrap_or_default();
    if native > most {
        return Err(invalid(format!(
            "balances and bonds sum to {native}{BASE_DENOM}, more than genesis may hand out, {most}{BASE_DENOM}"
        )));
    }
    let mut stated = BTreeMap::new();
    for coin in Coins::from_proto(&genesis.supply)?.iter() {
        stated.insert(coin.denom.clone(), coin.amount);
    }
    if !stated.is_empty() && stated != *sums {
        let show = |sums: &BTreeMap<String, Amount>| {
            let coins: Vec<String> = sums.iter().map(|(denom, amount)| format!("{amount}{denom}")).collect();
            coins.join(",")
        };
        return Err(invalid(format!(
            "supply says {}, balances and bonds sum to {}",
            show(&stated),
            show(sums)
        )));
    }
    Ok(())
}

/// How wallets show the two denominations of §1.
fn default_metadata() -> Vec<Metadata> {
    let unit = |denom: &str, exponent, aliases: &[&str]| DenomUnit {
        denom: denom.into(),
        exponent,
        aliases: aliases.iter().map(ToString::to_string).collect(),
    };
    let metadata = |description: &str, units, base: &str, display: &str, symbol: &str| Metadata {
        description: description.into(),
        denom_units: units,
        base: base.into(),
        display: display.into(),
        name: symbol.into(),
        symbol: symbol.into(),
        uri: String::new(),
        uri_hash: String::new(),
    };
    vec![
        metadata(
            "The native coin of JMES",
            vec![unit("ujmes", 0, &["nils"]), unit("jmes", 6, &[])],
            BASE_DENOM,
            "jmes",
            "JMES",
        ),
        metadata(
            "JMES bonded to validators, in their owner's wallet",
            vec![unit("bujmes", 0, &[]), unit("bjmes", 6, &[])],
            BONDED_DENOM,
            "bjmes",
            "bJMES",
        ),
    ]
}

pub(super) fn export(view: &View) -> Result<serde_json::Value> {
    let mut wallets: BTreeMap<Address, Coins> = BTreeMap::new();
    for_each(view, &auth::state::ACCOUNTS, |address, account| {
        wallets.entry(address).or_default().add(Coin::new(BASE_DENOM, account.balance))
    })?;
    for_each(view, &state::BALANCES, |(address, denom), amount| {
        wallets.entry(address).or_default().add(Coin::new(denom, amount))
    })?;
    let balances = wallets
        .iter()
        .filter(|(_, coins)| !coins.is_empty())
        .map(|(address, coins)| {
            message_to_json(&Balance { address: address.to_string(), coins: coins.to_proto() })
        })
        .collect::<Result<Vec<_>>>()?;
    let mut supply = Coins::default();
    for_each(view, &state::SUPPLY, |denom, amount| supply.add(Coin::new(denom, amount)))?;
    let mut denom_metadata = Vec::new();
    for_each(view, &state::METADATA, |_, metadata| {
        denom_metadata.push(metadata);
        Ok(())
    })?;
    let mut genesis = message_to_json(&GenesisState {
        params: Some(params(view)?),
        balances: Vec::new(),
        supply: supply.to_proto(),
        denom_metadata,
        send_enabled: Vec::new(),
    })?;
    if let Some(fields) = genesis.as_object_mut() {
        fields.insert("balances".into(), balances.into());
        if let Some(burnt) = state::BURNT.load(view)? {
            fields.insert("burnt".into(), burnt.to_string().into());
        }
    }
    Ok(genesis)
}

pub(super) fn check_supply(view: &View) -> Result<()> {
    let mut sums: BTreeMap<String, Amount> = BTreeMap::new();
    let mut add = |denom: String, amount: Amount| -> Result<()> {
        let sum = sums.entry(denom).or_default();
        *sum = sum.plus(amount)?;
        Ok(())
    };
    for_each(view, &auth::state::ACCOUNTS, |_, account| add(BASE_DENOM.into(), account.balance))?;
    for_each(view, &state::BALANCES, |(_, denom), amount| add(denom, amount))?;
    add(BASE_DENOM.into(), staking::total_bonded(view)?.plus(staking::total_unbonding(view)?)?)?;
    let mut supplies: BTreeMap<String, Amount> = BTreeMap::new();
    for_each(view, &state::SUPPLY, |denom, supply| {
        supplies.insert(denom, supply);
        Ok(())
    })?;
    for denom in sums.keys().chain(supplies.keys()) {
        let amount = |of: &BTreeMap<String, Amount>| of.get(denom).copied().unwrap_or_default();
        let (sum, supply) = (amount(&sums), amount(&supplies));
        if supply != sum {
            let why = format!("balances of {denom} sum to {sum}, supply says {supply}");
            return Err(Error::sdk(codes::LOGIC, why));
        }
    }
    Ok(())
}

fn for_each<K: Key, V: Value>(
    view: &View,
    map: &Map<K, V>,
    mut each: impl FnMut(K, V) -> Result<()>,
) -> Result<()> {
    map.scan(view, &[], None, false, usize::MAX)?.into_iter().try_for_each(|(key, value)| each(key, value))
}

fn invalid(why: String) -> Error {
    Error::sdk(codes::INVALID_REQUEST, format!("genesis: bank: {why}"))
}
