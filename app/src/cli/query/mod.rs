//! `jmesd query`: asking a node about the chain.

mod blocks;
mod modules;
mod raw;
mod txs;

use anyhow::Result;
use clap::{Args, Subcommand};
use prost::{Message, Name};

use self::modules::{AuthQuery, BankQuery, ConsensusQuery, RewardsQuery};
use super::options::NodeArgs;
use super::Session;

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
    /// Income that has not been redeemed
    #[command(subcommand)]
    Rewards(RewardsQuery),
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

impl QueryCommand {
    pub(super) fn run(&self, session: &mut Session) -> Result<()> {
        match self {
            Self::Account(args) => modules::account(session, args),
            Self::Auth(query) => query.run(session),
            Self::Bank(query) => query.run(session),
            Self::Rewards(query) => query.run(session),
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
