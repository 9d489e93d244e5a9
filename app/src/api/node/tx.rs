//! `cosmos.tx.v1beta1.Service`: simulating, offering, finding and converting transactions.

use std::collections::BTreeMap;

use jmes_modules::kernel::{codes, Error, QueryCode, QueryError, QueryResult};
use jmes_proto::{
    cosmos::{
        base::abci::v1beta1::{GasInfo, Result as SimulationResult, TxMsgData, TxResponse},
        tx::v1beta1::{
            BroadcastMode, BroadcastTxRequest, BroadcastTxResponse, GetTxRequest, OrderBy, SimulateResponse,
            TxDecodeRequest, TxEncodeResponse,
        },
    },
    strict, Any,
};
use prost::Message;
use sha2::{Digest, Sha256};
use tendermint::Time;

use super::{
    decode_request, from_engine, to_i64,
    wire::{GetTxResponse, GetTxsEventRequest, GetTxsEventResponse, SimulateRequest, WithTx},
    Node,
};
use crate::{
    chain::Chain,
    rpc::{endpoint, Error as EngineError, Order, Page, MOST_PER_PAGE},
};

const TX_TYPE_URL: &str = "/cosmos.tx.v1beta1.Tx";

/// Codes of codespace `sdk` for what the mempool itself refuses.
const IN_MEMPOOL: u32 = 19;

/// `Simulate`.
pub fn simulate(chain: &Chain, request: &[u8]) -> QueryResult<Vec<u8>> {
    let request: SimulateRequest = decode_request(request)?;
    let tx = if request.tx_bytes.is_empty() { request.tx.unwrap_or_default() } else { request.tx_bytes };
    if tx.is_empty() {
        return Err(QueryError::invalid("empty txBytes is not allowed"));
    }
    let outcome = chain.simulate(&tx).map_err(from_simulation)?;
    let answers = TxMsgData::decode(outcome.data.as_slice()).unwrap_or_default();
    #[allow(deprecated, reason = "clients still read `data`")]
    let result = SimulationResult {
        data: outcome.data,
        log: String::new(),
        events: outcome.events,
        msg_responses: answers.msg_responses,
    };
    let gas_info = GasInfo { gas_wanted: outcome.gas_wanted, gas_used: outcome.gas_used };
    Ok(SimulateResponse { gas_info: Some(gas_info), result: Some(result) }.encode_to_vec())
}

/// A transaction that would fail is a wrong request, whatever the reason.
fn from_simulation(error: Error) -> QueryError {
    match (error.codespace, error.code) {
        (codes::SDK, codes::LOGIC) => QueryError::new(QueryCode::Internal, error.message),
        _ => QueryError::invalid(error.message),
    }
}

/// `BroadcastTx`. That the transaction is refused is in the answer's code.
pub fn broadcast(node: &Node, request: &[u8]) -> QueryResult<Vec<u8>> {
    let request: BroadcastTxRequest = decode_request(request)?;
    if request.tx_bytes.is_empty() {
        return Err(QueryError::invalid("invalid empty tx"));
    }
    let txhash = hex::encode_upper(Sha256::digest(&request.tx_bytes));
    let offered = match BroadcastMode::try_from(request.mode) {
        Ok(BroadcastMode::Sync) => {
            node.engine.broadcast_tx_sync(request.tx_bytes).map(|checked| TxResponse {
                txhash: txhash.clone(),
                codespace: checked.codespace,
                code: checked.code.value(),
                data: hex::encode_upper(&checked.data),
                raw_log: checked.log,
                ..TxResponse::default()
            })
        }
        Ok(BroadcastMode::Async) => node
            .engine
            .broadcast_tx_async(request.tx_bytes)
            .map(|_| TxResponse { txhash: txhash.clone(), ..TxResponse::default() }),
        Ok(BroadcastMode::Block) => return Err(unsupported_mode("block")),
        _ => return Err(unsupported_mode("unspecified")),
    };
    let tx_response = match offered {
        Ok(response) => response,
        Err(EngineError::Refused { message, .. }) => refused_by_mempool(message, txhash)?,
        Err(error) => return Err(from_engine(error)),
    };
    Ok(BroadcastTxResponse { tx_response: Some(tx_response) }.encode_to_vec())
}

