//! `jmesd query tx`, `txs` and `wait-tx`.

use std::str::FromStr;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{bail, Context, Result};
use clap::{Args, ValueEnum};
use cosmos_sdk_proto::cosmos::base::abci::v1beta1::TxResponse;

use crate::cli::options::{parse_duration, NodeArgs};
use crate::cli::protobuf::to_json;
use crate::cli::tx::{committed, search};
use crate::cli::Session;
use crate::rpc::{Order, Page, MOST_PER_PAGE};

/// How often a node is asked for a transaction that is not yet in a block.
const POLL: Duration = Duration::from_millis(250);

#[derive(Args, Debug)]
pub(in crate::cli) struct TxArgs {
    /// Hash of the transaction
    #[arg(value_parser = Hash::from_str)]
    hash: Hash,
    #[command(flatten)]
    node: NodeArgs,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct TxsArgs {
    /// Events, as in "transfer.sender='jmes1…' AND tx.height>5"
    #[arg(long, value_name = "QUERY")]
    query: String,
    /// Page to show, counted from 1
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    page: u32,
    /// Most transactions to show
    #[arg(long, value_name = "N", default_value_t = MOST_PER_PAGE, value_parser = clap::value_parser!(u8).range(1..=100))]
    limit: u8,
    /// Oldest or newest first
    #[arg(long, visible_alias = "order_by", value_name = "ORDER", default_value = "asc")]
    order_by: OrderBy,
    #[command(flatten)]
    node: NodeArgs,
}

/// An order by height.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum OrderBy {
    /// Oldest first
    Asc,
    /// Newest first
    Desc,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct WaitTxArgs {
    /// Hash of the transaction
    #[arg(value_parser = Hash::from_str)]
    hash: Hash,
    /// How long to wait, as in 15s or 2m
    #[arg(long, value_name = "TIME", default_value = "15s", value_parser = parse_duration)]
    timeout: Duration,
    #[command(flatten)]
    node: NodeArgs,
}

/// The SHA-256 of a transaction's or block's bytes.
#[derive(Clone, Copy, Debug)]
struct Hash([u8; 32]);

impl FromStr for Hash {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        parse_hash(text).map(Self)
    }
}

/// Reads a hash: 64 hex digits, in either case, after an optional `0x`.
pub(super) fn parse_hash(text: &str) -> Result<[u8; 32]> {
    let bytes = hex::decode(text.trim_start_matches("0x")).ok();
    let hash = bytes.and_then(|bytes| bytes.try_into().ok());
    hash.with_context(|| format!("\"{text}\" is not a hash: it has 64 hex digits"))
}

pub(super) fn tx(session: &mut Session, args: &TxArgs) -> Result<()> {
    let client = session.remote(&args.node)?.engine().clone();
    let found = committed(&client, args.hash.0)?;
    let found = found.with_context(|| {
        format!(
            "tx not found: no block that {} knows has {}; `jmesd query wait-tx` waits for it",
            client.url(),
            hex::encode_upper(args.hash.0)
        )
    })?;
    session.console.emit(&to_json(&found)?)
}

pub(super) fn txs(session: &mut Session, args: &TxsArgs) -> Result<()> {
    let client = session.remote(&args.node)?.engine().clone();
    let order = match args.order_by {
        OrderBy::Asc => Order::Ascending,
        OrderBy::Desc => Order::Descending,
    };
    let page = Page { number: args.page, size: args.limit, order };
    let found = search(&client, &args.query, page).with_context(|| {
        format!("cannot search for {}: events are written like \"tx.height>5\"", args.query)
    })?;
    session.console.emit(&to_json(&found)?)
}

pub(super) fn wait(session: &mut Session, args: &WaitTxArgs) -> Result<()> {
    let client = session.remote(&args.node)?.engine().clone();
    let started = Instant::now();
    loop {
        if let Some(found) = committed(&client, args.hash.0)? {
            session.console.emit(&to_json(&found)?)?;
            return refuse_failed(&found);
        }
        if started.elapsed() >= args.timeout {
            bail!(
                "no block has {} after {} s: its sequence may be wrong, or its fee too small for the proposers",
                hex::encode_upper(args.hash.0),
                args.timeout.as_secs()
            );
        }
        thread::sleep(POLL.min(args.timeout));
    }
}

/// Who waits for a transaction waits for its success.
fn refuse_failed(found: &TxResponse) -> Result<()> {
    if found.code != 0 {
        bail!("the transaction failed ({} code {}): {}", found.codespace, found.code, found.raw_log);
    }
    Ok(())
}
