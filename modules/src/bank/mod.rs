//! Coins in wallets (§5): balances, transfers, supply, burns. The native balance is part of the account
//! record (`auth`); other denominations have entries of their own here; `bujmes` is a view of bonds. No coin is held by
//! an address that no user or DAO controls.

mod genesis;
mod msgs;
mod queries;
pub mod state;
#[cfg(test)]
mod tests;

use crate::auth;
use crate::kernel::{
    codes, message_from_json, message_to_json, Address, Amount, Coin, Coins, Ctx, Error, Event, Module,
    QueryRoutes, Result, Routes, View,
};
use crate::{premint, staking, BASE_DENOM, BONDED_DENOM};
use cosmos_sdk_proto::cosmos::bank::v1beta1::{MsgMultiSend, MsgSend, Params};

/// The module.
pub struct Bank;

/// Codes of the codespace `bank`, as the Cosmos SDK numbers them.
pub mod bank_codes {
    /// The codespace.
    pub const BANK: &str = "bank";
    /// A multi-send without inputs.
    pub const NO_INPUTS: u32 = 2;
    /// A multi-send without outputs.
    pub const NO_OUTPUTS: u32 = 3;
    /// Inputs and outputs of a multi-send differ.
    pub const INPUT_OUTPUT_MISMATCH: u32 = 4;
    /// Transfers are switched off.
    pub const SEND_DISABLED: u32 = 5;
    /// A multi-send with more than one input.
    pub const MULTIPLE_SENDERS: u32 = 9;
}

/// The most Nils that genesis may hand out: 100,000,000 JMES (§1).
pub const MAX_GENESIS_SUPPLY: Amount = Amount(100_000_000_000_000);

/// Parameters when genesis says nothing.
#[allow(deprecated, reason = "the message still carries the field that the SDK has retired")]
pub const DEFAULT_PARAMS: Params = Params { send_enabled: Vec::new(), default_send_enabled: true };

impl Module for Bank {
    fn name(&self) -> &'static str {
        "bank"
    }
    fn messages(&self, routes: &mut Routes) {
        routes.add::<MsgSend>("/cosmos.bank.v1beta1.MsgSend");
        routes.add::<MsgMultiSend>("/cosmos.bank.v1beta1.MsgMultiSend");
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
        state::PARAMS.save(ctx, &message_from_json(params)?)
    }
    /// The list was retired by the Cosmos SDK and has no effect. Without sends no DAO might ever have the price of the proposal
    /// that allows them again (§1: no accepted change may make a later one impossible).
    fn immutable_params(&self) -> &'static [&'static str] {
        &["send_enabled", "default_send_enabled"]
    }
    /// Supply of each denomination is the sum of all balances; that of `ujmes` counts what is bonded and unbonding, too
    /// (§5).
    fn check_invariants(&self, view: &View) -> Result<()> {
        genesis::check_supply(view)
    }
}

/// The parameters in force.
pub fn params(view: &View) -> Result<Params> {
    Ok(state::PARAMS.load(view)?.unwrap_or(DEFAULT_PARAMS))
}

/// What `address` has of `denom`: locked coins included, bonds only as `bujmes` (§5).
pub fn balance(view: &View, address: &Address, denom: &str) -> Result<Amount> {
    match denom {
        BASE_DENOM => Ok(auth::account(view, address)?.map_or(Amount::ZERO, |account| account.balance)),
        BONDED_DENOM => staking::bonded(view, address),
        _ => of_other(view, address, denom),
    }
}

/// What `address` can spend of `denom`: no locked coins, no bonds.
pub fn spendable(view: &View, address: &Address, denom: &str) -> Result<Amount> {
    if denom != BASE_DENOM {
        return of_other(view, address, denom);
    }
    auth::account(view, address)?.map_or(Ok(Amount::ZERO), |account| unlocked(view, address, &account))
}

fn of_other(view: &View, address: &Address, denom: &str) -> Result<Amount> {
    Ok(state::BALANCES.load(view, &(*address, denom.to_owned()))?.unwrap_or_default())
}

/// What of the account's balance is not locked premint.
fn unlocked(view: &View, address: &Address, account: &auth::Account) -> Result<Amount> {
    let locked = if account.premint { premint::locked(view, address)? } else { Amount::ZERO };
    Ok(account.balance.minus(locked).unwrap_or_default())
}

/// How much of `denom` exists. `ujmes` counts liquid, bonded and unbonding coins; `bujmes` is how much of that is bonded.
pub fn supply(view: &View, denom: &str) -> Result<Amount> {
    if denom == BONDED_DENOM {
        return staking::total_bonded(view);
    }
    Ok(state::SUPPLY.load(view, &denom.to_owned())?.unwrap_or_default())
}

/// Moves coins. `sdk/5` when the sender has too little of one of them; the caller's attempt is then
/// taken back as a whole.
pub fn transfer(ctx: &mut Ctx, from: &Address, to: &Address, coins: &Coins) -> Result<()> {
    debit(ctx, from, coins)?;
    credit(ctx, to, coins)?;
    ctx.emit_with(|| Event::new("transfer").with("recipient", to).with("sender", from).with("amount", coins));
    ctx.emit_with(|| Event::new("message").with("sender", from));
    Ok(())
}

/// Destroys `amount` Nils of `from`'s coins for good (registration and proposal burns, slashes).
pub fn burn(ctx: &mut Ctx, from: &Address, amount: Amount) -> Result<()> {
    withdraw_from_supply(ctx, from, amount)?;
    let burnt = burnt(ctx)?.plus(amount)?;
    state::BURNT.save(ctx, &burnt)?;
    ctx.emit(Event::new("burn").with("burner", from).with("amount", native(amount)));
    Ok(())
}

