//! Premint wallets, whose coins unlock with the emission (§3).

pub mod state;

use crate::kernel::{Address, Amount, Ctx, Module, Result, View};
use serde_json::Value;

/// The module.
pub struct Premint;

impl Module for Premint {
    fn name(&self) -> &'static str {
        "premint"
    }
    fn import(&self, _: &mut Ctx, _: &Value) -> Result<()> {
        Ok(())
    }
    fn export(&self, _: &View) -> Result<Value> {
        Ok(Value::Null)
    }
}

/// Whether `address` is a premint wallet: it can never bond coins (§3).
pub fn is_wallet(_: &View, _: &Address) -> Result<bool> {
    Ok(false)
}

/// What of the wallet's coins can't be spent, in Nils; 0 for every other address.
pub fn locked(_: &View, _: &Address) -> Result<Amount> {
    Ok(Amount::ZERO)
}

/// The sum of all locked premint, in Nils.
pub fn total_locked(_: &View) -> Result<Amount> {
    Ok(Amount::ZERO)
}

/// Refused for premint wallets, for every way to bond coins (§3).
pub fn check_can_bond(_: &Ctx, _: &Address) -> Result<()> {
    Ok(())
}
