//! The message of `cosmos.slashing.v1beta1`: leaving jail (§6).

use crate::kernel::{Address, Ctx, Error, Msg, Result, View};
use crate::staking;
use cosmos_sdk_proto::cosmos::slashing::v1beta1::{MsgUnjail, MsgUnjailResponse};

/// The codespace, and the Cosmos SDK's code for an operator without a validator.
const SLASHING: &str = "slashing";
const NO_VALIDATOR: u32 = 2;

impl Msg for MsgUnjail {
    type Response = MsgUnjailResponse;

    fn signers(&self) -> Result<Vec<Address>> {
        Ok(vec![Address::parse_operator(&self.validator_addr)?])
    }

    fn execute(&self, ctx: &mut Ctx) -> Result<MsgUnjailResponse> {
        let operator = Address::parse_operator(&self.validator_addr)
            .map_err(|error| error.context("validator input address"))?;
        can_unjail(ctx, &operator)?;
        staking::unjail(ctx, &operator)?;
        Ok(MsgUnjailResponse {})
    }
}

/// Whether the validator of `operator` can leave jail now; the refusal that its MsgUnjail would get otherwise, of codespace
/// `slashing`: 2 when there is no such validator, else as [`staking::check_can_unjail`]. For the free transactions of §4 too.
pub fn can_unjail(view: &View, operator: &Address) -> Result<()> {
    match staking::validator(view, operator)? {
        Some(validator) => staking::check_can_unjail(view, &validator),
        None => {
            let why = "address is not associated with any known validator";
            Err(Error::new(SLASHING, NO_VALIDATOR, format!("{}: {why}", operator.operator())))
        }
    }
}
