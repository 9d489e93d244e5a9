//! Bonds: what an address has of a validator, in shares (§8). Every change of a bond goes through [`write`]; coins of the
//! wallet are the callers' business.

use super::error::{
    broken, invalid, refused, NO_DELEGATION, TOO_MANY_BONDS, TOO_MANY_SHARES, WORTHLESS_SHARES, ZERO_SHARES,
};
use super::state::Shares;
use super::{jail, require, save, state, Validator};
use crate::kernel::{mul_div, mul_div_ceil, Address, Amount, Ctx, Key, Result, View};
use crate::{bank, governance, premint, rewards, seats, BASE_DENOM};

/// The most shares that a validator can have (§8).
pub const MAX_SHARES: u128 = 1_000_000_000_000_000_000_000_000_000_000;

/// Bonds `amount` Nils of `delegator`'s wallet (§8).
pub fn bond(ctx: &mut Ctx, delegator: &Address, operator: &Address, amount: Amount) -> Result<()> {
    delegate(ctx, delegator, operator, amount).map(drop)
}

/// See [`bond`]; gives the new shares. What the bond has earned so far is redeemed first, so it can be bonded too.
pub(super) fn delegate(
    ctx: &mut Ctx,
    delegator: &Address,
    operator: &Address,
    amount: Amount,
) -> Result<u128> {
    let shares = add(ctx, delegator, operator, amount)?;
    bank::set_aside(ctx, delegator, amount)?;
    Ok(shares)
}

/// The bonds of `address`: operator and shares, in order of operator.
pub fn bonds_of(view: &View, address: &Address) -> Result<Vec<(Address, u128)>> {
    let bonds = state::BONDS.scan(view, &address.encoded(), None, false, usize::MAX)?;
    Ok(bonds.into_iter().map(|((_, operator), shares)| (operator, shares.0)).collect())
}

/// The value of `address`'s bonds, floored per bond, in Nils: its balance of `bujmes` (§5).
pub fn bonded(view: &View, address: &Address) -> Result<Amount> {
    bonds_of(view, address)?.iter().try_fold(Amount::ZERO, |sum, (operator, shares)| {
        sum.plus(require(view, operator)?.value_of(*shares)?)
    })
}

/// The shares that `delegator` has of a validator.
pub fn shares_of(view: &View, delegator: &Address, operator: &Address) -> Result<u128> {
    Ok(state::BONDS.load(view, &(*delegator, *operator))?.map_or(0, |shares| shares.0))
}

/// Adds `amount` Nils to a bond; gives the new shares: floor(amount × S / T).
pub(super) fn add(ctx: &mut Ctx, delegator: &Address, operator: &Address, amount: Amount) -> Result<u128> {
    premint::check_can_bond(ctx, delegator)?;
    let mut validator = begin_change(ctx, delegator, operator)?;
    let shares = shares_for(&validator, amount)?;
    let before = shares_of(ctx, delegator, operator)?;
    if before == 0 {
        check_room(ctx, delegator)?;
    }
    let sum = |a: u128, b: u128| a.checked_add(b).filter(|sum| *sum <= MAX_SHARES);
    let (Some(all), Some(after)) = (sum(validator.shares, shares), sum(before, shares)) else {
        let why = format!("{} would have more than {MAX_SHARES} shares; bond less", operator.operator());
        return Err(refused(TOO_MANY_SHARES, why));
    };
    validator.shares = all;
    validator.tokens = validator.tokens.plus(amount)?;
    save(ctx, &validator)?;
    write(ctx, delegator, operator, before, after)?;
    Ok(shares)
}

/// Takes `amount` Nils out of a bond: ceil(amount × S / T) shares, all of them when it is the bond's whole value, which can be
/// nothing. `staking/19` when there is no bond, `sdk/18` when it is worth less or nothing is taken of one worth more. An operator's bond that falls below its minimum jails the validator.
pub(super) fn take(ctx: &mut Ctx, delegator: &Address, operator: &Address, amount: Amount) -> Result<()> {
    let validator = begin_change(ctx, delegator, operator)?;
    let have = shares_of(ctx, delegator, operator)?;
    if have == 0 {
        let why = format!(
            "no delegation for (address, validator) tuple: {delegator} has no bond to {}",
            operator.operator()
        );
        return Err(refused(NO_DELEGATION, why));
    }
    let value = validator.value_of(have)?;
    if amount > value {
        let why = format!("the bond is worth {value}{BASE_DENOM}, less than {amount}{BASE_DENOM}");
        return Err(invalid(format!("invalid shares amount: {why}: invalid request")));
    }
    if amount.is_zero() && !value.is_zero() {
        return Err(invalid("invalid shares amount: it must be positive: invalid request"));
    }
    let shares =
        if amount == value { have } else { mul_div_ceil(amount.0, validator.shares, validator.tokens.0)? };
    let taken = remove(ctx, validator, delegator, have, shares)?;
    if taken != amount {
        return Err(broken(format!("{shares} shares were to be worth {amount}{BASE_DENOM}, not {taken}")));
    }
    Ok(())
}

