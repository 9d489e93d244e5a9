//! `jmesd tx gov`: proposals to all who have bonded coins, and their votes (§11, §13).

mod raise;

use anyhow::{ensure, Result};
use clap::{Args, Subcommand, ValueEnum};
use jmes_proto::jmes::governance::v1 as governance;
use jmes_proto::jmes::governance::v1::proposal::Status;

use super::checks;
use super::options::TxOptions;
use super::propose::{DaoArgs, Words};
use super::submit::submit;
use crate::cli::people::moment;
use crate::cli::protobuf::to_any;
use crate::cli::remote::Remote;
use crate::cli::{words, Session};

/// The gas limit of a vote when nothing is said.
const GAS: u64 = 400_000;
/// The gas limit of a conclusion when nothing is said; an improvement may need more.
const GAS_TO_CONCLUDE: u64 = 1_000_000;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum GovCommand {
    /// Raise a proposal of a DAO in the first half of a cycle; it costs the DAO 10 JMES, which are burnt
    #[command(subcommand)]
    Raise(Box<raise::RaiseCommand>),
    /// Take a proposal back in the half of the cycle in which it was raised
    Withdraw(WithdrawArgs),
    /// Vote on a proposal in the second half of its cycle, or change the vote
    Vote(VoteArgs),
    /// Make a proposal that has passed take effect, before the next cycle ends
    Conclude(ConcludeArgs),
    /// Give up the core slot of a DAO
    ResignSlot(ResignArgs),
}

#[derive(Args, Debug)]
pub(in crate::cli) struct WithdrawArgs {
    /// Number of the proposal
    proposal_id: u64,
    #[command(flatten)]
    dao: DaoArgs,
    #[command(flatten)]
    options: TxOptions,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct VoteArgs {
    /// Number of the proposal
    proposal_id: u64,
    /// The vote
    option: VoteOption,
    #[command(flatten)]
    dao: DaoArgs,
    #[command(flatten)]
    options: TxOptions,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct ConcludeArgs {
    /// Number of the proposal
    proposal_id: u64,
    #[command(flatten)]
    options: TxOptions,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct ResignArgs {
    #[command(flatten)]
    dao: DaoArgs,
    #[command(flatten)]
    options: TxOptions,
}

/// A vote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum VoteOption {
    /// For it
    Yes,
    /// Against it
    No,
}

impl GovCommand {
    pub(super) fn run(&self, session: &mut Session) -> Result<()> {
        match self {
            Self::Raise(command) => command.run(session),
            Self::Withdraw(args) => {
                let dao = args.dao.address(session, &args.options)?;
                let message =
                    governance::MsgWithdrawProposal { dao: dao.to_string(), proposal_id: args.proposal_id };
                let title = format!("Withdraw proposal {}", args.proposal_id);
                let words = Words { title, summary: String::new() };
                args.dao.send(session, &args.options, &dao, vec![to_any(&message)], words)
            }
            Self::Vote(args) => vote(session, args),
            Self::Conclude(args) => conclude(session, args),
            Self::ResignSlot(args) => {
                let dao = args.dao.address(session, &args.options)?;
                let message = governance::MsgResignSlot { dao: dao.to_string() };
                let words = Words { title: "Resign the core slot".into(), summary: String::new() };
                args.dao.send(session, &args.options, &dao, vec![to_any(&message)], words)
            }
        }
    }
}

fn vote(session: &mut Session, args: &VoteArgs) -> Result<()> {
    let voter = args.dao.address(session, &args.options)?;
    if args.options.asks_node() {
        let remote = session.remote(&args.options.node)?;
        is_voted_on(&remote, args.proposal_id)?;
        checks::can_vote(&remote, &voter)?;
    }
    let (option, name) = match args.option {
        VoteOption::Yes => (governance::VoteOption::Yes, "yes"),
        VoteOption::No => (governance::VoteOption::No, "no"),
    };
    let message = governance::MsgVote {
        voter: voter.to_string(),
        proposal_id: args.proposal_id,
        option: option as i32,
    };
    let words =
        Words { title: format!("Vote {name} on proposal {}", args.proposal_id), summary: String::new() };
    // A proposal in a DAO has its own limit.
    let options = if args.dao.proposes() { args.options.clone() } else { args.options.with_default_gas(GAS) };
    args.dao.send(session, &options, &voter, vec![to_any(&message)], words)
}

fn conclude(session: &mut Session, args: &ConcludeArgs) -> Result<()> {
    if args.options.asks_node() {
        let remote = session.remote(&args.options.node)?;
        if let Some(proposal) = checks::proposal(&remote, args.proposal_id) {
            ensure!(
                Status::try_from(proposal.status) == Ok(Status::Passed),
                "proposal {} is {}: only one that has passed is concluded, and once",
                proposal.id,
                words::status(&proposal)
            );
        }
    }
    let options = args.options.with_default_gas(GAS_TO_CONCLUDE);
    submit(session, &options, options.sender()?, |sender| {
        Ok(vec![to_any(&governance::MsgConclude {
            sender: sender.to_string(),
            proposal_id: args.proposal_id,
        })])
    })
}

/// Refuses to vote on a proposal that is not voted on now.
fn is_voted_on(remote: &Remote, proposal_id: u64) -> Result<()> {
    let Some(proposal) = checks::proposal(remote, proposal_id) else { return Ok(()) };
    let status = Status::try_from(proposal.status);
    if status == Ok(Status::Voting) {
        return Ok(());
    }
    let begins = checks::cycle(remote).filter(|_| status == Ok(Status::Raised));
    let begins = match begins {
        Some(cycle) => format!(": voting begins {}", moment(cycle.voting_start.as_ref(), remote.now()?)),
        None => String::new(),
    };
    anyhow::bail!("proposal {proposal_id} is {} and not voted on now{begins}", words::status(&proposal))
}
