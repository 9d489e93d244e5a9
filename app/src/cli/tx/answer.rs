//! What becomes of a transaction: the node's answer when it is offered, and its result in a block.

use anyhow::{bail, Context, Result};
use cosmos_sdk_proto::cosmos::base::abci::v1beta1::{SearchTxsResult, TxResponse};
use jmes_proto::Any;
use serde::Serialize;
use tendermint::abci::types::ExecTxResult;
use tendermint::Hash;

use crate::cli::options::NodeArgs;
use crate::cli::protobuf::to_json;
use crate::cli::{BroadcastMode, Format, Session};
use crate::rpc::{endpoint, Client, Page};

const TX_URL: &str = "/cosmos.tx.v1beta1.Tx";

/// Sends a transaction and shows the node's answer.
///
/// # Errors
/// The node can't be reached, or refuses the transaction.
pub(super) fn broadcast(
    session: &mut Session,
    node: &NodeArgs,
    mode: Option<BroadcastMode>,
    tx: Vec<u8>,
) -> Result<()> {
    let client = session.remote(node)?.engine().clone();
    let (code, codespace, log, hash) = match mode.unwrap_or(session.settings.broadcast_mode) {
        BroadcastMode::Sync => {
            let answer = client.broadcast_tx_sync(tx)?;
            (answer.code.value(), answer.codespace, answer.log, answer.hash)
        }
        BroadcastMode::Async => {
            let answer = client.broadcast_tx_async(tx)?;
            (answer.code.value(), answer.codespace, answer.log, answer.hash)
        }
    };
    let response =
        TxResponse { txhash: hash.to_string(), code, codespace, raw_log: log, ..Default::default() };
    show_answer(session, &response)?;
    if code != 0 {
        bail!("the node refused the transaction ({} code {code}): {}", response.codespace, response.raw_log);
    }
    if session.console.format() == Format::Text {
        session
            .console
            .note(&format!("Sent. `jmesd query wait-tx {}` waits until it is in a block.", response.txhash));
    }
    Ok(())
}

/// The part of an answer that people want.
#[derive(Serialize)]
struct Short<'a> {
    txhash: &'a str,
    code: u32,
    #[serde(skip_serializing_if = "str::is_empty")]
    codespace: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    raw_log: &'a str,
}

fn show_answer(session: &mut Session, response: &TxResponse) -> Result<()> {
    if session.console.format() == Format::Json {
        return session.console.print(&to_json(response)?);
    }
    session.console.emit_value(&Short {
        txhash: &response.txhash,
        code: response.code,
        codespace: &response.codespace,
        raw_log: &response.raw_log,
    })
}

/// A committed transaction with its result; `None` when no block has it.
///
/// # Errors
/// The node can't be reached, or its answer can't be read.
pub(in crate::cli) fn committed(client: &Client, hash: [u8; 32]) -> Result<Option<TxResponse>> {
    let Some(found) = client.tx(hash, false)? else { return Ok(None) };
    let time = block_time(client, found.height.value())?;
    Ok(Some(response(found.hash, found.height.value(), found.tx_result, found.tx, time)))
}

/// A page of committed transactions by their events.
///
/// # Errors
/// The node can't be reached, or the query can't be parsed.
pub(in crate::cli) fn search(client: &Client, query: &str, page: Page) -> Result<SearchTxsResult> {
    let found: endpoint::tx_search::Response = client.tx_search(query, page.clone())?;
    let mut txs = Vec::with_capacity(found.txs.len());
    for tx in found.txs {
        let time = block_time(client, tx.height.value())?;
        txs.push(response(tx.hash, tx.height.value(), tx.tx_result, tx.tx, time));
    }
    let limit = u64::from(page.size);
    let total_count = u64::from(found.total_count);
    Ok(SearchTxsResult {
        total_count,
        count: txs.len() as u64,
        page_number: u64::from(page.number),
        page_total: total_count.div_ceil(limit),
        limit,
        txs,
    })
}

fn block_time(client: &Client, height: u64) -> Result<String> {
    let block = client.block(Some(height)).with_context(|| format!("block {height} can't be read"))?;
    Ok(block.block.header.time.to_rfc3339())
}

fn response(hash: Hash, height: u64, result: ExecTxResult, tx: Vec<u8>, timestamp: String) -> TxResponse {
    TxResponse {
        height: i64::try_from(height).unwrap_or(i64::MAX),
        txhash: hash.to_string(),
        codespace: result.codespace,
        code: result.code.value(),
        data: hex::encode_upper(&result.data),
        raw_log: result.log,
        logs: Vec::new(),
        info: result.info,
        gas_wanted: result.gas_wanted,
        gas_used: result.gas_used,
        // A Tx and a TxRaw are the same on the wire.
        tx: Some(Any { type_url: TX_URL.into(), value: tx }),
        timestamp,
        events: result.events.into_iter().map(Into::into).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cosmos_sdk_proto::cosmos::tx::v1beta1::TxRaw;
    use prost::Message;

    #[test]
    fn a_committed_transaction_is_shown_as_cosmos_tools_show_it() {
        let raw = TxRaw { body_bytes: vec![], auth_info_bytes: vec![], signatures: vec![vec![1]] };
        let result = ExecTxResult { gas_wanted: 7, gas_used: 5, ..Default::default() };
        let shown =
            response(Hash::Sha256([0xab; 32]), 3, result, raw.encode_to_vec(), "2027-01-01T00:00:00Z".into());
        let json = to_json(&shown).unwrap();
        assert!(json.contains(r#""height":"3","txhash":"ABABAB"#), "{json}");
        assert!(json.contains(r#""gas_wanted":"7","gas_used":"5""#), "{json}");
        assert!(json.contains(r#""tx":{"@type":"/cosmos.tx.v1beta1.Tx""#), "{json}");
        assert!(json.contains(r#""signatures":["AQ=="]"#), "{json}");
    }
}
