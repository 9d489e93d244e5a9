//! `jmesd tx dao`: registering a DAO, and deciding in it (§10).

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use anyhow::{bail, ensure, Context, Error, Result};
use clap::{Args, Subcommand, ValueEnum};
use jmes_modules::kernel::Address;
use jmes_proto::jmes::dao::v1 as dao;

use super::checks;
use super::files::transaction;
use super::identity::{check_name, is_free};
use super::options::TxOptions;
use super::propose::{propose, DaoArgs, Proposal, Words, GAS_PER_MESSAGE};
use super::submit::submit;
use crate::cli::names::{parse_account, Account};
use crate::cli::options::parse_duration;
use crate::cli::people::{moment, nanos};
use crate::cli::protobuf::to_any;
use crate::cli::remote::Remote;
use crate::cli::{words, Session};

/// The gas limit of a registration or a vote when nothing is said.
const GAS: u64 = 500_000;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum DaoCommand {
    /// Register a DAO with its name; it costs 1 JMES, which is burnt
    Register(RegisterArgs),
    /// Propose other members, another threshold or voting period
    Update(UpdateArgs),
    /// Propose that the DAO sends what a transaction made with --generate-only has
    Submit(SubmitArgs),
    /// Ask the members something, without messages
    Poll(PollArgs),
    /// Vote on a proposal of a DAO, or change the vote
    Vote(VoteArgs),
    /// Send the messages of a proposal that has passed
    Execute(ExecuteArgs),
}

