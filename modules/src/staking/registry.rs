//! The validators' records: creation, saving with its place in the ranking, the keys that are never reused (§6).

use super::error::{invalid, refused, KEY_EXISTS, NO_VALIDATOR, OPERATOR_EXISTS};
use super::{consensus_address, jail, params, state, Commission, Validator};
use crate::kernel::{Address, Amount, ConsensusAddress, Ctx, Decimal, Event, Result, View};
use crate::JMES;
use cosmos_sdk_proto::cosmos::staking::v1beta1::Description;

/// What is needed to create a validator.
pub struct NewValidator {
    /// The account that runs it.
    pub operator: Address,
    /// The ed25519 consensus key.
    pub key: [u8; 32],
    /// What people see.
    pub description: Description,
    /// The rates of commission; the time of the last change is set to the block's.
    pub commission: Commission,
    /// The operator's own bond that keeps it out of jail, in Nils.
    pub min_self_delegation: Amount,
    /// Whether possession of the key was proven.
    pub possession: bool,
    /// The work of a join, zeros otherwise.
    pub work: [u8; 32],
}

/// The validator that `operator` runs, if there is one.
pub fn validator(view: &View, operator: &Address) -> Result<Option<Validator>> {
    state::VALIDATORS.load(view, operator)
}

/// The validator that `operator` runs; `staking/3` if there is none.
pub fn require(view: &View, operator: &Address) -> Result<Validator> {
    validator(view, operator)?.ok_or_else(|| {
        refused(
            NO_VALIDATOR,
            format!("validator {} does not exist: validator does not exist", operator.operator()),
        )
    })
}

/// The operator of the validator that has, or had, this consensus key.
pub fn by_consensus(view: &View, address: &ConsensusAddress) -> Result<Option<Address>> {
    state::BY_CONSENSUS.load(view, address)
}

/// Saves a validator, its place in the ranking and its part of the total.
pub fn save(ctx: &mut Ctx, validator: &Validator) -> Result<()> {
    let before = state::VALIDATORS.load(ctx, &validator.operator)?;
    state::VALIDATORS.save(ctx, &validator.operator, validator)?;
    let (old, new) = (before.as_ref().and_then(rank), rank(validator));
    if old != new {
        if let Some(old) = old {
            state::RANKED.remove(ctx, &old)?;
        }
        if let Some(new) = new {
            state::RANKED.save(ctx, &new, &validator.operator)?;
        }
    }
    let tokens = before.map_or(Amount::ZERO, |before| before.tokens);
    if tokens != validator.tokens {
        let total = super::total_bonded(ctx)?.plus(validator.tokens)?.minus(tokens);
        state::TOTAL_BONDED.save(ctx, &total.unwrap_or_default())?;
    }
    Ok(())
}

/// See [`create`]; gives the validator whose key is taken over, if there is one.
fn check_new(view: &View, new: &NewValidator) -> Result<Option<Validator>> {
    check_description(&new.description)?;
    new.commission.check(minimum_commission(view)?)?;
    if state::VALIDATORS.has(view, &new.operator)? {
        let operator = new.operator.operator();
        return Err(refused(
            OPERATOR_EXISTS,
            format!("{operator}: validator already exist for this operator address; must use new validator operator address"),
        ));
    }
    let address = consensus_address(&new.key);
    let Some(holder) = by_consensus(view, &address)? else { return Ok(None) };
    let old = require(view, &holder)?;
    if !new.possession || old.possession || old.ever_seated {
        return Err(refused(
            KEY_EXISTS,
            format!("{address}: validator already exist for this pubkey; must use new validator pubkey"),
        ));
    }
    Ok(Some(old))
}

/// Creates a validator without a bond and without a seat. Refused are an operator that runs a validator already (`staking/4`), a
/// key that was ever used unless it is taken over (`staking/5`, §6), a text that is too long, a rate that is out of range.
pub fn create(ctx: &mut Ctx, new: NewValidator) -> Result<Validator> {
    if let Some(old) = check_new(ctx, &new)? {
        take_over(ctx, &old.operator, &new.operator)?;
    }
    let address = consensus_address(&new.key);
    let id = state::LAST_ID.load(ctx)?.unwrap_or(0).saturating_add(1);
    state::LAST_ID.save(ctx, &id)?;
    state::BY_CONSENSUS.save(ctx, &address, &new.operator)?;
    let validator = Validator {
        id,
        operator: new.operator,
        key: Some(new.key),
        possession: new.possession,
        description: new.description,
        commission: Commission { updated: ctx.block().time, ..new.commission },
        min_self_delegation: new.min_self_delegation,
        tokens: Amount::ZERO,
        shares: 0,
        jailed: false,
        jailed_until: 0,
        tombstoned: false,
        created_height: ctx.block().height,
        ever_seated: false,
        work: new.work,
        slashes: 0,
    };
    save(ctx, &validator)?;
    Ok(validator)
}

/// The first `limit` of the validators that have a key, are not jailed and have at least 1 JMES bonded: by bond, then earlier
/// creation (§6).
pub fn ranking(view: &View, limit: usize) -> Result<Vec<Address>> {
    let ranked = state::RANKED.scan(view, &[], None, false, limit)?;
    Ok(ranked.into_iter().map(|(_, operator)| operator).collect())
}

/// The lowest rate of commission that a validator may have.
pub(super) fn minimum_commission(view: &View) -> Result<Decimal> {
    Decimal::from_proto(&params(view)?.min_commission_rate)
}

/// Refuses texts longer than the Cosmos SDK's limits, in bytes, and a description without any text.
pub(super) fn check_description(description: &Description) -> Result<()> {
    let Description { moniker, identity, website, security_contact, details } = description;
    let texts = [
        ("moniker", moniker, 70),
        ("identity", identity, 3_000),
        ("website", website, 140),
        ("security contact", security_contact, 140),
        ("details", details, 280),
    ];
    if texts.iter().all(|(_, text, _)| text.is_empty()) {
        return Err(invalid("empty description: invalid request"));
    }
    for (name, text, most) in texts {
        if text.len() > most {
            let length = text.len();
            return Err(invalid(format!(
                "invalid {name} length; got: {length}, max: {most}: invalid request"
            )));
        }
    }
    Ok(())
}

/// The place in the ranking, if it has one. Nils bonded fit 64 bits (§1); more would rank alike.
pub(super) fn rank(validator: &Validator) -> Option<(u64, u64)> {
    let ranked = validator.key.is_some() && !validator.jailed && validator.tokens.0 >= JMES;
    let tokens = u64::try_from(validator.tokens.0).unwrap_or(u64::MAX);
    ranked.then(|| (u64::MAX.saturating_sub(tokens), validator.id))
}

/// A creation with possession takes the key of a validator that never had a seat and did not prove possession: that one keeps
/// its bonds and stays in jail for good (§6).
fn take_over(ctx: &mut Ctx, holder: &Address, by: &Address) -> Result<()> {
    jail(ctx, holder, u64::MAX)?;
    let old = Validator { key: None, ..require(ctx, holder)? };
    save(ctx, &old)?;
    let (by, from) = (by.operator(), holder.operator());
    ctx.emit(Event::new("take_over_key").with("validator", by).with("former_validator", from));
    Ok(())
}