fn unsupported_mode(mode: &str) -> QueryError {
    QueryError::invalid(format!("unsupported return type {mode}; supported types: sync, async"))
}

/// What the engine refuses before the application sees it has codes of its own.
fn refused_by_mempool(message: String, txhash: String) -> QueryResult<TxResponse> {
    let text = message.to_ascii_lowercase();
    let code = if text.contains("tx already exists in cache") {
        IN_MEMPOOL
    } else if text.contains("mempool is full") {
        codes::MEMPOOL_FULL
    } else if text.contains("tx too large") {
        codes::TX_TOO_LARGE
    } else {
        return Err(QueryError::new(QueryCode::Unavailable, message));
    };
    let codespace = codes::SDK.to_owned();
    Ok(TxResponse { txhash, codespace, code, raw_log: message, ..TxResponse::default() })
}

/// `GetTx`.
pub fn by_hash(node: &Node, request: &[u8]) -> QueryResult<Vec<u8>> {
    let request: GetTxRequest = decode_request(request)?;
    if request.hash.is_empty() {
        return Err(QueryError::invalid("tx hash cannot be empty"));
    }
    let mut hash = [0; 32];
    hex::decode_to_slice(&request.hash, &mut hash).map_err(|_| {
        let shown: String = request.hash.chars().take(80).collect();
        QueryError::invalid(format!("a tx hash has 64 hexadecimal digits, got {shown:?}"))
    })?;
    let Some(found) = node.engine.tx(hash, false).map_err(from_engine)? else {
        return Err(QueryError::not_found(format!("tx not found: {}", request.hash)));
    };
    let time = node.engine.header(Some(found.height.value())).map_err(from_engine)?.time;
    let tx = found.tx.clone();
    let tx_response = Some(committed(found, time));
    Ok(GetTxResponse { tx: Some(tx), tx_response }.encode_to_vec())
}

/// `GetTxsEvent`.
pub fn by_events(node: &Node, request: &[u8]) -> QueryResult<Vec<u8>> {
    let mut request: GetTxsEventRequest = decode_request(request)?;
    if request.query.is_empty() {
        request.query = request.events.join(" AND ");
    }
    if request.query.is_empty() {
        return Err(QueryError::invalid("query cannot be empty"));
    }
    let found = node.engine.tx_search(&request.query, page(&request)?).map_err(from_engine)?;
    let mut times = BTreeMap::new();
    let mut answer = GetTxsEventResponse { total: u64::from(found.total_count), ..Default::default() };
    for tx in found.txs {
        let height = tx.height.value();
        let time = match times.get(&height) {
            Some(time) => *time,
            None => {
                let time = node.engine.header(Some(height)).map_err(from_engine)?.time;
                times.insert(height, time);
                time
            }
        };
        answer.txs.push(tx.tx.clone());
        answer.tx_responses.push(committed(tx, time));
    }
    Ok(answer.encode_to_vec())
}

/// The page a search asks for: by `page` and `limit`, or by the older `pagination`.
fn page(request: &GetTxsEventRequest) -> QueryResult<Page> {
    let old = request.pagination.clone().unwrap_or_default();
    let most = u64::from(MOST_PER_PAGE);
    let limit = [request.limit, old.limit].into_iter().find(|limit| *limit > 0).unwrap_or(most).min(most);
    let number = if request.page > 0 { request.page } else { old.offset / limit + 1 };
    let order = match OrderBy::try_from(request.order_by) {
        Ok(OrderBy::Desc) => Order::Descending,
        Ok(OrderBy::Unspecified) if old.reverse => Order::Descending,
        Ok(_) => Order::Ascending,
        Err(_) => return Err(QueryError::invalid(format!("order_by {} is unknown", request.order_by))),
    };
    let too_far = || QueryError::invalid(format!("page {number} is out of range"));
    Ok(Page {
        number: u32::try_from(number).map_err(|_| too_far())?,
        size: u8::try_from(limit).unwrap_or(MOST_PER_PAGE),
        order,
    })
}

