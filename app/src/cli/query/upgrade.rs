//! `jmesd query upgrade`: what improvements have changed, and what is planned (§14).

use anyhow::Result;
use clap::{Args, Subcommand};
use jmes_proto::jmes::upgrade::v1 as upgrade;

use super::{no_params, show, QueryArgs, Shown};
use crate::cli::options::PageArgs;
use crate::cli::people::{grouped, yes, View};
use crate::cli::Session;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum UpgradeQuery {
    /// Show the versions of all modules: the active ones, and the latest that the node ships
    Versions(QueryArgs),
    /// Show the scheduled upgrade
    Plan(QueryArgs),
    /// Show the changes of parameters, the newest first
    Changes(ChangesArgs),
    /// Show the parameters, of which there are none
    Params(QueryArgs),
}

#[derive(Args, Debug)]
pub(in crate::cli) struct ChangesArgs {
    #[command(flatten)]
    page: PageArgs,
    #[command(flatten)]
    query: QueryArgs,
}

impl UpgradeQuery {
    pub(super) fn run(&self, session: &mut Session) -> Result<()> {
        match self {
            Self::Versions(args) => {
                let request = upgrade::QueryVersionsRequest {};
                show(session, args, "/jmes.upgrade.v1.Query/Versions", &request, |answer, _| {
                    Ok(versions(answer))
                })
            }
            Self::Plan(args) => {
                let request = upgrade::QueryPlanRequest {};
                show(session, args, "/jmes.upgrade.v1.Query/Plan", &request, |answer, _| Ok(plan(answer)))
            }
            Self::Changes(args) => {
                let request = upgrade::QueryChangesRequest { pagination: Some(args.page.to_request()) };
                show(session, &args.query, "/jmes.upgrade.v1.Query/Changes", &request, |answer, _| {
                    Ok(changes(answer))
                })
            }
            Self::Params(args) => {
                let path = "/jmes.upgrade.v1.Query/Params";
                no_params::<upgrade::QueryParamsResponse>(
                    session,
                    args,
                    path,
                    &upgrade::QueryParamsRequest {},
                )
            }
        }
    }
}

fn versions(answer: &upgrade::QueryVersionsResponse) -> Shown {
    let rows = answer.versions.iter().map(|version| {
        View::new()
            .with("module", version.module.as_str())
            .with("active", version.active.to_string())
            .with("latest", version.latest.to_string())
    });
    View::new()
        .with("every DAO raises improvements", yes(answer.improvements_open))
        .with("versions", rows.collect::<Vec<_>>())
        .into()
}

fn plan(answer: &upgrade::QueryPlanResponse) -> Shown {
    let Some(plan) = &answer.plan else { return "no upgrade is scheduled".to_owned().into() };
    let checksums = plan.checksums.iter().map(|checksum| {
        View::new()
            .with("platform", checksum.platform.as_str())
            .with("sha256", checksum.sha256.as_str())
            .with("url", if checksum.url.is_empty() { "-" } else { &checksum.url })
    });
    View::new()
        .with("upgrade", plan.name.as_str())
        .with("at height", grouped(&plan.height.to_string()))
        .with("programs", checksums.collect::<Vec<_>>())
        .into()
}

fn changes(answer: &upgrade::QueryChangesResponse) -> Shown {
    let rows = answer.changes.iter().map(|change| {
        let set = change.change.clone().unwrap_or_default();
        View::new()
            .with("height", grouped(&change.height.to_string()))
            .with("parameter", format!("{}.{}", set.module, set.parameter))
            .with("value", set.value)
            .with("before", change.before.as_str())
            .with("proposal", change.proposal_id.to_string())
    });
    Shown::rows(rows.collect(), answer.pagination.as_ref())
}
