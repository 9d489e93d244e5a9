//! `jmesd query funding`: what governance has granted DAOs, and what of it is paid (§12).

use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use jmes_modules::kernel::Amount;
use jmes_proto::jmes::funding::v1 as funding;

use super::{show, QueryArgs, Shown};
use crate::cli::names::{parse_account, Account, Names};
use crate::cli::options::{KeyringArgs, PageArgs};
use crate::cli::people::{amount, cell, grouped, nils, share, yes, View};
use crate::cli::remote::Remote;
use crate::cli::Session;

const INCOMPLETE: &str = "the node's answer is incomplete";
/// The query of the plan.
pub(in crate::cli) const PLAN: &str = "/jmes.funding.v1.Query/Plan";

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum FundingQuery {
    /// Show what the latest block paid, in order, and why the rest was not paid
    Plan(QueryArgs),
    /// Show the funding of one proposal
    Stream(StreamArgs),
    /// Show all funding that was ever granted, the newest first
    Streams(StreamsArgs),
    /// Show the parameters
    Params(QueryArgs),
}

#[derive(Args, Debug)]
pub(in crate::cli) struct StreamArgs {
    /// Number of the proposal that granted it
    proposal_id: u64,
    #[command(flatten)]
    query: QueryArgs,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct StreamsArgs {
    /// Only those of this DAO, by name or address
    #[arg(long, value_parser = parse_account)]
    dao: Option<Account>,
    #[command(flatten)]
    page: PageArgs,
    #[command(flatten)]
    query: QueryArgs,
    #[command(flatten)]
    keyring: KeyringArgs,
}

impl FundingQuery {
    pub(super) fn run(&self, session: &mut Session) -> Result<()> {
        match self {
            Self::Plan(args) => plan_query(session, args),
            Self::Stream(args) => {
                let request = funding::QueryStreamRequest { proposal_id: args.proposal_id };
                let path = "/jmes.funding.v1.Query/Stream";
                show(session, &args.query, path, &request, stream)
            }
            Self::Streams(args) => {
                let dao = match &args.dao {
                    Some(dao) => args.query.resolve(session, dao, &args.keyring)?.to_string(),
                    None => String::new(),
                };
                let request = funding::QueryStreamsRequest { dao, pagination: Some(args.page.to_request()) };
                show(session, &args.query, "/jmes.funding.v1.Query/Streams", &request, streams)
            }
            Self::Params(args) => {
                let request = funding::QueryParamsRequest {};
                show(session, args, "/jmes.funding.v1.Query/Params", &request, |answer, _| params(answer))
            }
        }
    }
}

/// Shows the plan; also `jmesd funding`.
pub(in crate::cli) fn plan_query(session: &mut Session, args: &QueryArgs) -> Result<()> {
    show(session, args, PLAN, &funding::QueryPlanRequest {}, plan)
}

fn plan(answer: &funding::QueryPlanResponse, remote: &Remote) -> Result<Shown> {
    let names = Names::of(remote);
    let (budget, spent) = (amount(&answer.budget)?, amount(&answer.spent)?);
    let rows = answer.entries.iter().enumerate().map(|(index, entry)| {
        Ok(View::new()
            .with("#", (index + 1).to_string())
            .with("proposal", entry.proposal_id.to_string())
            .with("dao", names.name(&entry.dao))
            .with("a block", cell(&entry.rate)?)
            .with("of the budget", share(amount(&entry.rate)?, budget))
            .with("net yes", cell(&entry.net_yes)?)
            .with("paid", yes(entry.paid))
            .with("why", entry.reason.as_str()))
    });
    let left = Amount(budget.0.saturating_sub(spent.0));
    Ok(View::new()
        .with("block of the emission", grouped(&answer.height.to_string()))
        .with("budget of a block", nils(&answer.budget)?)
        .with("paid of it", format!("{}, {}", nils(&answer.spent)?, share(spent, budget)))
        .with("never created", nils(&left.to_string())?)
        .with("funding", rows.collect::<Result<Vec<_>>>()?)
        .into())
}

fn stream(answer: &funding::QueryStreamResponse, remote: &Remote) -> Result<Shown> {
    Ok(View::new()
        .with("proposal", answer.proposal_id.to_string())
        .with("dao", Names::of(remote).full(&answer.dao))
        .with("a block", nils(&answer.rate)?)
        .with("first block of the emission", grouped(&answer.first_height.to_string()))
        .with("last block of the emission", grouped(&answer.last_height.to_string()))
        .with("paid so far", nils(&answer.total_paid)?)
        .with("blocks not paid", grouped(&answer.missed_blocks.to_string()))
        .with("net yes", nils(&answer.net_yes)?)
        .with("goes on", yes(answer.active))
        .into())
}

fn streams(answer: &funding::QueryStreamsResponse, remote: &Remote) -> Result<Shown> {
    let names = Names::of(remote);
    let rows = answer.streams.iter().map(|stream| {
        Ok(View::new()
            .with("proposal", stream.proposal_id.to_string())
            .with("dao", names.name(&stream.dao))
            .with("a block", cell(&stream.rate)?)
            .with("first block", grouped(&stream.first_height.to_string()))
            .with("last block", grouped(&stream.last_height.to_string()))
            .with("paid so far", cell(&stream.total_paid)?)
            .with("blocks not paid", grouped(&stream.missed_blocks.to_string()))
            .with("goes on", yes(stream.active)))
    });
    Ok(Shown::rows(rows.collect::<Result<_>>()?, answer.pagination.as_ref()))
}

fn params(answer: &funding::QueryParamsResponse) -> Result<Shown> {
    let params = answer.params.as_ref().context(INCOMPLETE)?;
    let percent = |percent: u32, of: &str| format!("{percent}% of {of}");
    Ok(View::new()
        .with("core slots at most", percent(params.core_cap_percent, "the budget"))
        .with("all others at most", percent(params.non_core_cap_percent, "the budget"))
        .with("engineering at most", percent(params.engineering_share_percent, "the core slots'"))
        .with("brand at most", percent(params.brand_share_percent, "the core slots'"))
        .with("community at most", percent(params.community_share_percent, "the core slots'"))
        .with("requests of a DAO in a cycle at most", percent(params.max_request_percent, "the budget"))
        .with("most months", params.max_months.to_string())
        .into())
}
