//! The engine's door: ABCI 2.0 requests translated to the chain's functions.

use super::execute::to_engine;
use super::header::{self, nanoseconds, to_i64, to_u64};
use super::{Chain, Origin};
use crate::abci::Node;
use crate::api;
use ics23::CommitmentProof;
use jmes_modules::consensus;
use jmes_modules::kernel::{codes, QueryCode, QueryError, QueryResult};
use prost::Message;
use tendermint_abci::Application;
use tendermint_proto::v0_38::abci::{
    response_process_proposal::ProposalStatus, RequestApplySnapshotChunk, RequestCheckTx,
    RequestFinalizeBlock, RequestInfo, RequestInitChain, RequestLoadSnapshotChunk, RequestOfferSnapshot,
    RequestPrepareProposal, RequestProcessProposal, RequestQuery, ResponseApplySnapshotChunk,
    ResponseCheckTx, ResponseCommit, ResponseFinalizeBlock, ResponseInfo, ResponseInitChain,
    ResponseListSnapshots, ResponseLoadSnapshotChunk, ResponseOfferSnapshot, ResponsePrepareProposal,
    ResponseProcessProposal, ResponseQuery,
};
use tendermint_proto::v0_38::crypto::{ProofOp, ProofOps};

/// The kind of the proofs' operations, for clients that ask.
const PROOF_TYPE: &str = "ics23:jmt";

impl Node for Chain {
    fn look_ahead(&self, requests: &[RequestCheckTx]) {
        let unseen = |request: &&RequestCheckTx| request.r#type == 0;
        Chain::look_ahead(self, requests.iter().filter(unseen).map(|request| request.tx.as_ref()));
    }

    fn is_stopped(&self) -> bool {
        self.stopped().is_some()
    }
}

impl Application for Chain {
    fn info(&self, _: RequestInfo) -> ResponseInfo {
        ResponseInfo {
            data: "jmesd".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            app_version: 0,
            last_block_height: to_i64(self.height()),
            last_block_app_hash: self.app_hash().map_or_else(Vec::new, Vec::from).into(),
        }
    }

    /// A genesis that can't be imported stops the node: there is no chain to run.
    fn init_chain(&self, request: RequestInitChain) -> ResponseInitChain {
        let refuse =
            |why: &dyn std::fmt::Display| -> ! { jmes_store::fatal("the genesis file can't be used", why) };
        let origin = Origin {
            chain_id: request.chain_id,
            time: nanoseconds(request.time.as_ref()),
            initial_height: to_u64(request.initial_height).max(1),
            params: request.consensus_params.unwrap_or_default(),
            validators: match request.validators.iter().map(header::of_genesis).collect() {
                Some(validators) => validators,
                None => refuse(&"a validator's key is not an ed25519 key"),
            },
        };
        let app_state =
            serde_json::from_slice(&request.app_state_bytes).unwrap_or_else(|error| refuse(&error));
        let begun = self.init_chain(&origin, &app_state).unwrap_or_else(|error| refuse(&error));
        let app_hash = hex::encode(begun.app_hash);
        tracing::info!(chain_id = origin.chain_id, app_hash, "genesis imported");
        ResponseInitChain {
            consensus_params: None,
            validators: header::to_engine(&begun.validators),
            app_hash: begun.app_hash.to_vec().into(),
        }
    }

    fn query(&self, request: RequestQuery) -> ResponseQuery {
        let height = to_u64(request.height);
        // Relayers leave the first slash out.
        let parts = request.path.strip_prefix('/').unwrap_or(&request.path);
        let answer = match (parts, parts.strip_prefix("store/")) {
            (_, Some(path)) => self.query_store(path, &request.data, height, request.prove),
            ("app/version", _) => Ok(self.answer_now(env!("CARGO_PKG_VERSION").into())),
            _ => self.query_route(&request.path, &request.data, height),
        };
        answer.unwrap_or_else(|error| refused(&error, self.height_to_tell()))
    }

    fn check_tx(&self, request: RequestCheckTx) -> ResponseCheckTx {
        Chain::check_tx(self, &request)
    }

    fn prepare_proposal(&self, request: RequestPrepareProposal) -> ResponsePrepareProposal {
        let block = header::of_prepare(&request);
        let txs = Chain::prepare_proposal(self, block, request.txs, to_u64(request.max_tx_bytes));
        ResponsePrepareProposal { txs }
    }

    fn process_proposal(&self, request: RequestProcessProposal) -> ResponseProcessProposal {
        let block = header::of_process(&request);
        let status = match Chain::process_proposal(self, block, &request.txs) {
            true => ProposalStatus::Accept,
            false => ProposalStatus::Reject,
        };
        if status == ProposalStatus::Reject {
            tracing::warn!(
                height = request.height,
                "refused a proposal with a transaction that does not pass"
            );
        }
        ResponseProcessProposal { status: status as i32 }
    }

    fn finalize_block(&self, request: RequestFinalizeBlock) -> ResponseFinalizeBlock {
        let block = header::of_finalize(&request);
        let finalized = match Chain::finalize_block(self, block, &request.txs) {
            Ok(finalized) => finalized,
            Err(error) => {
                self.stop(error);
                return ResponseFinalizeBlock::default();
            }
        };
        ResponseFinalizeBlock {
            events: to_engine(finalized.events),
            tx_results: finalized.txs.into_iter().map(super::TxOutcome::into_result).collect(),
            validator_updates: header::to_engine(&finalized.validator_updates),
            consensus_param_updates: finalized.consensus_params,
            app_hash: finalized.app_hash.to_vec().into(),
        }
    }

