//! Liveness and evidence (§8): who misses too many commits is jailed, who signs twice is slashed and tombstoned.

pub mod state;

use crate::kernel::{Address, Ctx, Module, Result, View};
use serde_json::Value;

/// The module.
pub struct Slashing;

impl Module for Slashing {
    fn name(&self) -> &'static str {
        "slashing"
    }
    fn import(&self, _: &mut Ctx, _: &Value) -> Result<()> {
        Ok(())
    }
    fn export(&self, _: &View) -> Result<Value> {
        Ok(Value::Null)
    }
}

/// Evidence, then liveness (§15 step 2).
pub fn begin_block(_: &mut Ctx) -> Result<()> {
    Ok(())
}

/// A validator was seated: its window starts anew (§8).
pub fn start_window(_: &mut Ctx, _operator: &Address) -> Result<()> {
    Ok(())
}
