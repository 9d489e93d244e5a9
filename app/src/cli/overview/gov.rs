//! `jmesd gov`: where in the cycle the chain is, what can be voted on and how it stands, what waits to be concluded.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use anyhow::{Context, Result};
use jmes_modules::kernel::{Address, Amount};
use jmes_proto::jmes::governance::v1 as governance;
use jmes_proto::jmes::governance::v1::proposal::Status;
use serde_json::{json, Value};

use super::{json, short, Lists, OverviewArgs};
use crate::cli::names::Names;
use crate::cli::people::{amount, moment, nils, yes, View};
use crate::cli::query::cycle_view;
use crate::cli::remote::Remote;
use crate::cli::{words, Format, Session};

/// Cells of a bar.
const BAR: i128 = 24;

/// What is shown.
struct Overview {
    cycle: governance::QueryCycleResponse,
    percent: u32,
    /// All possible votes as of now; `None` before votes are cast.
    possible: Option<Amount>,
    /// Raised or voted on in this cycle, by net yes.
    open: Vec<Ranked>,
    /// Of the last cycle, not yet concluded; by net yes.
    passed: Vec<Ranked>,
    voter: Option<Voter>,
    lists: Lists,
}

/// A proposal and its net yes in Nils.
struct Ranked {
    proposal: governance::Proposal,
    net: i128,
}

/// Who asks.
struct Voter {
    address: Address,
    power: governance::QueryVotingPowerResponse,
    votes: Vec<governance::Vote>,
}

/// Shows where governance is.
pub(in crate::cli) fn gov(session: &mut Session, args: &OverviewArgs) -> Result<()> {
    let voter = args.account(session)?;
    let remote = session.remote(&args.node)?;
    let overview = Overview::ask(&remote, voter)?;
    if session.console.format() == Format::Json {
        return session.console.emit_value(&overview.to_json()?);
    }
    let view = overview.view(&remote)?;
    session.console.emit_value(&view)?;
    overview.lists.tell(session);
    if !overview.passed.is_empty() {
        session
            .console
            .note("What has passed takes effect with `jmesd tx gov conclude ID`, before this cycle ends.");
    }
    Ok(())
}

impl Overview {
    fn ask(remote: &Remote, voter: Option<Address>) -> Result<Self> {
        let cycle: governance::QueryCycleResponse =
            remote.query(&path("Cycle"), &governance::QueryCycleRequest {}, 0)?;
        let params: governance::QueryParamsResponse =
            remote.query(&path("Params"), &governance::QueryParamsRequest {}, 0)?;
        let percent = params.params.context("the node's answer is incomplete")?.pass_threshold_percent;
        let mut lists = Lists::default();
        let mut open = proposals(remote, &mut lists, cycle.index)?;
        open.retain(|ranked| {
            let status = Status::try_from(ranked.proposal.status);
            status == Ok(Status::Raised) || status == Ok(Status::Voting)
        });
        let mut passed = match cycle.index.checked_sub(1) {
            Some(last) => proposals(remote, &mut lists, last)?,
            None => Vec::new(),
        };
        passed.retain(|ranked| Status::try_from(ranked.proposal.status) == Ok(Status::Passed));
        let tally = open.iter().find_map(|ranked| ranked.proposal.tally.as_ref());
        let possible = tally.map(|tally| amount(&tally.possible)).transpose()?;
        let possible = possible.filter(|possible| !possible.is_zero());
        let voter = voter.map(|address| Voter::ask(remote, address)).transpose()?;
        Ok(Self { cycle, percent, possible, open, passed, voter, lists })
    }

    /// The net yes that passes a proposal.
    fn threshold(&self) -> Option<Amount> {
        self.possible.map(|possible| words::threshold(possible, self.percent))
    }

    fn to_json(&self) -> Result<Value> {
        let ranked = |all: &[Ranked]| -> Result<Vec<Value>> {
            let entry = |ranked: &Ranked| {
                Ok(json!({"proposal": json(&ranked.proposal)?, "net_yes": ranked.net.to_string()}))
            };
            all.iter().map(entry).collect()
        };
        let voter = match &self.voter {
            None => Value::Null,
            Some(voter) => json!({
                "address": voter.address.to_string(),
                "weight": voter.power.weight,
                "eligible": voter.power.eligible,
                "votes": voter.votes.iter().map(json).collect::<Result<Vec<_>>>()?,
            }),
        };
        Ok(json!({
            "cycle": json(&self.cycle)?,
            "pass_threshold_percent": self.percent,
            "possible": self.possible.map(|nils| nils.to_string()),
            "threshold": self.threshold().map(|nils| nils.to_string()),
            "open": ranked(&self.open)?,
            "passed": ranked(&self.passed)?,
            "voter": voter,
            "incomplete": self.lists.cut,
        }))
    }

