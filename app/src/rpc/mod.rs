//! A client of the consensus engine's JSON-RPC: what the REST and gRPC services and the command line ask of the engine.
//!
//! It blocks, so callers in async code run it on blocking threads. Requests and answers are the types of crate
//! `tendermint-rpc`, in the engine's own dialect (CometBFT 0.38). Connections are kept and reused.

mod error;
#[cfg(test)]
mod tests;

pub use error::{Error, Result};

use std::time::Duration;

use base64::prelude::{Engine, BASE64_STANDARD};
use serde::{de::DeserializeOwned, Deserialize};
use tendermint::{
    abci::types::ExecTxResult,
    account,
    block::{self, Height},
    serializers::from_str,
    Hash, PublicKey,
};
pub use tendermint_rpc::endpoint;
pub use tendermint_rpc::Order;
use tendermint_rpc::{
    dialect::LatestDialect, endpoint::broadcast, response_error::ResponseError, PerPage, SimpleRequest,
};
use ureq::{Agent, Proxy};

/// How long a request may take when nothing else is said. The engine itself gives up a `broadcast_tx_commit` after 10 s.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);

/// How long connecting may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Largest answer read, in bytes: the largest block the engine allows (100 MiB) as base64, and room for the rest.
const ANSWER_BYTES: u64 = 160 << 20;

/// Most entries the engine puts on one page.
pub const MOST_PER_PAGE: u8 = 100;

/// A page of a search's results.
#[derive(Clone, Debug)]
pub struct Page {
    /// Number of the page, from 1.
    pub number: u32,
    /// Entries on a page, 1 to [`MOST_PER_PAGE`].
    pub size: u8,
    /// Oldest or newest first.
    pub order: Order,
}

/// A member of the engine's validator set.
#[derive(Clone, Debug, Deserialize)]
pub struct Validator {
    /// The first 20 bytes of the SHA-256 of its key.
    pub address: account::Id,
    /// Its consensus key.
    pub pub_key: PublicKey,
    /// Its voting power.
    #[serde(with = "from_str")]
    pub voting_power: i64,
    /// When it will propose, compared with the others.
    #[serde(with = "from_str")]
    pub proposer_priority: i64,
}

/// A handle on the JSON-RPC of one engine; clones share their connections.
#[derive(Clone, Debug)]
pub struct Client {
    url: String,
    agent: Agent,
}

impl Client {
    /// A client of the engine at `url`: `http://`, `https://` or `tcp://` (the same as `http://`), a host and a port.
    /// Nothing is sent yet.
    ///
    /// # Errors
    /// [`Error::Url`] if the URL isn't one of those.
    pub fn new(url: &str) -> Result<Self> {
        Self::with_timeout(url, DEFAULT_TIMEOUT)
    }

    /// The same with a limit of one's own on how long a request may take, from connecting to the answer's last byte.
    ///
    /// # Errors
    /// [`Error::Url`] if the URL can't be used.
    pub fn with_timeout(url: &str, timeout: Duration) -> Result<Self> {
        let (url, loopback) = parse_url(url)?;
        let proxy = if loopback { None } else { Proxy::try_from_env() };
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(proxy)
            .timeout_connect(Some(CONNECT_TIMEOUT.min(timeout)))
            .timeout_global(Some(timeout))
            .build()
            .new_agent();
        Ok(Self { url, agent })
    }

    /// The URL requests go to.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Sends any request of the engine's API and waits for the answer.
    ///
    /// # Errors
    /// [`Error::Unreachable`] without a connection, [`Error::Timeout`], [`Error::Refused`] with the engine's own
    /// words, [`Error::Answer`] when what came back is no answer.
    pub fn call<R: SimpleRequest<LatestDialect>>(&self, request: R) -> Result<R::Output> {
        self.ask::<R, R::Response>(request).map(Into::into)
    }

