//! `jmesd query block` and `block-results`.

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use serde::Serialize;

use super::txs::parse_hash;
use crate::cli::options::NodeArgs;
use crate::cli::{Format, Session};
use crate::rpc::endpoint;

#[derive(Args, Debug)]
pub(in crate::cli) struct BlockArgs {
    /// Height or hash of the block [default: the latest]
    which: Option<String>,
    /// What names the block
    #[arg(long, value_name = "TYPE", default_value = "height")]
    r#type: BlockName,
    #[command(flatten)]
    node: NodeArgs,
}

/// What can name a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum BlockName {
    /// Its height
    Height,
    /// Its hash
    Hash,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct BlockResultsArgs {
    /// Height of the block [default: the latest]
    height: Option<u64>,
    #[command(flatten)]
    node: NodeArgs,
}

/// The part of a block that people want; `-o json` gives the whole.
#[derive(Serialize)]
struct Summary {
    chain_id: String,
    height: u64,
    time: String,
    hash: String,
    proposer: String,
    app_hash: String,
    transactions: Vec<String>,
}

pub(super) fn block(session: &mut Session, args: &BlockArgs) -> Result<()> {
    let client = session.remote(&args.node)?.engine().clone();
    let found = match (&args.which, args.r#type) {
        (Some(hash), BlockName::Hash) => client
            .block_by_hash(parse_hash(hash)?)?
            .with_context(|| format!("there is no block with the hash {hash}"))?,
        (Some(height), BlockName::Height) => client.block(Some(parse_height(height)?))?,
        (None, _) => client.block(None)?,
    };
    match session.console.format() {
        Format::Json => session.console.emit_value(&found),
        Format::Text => session.console.emit_value(&summary(&found)?),
    }
}

fn summary(found: &endpoint::block::Response) -> Result<Summary> {
    use sha2::{Digest, Sha256};
    let header = &found.block.header;
    let proposer = jmes_modules::kernel::ConsensusAddress::new(header.proposer_address.as_bytes())?;
    Ok(Summary {
        chain_id: header.chain_id.to_string(),
        height: header.height.value(),
        time: header.time.to_rfc3339(),
        hash: found.block_id.hash.to_string(),
        proposer: proposer.to_string(),
        app_hash: header.app_hash.to_string(),
        transactions: found.block.data.iter().map(|tx| hex::encode_upper(Sha256::digest(tx))).collect(),
    })
}

fn parse_height(text: &str) -> Result<u64> {
    text.parse()
        .with_context(|| format!("\"{text}\" is not a height: use --type hash to name a block by its hash"))
}

pub(super) fn block_results(session: &mut Session, args: &BlockResultsArgs) -> Result<()> {
    let results = session.remote(&args.node)?.engine().block_results(args.height)?;
    session.console.emit_value(&results)
}
