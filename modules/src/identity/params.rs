//! The parameter of identities (§1) and its hard bound.

use super::state;
use crate::kernel::{codes, Amount, Error, Result, View};
use crate::JMES;
use jmes_proto::jmes::identity::v1::Params;

/// The most that any burn can be: 1,000 JMES (§1).
const MAX_BURN: Amount = Amount(1_000 * JMES);

/// Mainnet's parameters.
pub fn defaults() -> Params {
    Params { registration_burn: JMES.to_string() }
}

/// The parameters in force.
pub fn params(view: &View) -> Result<Params> {
    Ok(state::PARAMS.load(view)?.unwrap_or_else(defaults))
}

/// Checks the hard bounds (§1); the error names the parameter. `sdk/18`.
pub fn check_params(params: &Params) -> Result<()> {
    registration_burn(params).map(|_| ())
}

/// What a name costs, in Nils (§9); at most 1,000 JMES.
pub fn registration_burn(params: &Params) -> Result<Amount> {
    let burn = Amount::parse(&params.registration_burn).ok().filter(|burn| *burn <= MAX_BURN);
    burn.ok_or_else(|| {
        let shown: String = params.registration_burn.chars().take(48).collect();
        let why = format!("identity: registration_burn is \"{shown}\"; it must be from 0 to {MAX_BURN}");
        Error::sdk(codes::INVALID_REQUEST, why)
    })
}
