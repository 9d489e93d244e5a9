//! `jmesd dao`: the DAOs that somebody is a member of, what waits for their vote, what can be executed.

use anyhow::{ensure, Result};
use cosmos_sdk_proto::cosmos::bank::v1beta1 as bank;
use jmes_modules::BASE_DENOM;
use jmes_proto::jmes::dao::v1 as dao;
use jmes_proto::jmes::dao::v1::proposal::Status;
use serde_json::{json, Map, Value};

use super::{json, short, Lists, OverviewArgs};
use crate::cli::names::Names;
use crate::cli::people::{cell, moment, View};
use crate::cli::remote::Remote;
use crate::cli::{words, Format, Session};

/// A DAO, seen by some of its members.
struct Seen {
    dao: dao::Dao,
    /// In Nils.
    balance: String,
    /// Those who ask: label and address.
    mine: Vec<(String, String)>,
    /// Open, or passed and not executed; the newest first.
    proposals: Vec<Waiting>,
}

/// A proposal that somebody can do something about.
struct Waiting {
    proposal: dao::Proposal,
    votes: Vec<dao::Vote>,
}

/// Shows the DAOs of `--from` or, without it, of all keys.
pub(in crate::cli) fn dao(session: &mut Session, args: &OverviewArgs) -> Result<()> {
    let accounts = accounts(session, args)?;
    let remote = session.remote(&args.node)?;
    let mut lists = Lists::default();
    let daos = ask(&remote, &mut lists, &accounts)?;
    if session.console.format() == Format::Json {
        let daos = daos.iter().map(Seen::to_json).collect::<Result<Vec<_>>>()?;
        return session.console.emit_value(&json!({ "daos": daos, "incomplete": lists.cut }));
    }
    session.console.emit_value(&view(&daos, &remote)?)?;
    lists.tell(session);
    if daos.iter().flat_map(|seen| &seen.proposals).any(Waiting::is_open) {
        session
            .console
            .note("`jmesd query dao proposal ID` shows a proposal, `jmesd tx dao vote ID yes` votes on it.");
    }
    Ok(())
}

/// Labels and addresses of those who ask.
fn accounts(session: &mut Session, args: &OverviewArgs) -> Result<Vec<(String, String)>> {
    if let (Some(from), Some(address)) = (&args.from, args.account(session)?) {
        return Ok(vec![(from.to_string(), address.to_string())]);
    }
    let records = session.keyring(&args.keyring).records()?;
    ensure!(!records.is_empty(), "there is no key in the keyring: say with --from whose DAOs to show");
    Ok(records.into_iter().map(|record| (record.name.clone(), record.address().to_string())).collect())
}

fn ask(remote: &Remote, lists: &mut Lists, accounts: &[(String, String)]) -> Result<Vec<Seen>> {
    let mut daos: Vec<Seen> = Vec::new();
    for account in accounts {
        let found = lists.read(|page| {
            let request = dao::QueryDaosOfRequest { address: account.1.clone(), pagination: Some(page) };
            let answer: dao::QueryDaosOfResponse = remote.query(&path("DaosOf"), &request, 0)?;
            Ok((answer.daos, answer.pagination))
        })?;
        for dao in found {
            match daos.iter_mut().find(|seen| seen.dao.id == dao.id) {
                Some(seen) => seen.mine.push(account.clone()),
                None => daos.push(Seen::ask(remote, lists, dao, account.clone())?),
            }
        }
    }
    daos.sort_by_key(|seen| seen.dao.id);
    Ok(daos)
}

fn path(method: &str) -> String {
    format!("/jmes.dao.v1.Query/{method}")
}

impl Seen {
    fn ask(remote: &Remote, lists: &mut Lists, dao: dao::Dao, member: (String, String)) -> Result<Self> {
        let request = bank::QueryBalanceRequest { address: dao.address.clone(), denom: BASE_DENOM.into() };
        let answer: bank::QueryBalanceResponse =
            remote.query("/cosmos.bank.v1beta1.Query/Balance", &request, 0)?;
        let balance = answer.balance.map(|coin| coin.amount).unwrap_or_default();
        let found = lists.read(|page| {
            let request = dao::QueryProposalsRequest { dao: dao.address.clone(), pagination: Some(page) };
            let answer: dao::QueryProposalsResponse = remote.query(&path("Proposals"), &request, 0)?;
            Ok((answer.proposals, answer.pagination))
        })?;
        let mut proposals = Vec::new();
        for proposal in found {
            let mut waiting = Waiting { proposal, votes: Vec::new() };
            if waiting.is_open() {
                waiting.votes = votes(remote, lists, waiting.proposal.id)?;
                proposals.push(waiting);
            } else if waiting.is_executable() {
                proposals.push(waiting);
            }
        }
        Ok(Self { dao, balance, mine: vec![member], proposals })
    }