    /// Whether the engine answers at all.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub fn health(&self) -> Result<()> {
        self.call(endpoint::health::Request).map(drop)
    }

    /// Who the node is, and how far it has got.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub fn status(&self) -> Result<endpoint::status::Response> {
        self.call(endpoint::status::Request)
    }

    /// The node's peers.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub fn net_info(&self) -> Result<endpoint::net_info::Response> {
        self.call(endpoint::net_info::Request)
    }

    /// The genesis document, whatever its size.
    ///
    /// # Errors
    /// As [`call`](Self::call); [`Error::Answer`] if the document isn't JSON.
    pub fn genesis(&self) -> Result<serde_json::Value> {
        let mut document = Vec::new();
        let mut number = 0;
        loop {
            let chunk = self.call(endpoint::genesis_chunked::Request::new(number))?;
            document.extend_from_slice(&chunk.data);
            number += 1;
            if number >= chunk.total {
                break;
            }
        }
        serde_json::from_slice(&document)
            .map_err(|e| Error::Answer { url: self.url.clone(), reason: format!("genesis isn't JSON: {e}") })
    }

    /// The consensus parameters at a height, the latest without one.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub fn consensus_params(&self, height: Option<u64>) -> Result<endpoint::consensus_params::Response> {
        self.call(endpoint::consensus_params::Request::new(engine_height(height)?))
    }

    /// Asks the application through the engine. A refusal by the application is an answer with a code, not an error.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub fn abci_query(
        &self,
        path: &str,
        data: Vec<u8>,
        height: Option<u64>,
        prove: bool,
    ) -> Result<endpoint::abci_query::AbciQuery> {
        let request =
            endpoint::abci_query::Request::new(Some(path.to_owned()), data, engine_height(height)?, prove);
        Ok(self.call(request)?.response)
    }

    /// Offers a transaction and returns before it is checked.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub fn broadcast_tx_async(&self, tx: Vec<u8>) -> Result<broadcast::tx_async::Response> {
        self.call(broadcast::tx_async::Request::new(tx))
    }

    /// Offers a transaction and returns the result of its check; a code other than 0 means that it was refused.
    ///
    /// # Errors
    /// As [`call`](Self::call). [`Error::Refused`] also when the mempool already has it or is full.
    pub fn broadcast_tx_sync(&self, tx: Vec<u8>) -> Result<broadcast::tx_sync::Response> {
        self.call(broadcast::tx_sync::Request::new(tx))
    }

    /// Offers a transaction and waits until a block has it.
    ///
    /// # Errors
    /// As [`call`](Self::call). [`Error::Refused`] also when no block has it within the engine's time limit.
    pub fn broadcast_tx_commit(&self, tx: Vec<u8>) -> Result<broadcast::tx_commit::Response> {
        let mut answer = self.call(broadcast::tx_commit::Request::new(tx))?;
        decode_data(&mut answer.tx_result);
        Ok(answer)
    }

    /// A committed transaction by the SHA-256 of its bytes; none if there is none of that hash.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub fn tx(&self, hash: [u8; 32], prove: bool) -> Result<Option<endpoint::tx::Response>> {
        match self.call(endpoint::tx::Request::new(Hash::Sha256(hash), prove)) {
            Ok(mut found) => {
                decode_data(&mut found.tx_result);
                Ok(Some(found))
            }
            Err(e) if e.is_not_found() => Ok(None),
            Err(e) => Err(e),
        }
    }

    /// Committed transactions by their events, as in `transfer.sender='jmes1…' AND tx.height>5`.
    ///
    /// # Errors
    /// As [`call`](Self::call). [`Error::Refused`] if the query can't be parsed or the page is out of range.
    pub fn tx_search(&self, query: &str, page: Page) -> Result<endpoint::tx_search::Response> {
        let request = endpoint::tx_search::Request::new(query, false, page.number, page.size, page.order);
        let mut found = self.call(request)?;
        found.txs.iter_mut().for_each(|tx| decode_data(&mut tx.tx_result));
        Ok(found)
    }

    /// A block, the latest without a height.
    ///
    /// # Errors
    /// As [`call`](Self::call). [`Error::Refused`] if the height isn't there yet or no longer kept.
    pub fn block(&self, height: Option<u64>) -> Result<endpoint::block::Response> {
        self.call(endpoint::block::Request { height: engine_height(height)? })
    }

    /// A block by its hash; none if there is none of that hash.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub fn block_by_hash(&self, hash: [u8; 32]) -> Result<Option<endpoint::block::Response>> {
        let found = self.call(endpoint::block_by_hash::Request::new(Hash::Sha256(hash)))?;
        Ok(found.block.map(|block| endpoint::block::Response { block_id: found.block_id, block }))
    }

    /// What a block's execution gave, the latest's without a height.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub fn block_results(&self, height: Option<u64>) -> Result<endpoint::block_results::Response> {
        let mut results = self.call(endpoint::block_results::Request { height: engine_height(height)? })?;
        results.txs_results.iter_mut().flatten().for_each(decode_data);
        Ok(results)
    }

    /// Blocks by their events.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub fn block_search(&self, query: &str, page: Page) -> Result<endpoint::block_search::Response> {
        self.call(endpoint::block_search::Request::new(query, page.number, page.size, page.order))
    }

    /// A block's header, the latest without a height.
    ///
    /// # Errors
    /// As [`block`](Self::block).
    pub fn header(&self, height: Option<u64>) -> Result<block::Header> {
        let height = engine_height(height)?;
        Ok(self.call(endpoint::header::Request { height })?.header)
    }

    /// The whole validator set at a height (the latest without one) and that height, in the engine's order.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub fn validators(&self, height: Option<u64>) -> Result<(u64, Vec<Validator>)> {
        let mut height = engine_height(height)?;
        let mut set = Vec::new();
        for number in 1_usize.. {
            let size = Some(PerPage::from(MOST_PER_PAGE));
            let request = endpoint::validators::Request::new(height, Some(number.into()), size);
            let page: ValidatorPage = self.ask(request)?;
            height = Some(page.block_height);
            let is_last = page.validators.is_empty();
            set.extend(page.validators);
            if is_last || set.len() >= page.total {
                break;
            }
        }
        Ok((height.map_or(0, |h| h.value()), set))
    }

    fn ask<R: SimpleRequest<LatestDialect>, T: DeserializeOwned>(&self, request: R) -> Result<T> {
        let body = self.post(request.into_json())?;
        let unreadable = |reason: String| Error::Answer { url: self.url.clone(), reason };
        match serde_json::from_slice(&body).map_err(|e| unreadable(e.to_string()))? {
            Envelope { error: Some(refusal), .. } => Err(Error::from_refusal(&refusal)),
            Envelope { result: Some(result), .. } => Ok(result),
            Envelope { .. } => Err(unreadable("neither a result nor an error".to_owned())),
        }
    }

    fn post(&self, body: String) -> Result<Vec<u8>> {
        let answer = self
            .agent
            .post(&self.url)
            .header("content-type", "application/json")
            .send(body)
            .map_err(|e| Error::from_transport(&self.url, e))?;
        let status = answer.status();
        let body = answer
            .into_body()
            .into_with_config()
            .limit(ANSWER_BYTES)
            .read_to_vec()
            .map_err(|e| Error::from_transport(&self.url, e))?;
        // The engine explains some refusals in a JSON body with status 500; anything else isn't the engine.
        if !status.is_success() && body.first() != Some(&b'{') {
            return Err(Error::Answer {
                url: self.url.clone(),
                reason: format!("HTTP status {status}; is that the engine's RPC address?"),
            });
        }
        Ok(body)
    }
}

