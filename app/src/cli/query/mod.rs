//! `jmesd query`: asking a node about the chain.

mod artwork;
mod blocks;
mod chart;
mod dao;
mod distribution;
mod emission;
mod evidence;
mod funding;
mod gov;
mod identity;
mod mint;
mod modules;
mod premint;
mod raw;
mod rewards;
mod slashing;
mod slots;
mod staking;
mod txs;
mod upgrade;

use anyhow::Result;
use base64::prelude::{Engine as _, BASE64_STANDARD};
use clap::{Args, Subcommand};
use cosmos_sdk_proto::cosmos::base::query::v1beta1::PageResponse;
use jmes_modules::kernel::Address;
use prost::{Message, Name};

use self::modules::{AuthQuery, BankQuery, ConsensusQuery};
use super::names::{parse_account, Account};
use super::options::{KeyringArgs, NodeArgs};
use super::people::{Part, View};
use super::protobuf::to_json;
use super::remote::Remote;
use super::{Format, Session};

pub(super) use funding::plan_query;
pub(super) use gov::cycle as cycle_view;
pub(super) use rewards::{pending, Pending};
pub(super) use staking::unbonding_total;

#[derive(Debug, Subcommand)]
pub(super) enum QueryCommand {
    /// Show an account: number, sequence, public key
    Account(modules::AccountArgs),
    /// Accounts and their parameters
    #[command(subcommand)]
    Auth(AuthQuery),
    /// Balances, supply and denominations
    #[command(subcommand)]
    Bank(BankQuery),
    /// Validators, bonds and seats
    #[command(subcommand)]
    Staking(staking::StakingQuery),
    /// Who signs, and who was jailed
    #[command(subcommand)]
    Slashing(slashing::SlashingQuery),
    /// Income that has not been redeemed
    #[command(subcommand)]
    Rewards(rewards::RewardsQuery),
    /// Income by the queries that wallets use
    #[command(subcommand)]
    Distribution(distribution::DistributionQuery),
    /// Rewards, supply and the clock that creates them
    Emission(emission::EmissionArgs),
    /// Wallets of genesis that unlock with the emission
    #[command(subcommand)]
    Premint(premint::PremintQuery),
    /// Inflation, as explorers ask for it
    #[command(subcommand)]
    Mint(mint::MintQuery),
    /// Double signing that was punished
    #[command(subcommand)]
    Evidence(evidence::EvidenceQuery),
    /// Registered names
    #[command(subcommand)]
    Identity(identity::IdentityQuery),
    /// DAOs, their proposals and votes
    #[command(subcommand)]
    Dao(dao::DaoQuery),
    /// The cycle, proposals and votes of all who have bonded coins
    #[command(subcommand)]
    Gov(gov::GovQuery),
    /// What DAOs are paid
    #[command(subcommand)]
    Funding(funding::FundingQuery),
    /// Core slots and features, and who holds them
    #[command(subcommand)]
    Slots(slots::SlotsQuery),
    /// Official artworks
    #[command(subcommand)]
    Artwork(artwork::ArtworkQuery),
    /// What improvements have changed, and what is planned
    #[command(subcommand)]
    Upgrade(upgrade::UpgradeQuery),
    /// Parameters of consensus
    #[command(subcommand)]
    Consensus(ConsensusQuery),
    /// Show a transaction that is in a block
    Tx(txs::TxArgs),
    /// Find transactions by their events
    Txs(txs::TxsArgs),
    /// Wait until a transaction is in a block, and show it
    #[command(visible_alias = "event-query-tx-for")]
    WaitTx(txs::WaitTxArgs),
    /// Show a block
    Block(blocks::BlockArgs),
    /// Show what executing a block gave
    BlockResults(blocks::BlockResultsArgs),
    /// Ask any query by its path
    Raw(raw::RawArgs),
}

/// Flags of every query of state.
#[derive(Args, Debug)]
pub(super) struct QueryArgs {
    /// Height to ask about; 0 for the latest
    #[arg(long, value_name = "HEIGHT", default_value_t = 0)]
    height: u64,
    #[command(flatten)]
    node: NodeArgs,
}

/// About an account.
#[derive(Args, Debug)]
pub(super) struct AccountArgs {
    /// The account: an address, a key or a registered name
    #[arg(value_parser = parse_account)]
    account: Account,
    #[command(flatten)]
    query: QueryArgs,
    #[command(flatten)]
    keyring: KeyringArgs,
}

