//! `jmesd query gov`: the cycle, proposals, votes and who can vote (§11).

use anyhow::{Context, Result};
use clap::{Args, Subcommand, ValueEnum};
use jmes_modules::kernel::Address;
use jmes_proto::jmes::governance::v1 as governance;

use super::{show, QueryArgs, Shown};
use crate::cli::names::{parse_account, Account, Names};
use crate::cli::options::{KeyringArgs, PageArgs};
use crate::cli::people::{amount, cell, duration, grouped, moment, nils, yes, View};
use crate::cli::remote::Remote;
use crate::cli::{words, Session};

const INCOMPLETE: &str = "the node's answer is incomplete";

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum GovQuery {
    /// Show where in the cycle the chain is
    Cycle(QueryArgs),
    /// Show a proposal and its votes
    Proposal(ProposalArgs),
    /// Show proposals, the newest first
    Proposals(ProposalsArgs),
    /// Show how an account voted on a proposal
    Vote(VoteArgs),
    /// Show how an account voted in the present cycle
    Votes(VoterArgs),
    /// Show with what weight an account could vote now
    VotingPower(VoterArgs),
    /// Show the parameters
    Params(QueryArgs),
}

#[derive(Args, Debug)]
pub(in crate::cli) struct ProposalArgs {
    /// Number of the proposal
    proposal_id: u64,
    #[command(flatten)]
    query: QueryArgs,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct ProposalsArgs {
    /// Only those of this cycle
    #[arg(long, value_name = "N")]
    cycle: Option<u64>,
    /// Only those that are at this
    #[arg(long)]
    status: Option<Status>,
    /// Only those of this DAO, by name or address
    #[arg(long, value_parser = parse_account)]
    dao: Option<Account>,
    /// Only those about this
    #[arg(long)]
    kind: Option<Kind>,
    #[command(flatten)]
    page: PageArgs,
    #[command(flatten)]
    query: QueryArgs,
    #[command(flatten)]
    keyring: KeyringArgs,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct VoteArgs {
    /// Number of the proposal
    proposal_id: u64,
    /// Who voted: an address, a key or a registered name
    #[arg(value_parser = parse_account)]
    voter: Account,
    #[command(flatten)]
    query: QueryArgs,
    #[command(flatten)]
    keyring: KeyringArgs,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct VoterArgs {
    /// The voter: an address, a key or a registered name
    #[arg(value_parser = parse_account)]
    voter: Account,
    #[command(flatten)]
    query: QueryArgs,
    #[command(flatten)]
    keyring: KeyringArgs,
}

/// What a proposal is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Status {
    /// Waits for the time of votes
    Raised,
    /// Can be voted on
    Voting,
    /// Can be concluded
    Passed,
    /// Has not passed
    Failed,
    /// Has taken effect
    Concluded,
    /// Was not concluded in time, or after a better one for its slot
    Lapsed,
    /// Was taken back
    Withdrawn,
}

/// What a proposal is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// Nothing but funding, or an opinion
    Text,
    /// A feature
    Feature,
    /// A core slot
    CoreSlot,
    /// The protocol
    Improvement,
    /// Taking a core slot from a DAO
    Revoke,
}

impl Status {
    const fn number(self) -> i32 {
        use governance::proposal::Status;
        let status = match self {
            Self::Raised => Status::Raised,
            Self::Voting => Status::Voting,
            Self::Passed => Status::Passed,
            Self::Failed => Status::Failed,
            Self::Concluded => Status::Concluded,
            Self::Lapsed => Status::Lapsed,
            Self::Withdrawn => Status::Withdrawn,
        };
        status as i32
    }
}

impl Kind {
    const fn number(self) -> i32 {
        let kind = match self {
            Self::Text => governance::Kind::Text,
            Self::Feature => governance::Kind::RequestFeature,
            Self::CoreSlot => governance::Kind::CoreSlot,
            Self::Improvement => governance::Kind::Improvement,
            Self::Revoke => governance::Kind::RevokeCoreSlot,
        };
        kind as i32
    }
}

impl VoterArgs {
    fn address(&self, session: &mut Session) -> Result<Address> {
        self.query.resolve(session, &self.voter, &self.keyring)
    }
}

impl GovQuery {
    pub(super) fn run(&self, session: &mut Session) -> Result<()> {
        match self {
            Self::Cycle(args) => {
                let request = governance::QueryCycleRequest {};
                show(session, args, &path("Cycle"), &request, |answer, remote| {
                    Ok(cycle(answer, remote.now()?).into())
                })
            }
            Self::Proposal(args) => {
                let request = governance::QueryProposalRequest { proposal_id: args.proposal_id };
                show(session, &args.query, &path("Proposal"), &request, proposal)
            }
            Self::Proposals(args) => list(session, args),
            Self::Vote(args) => {
                let voter = args.query.resolve(session, &args.voter, &args.keyring)?.to_string();
                let request = governance::QueryVoteRequest { proposal_id: args.proposal_id, voter };
                show(session, &args.query, &path("Vote"), &request, |answer, _| vote(answer))
            }
            Self::Votes(args) => {
                let request = governance::QueryVotesOfRequest { voter: args.address(session)?.to_string() };
                show(session, &args.query, &path("VotesOf"), &request, |answer, _| Ok(votes(answer)))
            }
            Self::VotingPower(args) => {
                let address = args.address(session)?.to_string();
                let request = governance::QueryVotingPowerRequest { address };
                show(session, &args.query, &path("VotingPower"), &request, |answer, _| power(answer))
            }
            Self::Params(args) => {
                let request = governance::QueryParamsRequest {};
                show(session, args, &path("Params"), &request, |answer, _| params(answer))
            }
        }
    }
}

fn path(method: &str) -> String {
    format!("/jmes.governance.v1.Query/{method}")
}

/// Where in the cycle the chain is, seen from `now`.
pub(in crate::cli) fn cycle(answer: &governance::QueryCycleResponse, now: i64) -> View {
    use governance::query_cycle_response::Phase;
    let phase = match Phase::try_from(answer.phase) {
        Ok(Phase::Raising) => "raising: DAOs raise proposals",
        Ok(Phase::Voting) => "voting: holders of bonded coins vote",
        _ => "unknown",
    };
    View::new()
        .with("cycle", answer.index.to_string())
        .with("phase", phase)
        .with("began", moment(answer.start.as_ref(), now))
        .with("voting begins", moment(answer.voting_start.as_ref(), now))
        .with("ends", moment(answer.end.as_ref(), now))
}

fn list(session: &mut Session, args: &ProposalsArgs) -> Result<()> {
    let dao = match &args.dao {
        Some(dao) => args.query.resolve(session, dao, &args.keyring)?.to_string(),
        None => String::new(),
    };
    let request = governance::QueryProposalsRequest {
        cycle: args.cycle,
        status: args.status.map(Status::number).unwrap_or_default(),
        dao,
        kind: args.kind.map(Kind::number).unwrap_or_default(),
        pagination: Some(args.page.to_request()),
    };
    show(session, &args.query, &path("Proposals"), &request, proposals)
}

fn proposal(answer: &governance::QueryProposalResponse, remote: &Remote) -> Result<Shown> {
    let proposal = answer.proposal.as_ref().context(INCOMPLETE)?;
    let names = Names::of(remote);
    let mut view = View::new()
        .with("proposal", proposal.id.to_string())
        .with("title", proposal.title.as_str())
        .with("description", proposal.description.as_str())
        .with("dao", names.full(&proposal.dao))
        .with("about", words::subject(proposal, &names))
        .with("asks for", words::request(proposal.funding.as_ref())?)
        .with("status", words::status(proposal))
        .with("cycle", proposal.cycle.to_string())
        .with("raised at height", height(proposal.raised_height))
        .with("tallied at height", height(proposal.tallied_height))
        .with("concluded at height", height(proposal.concluded_height));
    if let Some(tally) = &proposal.tally {
        view = view
            .with("yes", nils(&tally.yes)?)
            .with("no", nils(&tally.no)?)
            .with("net yes", words::signed(words::net_yes(tally)?)?)
            .with("possible votes", nils(&tally.possible)?);
    }
    Ok(view.into())
}

/// A height; an empty text for none.
fn height(height: u64) -> String {
    if height == 0 {
        return String::new();
    }
    grouped(&height.to_string())
}

fn proposals(answer: &governance::QueryProposalsResponse, remote: &Remote) -> Result<Shown> {
    let names = Names::of(remote);
    let rows = answer.proposals.iter().map(|proposal| {
        let net = proposal.tally.as_ref().map(words::net_yes).transpose()?;
        Ok(View::new()
            .with("id", proposal.id.to_string())
            .with("title", proposal.title.as_str())
            .with("dao", names.name(&proposal.dao))
            .with("about", words::subject(proposal, &names))
            .with("asks for", words::request(proposal.funding.as_ref())?)
            .with("cycle", proposal.cycle.to_string())
            .with("status", words::status(proposal))
            .with("net yes", net.map_or_else(|| Ok("-".into()), words::signed)?))
    });
    Ok(Shown::rows(rows.collect::<Result<_>>()?, answer.pagination.as_ref()))
}

fn vote(answer: &governance::QueryVoteResponse) -> Result<Shown> {
    Ok(vote_row(answer.vote.as_ref().context(INCOMPLETE)?).into())
}

fn vote_row(vote: &governance::Vote) -> View {
    View::new()
        .with("proposal", vote.proposal_id.to_string())
        .with("vote", words::option(vote.option))
        .with("counted", yes(vote.counted))
}

fn votes(answer: &governance::QueryVotesOfResponse) -> Shown {
    Shown::rows(answer.votes.iter().map(vote_row).collect(), None)
}

fn power(answer: &governance::QueryVotingPowerResponse) -> Result<Shown> {
    Ok(View::new().with("votes", nils(&answer.weight)?).with("enough to vote", yes(answer.eligible)).into())
}

fn params(answer: &governance::QueryParamsResponse) -> Result<Shown> {
    let params = answer.params.as_ref().context(INCOMPLETE)?;
    let cost = if amount(&params.proposal_burn)?.is_zero() {
        "nothing".into()
    } else {
        cell(&params.proposal_burn)?
    };
    Ok(View::new()
        .with("time of raising", duration(params.raising_period.as_ref()))
        .with("time of voting", duration(params.voting_period.as_ref()))
        .with("least votes of an account", nils(&params.min_vote_stake)?)
        .with("burnt for a proposal", cost)
        .with("net yes to pass", format!("{}% of all possible votes", params.pass_threshold_percent))
        .with(
            "improvements of all DAOs possible after block",
            format!("{} of the emission", grouped(&params.improvements_open_after.to_string())),
        )
        .with("blocks before an upgrade", grouped(&params.min_upgrade_notice.to_string()))
        .into())
}
