//! Requests and answers with a transaction in them, as bytes. A `Tx` and the `TxRaw` that was signed are the same bytes,
//! so that a transaction is passed on exactly as it is, with fields that this node's types don't know.

use jmes_proto::{
    cosmos::base::{
        abci::v1beta1::TxResponse,
        query::v1beta1::{PageRequest, PageResponse},
    },
    tendermint::types::{Block, BlockId},
};
use prost::Message;

/// `cosmos.tx.v1beta1.SimulateRequest`.
#[derive(Clone, PartialEq, Message)]
pub struct SimulateRequest {
    /// The deprecated way.
    #[prost(bytes = "vec", optional, tag = "1")]
    pub tx: Option<Vec<u8>>,
    #[prost(bytes = "vec", tag = "2")]
    pub tx_bytes: Vec<u8>,
}

/// `cosmos.tx.v1beta1.GetTxResponse`.
#[derive(Clone, PartialEq, Message)]
pub struct GetTxResponse {
    #[prost(bytes = "vec", optional, tag = "1")]
    pub tx: Option<Vec<u8>>,
    #[prost(message, optional, tag = "2")]
    pub tx_response: Option<TxResponse>,
}

/// `cosmos.tx.v1beta1.GetTxsEventRequest`, deprecated fields included.
#[derive(Clone, PartialEq, Message)]
pub struct GetTxsEventRequest {
    #[prost(string, repeated, tag = "1")]
    pub events: Vec<String>,
    #[prost(message, optional, tag = "2")]
    pub pagination: Option<PageRequest>,
    #[prost(int32, tag = "3")]
    pub order_by: i32,
    #[prost(uint64, tag = "4")]
    pub page: u64,
    #[prost(uint64, tag = "5")]
    pub limit: u64,
    #[prost(string, tag = "6")]
    pub query: String,
}

/// `cosmos.tx.v1beta1.GetTxsEventResponse`.
#[derive(Clone, PartialEq, Message)]
pub struct GetTxsEventResponse {
    #[prost(bytes = "vec", repeated, tag = "1")]
    pub txs: Vec<Vec<u8>>,
    #[prost(message, repeated, tag = "2")]
    pub tx_responses: Vec<TxResponse>,
    #[prost(message, optional, tag = "3")]
    pub pagination: Option<PageResponse>,
    #[prost(uint64, tag = "4")]
    pub total: u64,
}

/// `cosmos.tx.v1beta1.GetBlockWithTxsResponse`.
#[derive(Clone, PartialEq, Message)]
pub struct GetBlockWithTxsResponse {
    #[prost(bytes = "vec", repeated, tag = "1")]
    pub txs: Vec<Vec<u8>>,
    #[prost(message, optional, tag = "2")]
    pub block_id: Option<BlockId>,
    #[prost(message, optional, tag = "3")]
    pub block: Option<Block>,
    #[prost(message, optional, tag = "4")]
    pub pagination: Option<PageResponse>,
}

/// `cosmos.tx.v1beta1.TxEncodeRequest` and `TxDecodeResponse`.
#[derive(Clone, PartialEq, Message)]
pub struct WithTx {
    #[prost(bytes = "vec", optional, tag = "1")]
    pub tx: Option<Vec<u8>>,
}