/// Nils burnt since genesis.
pub fn burnt(view: &View) -> Result<Amount> {
    Ok(state::BURNT.load(view)?.unwrap_or_default())
}

/// Creates `amount` Nils in `to`'s wallet: a redemption or a payout (§7, §12).
pub fn mint(ctx: &mut Ctx, to: &Address, amount: Amount) -> Result<()> {
    let total = supply(ctx, BASE_DENOM)?.plus(amount)?;
    state::SUPPLY.save(ctx, &BASE_DENOM.to_owned(), &total)?;
    credit(ctx, to, &only(native(amount))?)
}

/// Takes `amount` Nils of `from`'s spendable coins for a bond: they leave the liquid balance and stay in
/// supply (§5).
pub fn set_aside(ctx: &mut Ctx, from: &Address, amount: Amount) -> Result<()> {
    debit(ctx, from, &only(native(amount))?)
}

/// Gives `amount` Nils that were [set aside](set_aside) back to `to`'s liquid balance.
pub fn give_back(ctx: &mut Ctx, to: &Address, amount: Amount) -> Result<()> {
    credit(ctx, to, &only(native(amount))?)
}

/// Destroys `amount` Nils that were [set aside](set_aside): a slash (§8).
pub fn burn_set_aside(ctx: &mut Ctx, amount: Amount) -> Result<()> {
    reduce_supply(ctx, amount)?;
    let burnt = burnt(ctx)?.plus(amount)?;
    state::BURNT.save(ctx, &burnt)
}

/// Takes `amount` Nils out of `from`'s wallet and out of supply. The caller says where they went: a
/// burn, or an entitlement (§7).
pub fn withdraw_from_supply(ctx: &mut Ctx, from: &Address, amount: Amount) -> Result<()> {
    debit(ctx, from, &only(native(amount))?)?;
    reduce_supply(ctx, amount)
}

fn reduce_supply(ctx: &mut Ctx, amount: Amount) -> Result<()> {
    let rest = supply(ctx, BASE_DENOM)?
        .minus(amount)
        .ok_or_else(|| Error::sdk(codes::LOGIC, format!("supply is smaller than {amount}{BASE_DENOM}")))?;
    state::SUPPLY.save(ctx, &BASE_DENOM.to_owned(), &rest)
}

fn only(coin: Coin) -> Result<Coins> {
    let mut coins = Coins::default();
    coins.add(coin)?;
    Ok(coins)
}

fn native(amount: Amount) -> Coin {
    Coin::new(BASE_DENOM, amount)
}

/// Every way by which coins leave a wallet goes through here.
fn debit(ctx: &mut Ctx, from: &Address, coins: &Coins) -> Result<()> {
    for coin in coins.iter() {
        if coin.denom == BASE_DENOM {
            debit_native(ctx, from, coin)?;
        } else {
            let have = of_other(ctx, from, &coin.denom)?;
            let rest = have.minus(coin.amount).ok_or_else(|| insufficient(have, coin))?;
            set_balance(ctx, from, &coin.denom, rest)?;
        }
    }
    ctx.emit_with(|| Event::new("coin_spent").with("spender", from).with("amount", coins));
    Ok(())
}

fn debit_native(ctx: &mut Ctx, from: &Address, coin: &Coin) -> Result<()> {
    let Some(mut account) = auth::account(ctx, from)? else { return Err(insufficient(Amount::ZERO, coin)) };
    let spendable = unlocked(ctx, from, &account)?;
    if coin.amount > spendable {
        return Err(insufficient(spendable, coin));
    }
    account.balance = account.balance.minus(coin.amount).unwrap_or_default();
    auth::save(ctx, from, &account)?;
    if account.premint {
        premint::hold_at_most(ctx, from, account.balance)?;
    }
    Ok(())
}

fn insufficient(spendable: Amount, wanted: &Coin) -> Error {
    let denom = &wanted.denom;
    let why = format!("spendable balance {spendable}{denom} is smaller than {wanted}: insufficient funds");
    Error::sdk(codes::INSUFFICIENT_FUNDS, why)
}

/// An address that receives coins for the first time gets an account.
fn credit(ctx: &mut Ctx, to: &Address, coins: &Coins) -> Result<()> {
    for coin in coins.iter() {
        let sum = balance(ctx, to, &coin.denom)?.plus(coin.amount)?;
        set_balance(ctx, to, &coin.denom, sum)?;
    }
    ctx.emit_with(|| Event::new("coin_received").with("receiver", to).with("amount", coins));
    Ok(())
}

fn set_balance(ctx: &mut Ctx, address: &Address, denom: &str, amount: Amount) -> Result<()> {
    let mut account = auth::account_or_new(ctx, address)?;
    if denom == BASE_DENOM {
        account.balance = amount;
        return auth::save(ctx, address, &account);
    }
    if account == auth::Account::new(account.number) {
        auth::save(ctx, address, &account)?;
    }
    let (held, owner) = ((*address, denom.to_owned()), (denom.to_owned(), *address));
    if amount.is_zero() {
        state::BALANCES.remove(ctx, &held)?;
        state::OWNERS.remove(ctx, &owner)
    } else {
        state::BALANCES.save(ctx, &held, &amount)?;
        state::OWNERS.save(ctx, &owner, &())
    }
}
