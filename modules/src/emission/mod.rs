//! The clock of issuance heights (§1) and the schedule of rewards (§2).

pub mod state;

use crate::kernel::{Amount, Ctx, Module, Result, View};
use serde_json::Value;

/// The module.
pub struct Emission;

impl Module for Emission {
    fn name(&self) -> &'static str {
        "emission"
    }
    fn import(&self, _: &mut Ctx, _: &Value) -> Result<()> {
        Ok(())
    }
    fn export(&self, _: &View) -> Result<Value> {
        Ok(Value::Null)
    }
}

/// What the block being made creates at most (§2), in Nils; nothing in an unpaced block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BlockReward {
    /// The part of the validators.
    pub validators: Amount,
    /// The part that funds DAOs; what is not paid out is never created.
    pub dao_budget: Amount,
}

/// Advances the clock (§1, §15 step 4).
pub fn begin_block(_: &mut Ctx) -> Result<()> {
    Ok(())
}

/// The issuance height n of the block being made (from step 4 on), or of the last one.
pub fn issuance_height(_: &View) -> Result<u64> {
    Ok(0)
}

/// What the block being made creates.
pub fn block_reward(_: &View) -> Result<BlockReward> {
    Ok(BlockReward::default())
}

/// C(n): the sum of all rewards so far, in Nils (§2).
pub fn issued(_: &View) -> Result<Amount> {
    Ok(Amount::ZERO)
}

/// How much of a premint of `amount` Nils is unlocked: floor(amount × C(n) / E) (§3).
pub fn unlocked(_: &View, amount: Amount) -> Result<Amount> {
    Ok(amount)
}

/// Whether the view's block is in the Initial Distribution Period: up to and including the first height
/// with n = the period's length (§1). What is decided from that block's end on asks [`idp_ended`].
pub fn is_idp(_: &View) -> Result<bool> {
    Ok(true)
}

/// Whether the Initial Distribution Period is over at this block's end: true in its last block after step 4
/// and ever after.
pub fn idp_ended(_: &View) -> Result<bool> {
    Ok(false)
}

/// Whether the block being made is the Initial Distribution Period's last (after step 4).
pub fn is_idp_last(_: &View) -> Result<bool> {
    Ok(false)
}

/// The last issuance height of the Initial Distribution Period.
pub fn idp_blocks(_: &View) -> Result<u64> {
    Ok(483_840)
}
