//! `jmesd query dao`: DAOs, their proposals and votes (§10).

use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use jmes_proto::jmes::dao::v1 as dao;

use super::{show, QueryArgs, Shown};
use crate::cli::names::{parse_account, Account, Names};
use crate::cli::options::{KeyringArgs, PageArgs};
use crate::cli::people::{duration, grouped, moment, Part, View};
use crate::cli::protobuf::to_json;
use crate::cli::remote::Remote;
use crate::cli::{words, Session};

const INCOMPLETE: &str = "the node's answer is incomplete";

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum DaoQuery {
    /// Show a DAO: members, threshold, version
    Show(DaoArgs),
    /// Show all DAOs, the oldest first
    List(ListArgs),
    /// Show the DAOs that an account is a member of
    Of(OfArgs),
    /// Show a proposal with its messages
    Proposal(ProposalArgs),
    /// Show the proposals of a DAO, the newest first
    Proposals(ProposalsArgs),
    /// Show who voted on a proposal, and how
    Votes(VotesArgs),
    /// Show the parameters
    Params(QueryArgs),
}

#[derive(Args, Debug)]
pub(in crate::cli) struct DaoArgs {
    /// The DAO, by name or address
    #[arg(value_parser = parse_account)]
    dao: Account,
    #[command(flatten)]
    query: QueryArgs,
    #[command(flatten)]
    keyring: KeyringArgs,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct ListArgs {
    #[command(flatten)]
    page: PageArgs,
    #[command(flatten)]
    query: QueryArgs,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct OfArgs {
    /// The member: an address, a key or a registered name
    #[arg(value_parser = parse_account)]
    account: Account,
    #[command(flatten)]
    page: PageArgs,
    #[command(flatten)]
    query: QueryArgs,
    #[command(flatten)]
    keyring: KeyringArgs,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct ProposalArgs {
    /// Number of the DAO's proposal
    proposal_id: u64,
    #[command(flatten)]
    query: QueryArgs,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct ProposalsArgs {
    /// The DAO, by name or address
    #[arg(value_parser = parse_account)]
    dao: Account,
    #[command(flatten)]
    page: PageArgs,
    #[command(flatten)]
    query: QueryArgs,
    #[command(flatten)]
    keyring: KeyringArgs,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct VotesArgs {
    /// Number of the DAO's proposal
    proposal_id: u64,
    #[command(flatten)]
    page: PageArgs,
    #[command(flatten)]
    query: QueryArgs,
}

impl DaoQuery {
    pub(super) fn run(&self, session: &mut Session) -> Result<()> {
        match self {
            Self::Show(args) => {
                let dao = args.query.resolve(session, &args.dao, &args.keyring)?.to_string();
                show(session, &args.query, &path("Dao"), &dao::QueryDaoRequest { dao }, one)
            }
            Self::List(args) => {
                let request = dao::QueryDaosRequest { pagination: Some(args.page.to_request()) };
                let shown = |answer: &dao::QueryDaosResponse| {
                    Shown::rows(answer.daos.iter().map(row).collect(), answer.pagination.as_ref())
                };
                show(session, &args.query, &path("Daos"), &request, |answer, _| Ok(shown(answer)))
            }
            Self::Of(args) => {
                let address = args.query.resolve(session, &args.account, &args.keyring)?.to_string();
                let request = dao::QueryDaosOfRequest { address, pagination: Some(args.page.to_request()) };
                let shown = |answer: &dao::QueryDaosOfResponse| {
                    Shown::rows(answer.daos.iter().map(row).collect(), answer.pagination.as_ref())
                };
                show(session, &args.query, &path("DaosOf"), &request, |answer, _| Ok(shown(answer)))
            }
            Self::Proposal(args) => {
                let request = dao::QueryProposalRequest { proposal_id: args.proposal_id };
                show(session, &args.query, &path("Proposal"), &request, proposal)
            }
            Self::Proposals(args) => {
                let dao = args.query.resolve(session, &args.dao, &args.keyring)?.to_string();
                let request = dao::QueryProposalsRequest { dao, pagination: Some(args.page.to_request()) };
                show(session, &args.query, &path("Proposals"), &request, proposals)
            }
            Self::Votes(args) => {
                let (proposal_id, pagination) = (args.proposal_id, Some(args.page.to_request()));
                let request = dao::QueryVotesRequest { proposal_id, pagination };
                show(session, &args.query, &path("Votes"), &request, votes)
            }
            Self::Params(args) => {
                let request = dao::QueryParamsRequest {};
                show(session, args, &path("Params"), &request, |answer, _| params(answer))
            }
        }
    }
}

fn path(method: &str) -> String {
    format!("/jmes.dao.v1.Query/{method}")
}

fn power(dao: &dao::Dao) -> u64 {
    dao.members.iter().fold(0, |sum, member| sum.saturating_add(member.power))
}

fn row(dao: &dao::Dao) -> View {
    View::new()
        .with("id", dao.id.to_string())
        .with("name", dao.name.as_str())
        .with("address", dao.address.as_str())
        .with("members", dao.members.len().to_string())
        .with("threshold", format!("{} of {}", dao.threshold, power(dao)))
        .with("version", dao.version.to_string())
}

fn one(answer: &dao::QueryDaoResponse, remote: &Remote) -> Result<Shown> {
    let dao = answer.dao.as_ref().context(INCOMPLETE)?;
    let names = Names::of(remote);
    let members = dao.members.iter().map(|member| {
        View::new()
            .with("name", names.name(&member.address))
            .with("power", member.power.to_string())
            .with("address", member.address.as_str())
    });
    Ok(View::new()
        .with("name", dao.name.as_str())
        .with("id", dao.id.to_string())
        .with("address", dao.address.as_str())
        .with("threshold", format!("{} of {}", dao.threshold, power(dao)))
        .with("voting period", duration(dao.voting_period.as_ref()))
        .with("version", dao.version.to_string())
        .with("since height", grouped(&dao.height.to_string()))
        .with("members", members.collect::<Vec<_>>())
        .into())
}

fn proposal(answer: &dao::QueryProposalResponse, remote: &Remote) -> Result<Shown> {
    let proposal = answer.proposal.as_ref().context(INCOMPLETE)?;
    let names = Names::of(remote);
    let now = remote.now()?;
    let messages = proposal.messages.iter().map(|message| Ok(serde_json::from_str(&to_json(message)?)?));
    let messages = messages.collect::<Result<Vec<_>>>()?;
    let execute_until = match dao::proposal::Status::try_from(proposal.status) {
        Ok(dao::proposal::Status::Passed) => moment(proposal.execute_until.as_ref(), now),
        _ => String::new(),
    };
    Ok(View::new()
        .with("proposal", proposal.id.to_string())
        .with("dao", names.full(&proposal.dao))
        .with("title", proposal.title.as_str())
        .with("summary", proposal.summary.as_str())
        .with("status", words::dao_status(proposal))
        .with("yes", proposal.yes.to_string())
        .with("no", proposal.no.to_string())
        .with("abstain", proposal.abstain.to_string())
        .with("proposer", names.full(&proposal.proposer))
        .with("votes until", moment(proposal.deadline.as_ref(), now))
        .with("execution until", execute_until)
        .with("last failure", proposal.failure.as_str())
        .with("version of the dao", proposal.version.to_string())
        .with("submitted at height", grouped(&proposal.submitted_height.to_string()))
        .with("messages", Part::Messages(messages))
        .into())
}

fn proposals(answer: &dao::QueryProposalsResponse, remote: &Remote) -> Result<Shown> {
    let names = Names::of(remote);
    let now = remote.now()?;
    let rows = answer.proposals.iter().map(|proposal| {
        View::new()
            .with("id", proposal.id.to_string())
            .with("title", proposal.title.as_str())
            .with("status", words::dao_status(proposal))
            .with("yes", proposal.yes.to_string())
            .with("no", proposal.no.to_string())
            .with("abstain", proposal.abstain.to_string())
            .with("messages", proposal.messages.len().to_string())
            .with("proposer", names.name(&proposal.proposer))
            .with("votes until", moment(proposal.deadline.as_ref(), now))
    });
    Ok(Shown::rows(rows.collect(), answer.pagination.as_ref()))
}

fn votes(answer: &dao::QueryVotesResponse, remote: &Remote) -> Result<Shown> {
    let names = Names::of(remote);
    let rows = answer.votes.iter().map(|vote| {
        View::new()
            .with("voter", names.name(&vote.voter))
            .with("vote", words::dao_option(vote.option))
            .with("power", vote.power.to_string())
    });
    Ok(Shown::rows(rows.collect(), answer.pagination.as_ref()))
}

fn params(answer: &dao::QueryParamsResponse) -> Result<Shown> {
    let params = answer.params.as_ref().context(INCOMPLETE)?;
    Ok(View::new()
        .with("most members", params.max_members.to_string())
        .with("least members in a core slot", params.min_core_members.to_string())
        .with("most power of all members", grouped(&params.max_total_power.to_string()))
        .with("shortest voting period", duration(params.min_voting_period.as_ref()))
        .with("longest voting period", duration(params.max_voting_period.as_ref()))
        .with("usual voting period", duration(params.default_voting_period.as_ref()))
        .with("time to execute", duration(params.execution_period.as_ref()))
        .with("open proposals of a member", params.max_open_proposals.to_string())
        .into())
}
