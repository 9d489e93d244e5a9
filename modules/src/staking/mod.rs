//! Validators and bonds (§5, §6 messages, §8). Who of the validators is in the engine's set is the business of `seats`.

pub mod state;
mod validator;

pub use validator::{consensus_address, Commission, Validator};

use crate::kernel::{codes, Address, Amount, ConsensusAddress, Ctx, Decimal, Error, Module, Result, View};
use serde_json::Value;

/// The module.
pub struct Staking;

impl Module for Staking {
    fn name(&self) -> &'static str {
        "staking"
    }
    fn import(&self, _: &mut Ctx, _: &Value) -> Result<()> {
        Ok(())
    }
    fn export(&self, _: &View) -> Result<Value> {
        Ok(Value::Null)
    }
}

/// The validator that `operator` runs, if there is one.
pub fn validator(view: &View, operator: &Address) -> Result<Option<Validator>> {
    state::VALIDATORS.load(view, operator)
}

/// The validator that `operator` runs; `staking/3` if there is none.
pub fn require(view: &View, operator: &Address) -> Result<Validator> {
    validator(view, operator)?
        .ok_or_else(|| Error::new("staking", 3, format!("validator {} does not exist", operator.operator())))
}

/// The operator of the validator that has, or had, this consensus key.
pub fn by_consensus(view: &View, address: &ConsensusAddress) -> Result<Option<Address>> {
    state::BY_CONSENSUS.load(view, address)
}

/// Saves a validator and its place in the ranking.
pub fn save(ctx: &mut Ctx, validator: &Validator) -> Result<()> {
    state::VALIDATORS.save(ctx, &validator.operator, validator)
}

/// What is needed to create a validator.
pub struct NewValidator {
    /// The account that runs it.
    pub operator: Address,
    /// The ed25519 consensus key.
    pub key: [u8; 32],
    /// What people see.
    pub description: cosmos_sdk_proto::cosmos::staking::v1beta1::Description,
    /// The rates of commission.
    pub commission: Commission,
    /// The operator's own bond that keeps it out of jail, in Nils.
    pub min_self_delegation: Amount,
    /// Whether possession of the key was proven.
    pub possession: bool,
    /// The work of a join, zeros otherwise.
    pub work: [u8; 32],
}

/// Creates a validator without a bond and without a seat. Refused when the operator runs one already, when the key was ever
/// used (unless it is taken over, §6), when a text is too long or a rate is out of range.
pub fn create(_: &mut Ctx, _: NewValidator) -> Result<Validator> {
    Err(Error::sdk(codes::LOGIC, "not built yet"))
}

/// Bonds `amount` Nils of `delegator`'s wallet (§8).
pub fn bond(_: &mut Ctx, _delegator: &Address, _operator: &Address, _amount: Amount) -> Result<()> {
    Err(Error::sdk(codes::LOGIC, "not built yet"))
}

/// Jails a validator until `until` (nanoseconds since 1970, never earlier than before). It loses its seat at the block's end
/// (§6) and its place in the ranking and among those who wait at once.
pub fn jail(_: &mut Ctx, _operator: &Address, _until: u64) -> Result<()> {
    Ok(())
}

/// Jails a validator for ever (§8).
pub fn tombstone(_: &mut Ctx, _operator: &Address) -> Result<()> {
    Ok(())
}

/// Lets a validator out of jail; during the Initial Distribution Period it begins to wait for a seat. The codes of
/// `cosmos.slashing`: `slashing/4` when it is not jailed, `slashing/5` when it can't be unjailed yet or ever.
pub fn unjail(_: &mut Ctx, _operator: &Address) -> Result<()> {
    Ok(())
}

/// Burns floor(tokens × fraction) of what is bonded to the validator, and makes entries liable that began at heights
/// ≥ `offence_height` − 1 (§8). Gives what was burnt at once, in Nils.
pub fn slash(_: &mut Ctx, _operator: &Address, _fraction: Decimal, _offence_height: u64) -> Result<Amount> {
    Ok(Amount::ZERO)
}

/// Pays out what has finished unbonding, forgets redelegations that have aged (§15 step 3).
pub fn mature(_: &mut Ctx) -> Result<()> {
    Ok(())
}

/// The value of `address`'s bonds, floored per bond, in Nils: its balance of `bujmes` (§5).
pub fn bonded(_: &View, _address: &Address) -> Result<Amount> {
    Ok(Amount::ZERO)
}

/// The shares that `delegator` has of a validator.
pub fn shares_of(_: &View, _delegator: &Address, _operator: &Address) -> Result<u128> {
    Ok(0)
}

/// The sum of all validators' tokens, in Nils: the supply of `bujmes`.
pub fn total_bonded(view: &View) -> Result<Amount> {
    Ok(state::TOTAL_BONDED.load(view)?.unwrap_or_default())
}

/// The sum of all unbonding entries, in Nils; a slash of theirs is burnt when they are settled (§8).
pub fn total_unbonding(view: &View) -> Result<Amount> {
    Ok(state::TOTAL_UNBONDING.load(view)?.unwrap_or_default())
}

/// The validator at `place` (from 0) among those that are not jailed and have at least 1 JMES bonded, by bond, then earlier
/// creation (§6), at most `limit` of them.
pub fn ranking(_: &View, _limit: usize) -> Result<Vec<Address>> {
    Ok(Vec::new())
}
