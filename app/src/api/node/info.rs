//! What the node says of itself: software, settings, progress; and the engine's query door.

use jmes_modules::kernel::{QueryError, QueryResult};
use jmes_proto::{
    cosmos::base::{
        node::v1beta1::{ConfigResponse, StatusResponse},
        tendermint::v1beta1::{
            AbciQueryRequest, AbciQueryResponse, GetNodeInfoResponse, GetSyncingResponse, Module, ProofOp,
            ProofOps, VersionInfo,
        },
    },
    tendermint::{
        abci::{RequestQuery, ResponseQuery},
        p2p::{DefaultNodeInfo, DefaultNodeInfoOther, ProtocolVersion},
    },
};
use prost::Message;
use tendermint_abci::Application;
use tendermint_rpc::endpoint::status;

use super::{decode_request, from_engine, Node};
use crate::chain::Chain;

/// The Cosmos SDK whose API this node's is compatible with; explorers and relayers choose their calls by it.
const COSMOS_SDK_VERSION: &str = "v0.53.8";

/// The engine, as `consensus/go.mod` pins it.
const ENGINE_VERSION: &str = "v0.38.26";

/// `GetNodeInfo`.
pub fn node_info(node: &Node) -> QueryResult<Vec<u8>> {
    let status = node.engine.status().map_err(from_engine)?;
    Ok(answer_node_info(default_node_info(status)))
}

/// `GetNodeInfo` without what the engine alone knows.
pub fn node_info_offline(chain: &Chain) -> QueryResult<Vec<u8>> {
    let version = ENGINE_VERSION.trim_start_matches('v').to_owned();
    Ok(answer_node_info(DefaultNodeInfo { network: chain.chain_id(), version, ..DefaultNodeInfo::default() }))
}

fn answer_node_info(engine: DefaultNodeInfo) -> Vec<u8> {
    let module = |path: &str, version: &str| Module {
        path: path.to_owned(),
        version: version.to_owned(),
        sum: String::new(),
    };
    let application = VersionInfo {
        name: "jmes".to_owned(),
        app_name: "jmesd".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        git_commit: crate::commit().to_owned(),
        build_tags: String::new(),
        go_version: String::new(),
        build_deps: vec![
            module("github.com/cometbft/cometbft", ENGINE_VERSION),
            module("github.com/cosmos/cosmos-sdk", COSMOS_SDK_VERSION),
        ],
        cosmos_sdk_version: COSMOS_SDK_VERSION.to_owned(),
    };
    GetNodeInfoResponse { default_node_info: Some(engine), application_version: Some(application) }
        .encode_to_vec()
}

fn default_node_info(status: status::Response) -> DefaultNodeInfo {
    let info = status.node_info;
    let protocol = info.protocol_version;
    DefaultNodeInfo {
        protocol_version: Some(ProtocolVersion {
            p2p: protocol.p2p,
            block: protocol.block,
            app: protocol.app,
        }),
        default_node_id: info.id.to_string(),
        listen_addr: info.listen_addr.to_string(),
        network: info.network.to_string(),
        version: info.version.to_string(),
        channels: hex::decode(info.channels.to_string()).unwrap_or_default(),
        moniker: info.moniker.to_string(),
        other: Some(DefaultNodeInfoOther {
            tx_index: if info.other.tx_index.into() { "on".to_owned() } else { "off".to_owned() },
            rpc_address: info.other.rpc_address,
        }),
    }
}

/// `GetSyncing`.
pub fn syncing(node: &Node) -> QueryResult<Vec<u8>> {
    let status = node.engine.status().map_err(from_engine)?;
    Ok(GetSyncingResponse { syncing: status.sync_info.catching_up }.encode_to_vec())
}

/// `Config`.
pub fn config(chain: &Chain) -> QueryResult<Vec<u8>> {
    let settings = chain.settings();
    Ok(ConfigResponse {
        minimum_gas_price: settings.minimum_gas_price.to_string(),
        halt_height: settings.halt_height,
        // State is pruned with every block; both are 0 when everything is kept, as the Cosmos SDK says it.
        pruning_keep_recent: chain.keep_recent().unwrap_or(0).to_string(),
        pruning_interval: u64::from(chain.keep_recent().is_some()).to_string(),
    }
    .encode_to_vec())
}

/// `Status`.
pub fn status(node: &Node) -> QueryResult<Vec<u8>> {
    let header = node.engine.header(None).map_err(from_engine)?;
    Ok(StatusResponse {
        earliest_store_height: node.chain.earliest_height(),
        height: node.chain.height(),
        timestamp: Some(header.time.into()),
        app_hash: header.app_hash.as_bytes().to_vec(),
        validator_hash: header.next_validators_hash.as_bytes().to_vec(),
    }
    .encode_to_vec())
}

/// `ABCIQuery`, answered as the engine's query door would be, without the way through the engine.
pub fn abci_query(node: &Node, request: &[u8]) -> QueryResult<Vec<u8>> {
    let request: AbciQueryRequest = decode_request(request)?;
    if request.path.is_empty() {
        return Err(QueryError::invalid("empty query path"));
    }
    let answer = Application::query(
        &node.chain,
        RequestQuery {
            data: request.data.into(),
            path: request.path,
            height: request.height,
            prove: request.prove,
        },
    );
    Ok(sdk_answer(answer).encode_to_vec())
}

fn sdk_answer(answer: ResponseQuery) -> AbciQueryResponse {
    let proof_op = |op: jmes_proto::tendermint::crypto::ProofOp| ProofOp {
        r#type: op.r#type,
        key: op.key,
        data: op.data,
    };
    AbciQueryResponse {
        code: answer.code,
        log: answer.log,
        info: answer.info,
        index: answer.index,
        key: answer.key.to_vec(),
        value: answer.value.to_vec(),
        proof_ops: answer
            .proof_ops
            .map(|proof| ProofOps { ops: proof.ops.into_iter().map(proof_op).collect() }),
        height: answer.height,
        codespace: answer.codespace,
    }
}
