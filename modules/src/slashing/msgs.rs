//! The message of `cosmos.slashing.v1beta1`: leaving jail (§6).

use super::slashing_codes::{
    MISSING_SELF_DELEGATION, NOT_JAILED, NO_VALIDATOR, SELF_DELEGATION_TOO_LOW, SLASHING, STILL_JAILED,
};
use crate::kernel::{Address, Ctx, Error, Msg, Result, View};
use crate::staking;
use cosmos_sdk_proto::cosmos::slashing::v1beta1::{MsgUnjail, MsgUnjailResponse};

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
/// `slashing`. For the free transactions of §4 too.
pub fn can_unjail(view: &View, operator: &Address) -> Result<()> {
    let refuse = |code, why: String| Err(Error::new(SLASHING, code, why));
    let Some(validator) = staking::validator(view, operator)? else {
        return refuse(NO_VALIDATOR, "address is not associated with any known validator".into());
    };
    let shares = staking::shares_of(view, operator, operator)?;
    let (bond, least) = (validator.value_of(shares)?, validator.min_self_delegation);
    if bond < least {
        if shares == 0 {
            return refuse(
                MISSING_SELF_DELEGATION,
                "validator has no self-delegation; cannot be unjailed".into(),
            );
        }
        let why = format!(
            "{bond} less than {least}: validator's self delegation less than minimum; cannot be unjailed"
        );
        return refuse(SELF_DELEGATION_TOO_LOW, why);
    }
    if !validator.jailed && !validator.tombstoned {
        return refuse(NOT_JAILED, "validator not jailed; cannot be unjailed".into());
    }
    if validator.tombstoned || view.block().time < validator.jailed_until {
        return refuse(STILL_JAILED, "validator still jailed; cannot be unjailed".into());
    }
    Ok(())
}