#[derive(Deserialize)]
struct ValidatorPage {
    block_height: Height,
    validators: Vec<Validator>,
    #[serde(with = "from_str")]
    total: usize,
}

/// What a JSON-RPC answer is wrapped in.
#[derive(Deserialize)]
struct Envelope<T> {
    result: Option<T>,
    error: Option<ResponseError>,
}

/// The URL as HTTP clients want it, and whether its host is this machine.
fn parse_url(given: &str) -> Result<(String, bool)> {
    let bad = |reason: &str| Error::Url { url: given.to_owned(), reason: reason.to_owned() };
    let url = match given.trim().split_once("://") {
        Some(("tcp" | "http", rest)) => format!("http://{rest}"),
        Some(("https", rest)) => format!("https://{rest}"),
        Some((scheme, _)) => return Err(bad(&format!("unknown scheme {scheme}://"))),
        None => return Err(bad("the scheme is missing")),
    };
    let uri: http::Uri = url.parse().map_err(|e: http::uri::InvalidUri| bad(&e.to_string()))?;
    let host = uri.host().filter(|h| !h.is_empty()).ok_or_else(|| bad("the host is missing"))?;
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
    let loopback = host == "localhost" || address.is_ok_and(|a| a.is_loopback());
    Ok((url, loopback))
}

/// The answer's type keeps `data` as the base64 text it is in JSON.
fn decode_data(result: &mut ExecTxResult) {
    if let Ok(data) = BASE64_STANDARD.decode(&result.data) {
        result.data = data.into();
    }
}

fn engine_height(height: Option<u64>) -> Result<Option<Height>> {
    height.map(|h| Height::try_from(h).map_err(|_| Error::Height(h))).transpose()
}