/// Takes at most `shares` shares out of a bond, as a slash of what was redelegated does; gives their value in Nils.
pub(super) fn cut(ctx: &mut Ctx, delegator: &Address, operator: &Address, shares: u128) -> Result<Amount> {
    let have = shares_of(ctx, delegator, operator)?;
    let shares = shares.min(have);
    if shares == 0 {
        return Ok(Amount::ZERO);
    }
    let validator = begin_change(ctx, delegator, operator)?;
    remove(ctx, validator, delegator, have, shares)
}

/// What the bond has earned is redeemed before it changes (§7).
fn begin_change(ctx: &mut Ctx, delegator: &Address, operator: &Address) -> Result<Validator> {
    require(ctx, operator)?;
    rewards::settle(ctx, operator)?;
    rewards::redeem(ctx, delegator, operator)?;
    require(ctx, operator)
}

fn shares_for(validator: &Validator, amount: Amount) -> Result<u128> {
    let operator = validator.operator.operator();
    if validator.shares > 0 && validator.tokens.is_zero() {
        let why = "cannot delegate to validators with invalid (zero) ex-rate";
        return Err(refused(WORTHLESS_SHARES, format!("{operator} has lost all its tokens: {why}")));
    }
    let first = validator.shares == 0;
    let shares = if first { amount.0 } else { mul_div(amount.0, validator.shares, validator.tokens.0)? };
    if shares == 0 {
        return Err(refused(ZERO_SHARES, format!("{amount}{BASE_DENOM} is less than a share of {operator}")));
    }
    Ok(shares)
}

/// Shares never are worth more than 1 Nil, so the value of ceil(x × S / T) of them is x.
fn remove(
    ctx: &mut Ctx,
    mut validator: Validator,
    delegator: &Address,
    have: u128,
    shares: u128,
) -> Result<Amount> {
    let operator = validator.operator;
    let tokens = validator.value_of(shares)?;
    let less = |from: u128, what: u128| {
        from.checked_sub(what).ok_or_else(|| broken(format!("{what} were to be taken from {from}")))
    };
    let after = less(have, shares)?;
    validator.shares = less(validator.shares, shares)?;
    validator.tokens = Amount(less(validator.tokens.0, tokens.0)?);
    save(ctx, &validator)?;
    write(ctx, delegator, &operator, have, after)?;
    if validator.shares == 0 {
        governance::validator_emptied(ctx, &operator)?;
    }
    let own = *delegator == operator && !validator.jailed;
    if own && validator.value_of(after)? < validator.min_self_delegation {
        jail(ctx, &operator, 0)?;
    }
    Ok(tokens)
}

/// The one place where an address's bonds change; its votes follow (§11).
fn write(ctx: &mut Ctx, delegator: &Address, operator: &Address, before: u128, after: u128) -> Result<()> {
    let bond = (*delegator, *operator);
    if after == 0 {
        state::BONDS.remove(ctx, &bond)?;
        state::BONDS_TO.remove(ctx, &(*operator, *delegator))?;
        rewards::forget(ctx, delegator, operator)?;
    } else {
        if before == 0 {
            state::BONDS_TO.save(ctx, &(*operator, *delegator), &())?;
        }
        state::BONDS.save(ctx, &bond, &Shares(after))?;
    }
    governance::bond_changed(ctx, delegator, operator, before, after)
}

fn check_room(ctx: &Ctx, delegator: &Address) -> Result<()> {
    let most = usize::try_from(seats::params(ctx)?.max_bonds).unwrap_or(usize::MAX);
    let bonds = state::BONDS.scan(ctx, &delegator.encoded(), None, false, most)?.len();
    if bonds < most {
        return Ok(());
    }
    let why = format!("{delegator} bonds to {bonds} validators, the most there can be; add to one of them");
    Err(refused(TOO_MANY_BONDS, why))
}