#[derive(Args, Debug)]
pub(in crate::cli) struct RegisterArgs {
    /// The DAO's name: 3 to 20 characters a-z and 0-9
    name: String,
    /// A member and its power, 1 if it is left out: alice=3; an address, a key or a registered name
    #[arg(long = "member", value_name = "MEMBER[=POWER]", required = true)]
    members: Vec<Member>,
    /// Power of yes votes that passes a proposal [default: more than half of all power]
    #[arg(long, value_name = "POWER", value_parser = clap::value_parser!(u64).range(1..))]
    threshold: Option<u64>,
    /// How long proposals are open, as in 90s, 12h or 14d [default: the chain's, 28 days]
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    voting_period: Option<Duration>,
    #[command(flatten)]
    options: TxOptions,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct UpdateArgs {
    /// All members from now on [default: the present ones]
    #[arg(long = "member", value_name = "MEMBER[=POWER]")]
    members: Vec<Member>,
    /// Power of yes votes that passes a proposal [default: as it is]
    #[arg(long, value_name = "POWER", value_parser = clap::value_parser!(u64).range(1..))]
    threshold: Option<u64>,
    /// How long proposals are open, as in 90s, 12h or 14d [default: as it is]
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    voting_period: Option<Duration>,
    #[command(flatten)]
    dao: DaoArgs,
    #[command(flatten)]
    options: TxOptions,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct SubmitArgs {
    /// Files with transactions of the DAO as JSON, which are sent together; - for standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    texts: TextArgs,
    /// Send the messages at once if the signer's vote decides
    #[arg(long)]
    execute: bool,
    #[command(flatten)]
    options: TxOptions,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct PollArgs {
    /// The DAO, by name or address
    #[arg(value_parser = parse_account)]
    dao: Account,
    #[command(flatten)]
    texts: TextArgs,
    #[command(flatten)]
    options: TxOptions,
}

/// What members read.
#[derive(Args, Debug)]
struct TextArgs {
    /// What members see in a list, 1 to 64 characters
    #[arg(long, value_name = "TEXT")]
    title: String,
    /// What it is about, at most 10,000 characters
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    summary: String,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct VoteArgs {
    /// Number of the DAO's proposal
    proposal_id: u64,
    /// The vote
    option: DaoOption,
    /// Send the messages at once if this vote decides
    #[arg(long)]
    execute: bool,
    #[command(flatten)]
    options: TxOptions,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct ExecuteArgs {
    /// Number of the DAO's proposal
    proposal_id: u64,
    #[command(flatten)]
    options: TxOptions,
}

/// A member's vote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum DaoOption {
    /// For it
    Yes,
    /// Against it
    No,
    /// Neither
    Abstain,
}

/// A member as the command line names it.
#[derive(Clone, Debug)]
struct Member {
    account: Account,
    power: u64,
}

impl FromStr for Member {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (account, power) = text.split_once('=').unwrap_or((text, "1"));
        let known = power.parse().ok().filter(|power| *power > 0);
        let power =
            known.with_context(|| format!("\"{power}\" is no power: write a whole number above 0"))?;
        Ok(Self { account: parse_account(account)?, power })
    }
}

impl DaoCommand {
    pub(super) fn run(&self, session: &mut Session) -> Result<()> {
        match self {
            Self::Register(args) => register(session, args),
            Self::Update(args) => update(session, args),
            Self::Submit(args) => submit_file(session, args),
            Self::Poll(args) => {
                let dao = args.options.resolve(session, &args.dao)?;
                let (title, summary) = (args.texts.title.clone(), args.texts.summary.clone());
                propose(session, &args.options, &dao, Proposal { title, summary, ..Default::default() })
            }
            Self::Vote(args) => vote(session, args),
            Self::Execute(args) => execute(session, args),
        }
    }
}

fn register(session: &mut Session, args: &RegisterArgs) -> Result<()> {
    check_name(&args.name)?;
    let members = resolve(session, &args.options, &args.members)?;
    let threshold = check_members(&members, args.threshold)?;
    if args.options.asks_node() {
        is_free(&session.remote(&args.options.node)?, &args.name, None)?;
    }
    let options = args.options.with_default_gas(GAS);
    submit(session, &options, options.sender()?, |creator| {
        Ok(vec![to_any(&dao::MsgRegisterDao {
            creator: creator.to_string(),
            name: args.name.clone(),
            members,
            threshold,
            voting_period: args.voting_period.map(to_proto),
        })])
    })
}

fn resolve(session: &mut Session, options: &TxOptions, members: &[Member]) -> Result<Vec<dao::Member>> {
    let address = |member: &Member| {
        let address = options.resolve(session, &member.account)?.to_string();
        Ok(dao::Member { address, power: member.power })
    };
    members.iter().map(address).collect()
}

/// The threshold that was asked for, or more than half of the power; refuses one that can't be reached.
fn check_members(members: &[dao::Member], threshold: Option<u64>) -> Result<u64> {
    for (index, member) in members.iter().enumerate() {
        let again = members.iter().take(index).any(|other| other.address == member.address);
        ensure!(!again, "{} is named twice: a member has one power", member.address);
    }
    let total = members.iter().fold(0_u64, |total, member| total.saturating_add(member.power));
    let threshold = threshold.unwrap_or(total / 2 + 1);
    ensure!(
        threshold <= total,
        "a threshold of {threshold} can't be reached: all members together have a power of {total}"
    );
    Ok(threshold)
}

fn update(session: &mut Session, args: &UpdateArgs) -> Result<()> {
    let address = args.dao.address(session, &args.options)?;
    let mut members = resolve(session, &args.options, &args.members)?;
    let (mut threshold, mut voting_period) = (args.threshold, args.voting_period.map(to_proto));
    if members.is_empty() || threshold.is_none() || voting_period.is_none() {
        ensure!(
            !args.options.signer.state.offline,
            "--offline forbids to ask how the DAO is now: name all of --member, --threshold and --voting-period"
        );
        let present = dao_at(&session.remote(&args.options.node)?, &address)?;
        if members.is_empty() {
            members = present.members;
        }
        threshold = threshold.or(Some(present.threshold));
        voting_period = voting_period.or(present.voting_period);
    }
    let threshold = check_members(&members, threshold)?;
    let message = dao::MsgUpdateDao { dao: address.to_string(), members, threshold, voting_period };
    let words = Words { title: "Change members or rules of the DAO".into(), summary: String::new() };
    args.dao.send(session, &args.options, &address, vec![to_any(&message)], words)
}

fn submit_file(session: &mut Session, args: &SubmitArgs) -> Result<()> {
    let (mut dao, mut messages): (Option<Address>, _) = (None, Vec::new());
    for file in &args.files {
        let tx = transaction(session, file)?;
        for signer in tx.signers()? {
            let first = *dao.get_or_insert(signer);
            ensure!(
                first == signer,
                "the messages are of {first} and of {signer}: a DAO's proposal has messages of that DAO alone"
            );
        }
        messages.extend(tx.body().messages.clone());
    }
    let dao =
        dao.context("there is no message in the files: for a question without messages use `tx dao poll`")?;
    if args.options.asks_node() {
        dao_at(&session.remote(&args.options.node)?, &dao).with_context(|| {
            format!("{dao}, who signs the messages, must be a DAO: make them with --from and the DAO's name")
        })?;
    }
    let (title, summary) = (args.texts.title.clone(), args.texts.summary.clone());
    propose(session, &args.options, &dao, Proposal { title, summary, messages, execute: args.execute })
}

fn dao_at(remote: &Remote, address: &Address) -> Result<dao::Dao> {
    let request = dao::QueryDaoRequest { dao: address.to_string() };
    let answer: dao::QueryDaoResponse = remote.query("/jmes.dao.v1.Query/Dao", &request, 0)?;
    answer.dao.context("the node's answer is incomplete")
}

fn vote(session: &mut Session, args: &VoteArgs) -> Result<()> {
    let mut gas = GAS;
    if args.options.asks_node() {
        let remote = session.remote(&args.options.node)?;
        if let Some(proposal) = checks::dao_proposal(&remote, args.proposal_id) {
            is_open(&remote, &proposal)?;
            if args.execute {
                gas = gas_of(&proposal);
            }
        }
    }
    let options = args.options.with_default_gas(gas);
    let option = match args.option {
        DaoOption::Yes => dao::VoteOption::Yes,
        DaoOption::No => dao::VoteOption::No,
        DaoOption::Abstain => dao::VoteOption::Abstain,
    };
    submit(session, &options, options.sender()?, |voter| {
        Ok(vec![to_any(&dao::MsgVote {
            voter: voter.to_string(),
            proposal_id: args.proposal_id,
            option: option as i32,
            execute: args.execute,
        })])
    })
}

fn execute(session: &mut Session, args: &ExecuteArgs) -> Result<()> {
    let mut gas = GAS;
    if args.options.asks_node() {
        let remote = session.remote(&args.options.node)?;
        if let Some(proposal) = checks::dao_proposal(&remote, args.proposal_id) {
            can_be_executed(&proposal)?;
            gas = gas_of(&proposal);
        }
    }
    let options = args.options.with_default_gas(gas);
    submit(session, &options, options.sender()?, |executor| {
        Ok(vec![to_any(&dao::MsgExecute { executor: executor.to_string(), proposal_id: args.proposal_id })])
    })
}

fn gas_of(proposal: &dao::Proposal) -> u64 {
    GAS + GAS_PER_MESSAGE.saturating_mul(proposal.messages.len() as u64)
}

fn is_open(remote: &Remote, proposal: &dao::Proposal) -> Result<()> {
    use dao::proposal::Status;
    let id = proposal.id;
    match Status::try_from(proposal.status) {
        Ok(Status::Passed) => {
            bail!("proposal {id} has passed already: `jmesd tx dao execute {id}` sends its messages")
        }
        Ok(Status::Failed | Status::Executed | Status::Superseded) => {
            bail!("proposal {id} is {}: there is nothing to vote on", words::dao_status(proposal))
        }
        Ok(Status::Expired) => {
            let now = remote.now()?;
            let deadline = proposal.deadline.as_ref();
            let when = deadline.filter(|deadline| nanos(deadline) < now);
            bail!("proposal {id} is expired: it could be voted on until {}", moment(when.or(deadline), now))
        }
        _ => Ok(()),
    }
}

fn can_be_executed(proposal: &dao::Proposal) -> Result<()> {
    use dao::proposal::Status;
    let id = proposal.id;
    ensure!(
        Status::try_from(proposal.status) == Ok(Status::Passed),
        "proposal {id} is {}: only one that has passed is executed, and once",
        words::dao_status(proposal)
    );
    ensure!(!proposal.messages.is_empty(), "proposal {id} is a poll: it has nothing to execute");
    Ok(())
}

fn to_proto(duration: Duration) -> jmes_proto::Duration {
    let nanos = i32::try_from(duration.subsec_nanos()).unwrap_or_default();
    jmes_proto::Duration { seconds: i64::try_from(duration.as_secs()).unwrap_or(i64::MAX), nanos }
}
