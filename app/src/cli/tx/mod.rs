//! `jmesd tx`: making, signing and sending transactions (PROTOCOL.md §4).
//!
//! A module's commands give their messages to [`submit`](submit::submit), which does all the rest: fee, account number and
//! sequence, simulation, confirmation, signature, broadcast.

mod answer;
mod artwork;
mod bank;
mod checks;
mod dao;
mod distribution;
mod files;
mod gov;
mod identity;
mod multisig;
mod options;
mod propose;
mod rewards;
mod sign;
mod signing;
mod slashing;
mod staking;
mod submit;
mod transaction;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Subcommand};

use self::options::{SignerArgs, StateArgs};
use super::options::{KeyringArgs, NodeArgs};
use super::{BroadcastMode, Session};

pub(super) use answer::{committed, search};

#[derive(Debug, Subcommand)]
pub(super) enum TxCommand {
    /// Send coins
    #[command(subcommand)]
    Bank(bank::BankCommand),
    /// Run a validator, bond coins to validators
    #[command(subcommand)]
    Staking(Box<staking::StakingCommand>),
    /// Let a validator out of jail
    #[command(subcommand)]
    Slashing(slashing::SlashingCommand),
    /// Redeem what bonds and validators have earned
    #[command(subcommand)]
    Rewards(rewards::RewardsCommand),
    /// Redeem income by the messages that wallets use
    #[command(subcommand)]
    Distribution(distribution::DistributionCommand),
    /// Register a name
    #[command(subcommand)]
    Identity(identity::IdentityCommand),
    /// Register DAOs, propose, vote and act in them
    #[command(subcommand)]
    Dao(Box<dao::DaoCommand>),
    /// Raise proposals, vote on them, make them take effect
    #[command(subcommand)]
    Gov(Box<gov::GovCommand>),
    /// Mint and send artworks
    #[command(subcommand)]
    Artwork(Box<artwork::ArtworkCommand>),
    /// Sign a transaction that was made with --generate-only
    Sign(SignArgs),
    /// Sign several transactions of one account, one a line
    SignBatch(SignBatchArgs),
    /// Put the signatures of a multisig key's members together
    #[command(visible_alias = "multisign")]
    MultiSign(MultiSignArgs),
    /// Send a signed transaction
    Broadcast(BroadcastArgs),
    /// Turn a transaction from JSON into its bytes in base64
    Encode(FileArgs),
    /// Turn a transaction's bytes into JSON
    Decode(DecodeArgs),
    /// Show the gas that a transaction would use
    Simulate(SimulateArgs),
}

#[derive(Args, Debug)]
pub(super) struct FileArgs {
    /// File with the transaction as JSON; - for standard input
    file: PathBuf,
}

#[derive(Args, Debug)]
pub(super) struct SignArgs {
    #[command(flatten)]
    file: FileArgs,
    #[command(flatten)]
    how: SignOutputArgs,
    /// Replace a signature that this key has made already
    #[arg(long)]
    overwrite: bool,
}

#[derive(Args, Debug)]
pub(super) struct SignBatchArgs {
    /// Files with transactions as JSON, one a line; - for standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    how: SignOutputArgs,
}

/// How `sign` and `sign-batch` sign, and what they write.
#[derive(Args, Debug)]
pub(super) struct SignOutputArgs {
    /// Sign as a member of this multisig key, by its name or address; writes the signature alone
    #[arg(long, value_name = "KEY")]
    multisig: Option<String>,
    /// Write the signature alone
    #[arg(long)]
    signature_only: bool,
    /// Write to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    output_document: Option<PathBuf>,
    #[command(flatten)]
    signer: SignerArgs,
    #[command(flatten)]
    node: NodeArgs,
    #[command(flatten)]
    keyring: KeyringArgs,
}

#[derive(Args, Debug)]
pub(super) struct MultiSignArgs {
    #[command(flatten)]
    file: FileArgs,
    /// Name or address of the multisig key
    key: String,
    /// Files that `tx sign --multisig` wrote
    #[arg(required = true, value_name = "SIGNATURE")]
    signatures: Vec<PathBuf>,
    /// Write to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    output_document: Option<PathBuf>,
    #[command(flatten)]
    state: StateArgs,
    #[command(flatten)]
    node: NodeArgs,
    #[command(flatten)]
    keyring: KeyringArgs,
}

#[derive(Args, Debug)]
pub(super) struct BroadcastArgs {
    #[command(flatten)]
    file: FileArgs,
    /// When to come back [default: what client.toml says, or sync]
    #[arg(short, long, value_name = "MODE")]
    broadcast_mode: Option<BroadcastMode>,
    #[command(flatten)]
    node: NodeArgs,
}

#[derive(Args, Debug)]
pub(super) struct DecodeArgs {
    /// Bytes of the transaction
    bytes: String,
    /// The bytes are in hex, not base64
    #[arg(short = 'x', long)]
    hex: bool,
}

#[derive(Args, Debug)]
pub(super) struct SimulateArgs {
    #[command(flatten)]
    file: FileArgs,
    /// Name or address of the key that will sign, for a transaction without signatures
    #[arg(long, value_name = "KEY")]
    from: Option<String>,
    #[command(flatten)]
    node: NodeArgs,
    #[command(flatten)]
    keyring: KeyringArgs,
}

impl TxCommand {
    pub(super) fn run(&self, session: &mut Session) -> Result<()> {
        match self {
            Self::Bank(command) => command.run(session),
            Self::Staking(command) => command.run(session),
            Self::Slashing(command) => command.run(session),
            Self::Rewards(command) => command.run(session),
            Self::Distribution(command) => command.run(session),
            Self::Identity(command) => command.run(session),
            Self::Dao(command) => command.run(session),
            Self::Gov(command) => command.run(session),
            Self::Artwork(command) => command.run(session),
            Self::Sign(args) => sign::sign(session, args),
            Self::SignBatch(args) => sign::sign_batch(session, args),
            Self::MultiSign(args) => multisig::multi_sign(session, args),
            Self::Broadcast(args) => files::broadcast(session, args),
            Self::Encode(args) => files::encode(session, args),
            Self::Decode(args) => files::decode(session, args),
            Self::Simulate(args) => files::simulate(session, args),
        }
    }
}
