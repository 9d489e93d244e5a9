//! Calls that this node answers besides the route table: about transactions, blocks, validators and itself, mostly with
//! the engine's help (`cosmos.tx.v1beta1.Service`, `cosmos.base.tendermint.v1beta1.Service`,
//! `cosmos.base.node.v1beta1.Service`).

mod blocks;
mod info;
mod tx;
mod wire;

use jmes_modules::kernel::{QueryCode, QueryError, QueryResult};
use prost::Message;

use crate::{chain::Chain, rpc};

/// A call of the node's own services.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeMethod {
    /// `cosmos.tx`: what a transaction would cost.
    Simulate,
    /// `cosmos.tx`: a committed transaction.
    GetTx,
    /// `cosmos.tx`: offering a transaction.
    BroadcastTx,
    /// `cosmos.tx`: transactions by their events.
    GetTxsEvent,
    /// `cosmos.tx`: a block with its transactions decoded.
    GetBlockWithTxs,
    /// `cosmos.tx`: bytes to a transaction.
    TxDecode,
    /// `cosmos.tx`: a transaction to bytes.
    TxEncode,
    /// `cosmos.tx`: the binary form of old wallets, which is refused.
    TxAmino,
    /// `cosmos.base.tendermint`: who the node is and what it runs.
    GetNodeInfo,
    /// `cosmos.base.tendermint`: whether it is catching up.
    GetSyncing,
    /// `cosmos.base.tendermint`: the newest block.
    GetLatestBlock,
    /// `cosmos.base.tendermint`: a block.
    GetBlockByHeight,
    /// `cosmos.base.tendermint`: the newest validator set.
    GetLatestValidatorSet,
    /// `cosmos.base.tendermint`: a validator set.
    GetValidatorSetByHeight,
    /// `cosmos.base.tendermint`: the engine's query door.
    AbciQuery,
    /// `cosmos.base.node`: the operator's settings.
    Config,
    /// `cosmos.base.node`: how far the node is.
    Status,
}

const METHODS: [(&str, NodeMethod); 18] = [
    ("/cosmos.tx.v1beta1.Service/Simulate", NodeMethod::Simulate),
    ("/cosmos.tx.v1beta1.Service/GetTx", NodeMethod::GetTx),
    ("/cosmos.tx.v1beta1.Service/BroadcastTx", NodeMethod::BroadcastTx),
    ("/cosmos.tx.v1beta1.Service/GetTxsEvent", NodeMethod::GetTxsEvent),
    ("/cosmos.tx.v1beta1.Service/GetBlockWithTxs", NodeMethod::GetBlockWithTxs),
    ("/cosmos.tx.v1beta1.Service/TxDecode", NodeMethod::TxDecode),
    ("/cosmos.tx.v1beta1.Service/TxEncode", NodeMethod::TxEncode),
    ("/cosmos.tx.v1beta1.Service/TxEncodeAmino", NodeMethod::TxAmino),
    ("/cosmos.tx.v1beta1.Service/TxDecodeAmino", NodeMethod::TxAmino),
    ("/cosmos.base.tendermint.v1beta1.Service/GetNodeInfo", NodeMethod::GetNodeInfo),
    ("/cosmos.base.tendermint.v1beta1.Service/GetSyncing", NodeMethod::GetSyncing),
    ("/cosmos.base.tendermint.v1beta1.Service/GetLatestBlock", NodeMethod::GetLatestBlock),
    ("/cosmos.base.tendermint.v1beta1.Service/GetBlockByHeight", NodeMethod::GetBlockByHeight),
    ("/cosmos.base.tendermint.v1beta1.Service/GetLatestValidatorSet", NodeMethod::GetLatestValidatorSet),
    ("/cosmos.base.tendermint.v1beta1.Service/GetValidatorSetByHeight", NodeMethod::GetValidatorSetByHeight),
    ("/cosmos.base.tendermint.v1beta1.Service/ABCIQuery", NodeMethod::AbciQuery),
    ("/cosmos.base.node.v1beta1.Service/Config", NodeMethod::Config),
    ("/cosmos.base.node.v1beta1.Service/Status", NodeMethod::Status),
];

impl NodeMethod {
    /// The method of a gRPC path.
    pub fn of(path: &str) -> Option<Self> {
        METHODS.iter().find(|(known, _)| *known == path).map(|(_, method)| *method)
    }
}

/// Answers those of the node's calls that need no engine, for clients that send them through `abci_query`. `None` for all
/// other paths.
pub fn answer_node_query(chain: &Chain, path: &str, request: &[u8]) -> Option<QueryResult<Vec<u8>>> {
    match NodeMethod::of(path)? {
        NodeMethod::Simulate => Some(tx::simulate(chain, request)),
        NodeMethod::TxDecode => Some(tx::decode(request)),
        NodeMethod::TxEncode => Some(tx::encode(request)),
        NodeMethod::TxAmino => Some(tx::amino()),
        NodeMethod::GetNodeInfo => Some(info::node_info_offline(chain)),
        NodeMethod::Config => Some(info::config(chain)),
        _ => None,
    }
}

/// The node's services.
#[derive(Clone)]
pub struct Node {
    /// The application.
    pub chain: Chain,
    /// The engine.
    pub engine: rpc::Client,
}

impl Node {
    /// Answers a call. Blocks while the engine works on it.
    pub fn answer(&self, method: NodeMethod, request: &[u8]) -> QueryResult<Vec<u8>> {
        match method {
            NodeMethod::Simulate => tx::simulate(&self.chain, request),
            NodeMethod::GetTx => tx::by_hash(self, request),
            NodeMethod::BroadcastTx => tx::broadcast(self, request),
            NodeMethod::GetTxsEvent => tx::by_events(self, request),
            NodeMethod::GetBlockWithTxs => blocks::with_txs(self, request),
            NodeMethod::TxDecode => tx::decode(request),
            NodeMethod::TxEncode => tx::encode(request),
            NodeMethod::TxAmino => tx::amino(),
            NodeMethod::GetNodeInfo => info::node_info(self),
            NodeMethod::GetSyncing => info::syncing(self),
            NodeMethod::GetLatestBlock => blocks::latest(self),
            NodeMethod::GetBlockByHeight => blocks::by_height(self, request),
            NodeMethod::GetLatestValidatorSet => blocks::latest_validators(self, request),
            NodeMethod::GetValidatorSetByHeight => blocks::validators(self, request),
            NodeMethod::AbciQuery => info::abci_query(self, request),
            NodeMethod::Config => info::config(&self.chain),
            NodeMethod::Status => info::status(self),
        }
    }
}

fn decode_request<M: Message + Default>(bytes: &[u8]) -> QueryResult<M> {
    M::decode(bytes).map_err(|e| QueryError::invalid(format!("the request can't be decoded: {e}")))
}

/// What the engine refuses is what the caller asked wrongly; the rest is the node's trouble.
fn from_engine(error: rpc::Error) -> QueryError {
    let code = match &error {
        rpc::Error::Refused { .. } | rpc::Error::Height(_) => QueryCode::InvalidArgument,
        rpc::Error::Unreachable { .. } | rpc::Error::Timeout { .. } => QueryCode::Unavailable,
        _ => QueryCode::Internal,
    };
    QueryError::new(code, error.to_string())
}

fn to_i64(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
