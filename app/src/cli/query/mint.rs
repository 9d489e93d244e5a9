//! `jmesd query mint`: the emission in the terms of explorers (§2).

use anyhow::{Context, Result};
use clap::Subcommand;
use cosmos_sdk_proto::cosmos::mint::v1beta1 as mint;
use jmes_modules::kernel::{Amount, Decimal};
use jmes_modules::BASE_DENOM;

use super::{show, QueryArgs};
use crate::cli::amount::describe;
use crate::cli::people::{grouped, percent, View};
use crate::cli::Session;

const INCOMPLETE: &str = "the node's answer is incomplete";

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum MintQuery {
    /// Show by what part supply grows in a year
    Inflation(QueryArgs),
    /// Show how many coins a year creates
    AnnualProvisions(QueryArgs),
    /// Show the parameters
    Params(QueryArgs),
}

impl MintQuery {
    pub(super) fn run(&self, session: &mut Session) -> Result<()> {
        match self {
            Self::Inflation(args) => {
                let request = mint::QueryInflationRequest {};
                let shown = |answer: &mint::QueryInflationResponse, _: &_| {
                    Ok(percent(std::str::from_utf8(&answer.inflation).context(INCOMPLETE)?)?.into())
                };
                show(session, args, "/cosmos.mint.v1beta1.Query/Inflation", &request, shown)
            }
            Self::AnnualProvisions(args) => {
                let request = mint::QueryAnnualProvisionsRequest {};
                let shown = |answer: &mint::QueryAnnualProvisionsResponse, _: &_| {
                    let provisions = std::str::from_utf8(&answer.annual_provisions).context(INCOMPLETE)?;
                    let nils = Decimal::from_proto(provisions)?.0 / Decimal::ONE.0;
                    Ok(describe(Amount(nils), BASE_DENOM).into())
                };
                show(session, args, "/cosmos.mint.v1beta1.Query/AnnualProvisions", &request, shown)
            }
            Self::Params(args) => {
                let request = mint::QueryParamsRequest {};
                let shown = |answer: &mint::QueryParamsResponse, _: &_| {
                    let params = answer.params.as_ref().context(INCOMPLETE)?;
                    Ok(View::new()
                        .with("denomination", params.mint_denom.as_str())
                        .with("highest inflation", percent(&params.inflation_max)?)
                        .with("least inflation", percent(&params.inflation_min)?)
                        .with("blocks a year", grouped(&params.blocks_per_year.to_string()))
                        .into())
                };
                show(session, args, "/cosmos.mint.v1beta1.Query/Params", &request, shown)
            }
        }
    }
}