/// About a validator.
#[derive(Args, Debug)]
pub(super) struct ValidatorArgs {
    /// Validator, by jmesvaloper1…, its operator's account or registered name
    validator: String,
    #[command(flatten)]
    query: QueryArgs,
}

/// About an account and a validator.
#[derive(Args, Debug)]
pub(super) struct PairArgs {
    /// The account: an address, a key or a registered name
    #[arg(value_parser = parse_account)]
    account: Account,
    /// Validator, by jmesvaloper1…, its operator's account or registered name
    validator: String,
    #[command(flatten)]
    query: QueryArgs,
    #[command(flatten)]
    keyring: KeyringArgs,
}

impl QueryArgs {
    /// The address of an account that the command line names.
    fn resolve(&self, session: &mut Session, account: &Account, keyring: &KeyringArgs) -> Result<Address> {
        session.resolve(account, keyring, Some(&self.node))
    }
}

impl QueryCommand {
    pub(super) fn run(&self, session: &mut Session) -> Result<()> {
        match self {
            Self::Account(args) => modules::account(session, args),
            Self::Auth(query) => query.run(session),
            Self::Bank(query) => query.run(session),
            Self::Staking(query) => query.run(session),
            Self::Slashing(query) => query.run(session),
            Self::Rewards(query) => query.run(session),
            Self::Distribution(query) => query.run(session),
            Self::Emission(query) => query.run(session),
            Self::Premint(query) => query.run(session),
            Self::Mint(query) => query.run(session),
            Self::Evidence(query) => query.run(session),
            Self::Identity(query) => query.run(session),
            Self::Dao(query) => query.run(session),
            Self::Gov(query) => query.run(session),
            Self::Funding(query) => query.run(session),
            Self::Slots(query) => query.run(session),
            Self::Artwork(query) => query.run(session),
            Self::Upgrade(query) => query.run(session),
            Self::Consensus(query) => query.run(session),
            Self::Tx(args) => txs::tx(session, args),
            Self::Txs(args) => txs::txs(session, args),
            Self::WaitTx(args) => txs::wait(session, args),
            Self::Block(args) => blocks::block(session, args),
            Self::BlockResults(args) => blocks::block_results(session, args),
            Self::Raw(args) => raw::raw(session, args),
        }
    }
}

/// Asks a query whose answer is of type `A`, and shows the answer.
fn ask<A: Name>(session: &mut Session, args: &QueryArgs, path: &str, request: &impl Message) -> Result<()> {
    let json = session.remote(&args.node)?.query_json::<A>(path, request, args.height)?;
    session.console.emit(&json)
}

/// What people see of an answer.
struct Shown {
    part: Part,
    next_key: Vec<u8>,
}

impl From<View> for Shown {
    fn from(view: View) -> Self {
        Self { part: view.into(), next_key: Vec::new() }
    }
}

impl From<String> for Shown {
    fn from(text: String) -> Self {
        Self { part: text.into(), next_key: Vec::new() }
    }
}

impl Shown {
    /// A page of a list.
    fn rows(rows: Vec<View>, page: Option<&PageResponse>) -> Self {
        Self::page(rows, page)
    }

    /// A page of a list and what else was answered.
    fn page(part: impl Into<Part>, page: Option<&PageResponse>) -> Self {
        Self { part: part.into(), next_key: page.map(|page| page.next_key.clone()).unwrap_or_default() }
    }
}

/// Shows a module's parameters, of which it has none: all about it is fixed.
fn no_params<A: Message + Name + Default>(
    session: &mut Session,
    args: &QueryArgs,
    path: &str,
    request: &impl Message,
) -> Result<()> {
    show(session, args, path, request, |_: &A, _| Ok("there are none".to_owned().into()))
}

/// Asks a query, and shows the answer to programs as JSON and to people as `view` has it.
fn show<A: Message + Name + Default>(
    session: &mut Session,
    args: &QueryArgs,
    path: &str,
    request: &impl Message,
    view: impl FnOnce(&A, &Remote) -> Result<Shown>,
) -> Result<()> {
    let remote = session.remote(&args.node)?;
    let answer: A = remote.query(path, request, args.height)?;
    if session.console.format() == Format::Json {
        return session.console.print(&to_json(&answer)?);
    }
    let shown = view(&answer, &remote)?;
    session.console.emit_value(&shown.part)?;
    if !shown.next_key.is_empty() {
        let key = BASE64_STANDARD.encode(&shown.next_key);
        session.console.note(&format!("There is more: --page-key {key}"));
    }
    Ok(())
}
