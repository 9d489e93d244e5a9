//! Seats: who of the validators is in the engine's set, with what power (§6).

pub mod state;

use crate::kernel::{Address, Ctx, Module, Result, ValidatorUpdate, View};
use serde_json::Value;

/// The module. Its messages and queries are those of `jmes.staking.v1`.
pub struct Seats;

impl Module for Seats {
    fn name(&self) -> &'static str {
        "seats"
    }
    fn import(&self, _: &mut Ctx, _: &Value) -> Result<()> {
        Ok(())
    }
    fn export(&self, _: &View) -> Result<Value> {
        Ok(Value::Null)
    }
}

/// A member of the engine's set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seat {
    /// The validator.
    pub operator: Address,
    /// The power last told to the engine.
    pub power: u64,
    /// Whether it has shown that it signs.
    pub proven: bool,
    /// The height at whose end it was seated; 0 for genesis.
    pub seated_height: u64,
    /// Whether it has been seated since before the end of the Initial Distribution Period.
    pub incumbent: bool,
}

/// Seats a validator of genesis, proven (§6). Called in the order of seating, before [`finish_genesis`].
pub fn seat_at_genesis(_: &mut Ctx, _operator: &Address) -> Result<()> {
    Ok(())
}

/// Checks that 1 to 100 validators are seated; gives the engine's set, in order of seating.
pub fn finish_genesis(_: &mut Ctx) -> Result<Vec<ValidatorUpdate>> {
    Ok(Vec::new())
}

/// Proofs, seats, powers, updates (§15 step 9).
pub fn end_block(_: &mut Ctx) -> Result<()> {
    Ok(())
}

/// All seats in order of seating.
pub fn seats(_: &View) -> Result<Vec<Seat>> {
    Ok(Vec::new())
}

/// Whether the validator is in the engine's set as the last block's end decided it.
pub fn is_seated(_: &View, _operator: &Address) -> Result<bool> {
    Ok(false)
}

/// A validator begins to wait for a seat: it was created, or unjailed (§6). Nothing happens after the Initial Distribution
/// Period or when it is seated. Refused when 10,000 wait and its work is not lower than the highest of theirs.
pub fn wait(_: &mut Ctx, _operator: &Address) -> Result<()> {
    Ok(())
}

/// A validator no longer waits: it was jailed.
pub fn leave(_: &mut Ctx, _operator: &Address) -> Result<()> {
    Ok(())
}