    fn commit(&self) -> ResponseCommit {
        let height = Chain::commit(self)
            .unwrap_or_else(|error| jmes_store::fatal("the block can't be committed", error));
        let settings = self.settings();
        if settings.halt_height != 0 && height >= settings.halt_height {
            tracing::info!(height, "halt height reached, stopping");
            self.0.shutdown.trigger();
        }
        self.make_snapshot_when_due(height);
        let retain = match settings.min_retain_blocks {
            0 => 0,
            blocks => retain_height(height, blocks.max(self.blocks_for_snapshots()), self.evidence_age()),
        };
        ResponseCommit { retain_height: to_i64(retain) }
    }

    fn list_snapshots(&self) -> ResponseListSnapshots {
        ResponseListSnapshots { snapshots: self.offered_snapshots() }
    }

    fn load_snapshot_chunk(&self, request: RequestLoadSnapshotChunk) -> ResponseLoadSnapshotChunk {
        ResponseLoadSnapshotChunk { chunk: self.load_part(&request).into() }
    }

    fn offer_snapshot(&self, request: RequestOfferSnapshot) -> ResponseOfferSnapshot {
        ResponseOfferSnapshot { result: self.take_offer(&request) as i32 }
    }

    fn apply_snapshot_chunk(&self, request: RequestApplySnapshotChunk) -> ResponseApplySnapshotChunk {
        self.take_part(&request)
    }
}

impl Chain {
    /// `/store/NAME/key`: a raw value, with its two proofs when asked for (the key in its store, the store
    /// under the app hash that the next header carries).
    fn query_store(&self, path: &str, key: &[u8], height: u64, prove: bool) -> QueryResult<ResponseQuery> {
        let unknown =
            || QueryError::new(QueryCode::Unimplemented, format!("unknown query path: /store/{path}"));
        let name = path.strip_suffix("/key").ok_or_else(unknown)?;
        let snapshot = self.snapshot(height)?;
        let (value, proofs) =
            snapshot.prove(name, key).map_err(|error| QueryError::invalid(error.to_string()))?;
        let proof_ops = prove.then(|| {
            let op = |proof: &CommitmentProof, key: &[u8]| ProofOp {
                r#type: PROOF_TYPE.into(),
                key: key.to_vec(),
                data: proof.encode_to_vec(),
            };
            let [leaf, store] = &proofs;
            ProofOps { ops: vec![op(leaf, key), op(store, name.as_bytes())] }
        });
        Ok(ResponseQuery {
            key: key.to_vec().into(),
            value: value.unwrap_or_default().into(),
            proof_ops,
            height: to_i64(snapshot.height()),
            ..ResponseQuery::default()
        })
    }

    /// How old evidence may be, in blocks.
    fn evidence_age(&self) -> u64 {
        let evidence = self.view_at(0).ok().and_then(|view| consensus::params(&view).ok()?.evidence);
        evidence.map_or(0, |evidence| to_u64(evidence.max_age_num_blocks))
    }

    /// An answer that does not depend on state.
    fn answer_now(&self, value: Vec<u8>) -> ResponseQuery {
        let height = to_i64(self.height_to_tell());
        ResponseQuery { value: value.into(), height, ..ResponseQuery::default() }
    }

    /// The height that goes with what does not depend on state: the last one's, and before the first block that of the
    /// block being made, since clients take no answer of height 0.
    fn height_to_tell(&self) -> u64 {
        self.height().max(1)
    }

    fn query_route(&self, path: &str, request: &[u8], height: u64) -> QueryResult<ResponseQuery> {
        if let Some(answer) = api::answer_node_query(self, path, request) {
            return answer.map(|value| self.answer_now(value));
        }
        let answer = Chain::query(self, path, request, height)?;
        Ok(ResponseQuery {
            value: answer.value.into(),
            height: to_i64(answer.height),
            ..ResponseQuery::default()
        })
    }
}

/// The height up to which the engine may forget blocks, as a node that keeps `blocks` of them says it; 0 for none. Evidence
/// that is not too old (`evidence_age`, in blocks) must find its block.
fn retain_height(height: u64, blocks: u64, evidence_age: u64) -> u64 {
    height.saturating_sub(blocks.max(evidence_age))
}

/// A refusal as clients parse it: the log names the gRPC status; what is missing is a `key not found`.
fn refused(error: &QueryError, height: u64) -> ResponseQuery {
    let (code, suffix) = match error.code {
        QueryCode::NotFound => (22, ": key not found"),
        QueryCode::Unimplemented => (codes::UNKNOWN_REQUEST, ": unknown request"),
        _ => (codes::INVALID_REQUEST, ": invalid request"),
    };
    ResponseQuery {
        code,
        codespace: codes::SDK.into(),
        log: format!("{error}{suffix}"),
        height: to_i64(height),
        ..ResponseQuery::default()
    }
}

#[cfg(test)]
mod tests {
    use super::retain_height;

    #[test]
    fn blocks_of_the_evidence_age_are_kept_whatever_the_operator_says() {
        assert_eq!(retain_height(1_000, 400, 100), 600);
        assert_eq!(retain_height(1_000, 5, 100), 900);
        assert_eq!(retain_height(1_000, 5, 0), 995);
        for height in [0, 99, 100] {
            assert_eq!(retain_height(height, 5, 100), 0);
        }
    }
}
