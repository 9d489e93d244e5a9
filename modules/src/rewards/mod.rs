//! Income of validators (§7). Until validators exist in state, the fees of a block are counted as the
//! entitlement of its proposer's consensus address: they have left supply and are not lost.

mod queries;
pub mod state;
#[cfg(test)]
mod tests;

use crate::bank;
use crate::kernel::{
    codes, Address, Amount, ConsensusAddress, Ctx, Error, Module, QueryRoutes, Result, View,
};
use serde_json::{json, Value};

/// The module.
pub struct Rewards;

impl Module for Rewards {
    fn name(&self) -> &'static str {
        "rewards"
    }
    fn queries(&self, routes: &mut QueryRoutes) {
        queries::add(routes);
    }
    fn import(&self, ctx: &mut Ctx, genesis: &Value) -> Result<()> {
        import(ctx, genesis)
    }
    fn export(&self, view: &View) -> Result<Value> {
        let income = incomes(view)?;
        let income: Vec<Value> = income
            .iter()
            .map(|(address, amount)| json!({"address": address.to_string(), "amount": amount.to_string()}))
            .collect();
        Ok(json!({ "income": income }))
    }
    fn check_invariants(&self, view: &View) -> Result<()> {
        let sum = incomes(view)?.iter().try_fold(Amount::ZERO, |sum, (_, amount)| sum.plus(*amount))?;
        let total = unredeemed(view)?;
        if sum != total {
            return Err(Error::sdk(
                codes::LOGIC,
                format!("income sums to {sum} Nils, the total says {total}"),
            ));
        }
        Ok(())
    }
}

/// Takes a fee, in Nils of `ujmes`, from `payer`: it leaves supply now and becomes the proposer's
/// entitlement at the block's end (§4, §15 step 8).
pub fn charge_fee(ctx: &mut Ctx, payer: &Address, fee: Amount) -> Result<()> {
    bank::withdraw_from_supply(ctx, payer, fee)?;
    let collected = state::BLOCK_FEES.load(ctx)?.unwrap_or_default();
    state::BLOCK_FEES.save(ctx, &collected.plus(fee)?)
}

/// Credits the block's fees to its proposer (§15 step 8).
pub fn end_block(ctx: &mut Ctx) -> Result<()> {
    let Some(fees) = state::BLOCK_FEES.load(ctx)? else { return Ok(()) };
    state::BLOCK_FEES.remove(ctx)?;
    let proposer = ctx.block().proposer;
    credit(ctx, &proposer, fees)
}

/// What the consensus address has earned and not redeemed, in Nils.
pub fn income(view: &View, address: &ConsensusAddress) -> Result<Amount> {
    Ok(state::INCOME.load(view, address)?.unwrap_or_default())
}

/// The sum of all entitlements that are not redeemed, in Nils (§2).
pub fn unredeemed(view: &View) -> Result<Amount> {
    Ok(state::UNREDEEMED.load(view)?.unwrap_or_default())
}

fn credit(ctx: &mut Ctx, to: &ConsensusAddress, amount: Amount) -> Result<()> {
    let income = income(ctx, to)?.plus(amount)?;
    state::INCOME.save(ctx, to, &income)?;
    let total = unredeemed(ctx)?.plus(amount)?;
    state::UNREDEEMED.save(ctx, &total)
}

fn incomes(view: &View) -> Result<Vec<(ConsensusAddress, Amount)>> {
    state::INCOME.scan(view, &[], None, false, usize::MAX)
}

fn import(ctx: &mut Ctx, genesis: &Value) -> Result<()> {
    let invalid = |why: &str| Error::sdk(codes::INVALID_REQUEST, format!("genesis: rewards.income: {why}"));
    let Some(income) = genesis.get("income") else { return Ok(()) };
    for entry in income.as_array().ok_or_else(|| invalid("expected a list"))? {
        let text = |field: &str| entry.get(field).and_then(Value::as_str);
        let address = text("address").ok_or_else(|| invalid("an entry has no address"))?;
        let amount = text("amount").ok_or_else(|| invalid("an entry has no amount"))?;
        let place = |error: Error| error.context("genesis: rewards.income");
        credit(
            ctx,
            &ConsensusAddress::parse(address).map_err(place)?,
            Amount::parse(amount).map_err(place)?,
        )?;
    }
    Ok(())
}

/// The power by which a validator earns changes (§7): it is settled first. 0 when it loses its seat.
pub fn set_power(_: &mut Ctx, _operator: &Address, _power: u64) -> Result<()> {
    Ok(())
}

/// Settles a validator: what it has earned so far is split between its operator and its bonds as they are now. Called before
/// its shares or its commission change (§7).
pub fn settle(_: &mut Ctx, _operator: &Address) -> Result<()> {
    Ok(())
}

/// Redeems what a bond has earned, in Nils minted to the delegator's withdraw address; from here on it earns by the shares it
/// has after the change. Called before a bond is created, changed or ended (§7).
pub fn redeem(_: &mut Ctx, _delegator: &Address, _operator: &Address) -> Result<Amount> {
    Ok(Amount::ZERO)
}

/// Forgets a bond that has ended, after [`redeem`].
pub fn forget(_: &mut Ctx, _delegator: &Address, _operator: &Address) -> Result<()> {
    Ok(())
}
