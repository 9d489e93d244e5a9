//! The messages of `cosmos.distribution.v1beta1`. Those of the community pool have no place in §7.

use super::{distribution_codes, params, redeem, redeem_commission, settle, state};
use crate::kernel::{Address, Amount, Coin, Ctx, Error, Event, Msg, Result};
use crate::{staking, BASE_DENOM};
use cosmos_sdk_proto::cosmos::base::v1beta1::Coin as ProtoCoin;
use cosmos_sdk_proto::cosmos::distribution::v1beta1::{
    MsgSetWithdrawAddress, MsgSetWithdrawAddressResponse, MsgWithdrawDelegatorReward,
    MsgWithdrawDelegatorRewardResponse, MsgWithdrawValidatorCommission,
    MsgWithdrawValidatorCommissionResponse,
};

/// Any address may receive: no coin is held by an address that nobody controls (§4).
impl Msg for MsgSetWithdrawAddress {
    type Response = MsgSetWithdrawAddressResponse;

    fn signers(&self) -> Result<Vec<Address>> {
        Ok(vec![delegator(&self.delegator_address)?])
    }

    fn execute(&self, ctx: &mut Ctx) -> Result<MsgSetWithdrawAddressResponse> {
        let owner = delegator(&self.delegator_address)?;
        let wallet = Address::parse(&self.withdraw_address)
            .map_err(|error| error.context("invalid withdraw address"))?;
        if !params(ctx)?.withdraw_addr_enabled {
            let code = distribution_codes::WITHDRAW_ADDRESS_DISABLED;
            return Err(refusal(code, "set withdraw address disabled".into()));
        }
        ctx.emit(Event::new("set_withdraw_address").with("withdraw_address", wallet));
        if wallet == owner {
            state::WITHDRAW_ADDRESSES.remove(ctx, &owner)?;
        } else {
            state::WITHDRAW_ADDRESSES.save(ctx, &owner, &wallet)?;
        }
        Ok(MsgSetWithdrawAddressResponse {})
    }
}

impl Msg for MsgWithdrawDelegatorReward {
    type Response = MsgWithdrawDelegatorRewardResponse;

    fn signers(&self) -> Result<Vec<Address>> {
        Ok(vec![delegator(&self.delegator_address)?])
    }

    fn execute(&self, ctx: &mut Ctx) -> Result<MsgWithdrawDelegatorRewardResponse> {
        let operator = operator(&self.validator_address)?;
        let owner = delegator(&self.delegator_address)?;
        staking::require(ctx, &operator)?;
        if staking::shares_of(ctx, &owner, &operator)? == 0 {
            let validator = operator.operator();
            let why = format!("{owner} has no bond to {validator}: no delegation distribution info");
            return Err(refusal(distribution_codes::NO_DELEGATION, why));
        }
        settle(ctx, &operator)?;
        let amount = redeem(ctx, &owner, &operator)?;
        Ok(MsgWithdrawDelegatorRewardResponse { amount: coins(amount) })
    }
}

impl Msg for MsgWithdrawValidatorCommission {
    type Response = MsgWithdrawValidatorCommissionResponse;

    fn signers(&self) -> Result<Vec<Address>> {
        Ok(vec![operator(&self.validator_address)?])
    }

    fn execute(&self, ctx: &mut Ctx) -> Result<MsgWithdrawValidatorCommissionResponse> {
        let amount = redeem_commission(ctx, &operator(&self.validator_address)?)?;
        Ok(MsgWithdrawValidatorCommissionResponse { amount: coins(amount) })
    }
}

fn delegator(text: &str) -> Result<Address> {
    Address::parse(text).map_err(|error| error.context("invalid delegator address"))
}

fn operator(text: &str) -> Result<Address> {
    Address::parse_operator(text).map_err(|error| error.context("invalid validator address"))
}

fn refusal(code: u32, why: String) -> Error {
    Error::new(distribution_codes::DISTRIBUTION, code, why)
}

/// A redemption of nothing answers with a coin of amount 0, as in the Cosmos SDK.
fn coins(amount: Amount) -> Vec<ProtoCoin> {
    vec![Coin::new(BASE_DENOM, amount).to_proto()]
}