    fn view(&self, remote: &Remote) -> Result<View> {
        let names = Names::of(remote);
        let mut view = cycle_view(&self.cycle, remote.now()?);
        if let (Some(possible), Some(threshold)) = (self.possible, self.threshold()) {
            view = view
                .with("possible votes", nils(&possible.to_string())?)
                .with("net yes to pass", format!("{}, {}%", nils(&threshold.to_string())?, self.percent));
        }
        if let Some(voter) = &self.voter {
            view = view
                .with("voter", names.full(&voter.address.to_string()))
                .with("votes", nils(&voter.power.weight)?)
                .with("enough to vote", yes(voter.power.eligible));
        }
        let open = self.open.iter().map(|ranked| self.row(ranked, &names)).collect::<Result<Vec<_>>>()?;
        view = view.with("open proposals", open);
        if self.passed.is_empty() {
            return Ok(view);
        }
        let passed = self.passed.iter().map(|ranked| describe(ranked, &names)).collect::<Result<Vec<_>>>()?;
        Ok(view
            .with("to be concluded until", moment(self.cycle.end.as_ref(), remote.now()?))
            .with("passed in the last cycle", passed))
    }

    fn row(&self, ranked: &Ranked, names: &Names<'_>) -> Result<View> {
        let mut row = describe(ranked, names)?;
        if let Some(threshold) = self.threshold() {
            let highest = self.open.first().map_or(0, |first| first.net);
            row = row.with("to the threshold", bar(ranked.net, threshold, highest)?);
        }
        if let Some(voter) = &self.voter {
            let votes: BTreeMap<u64, i32> =
                voter.votes.iter().map(|vote| (vote.proposal_id, vote.option)).collect();
            row =
                row.with("vote", votes.get(&ranked.proposal.id).map_or("-", |option| words::option(*option)));
        }
        Ok(row)
    }
}

impl Voter {
    fn ask(remote: &Remote, address: Address) -> Result<Self> {
        let request = governance::QueryVotingPowerRequest { address: address.to_string() };
        let power = remote.query(&path("VotingPower"), &request, 0)?;
        let request = governance::QueryVotesOfRequest { voter: address.to_string() };
        let answer: governance::QueryVotesOfResponse = remote.query(&path("VotesOf"), &request, 0)?;
        Ok(Self { address, power, votes: answer.votes })
    }
}

fn path(method: &str) -> String {
    format!("/jmes.governance.v1.Query/{method}")
}

/// The proposals of a cycle, the highest net yes first, then the lower number.
fn proposals(remote: &Remote, lists: &mut Lists, cycle: u64) -> Result<Vec<Ranked>> {
    let found = lists.read(|page| {
        let request = governance::QueryProposalsRequest {
            cycle: Some(cycle),
            pagination: Some(page),
            ..Default::default()
        };
        let answer: governance::QueryProposalsResponse = remote.query(&path("Proposals"), &request, 0)?;
        Ok((answer.proposals, answer.pagination))
    })?;
    let ranked = |proposal: governance::Proposal| {
        let net = proposal.tally.as_ref().map_or(Ok(0), words::net_yes)?;
        Ok(Ranked { proposal, net })
    };
    let mut ranked = found.into_iter().map(ranked).collect::<Result<Vec<_>>>()?;
    ranked.sort_by_key(|ranked| (Reverse(ranked.net), ranked.proposal.id));
    Ok(ranked)
}

fn describe(ranked: &Ranked, names: &Names<'_>) -> Result<View> {
    let proposal = &ranked.proposal;
    let net = if proposal.tally.is_some() { words::signed(ranked.net)? } else { "-".into() };
    Ok(View::new()
        .with("id", proposal.id.to_string())
        .with("title", short(&proposal.title))
        .with("dao", names.name(&proposal.dao))
        .with("about", short(&words::subject(proposal, names)))
        .with("asks for", words::request(proposal.funding.as_ref())?)
        .with("net yes", net))
}

/// Net yes as a bar with a line where the threshold is, and as a part of it. `highest` is the longest bar's net yes.
fn bar(net: i128, threshold: Amount, highest: i128) -> Result<String> {
    let threshold = i128::try_from(threshold.0).context("a number in the node's answer is too large")?.max(1);
    let whole = highest.max(threshold.saturating_add(threshold / 4)).max(1);
    // Supply is far below 2^127 / 100, so nothing saturates.
    let cells = |part: i128| part.clamp(0, whole).saturating_mul(BAR) / whole;
    let (filled, mark) = (cells(net), cells(threshold).min(BAR - 1));
    let cell = |index: i128| match (index == mark, index < filled) {
        (true, _) => '│',
        (false, true) => '█',
        (false, false) => '·',
    };
    let drawn: String = (0..BAR).map(cell).collect();
    let percent = net.max(0).saturating_mul(100) / threshold;
    Ok(format!("{drawn} {percent}%"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_reach_the_line_at_the_threshold() {
        let bar = |net, highest| bar(net, Amount(100), highest).unwrap();
        assert_eq!(bar(0, 0), "···················│···· 0%");
        assert_eq!(bar(-50, 0), "···················│···· 0%");
        assert_eq!(bar(50, 50), "█████████··········│···· 50%");
        assert_eq!(bar(99, 99), "███████████████████│···· 99%");
        assert_eq!(bar(100, 400), "██████│················· 100%");
        assert_eq!(bar(400, 400), "██████│█████████████████ 400%");
    }
}