    fn power(&self) -> u64 {
        self.dao.members.iter().fold(0, |sum, member| sum.saturating_add(member.power))
    }

    fn power_of(&self, address: &str) -> u64 {
        self.dao.members.iter().find(|member| member.address == address).map_or(0, |member| member.power)
    }

    fn to_json(&self) -> Result<Value> {
        let mine = self
            .mine
            .iter()
            .map(|(_, address)| json!({"address": address, "power": self.power_of(address).to_string()}));
        let proposals = self.proposals.iter().map(|waiting| {
            let mut votes = Map::new();
            for (_, address) in self.mine.iter().filter(|_| waiting.is_open()) {
                let vote = waiting.vote_of(address).map(json).transpose()?;
                votes.insert(address.clone(), vote.unwrap_or(Value::Null));
            }
            Ok(json!({"proposal": json(&waiting.proposal)?, "votes": votes}))
        });
        Ok(json!({
            "dao": json(&self.dao)?,
            "balance": self.balance,
            "members": mine.collect::<Vec<_>>(),
            "proposals": proposals.collect::<Result<Vec<_>>>()?,
        }))
    }

    /// What those who ask said, each with its label when there are several.
    fn vote_cell(&self, waiting: &Waiting) -> String {
        let said = |address: &str| {
            waiting.vote_of(address).map_or("none yet", |vote| words::dao_option(vote.option))
        };
        match self.mine.as_slice() {
            [(_, address)] => said(address).to_owned(),
            several => {
                let each = several.iter().map(|(label, address)| format!("{label}: {}", said(address)));
                each.collect::<Vec<_>>().join(", ")
            }
        }
    }
}

impl Waiting {
    fn is_open(&self) -> bool {
        Status::try_from(self.proposal.status) == Ok(Status::Open)
    }

    fn is_executable(&self) -> bool {
        Status::try_from(self.proposal.status) == Ok(Status::Passed) && !self.proposal.messages.is_empty()
    }

    fn vote_of(&self, address: &str) -> Option<&dao::Vote> {
        self.votes.iter().find(|vote| vote.voter == address)
    }
}

fn votes(remote: &Remote, lists: &mut Lists, proposal_id: u64) -> Result<Vec<dao::Vote>> {
    lists.read(|page| {
        let request = dao::QueryVotesRequest { proposal_id, pagination: Some(page) };
        let answer: dao::QueryVotesResponse = remote.query(&path("Votes"), &request, 0)?;
        Ok((answer.votes, answer.pagination))
    })
}

fn view(daos: &[Seen], remote: &Remote) -> Result<View> {
    let now = remote.now()?;
    let names = Names::of(remote);
    let (mut mine, mut open, mut passed) = (Vec::new(), Vec::new(), Vec::new());
    for seen in daos {
        let members: Vec<String> = seen
            .mine
            .iter()
            .map(|(label, address)| format!("{label} {} of {}", seen.power_of(address), seen.power()))
            .collect();
        mine.push(
            View::new()
                .with("name", seen.dao.name.as_str())
                .with("power", members.join(", "))
                .with("threshold", seen.dao.threshold.to_string())
                .with("coins", cell(&seen.balance)?)
                .with("address", seen.dao.address.as_str()),
        );
        for waiting in &seen.proposals {
            let proposal = &waiting.proposal;
            let row = View::new()
                .with("id", proposal.id.to_string())
                .with("dao", seen.dao.name.as_str())
                .with("title", short(&proposal.title));
            if waiting.is_open() {
                open.push(
                    row.with("by", names.name(&proposal.proposer))
                        .with("yes", format!("{} of {}", proposal.yes, seen.dao.threshold))
                        .with("no", proposal.no.to_string())
                        .with("votes until", moment(proposal.deadline.as_ref(), now))
                        .with("vote", seen.vote_cell(waiting)),
                );
            } else {
                let failure =
                    if proposal.failure.is_empty() { "-".to_owned() } else { proposal.failure.clone() };
                passed.push(
                    row.with("execution until", moment(proposal.execute_until.as_ref(), now))
                        .with("last failure", failure),
                );
            }
        }
    }
    Ok(View::new().with("daos", mine).with("open proposals", open).with("passed, to be executed", passed))
}
