//! The parameters of funding (§1, §12), their mainnet values and their hard bounds.

use super::{refresh, state};
use crate::kernel::{codes, Ctx, Error, Result, View};
use jmes_proto::jmes::funding::v1::Params;

/// The longest period that `max_months` can allow: a century, longer than there are rewards (§2).
const MOST_MONTHS: u32 = 1_200;

/// Mainnet's parameters.
pub const fn defaults() -> Params {
    Params {
        core_cap_percent: 50,
        non_core_cap_percent: 100,
        engineering_share_percent: 50,
        brand_share_percent: 25,
        community_share_percent: 25,
        max_request_percent: 25,
        max_months: 120,
    }
}

/// The parameters in force.
pub fn params(view: &View) -> Result<Params> {
    Ok(state::PARAMS.load(view)?.unwrap_or_else(defaults))
}

/// Checks the hard bounds (§1); the error names the parameter. `sdk/18`.
pub fn check_params(params: &Params) -> Result<()> {
    let percents = [
        ("core_cap_percent", params.core_cap_percent),
        ("non_core_cap_percent", params.non_core_cap_percent),
        ("engineering_share_percent", params.engineering_share_percent),
        ("brand_share_percent", params.brand_share_percent),
        ("community_share_percent", params.community_share_percent),
        ("max_request_percent", params.max_request_percent),
    ];
    if let Some((name, value)) = percents.into_iter().find(|(_, value)| *value > 100) {
        return Err(invalid(format!("{name} is {value}; it must be from 0 to 100")));
    }
    if !(1..=MOST_MONTHS).contains(&params.max_months) {
        let months = params.max_months;
        return Err(invalid(format!("max_months is {months}; it must be from 1 to {MOST_MONTHS}")));
    }
    Ok(())
}

/// Changes the parameters within their bounds. They hold from the next payment on: what is due is planned anew.
pub(super) fn set(ctx: &mut Ctx, params: &Params) -> Result<()> {
    check_params(params)?;
    state::PARAMS.save(ctx, params)?;
    refresh(ctx)
}

fn invalid(why: String) -> Error {
    Error::sdk(codes::INVALID_REQUEST, format!("funding: {why}"))
}
