//! A node as the command line sees it: queries to the application through the engine's RPC, as light wallets do it.

use anyhow::{bail, ensure, Context, Result};
use cosmos_sdk_proto::cosmos::auth::v1beta1::{BaseAccount, QueryAccountRequest, QueryAccountResponse};
use cosmos_sdk_proto::cosmos::base::abci::v1beta1::GasInfo;
use cosmos_sdk_proto::cosmos::tx::v1beta1::{SimulateRequest, SimulateResponse};
use jmes_modules::kernel::Address;
use prost::{Message, Name};

use super::protobuf::bytes_to_json;
use crate::rpc::Client;

const BASE_ACCOUNT: &str = "/cosmos.auth.v1beta1.BaseAccount";
/// How the application says that something does not exist.
const NOT_FOUND: &str = "rpc error: code = NotFound";

/// A node.
#[derive(Clone, Debug)]
pub struct Remote {
    client: Client,
}

impl Remote {
    /// The node whose engine listens at `url`; nothing is sent yet.
    ///
    /// # Errors
    /// The address can't be used.
    pub fn new(url: &str) -> Result<Self> {
        Ok(Self { client: Client::new(url)? })
    }

    /// The engine's RPC.
    pub const fn engine(&self) -> &Client {
        &self.client
    }

    /// The chain that the node is on, which must be `expected` unless that is empty.
    ///
    /// # Errors
    /// The node can't be reached, or is on another chain.
    pub fn chain_id(&self, expected: &str) -> Result<String> {
        let found = self.client.status()?.node_info.network.to_string();
        ensure!(
            expected.is_empty() || found == expected,
            "the node at {} is on the chain {found}, not {expected}: name another --node or --chain-id",
            self.client.url()
        );
        Ok(found)
    }

    /// The time of the latest block, in nanoseconds since 1970: the chain's own clock.
    ///
    /// # Errors
    /// The node can't be reached.
    pub fn now(&self) -> Result<i64> {
        let time = self.client.status()?.sync_info.latest_block_time;
        i64::try_from(time.unix_timestamp_nanos()).context("the node's time is out of range")
    }

    /// Asks the application; `path` is as `/cosmos.bank.v1beta1.Query/Balance`, `height` of 0 means now.
    ///
    /// # Errors
    /// The node can't be reached, or refuses; the message is its own.
    pub fn query<Q: Message, A: Message + Default>(&self, path: &str, request: &Q, height: u64) -> Result<A> {
        let bytes = self.answer(path, request.encode_to_vec(), height)?;
        A::decode(bytes.as_slice()).with_context(|| format!("the node's answer to {path} can't be read"))
    }

    /// Asks as [`query`](Self::query) and gives the answer, of type `A`, as JSON.
    ///
    /// # Errors
    /// As [`query`](Self::query).
    pub fn query_json<A: Name>(&self, path: &str, request: &impl Message, height: u64) -> Result<String> {
        bytes_to_json(&A::full_name(), &self.answer(path, request.encode_to_vec(), height)?)
    }

    /// The account at `address` now; `None` when there is none.
    ///
    /// # Errors
    /// The node can't be reached, or refuses.
    pub fn account(&self, address: &Address) -> Result<Option<BaseAccount>> {
        let request = QueryAccountRequest { address: address.to_string() };
        let asked = self.query("/cosmos.auth.v1beta1.Query/Account", &request, 0);
        let response: QueryAccountResponse = match asked {
            Err(error) if is_not_found(&error) => return Ok(None),
            other => other?,
        };
        let any = response.account.context("the node's answer has no account")?;
        ensure!(any.type_url == BASE_ACCOUNT, "the account is a {}, which can't sign here", any.type_url);
        Ok(Some(BaseAccount::decode(any.value.as_slice()).context("the node's answer has no account")?))
    }

    /// The gas that a transaction, signed or not, would use now.
    ///
    /// # Errors
    /// The node can't be reached, or the transaction would fail; the message says why.
    pub fn simulate(&self, tx_bytes: Vec<u8>) -> Result<GasInfo> {
        let request = SimulateRequest { tx_bytes, ..Default::default() };
        let response: SimulateResponse = self
            .query("/cosmos.tx.v1beta1.Service/Simulate", &request, 0)
            .context("the transaction would fail")?;
        response.gas_info.context("the node's answer has no gas")
    }

    /// Asks as [`query`](Self::query), bytes for bytes.
    ///
    /// # Errors
    /// As [`query`](Self::query).
    pub fn answer(&self, path: &str, request: Vec<u8>, height: u64) -> Result<Vec<u8>> {
        let height = (height > 0).then_some(height);
        let answer = self.client.abci_query(path, request, height, false)?;
        if answer.code.is_err() {
            bail!(Refusal { log: answer.log });
        }
        Ok(answer.value)
    }
}

/// The application refused a query.
#[derive(Debug, thiserror::Error)]
#[error("{}", sentence(.log))]
struct Refusal {
    log: String,
}

/// Whether a query failed because what it asks for does not exist.
pub fn is_not_found(error: &anyhow::Error) -> bool {
    error.downcast_ref::<Refusal>().is_some_and(|refusal| refusal.log.contains(NOT_FOUND))
}

/// A refusal without the words that only programs need.
fn sentence(log: &str) -> &str {
    let text = log.split_once("rpc error: code = ").and_then(|(_, rest)| rest.split_once(" desc = "));
    text.map_or(log, |(_, sentence)| sentence)
}