/// `TxDecode`.
pub fn decode(request: &[u8]) -> QueryResult<Vec<u8>> {
    let request: TxDecodeRequest = decode_request(request)?;
    if request.tx_bytes.is_empty() {
        return Err(QueryError::invalid("invalid empty tx bytes"));
    }
    check(&request.tx_bytes)?;
    Ok(WithTx { tx: Some(request.tx_bytes) }.encode_to_vec())
}

/// `TxEncode`.
pub fn encode(request: &[u8]) -> QueryResult<Vec<u8>> {
    let request: WithTx = decode_request(request)?;
    let tx_bytes = request.tx.ok_or_else(|| QueryError::invalid("invalid empty tx"))?;
    check(&tx_bytes)?;
    Ok(TxEncodeResponse { tx_bytes }.encode_to_vec())
}

/// `TxEncodeAmino` and `TxDecodeAmino`.
pub fn amino() -> QueryResult<Vec<u8>> {
    Err(QueryError::new(
        QueryCode::Unimplemented,
        "the binary amino encoding of transactions is not supported: use TxEncode and TxDecode",
    ))
}

fn check(tx: &[u8]) -> QueryResult<()> {
    strict::check_tx(tx).map(drop).map_err(|e| QueryError::invalid(format!("invalid tx: {e}")))
}

/// A transaction of a block made at `time`.
fn committed(found: endpoint::tx::Response, time: Time) -> TxResponse {
    let result = found.tx_result;
    let seconds = time.unix_timestamp();
    TxResponse {
        height: to_i64(found.height.value()),
        txhash: hex::encode_upper(found.hash.as_bytes()),
        codespace: result.codespace,
        code: result.code.value(),
        data: hex::encode_upper(&result.data),
        raw_log: result.log,
        logs: Vec::new(),
        info: result.info,
        gas_wanted: result.gas_wanted,
        gas_used: result.gas_used,
        tx: Some(Any { type_url: TX_TYPE_URL.to_owned(), value: found.tx }),
        timestamp: prost_types::Timestamp { seconds, nanos: 0 }.to_string(),
        events: result.events.into_iter().map(Into::into).collect(),
    }
}

#[cfg(test)]
mod tests {
    use jmes_proto::cosmos::base::query::v1beta1::PageRequest;

    use super::*;

    fn search(page: u64, limit: u64, order_by: i32) -> GetTxsEventRequest {
        GetTxsEventRequest { page, limit, order_by, ..Default::default() }
    }

    #[test]
    fn searches_go_by_pages_of_at_most_100() {
        let first = page(&search(0, 0, 0)).unwrap();
        assert_eq!((first.number, first.size, first.order), (1, 100, Order::Ascending));
        let third = page(&search(3, 1_000, 2)).unwrap();
        assert_eq!((third.number, third.size, third.order), (3, 100, Order::Descending));
        assert!(page(&search(u64::MAX, 1, 0)).is_err());
        assert!(page(&search(1, 1, 7)).is_err());
    }

    #[test]
    fn the_older_pagination_still_counts() {
        let pagination = Some(PageRequest { offset: 20, limit: 10, reverse: true, ..Default::default() });
        let third = page(&GetTxsEventRequest { pagination, ..Default::default() }).unwrap();
        assert_eq!((third.number, third.size, third.order), (3, 10, Order::Descending));
    }

    #[test]
    fn refusals_of_the_mempool_have_the_codes_wallets_know() {
        for (message, code) in [
            ("tx already exists in cache", 19),
            ("mempool is full: number of txs 5000 (max: 5000)", 20),
            ("Tx too large. Max size is 1048576, but got 2000000", 21),
        ] {
            let response = refused_by_mempool(message.to_owned(), "AB".to_owned()).unwrap();
            assert_eq!((response.code, response.codespace.as_str()), (code, "sdk"));
        }
        assert!(refused_by_mempool("anything else".to_owned(), String::new()).is_err());
    }
}
