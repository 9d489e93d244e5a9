//! The messages of `cosmos.staking.v1beta1` about bonds (§8).

use super::convert::{event_time, nils, timestamp};
use super::error::invalid;
use super::{bonds, redelegation, unbonding};
use crate::kernel::{validate_denom, Address, Amount, Coin, Ctx, Event, Msg, Result};
use crate::BASE_DENOM;
use cosmos_sdk_proto::cosmos::base::v1beta1::Coin as ProtoCoin;
use cosmos_sdk_proto::cosmos::staking::v1beta1::{
    MsgBeginRedelegate, MsgBeginRedelegateResponse, MsgCancelUnbondingDelegation,
    MsgCancelUnbondingDelegationResponse, MsgDelegate, MsgDelegateResponse, MsgUndelegate,
    MsgUndelegateResponse,
};

impl Msg for MsgDelegate {
    type Response = MsgDelegateResponse;

    fn signers(&self) -> Result<Vec<Address>> {
        Ok(vec![Address::parse(&self.delegator_address)?])
    }

    fn execute(&self, ctx: &mut Ctx) -> Result<MsgDelegateResponse> {
        let operator = operator_of(&self.validator_address, "validator")?;
        let delegator = delegator_of(&self.delegator_address)?;
        let amount = nils_of(self.amount.as_ref(), "invalid delegation amount")?;
        let shares = bonds::delegate(ctx, &delegator, &operator, amount)?;
        ctx.emit(
            Event::new("delegate")
                .with("validator", &self.validator_address)
                .with("delegator", &self.delegator_address)
                .with("amount", Coin::new(BASE_DENOM, amount))
                .with("new_shares", format!("{shares}.000000000000000000")),
        );
        Ok(MsgDelegateResponse {})
    }
}

impl Msg for MsgUndelegate {
    type Response = MsgUndelegateResponse;

    fn signers(&self) -> Result<Vec<Address>> {
        Ok(vec![Address::parse(&self.delegator_address)?])
    }

    fn execute(&self, ctx: &mut Ctx) -> Result<MsgUndelegateResponse> {
        let operator = operator_of(&self.validator_address, "validator")?;
        let delegator = delegator_of(&self.delegator_address)?;
        let amount = nils_or_nothing(self.amount.as_ref(), "invalid shares amount")?;
        let completion = unbonding::begin(ctx, &delegator, &operator, amount)?;
        ctx.emit(
            Event::new("unbond")
                .with("validator", &self.validator_address)
                .with("delegator", &self.delegator_address)
                .with("amount", Coin::new(BASE_DENOM, amount))
                .with("completion_time", event_time(completion)),
        );
        Ok(MsgUndelegateResponse { completion_time: Some(timestamp(completion)), amount: Some(nils(amount)) })
    }
}

impl Msg for MsgBeginRedelegate {
    type Response = MsgBeginRedelegateResponse;

    fn signers(&self) -> Result<Vec<Address>> {
        Ok(vec![Address::parse(&self.delegator_address)?])
    }

    fn execute(&self, ctx: &mut Ctx) -> Result<MsgBeginRedelegateResponse> {
        let source = operator_of(&self.validator_src_address, "source validator")?;
        let destination = operator_of(&self.validator_dst_address, "destination validator")?;
        let delegator = delegator_of(&self.delegator_address)?;
        let amount = nils_of(self.amount.as_ref(), "invalid shares amount")?;
        let completion = redelegation::begin(ctx, &delegator, &source, &destination, amount)?;
        ctx.emit(
            Event::new("redelegate")
                .with("source_validator", &self.validator_src_address)
                .with("destination_validator", &self.validator_dst_address)
                .with("amount", Coin::new(BASE_DENOM, amount))
                .with("completion_time", event_time(completion)),
        );
        Ok(MsgBeginRedelegateResponse { completion_time: Some(timestamp(completion)) })
    }
}

impl Msg for MsgCancelUnbondingDelegation {
    type Response = MsgCancelUnbondingDelegationResponse;

    fn signers(&self) -> Result<Vec<Address>> {
        Ok(vec![Address::parse(&self.delegator_address)?])
    }

    fn execute(&self, ctx: &mut Ctx) -> Result<MsgCancelUnbondingDelegationResponse> {
        let operator = operator_of(&self.validator_address, "validator")?;
        let delegator = delegator_of(&self.delegator_address)?;
        let amount = nils_of(self.amount.as_ref(), "invalid amount")?;
        let height = u64::try_from(self.creation_height).ok().filter(|height| *height > 0);
        let Some(height) = height else {
            let given = self.creation_height;
            return Err(invalid(format!(
                "invalid height: an entry's creation height is at least 1, got {given}: invalid request"
            )));
        };
        unbonding::cancel(ctx, &delegator, &operator, height, amount)?;
        ctx.emit(
            Event::new("cancel_unbonding_delegation")
                .with("amount", Coin::new(BASE_DENOM, amount))
                .with("validator", &self.validator_address)
                .with("delegator", &self.delegator_address)
                .with("creation_height", height),
        );
        Ok(MsgCancelUnbondingDelegationResponse {})
    }
}

/// Reads an operator address; `what` names it when it is refused.
pub(super) fn operator_of(text: &str, what: &str) -> Result<Address> {
    Address::parse_operator(text).map_err(|error| error.context(format!("invalid {what} address")))
}

fn delegator_of(text: &str) -> Result<Address> {
    Address::parse(text).map_err(|error| error.context("invalid delegator address"))
}

/// A positive number of Nils; `why` is what the refusal of nothing begins with.
pub(super) fn nils_of(coin: Option<&ProtoCoin>, why: &str) -> Result<Amount> {
    let amount = nils_or_nothing(coin, why)?;
    if amount.is_zero() {
        return Err(invalid(format!("{why}: it must be positive: invalid request")));
    }
    Ok(amount)
}

/// A number of Nils, which can be 0; `why` is what the refusal of a missing one begins with.
fn nils_or_nothing(coin: Option<&ProtoCoin>, why: &str) -> Result<Amount> {
    let Some(coin) = coin else { return Err(invalid(format!("{why}: none is given: invalid request"))) };
    let amount = Amount::parse(&coin.amount)?;
    validate_denom(&coin.denom)?;
    if coin.denom != BASE_DENOM {
        let given = &coin.denom;
        return Err(invalid(format!(
            "invalid coin denomination: got {given}, expected {BASE_DENOM}: invalid request"
        )));
    }
    Ok(amount)
}
