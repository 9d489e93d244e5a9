//! `jmesd query emission`: rewards, supply and the clock that creates them (§1, §2).

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use jmes_proto::jmes::emission::v1 as emission;
use jmes_proto::Duration;

use super::{chart, show, QueryArgs, Shown};
use crate::cli::people::{amount, cell, duration, grouped, moment, nils, share, span, View};
use crate::cli::remote::Remote;
use crate::cli::Session;

const INCOMPLETE: &str = "the node's answer is incomplete";

#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true, arg_required_else_help = true)]
pub(in crate::cli) struct EmissionArgs {
    /// Draw reward, issued supply and unlocked premint over the years
    #[arg(long)]
    chart: bool,
    #[command(flatten)]
    how: ChartArgs,
    #[command(subcommand)]
    query: Option<EmissionQuery>,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum EmissionQuery {
    /// Show how far the emission has got, and how far it is ahead of the clock
    Clock(QueryArgs),
    /// Show what one block creates
    Reward(RewardArgs),
    /// Show all periods with their rewards
    Schedule(QueryArgs),
    /// Show all coins by what they are at
    Supply(QueryArgs),
    /// Show the parameters
    Params(QueryArgs),
    /// Draw reward, issued supply and unlocked premint over the years
    Chart(ChartArgs),
}

#[derive(Args, Debug)]
pub(in crate::cli) struct RewardArgs {
    /// Block of the emission, counted from 1 [default: the latest]
    #[arg(value_parser = clap::value_parser!(u64).range(1..))]
    n: Option<u64>,
    #[command(flatten)]
    query: QueryArgs,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct ChartArgs {
    /// Write an SVG picture to this file instead
    #[arg(long, value_name = "FILE")]
    pub svg: Option<PathBuf>,
    /// Draw the public chain's schedule, and ask no node
    #[arg(long, conflicts_with_all = ["height", "node"])]
    pub offline: bool,
    #[command(flatten)]
    pub query: QueryArgs,
}

impl EmissionArgs {
    pub(super) fn run(&self, session: &mut Session) -> Result<()> {
        match &self.query {
            // Nothing else can be asked without a subcommand: --svg and --offline are about the chart too.
            None => chart::run(session, &self.how),
            Some(EmissionQuery::Chart(args)) => chart::run(session, args),
            Some(EmissionQuery::Clock(args)) => {
                let request = emission::QueryClockRequest {};
                show(session, args, "/jmes.emission.v1.Query/Clock", &request, clock)
            }
            Some(EmissionQuery::Reward(args)) => reward(session, args),
            Some(EmissionQuery::Schedule(args)) => {
                let request = emission::QueryScheduleRequest {};
                show(session, args, "/jmes.emission.v1.Query/Schedule", &request, |answer, _| {
                    schedule(answer)
                })
            }
            Some(EmissionQuery::Supply(args)) => {
                let request = emission::QuerySupplyRequest {};
                show(session, args, "/jmes.emission.v1.Query/Supply", &request, |answer, _| supply(answer))
            }
            Some(EmissionQuery::Params(args)) => {
                let request = emission::QueryParamsRequest {};
                show(session, args, "/jmes.emission.v1.Query/Params", &request, |answer, _| params(answer))
            }
        }
    }
}

fn clock(answer: &emission::QueryClockResponse, remote: &Remote) -> Result<Shown> {
    let now = remote.now()?;
    let unpaced = answer.height.saturating_sub(answer.n);
    Ok(View::new()
        .with("height", grouped(&answer.height.to_string()))
        .with("block of the emission", grouped(&answer.n.to_string()))
        .with("blocks without a reward", grouped(&unpaced.to_string()))
        .with("pace", pace(answer.ahead.as_ref()))
        .with("block time", moment(answer.block_time.as_ref(), now))
        .with("genesis time", moment(answer.genesis_time.as_ref(), now))
        .into())
}

/// Whether the emission is ahead of the clock.
fn pace(ahead: Option<&Duration>) -> String {
    match ahead.map_or(0, |ahead| ahead.seconds) {
        0 => "on the clock".into(),
        seconds @ 1.. => format!("{} ahead of the clock", span(seconds.into())),
        seconds => format!("{} behind the clock", span(i128::from(seconds.unsigned_abs()))),
    }
}

fn reward(session: &mut Session, args: &RewardArgs) -> Result<()> {
    let n = match args.n {
        Some(n) => n,
        None => {
            let request = emission::QueryClockRequest {};
            let remote = session.remote(&args.query.node)?;
            let clock: emission::QueryClockResponse =
                remote.query("/jmes.emission.v1.Query/Clock", &request, args.query.height)?;
            clock.n.max(1)
        }
    };
    let request = emission::QueryRewardRequest { n };
    show(session, &args.query, "/jmes.emission.v1.Query/Reward", &request, |answer, _| one_reward(answer))
}

fn one_reward(answer: &emission::QueryRewardResponse) -> Result<Shown> {
    Ok(View::new()
        .with("block of the emission", grouped(&answer.n.to_string()))
        .with("year", answer.period.to_string())
        .with("reward", nils(&answer.reward)?)
        .with("of validators and stake", nils(&answer.validator_share)?)
        .with("at most for DAOs", nils(&answer.dao_budget)?)
        .with("issued up to here", nils(&answer.issued)?)
        .with("premint unlocked up to here", nils(&answer.premint_unlocked)?)
        .into())
}

fn schedule(answer: &emission::QueryScheduleResponse) -> Result<Shown> {
    let rows = answer.periods.iter().map(|period| {
        Ok(View::new()
            .with("year", period.period.to_string())
            .with("first block", grouped(&period.first_height.to_string()))
            .with("last block", grouped(&period.last_height.to_string()))
            .with("reward a block", cell(&period.reward)?)
            .with("issued at the end", cell(&period.issued_at_end)?)
            .with("premint unlocked", cell(&period.premint_unlocked_at_end)?))
    });
    Ok(Shown::rows(rows.collect::<Result<_>>()?, None))
}

fn supply(answer: &emission::QuerySupplyResponse) -> Result<Shown> {
    let max = amount(&answer.max)?;
    let with_share =
        |text: &str| -> Result<String> { Ok(format!("{}, {}", nils(text)?, share(amount(text)?, max))) };
    Ok(View::new()
        .with("all coins", with_share(&answer.total)?)
        .with("in wallets, liquid", with_share(&answer.liquid)?)
        .with("bonded", with_share(&answer.bonded)?)
        .with("unbonding", with_share(&answer.unbonding)?)
        .with("locked premint among the liquid", with_share(&answer.premint_locked)?)
        .with("circulating", with_share(&answer.circulating)?)
        .with("earned, not yet redeemed", with_share(&answer.unredeemed)?)
        .with("burnt", with_share(&answer.burnt)?)
        .with("not yet created", with_share(&answer.remaining)?)
        .with("most there can ever be", nils(&answer.max)?)
        .into())
}

fn params(answer: &emission::QueryParamsResponse) -> Result<Shown> {
    let params = answer.params.as_ref().context(INCOMPLETE)?;
    Ok(View::new()
        .with("time of a block", duration(params.target_block_time.as_ref()))
        .with("pace credit", duration(params.pace_credit.as_ref()))
        .with("most there can ever be", nils(&params.max_supply)?)
        .with("first reward", nils(&params.initial_reward)?)
        .with("reduction a year", params.reduction.as_str())
        .with("seconds a month", grouped(&params.seconds_per_month.to_string()))
        .with("blocks of initial distribution", grouped(&params.idp_blocks.to_string()))
        .with("share of DAOs after it", format!("{}%", params.dao_share_percent))
        .into())
}
