//! The messages of `cosmos.staking.v1beta1` about validators: create, edit (§6).

use super::convert::{commission, consensus_key};
use super::error::{
    invalid, refused, COMMISSION_ABOVE_CHANGE, COMMISSION_ABOVE_MAX, COMMISSION_UPDATE_TIME,
    MIN_SELF_DELEGATION_DECREASED, SELF_DELEGATION_BELOW_MIN,
};
use super::msgs_bonds::{nils_of, operator_of};
use super::registry::{check_description, minimum_commission};
use super::{bond, create, require, save, shares_of, Commission, NewValidator, Validator};
use crate::kernel::{Address, Amount, Coin, Ctx, Decimal, Event, Msg, Result};
use crate::{rewards, seats, BASE_DENOM, JMES};
use cosmos_sdk_proto::cosmos::staking::v1beta1::{
    Description, MsgCreateValidator, MsgCreateValidatorResponse, MsgEditValidator, MsgEditValidatorResponse,
};

/// A text of a description that is to stay as it is.
const DO_NOT_MODIFY: &str = "[do-not-modify]";

/// How long a rate of commission stays at least: 24 hours in nanoseconds.
const RATE_STAYS: u64 = 86_400_000_000_000;

/// A candidate with a bond of its own of at least 1 JMES; at genesis, where possession of the key counts as proven, also without.
impl Msg for MsgCreateValidator {
    type Response = MsgCreateValidatorResponse;

    fn signers(&self) -> Result<Vec<Address>> {
        Ok(vec![Address::parse_operator(&self.validator_address)?])
    }

    fn execute(&self, ctx: &mut Ctx) -> Result<MsgCreateValidatorResponse> {
        let genesis = ctx.block().height == 0;
        let operator = operator_of(&self.validator_address, "validator")?;
        check_delegator(self, &operator)?;
        let key = consensus_key(self.pubkey.as_ref())?;
        let value = self_bond(self, genesis)?;
        let min_self_delegation = Amount::parse(&self.min_self_delegation)?;
        if min_self_delegation.is_zero() && !genesis {
            return Err(invalid("minimum self delegation must be a positive integer: invalid request"));
        }
        if value < min_self_delegation {
            return Err(below_minimum(value, min_self_delegation));
        }
        create(
            ctx,
            NewValidator {
                operator,
                key,
                description: self.description.clone().unwrap_or_default(),
                commission: commission(self.commission.as_ref())?,
                min_self_delegation,
                possession: genesis,
                work: [0; 32],
            },
        )?;
        if !value.is_zero() {
            bond(ctx, &operator, &operator, value)?;
        }
        ctx.emit(
            Event::new("create_validator")
                .with("validator", &self.validator_address)
                .with("amount", Coin::new(BASE_DENOM, value)),
        );
        if !genesis {
            seats::wait(ctx, &operator)?;
        }
        Ok(MsgCreateValidatorResponse {})
    }
}

impl Msg for MsgEditValidator {
    type Response = MsgEditValidatorResponse;

    fn signers(&self) -> Result<Vec<Address>> {
        Ok(vec![Address::parse_operator(&self.validator_address)?])
    }

    fn execute(&self, ctx: &mut Ctx) -> Result<MsgEditValidatorResponse> {
        let operator = operator_of(&self.validator_address, "validator")?;
        let given = self.description.clone().unwrap_or_default();
        check_description(&given)?;
        let mut validator = require(ctx, &operator)?;
        validator.description = edited(&validator.description, given);
        check_description(&validator.description)?;
        if !self.commission_rate.is_empty() {
            let rate = Decimal::from_proto(&self.commission_rate)?;
            validator.commission = with_rate(ctx, &validator.commission, rate)?;
            rewards::settle(ctx, &operator)?;
        }
        if !self.min_self_delegation.is_empty() {
            let least = Amount::parse(&self.min_self_delegation)?;
            check_min_self_delegation(ctx, &validator, least)?;
            validator.min_self_delegation = least;
        }
        save(ctx, &validator)?;
        ctx.emit(
            Event::new("edit_validator")
                .with("commission_rate", validator.commission.rate)
                .with("min_self_delegation", validator.min_self_delegation),
        );
        Ok(MsgEditValidatorResponse {})
    }
}

