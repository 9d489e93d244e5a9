//! Genesis of premint wallets: `app_state.premint.wallets[]{address, amount}`. The coins themselves stand in
//! `app_state.bank.balances` with all others: a wallet's balance there is at least its premint. The export of a running
//! chain adds `held` where it is less than `amount`, and `last_sale_height` at version 2 of the module.

use super::premint_codes::{CANNOT_BOND, PREMINT};
use super::{state, wallets, Wallet, MAX_WALLETS};
use crate::bank::{self, MAX_GENESIS_SUPPLY};
use crate::kernel::{codes, Address, Amount, Ctx, Error, Result, View};
use crate::{auth, staking, BASE_DENOM};
use serde_json::{json, Value};

pub(super) fn import(ctx: &mut Ctx, genesis: &Value) -> Result<()> {
    check_fields(genesis, &["wallets", "params"]).map_err(invalid)?;
    let list = match genesis.get("wallets") {
        None | Some(Value::Null) => return Ok(()),
        Some(Value::Array(list)) => list,
        Some(_) => return Err(invalid("wallets: expected a list")),
    };
    if list.len() > MAX_WALLETS {
        return Err(invalid(format!("wallets: {} are listed, {MAX_WALLETS} at most", list.len())));
    }
    let mut sum = Amount::ZERO;
    for (index, entry) in list.iter().enumerate() {
        let place = |error: Error| error.context(format!("genesis: {PREMINT}: wallets[{index}]"));
        let (address, wallet) = read(entry).map_err(place)?;
        sum = sum.plus(wallet.amount)?;
        add(ctx, &address, &wallet).map_err(place)?;
    }
    if sum > MAX_GENESIS_SUPPLY {
        let why =
            format!("wallets: they sum to {sum} Nils, more than {MAX_GENESIS_SUPPLY} (100,000,000 JMES)");
        return Err(invalid(why));
    }
    Ok(())
}

pub(super) fn export(view: &View) -> Result<Value> {
    let show = |(address, wallet): (Address, Wallet)| {
        let mut shown = json!({ "address": address.to_string(), "amount": wallet.amount.to_string() });
        if let Some(fields) = shown.as_object_mut().filter(|_| wallet.held < wallet.amount) {
            fields.insert("held".into(), wallet.held.to_string().into());
        }
        if let (Some(fields), Some(height)) = (shown.as_object_mut(), wallet.last_sale) {
            fields.insert("last_sale_height".into(), height.to_string().into());
        }
        shown
    };
    let wallets: Vec<Value> = wallets(view)?.into_iter().map(show).collect();
    Ok(json!({ "wallets": wallets }))
}

fn read(entry: &Value) -> Result<(Address, Wallet)> {
    check_fields(entry, &["address", "amount", "held", "last_sale_height"])?;
    let text = |field: &str| match entry.get(field) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.as_str())),
        Some(_) => Err(refused(format!("{field}: expected a text"))),
    };
    let needed = |field: &str| text(field)?.ok_or_else(|| refused(format!("{field} is missing")));
    let number = |field: &str, text: &str| Amount::parse(text).map_err(|error| error.context(field));
    let address = Address::parse(needed("address")?).map_err(|error| error.context("address"))?;
    let amount = number("amount", needed("amount")?)?;
    let held = text("held")?.map_or(Ok(amount), |text| number("held", text))?;
    if amount.is_zero() {
        return Err(refused("amount: a premint wallet has more than 0 Nils"));
    }
    if held > amount {
        return Err(refused(format!("held: {held} Nils is more than the amount, {amount}")));
    }
    let last_sale = text("last_sale_height")?.map(|text| {
        text.parse::<u64>().map_err(|_| refused("last_sale_height: expected a whole number in a text"))
    });
    Ok((address, Wallet { amount, held, last_sale: last_sale.transpose()? }))
}

/// Adds a wallet whose coins the bank has.
fn add(ctx: &mut Ctx, address: &Address, wallet: &Wallet) -> Result<()> {
    if state::WALLETS.has(ctx, address)? {
        return Err(refused(format!("{address} is listed twice")));
    }
    let locked = wallet.locked(ctx)?;
    if wallet.held < locked {
        let held = wallet.held;
        return Err(refused(format!("held: {held} Nils is less than what is still locked, {locked}")));
    }
    let balance = bank::balance(ctx, address, BASE_DENOM)?;
    if balance < wallet.held {
        let held = wallet.held;
        let why = format!("{address} has {balance}{BASE_DENOM} in bank.balances, less than its premint, {held}{BASE_DENOM}; list the coins there, too");
        return Err(refused(why));
    }
    if !staking::bonded(ctx, address)?.is_zero() {
        let why = format!("{address} has bonds; a premint wallet can never bond coins");
        return Err(Error::new(PREMINT, CANNOT_BOND, why));
    }
    let account = auth::Account { premint: true, ..auth::require(ctx, address)? };
    auth::save(ctx, address, &account)?;
    state::WALLETS.save(ctx, address, wallet)
}

fn check_fields(value: &Value, known: &[&str]) -> Result<()> {
    match value {
        Value::Null => Ok(()),
        Value::Object(fields) => match fields.keys().find(|name| !known.contains(&name.as_str())) {
            Some(other) => Err(refused(format!("{other}: no such field; there are {}", known.join(", ")))),
            None => Ok(()),
        },
        _ => Err(refused("expected an object")),
    }
}

fn invalid(why: impl std::fmt::Display) -> Error {
    refused(why).context(format!("genesis: {PREMINT}"))
}

fn refused(why: impl std::fmt::Display) -> Error {
    Error::sdk(codes::INVALID_REQUEST, why.to_string())
}