/// Older clients name the operator twice.
#[allow(deprecated, reason = "a field that is signed is not ignored")]
fn check_delegator(msg: &MsgCreateValidator, operator: &Address) -> Result<()> {
    let given = &msg.delegator_address;
    if given.is_empty() || Address::parse(given).ok().as_ref() == Some(operator) {
        return Ok(());
    }
    let shown: String = given.chars().take(128).collect();
    let why = format!("delegator address {shown} is not the operator's, {operator}; leave it out");
    Err(invalid(format!("{why}: invalid request")))
}

fn self_bond(msg: &MsgCreateValidator, genesis: bool) -> Result<Amount> {
    let nothing = msg.value.as_ref().is_none_or(|coin| coin.amount == "0");
    if genesis && nothing {
        return Ok(Amount::ZERO);
    }
    let value = nils_of(msg.value.as_ref(), "invalid delegation amount")?;
    if value.0 < JMES && !genesis {
        let least = Coin::new(BASE_DENOM, Amount(JMES));
        let why = format!("a validator is created with a bond of at least {least}, got {value}{BASE_DENOM}");
        return Err(invalid(format!("{why}: invalid request")));
    }
    Ok(value)
}

fn below_minimum(bond: Amount, least: Amount) -> crate::kernel::Error {
    let why = "validator's self delegation must be greater than their minimum self delegation";
    refused(SELF_DELEGATION_BELOW_MIN, format!("{why}: {bond}{BASE_DENOM} against {least}{BASE_DENOM}"))
}

fn edited(now: &Description, given: Description) -> Description {
    let text = |now: &String, given: String| if given == DO_NOT_MODIFY { now.clone() } else { given };
    Description {
        moniker: text(&now.moniker, given.moniker),
        identity: text(&now.identity, given.identity),
        website: text(&now.website, given.website),
        security_contact: text(&now.security_contact, given.security_contact),
        details: text(&now.details, given.details),
    }
}

fn with_rate(ctx: &Ctx, now: &Commission, rate: Decimal) -> Result<Commission> {
    let time = ctx.block().time;
    if rate > Decimal::ONE {
        return Err(invalid("commission rate must be between 0 and 1 (inclusive): invalid request"));
    }
    let minimum = minimum_commission(ctx)?;
    if rate < minimum {
        let why = "commission rate cannot be less than the min commission rate";
        return Err(invalid(format!("{why} {minimum}: invalid request")));
    }
    if time.saturating_sub(now.updated) < RATE_STAYS {
        return Err(refused(COMMISSION_UPDATE_TIME, "commission cannot be changed more than once in 24h"));
    }
    if rate > now.max_rate {
        let why = "commission cannot be more than the max rate";
        return Err(refused(COMMISSION_ABOVE_MAX, format!("{why}: {rate} against {}", now.max_rate)));
    }
    if rate.0.saturating_sub(now.rate.0) > now.max_change_rate.0 {
        let why = "commission cannot be changed more than max change rate";
        let (from, most) = (now.rate, now.max_change_rate);
        return Err(refused(
            COMMISSION_ABOVE_CHANGE,
            format!("{why}: from {from} to {rate}, at most by {most}"),
        ));
    }
    Ok(Commission { rate, updated: time, ..*now })
}

fn check_min_self_delegation(ctx: &Ctx, validator: &Validator, least: Amount) -> Result<()> {
    if least.is_zero() {
        return Err(invalid("minimum self delegation must be a positive integer: invalid request"));
    }
    let now = validator.min_self_delegation;
    if least <= now {
        let why = "minimum self delegation cannot be decrease";
        return Err(refused(MIN_SELF_DELEGATION_DECREASED, format!("{why}d: it is {now}, got {least}")));
    }
    let bond = validator.value_of(shares_of(ctx, &validator.operator, &validator.operator)?)?;
    if bond < least {
        return Err(below_minimum(bond, least));
    }
    Ok(())
}
