//! Blocks and validator sets, for `cosmos.base.tendermint.v1beta1.Service` and `cosmos.tx.v1beta1.Service`.

use std::ops::Range;

use jmes_modules::kernel::{ConsensusAddress, QueryError, QueryResult};
use jmes_proto::{
    cosmos::{
        base::{
            query::v1beta1::{PageRequest, PageResponse},
            tendermint::v1beta1::{
                Block as SdkBlock, GetBlockByHeightRequest, GetBlockByHeightResponse,
                GetLatestValidatorSetRequest, GetLatestValidatorSetResponse, GetValidatorSetByHeightRequest,
                GetValidatorSetByHeightResponse, Header as SdkHeader, Validator as SdkValidator,
            },
        },
        crypto::ed25519,
        tx::v1beta1::{GetBlockWithTxsRequest, Tx},
    },
    tendermint::types::{Block, BlockId, Commit, Header, PartSetHeader},
    Any,
};
use prost::{Message, Name};

use super::{decode_request, from_engine, to_i64, wire::GetBlockWithTxsResponse, Node};
use crate::rpc::Validator;

/// How many entries a page has when nothing is asked.
const DEFAULT_PAGE: u64 = 100;

/// `GetLatestBlock`, whose answer is the same as `GetBlockByHeight`'s.
pub fn latest(node: &Node) -> QueryResult<Vec<u8>> {
    answer(node, None)
}

/// `GetBlockByHeight`.
pub fn by_height(node: &Node, request: &[u8]) -> QueryResult<Vec<u8>> {
    let request: GetBlockByHeightRequest = decode_request(request)?;
    answer(node, Some(known_height(node, request.height)?))
}

fn answer(node: &Node, height: Option<u64>) -> QueryResult<Vec<u8>> {
    let (block_id, block) = fetch(node, height)?;
    let sdk_block = Some(sdk_block(&block));
    Ok(GetBlockByHeightResponse { block_id: Some(block_id), block: Some(block), sdk_block }.encode_to_vec())
}

/// `GetBlockWithTxs`. What can't be decoded is no transaction and left out.
pub fn with_txs(node: &Node, request: &[u8]) -> QueryResult<Vec<u8>> {
    let request: GetBlockWithTxsRequest = decode_request(request)?;
    let current = node.chain.height();
    let height = u64::try_from(request.height).unwrap_or(0);
    if height < 1 || height > current {
        return Err(QueryError::invalid(format!(
            "requested height {} but height must not be less than 1 or greater than the current height {current}",
            request.height
        )));
    }
    let (block_id, block) = fetch(node, Some(height))?;
    let all = block.data.as_ref().map_or(&[][..], |data| &data.txs);
    let pagination = request.pagination.unwrap_or_default();
    let mut txs: Vec<_> = if pagination.reverse {
        let mut reversed: Vec<_> = all.iter().rev().collect();
        reversed.drain(window(&pagination, all.len())?).collect()
    } else {
        all[window(&pagination, all.len())?].iter().collect()
    };
    txs.retain(|tx| Tx::decode(tx.as_slice()).is_ok());
    let txs = txs.into_iter().cloned().collect();
    let pagination = Some(total(all.len()));
    Ok(GetBlockWithTxsResponse { txs, block_id: Some(block_id), block: Some(block), pagination }
        .encode_to_vec())
}

/// `GetLatestValidatorSet`.
pub fn latest_validators(node: &Node, request: &[u8]) -> QueryResult<Vec<u8>> {
    let request: GetLatestValidatorSetRequest = decode_request(request)?;
    let (block_height, validators, pagination) = validator_set(node, None, request.pagination)?;
    Ok(GetLatestValidatorSetResponse { block_height, validators, pagination }.encode_to_vec())
}

/// `GetValidatorSetByHeight`.
pub fn validators(node: &Node, request: &[u8]) -> QueryResult<Vec<u8>> {
    let request: GetValidatorSetByHeightRequest = decode_request(request)?;
    let height = known_height(node, request.height)?;
    let (block_height, validators, pagination) = validator_set(node, Some(height), request.pagination)?;
    Ok(GetValidatorSetByHeightResponse { block_height, validators, pagination }.encode_to_vec())
}

fn validator_set(
    node: &Node,
    height: Option<u64>,
    pagination: Option<PageRequest>,
) -> QueryResult<(i64, Vec<SdkValidator>, Option<PageResponse>)> {
    let (height, set) = node.engine.validators(height).map_err(from_engine)?;
    let window = window(&pagination.unwrap_or_default(), set.len())?;
    let validators = set[window].iter().map(sdk_validator).collect();
    Ok((to_i64(height), validators, Some(total(set.len()))))
}

fn known_height(node: &Node, height: i64) -> QueryResult<u64> {
    let current = node.chain.height();
    match u64::try_from(height) {
        Ok(height) if height > current => Err(QueryError::invalid(format!(
            "requested block height is bigger then the chain length: requested {height}, the chain has {current}"
        ))),
        Ok(height) if height > 0 => Ok(height),
        _ => Err(QueryError::invalid(format!("height must be at least 1, got {height}"))),
    }
}

/// The entries that a page request names, of `length`.
fn window(request: &PageRequest, length: usize) -> QueryResult<Range<usize>> {
    let limit = if request.limit == 0 { DEFAULT_PAGE } else { request.limit };
    let length_u64 = length as u64;
    if request.offset >= length_u64 && length > 0 {
        return Err(QueryError::invalid(format!(
            "out of range: cannot paginate {length} entries with offset {} and limit {limit}",
            request.offset
        )));
    }
    let end = request.offset.saturating_add(limit).min(length_u64);
    let bound = |position: u64| usize::try_from(position).unwrap_or(length).min(length);
    Ok(bound(request.offset.min(end))..bound(end))
}

fn total(length: usize) -> PageResponse {
    PageResponse { next_key: Vec::new(), total: length as u64 }
}

fn fetch(node: &Node, height: Option<u64>) -> QueryResult<(BlockId, Block)> {
    let found = node.engine.block(height).map_err(from_engine)?;
    let mut block = Block::from(found.block);
    // Go's types have no absent messages here: the first block's are empty.
    if let Some(header) = &mut block.header {
        header.last_block_id.get_or_insert_with(empty_id);
    }
    let commit = block.last_commit.get_or_insert_with(Commit::default);
    commit.block_id.get_or_insert_with(empty_id);
    Ok((found.block_id.into(), block))
}

fn empty_id() -> BlockId {
    BlockId { hash: Vec::new(), part_set_header: Some(PartSetHeader::default()) }
}

/// The block with the proposer as bech32.
fn sdk_block(block: &Block) -> SdkBlock {
    SdkBlock {
        header: block.header.clone().map(sdk_header),
        data: block.data.clone(),
        evidence: block.evidence.clone(),
        last_commit: block.last_commit.clone(),
    }
}

fn sdk_header(header: Header) -> SdkHeader {
    SdkHeader {
        version: header.version,
        chain_id: header.chain_id,
        height: header.height,
        time: header.time,
        last_block_id: header.last_block_id,
        last_commit_hash: header.last_commit_hash,
        data_hash: header.data_hash,
        validators_hash: header.validators_hash,
        next_validators_hash: header.next_validators_hash,
        consensus_hash: header.consensus_hash,
        app_hash: header.app_hash,
        last_results_hash: header.last_results_hash,
        evidence_hash: header.evidence_hash,
        proposer_address: consensus_address(&header.proposer_address),
    }
}

fn sdk_validator(validator: &Validator) -> SdkValidator {
    let key = ed25519::PubKey { key: validator.pub_key.to_bytes() };
    SdkValidator {
        address: consensus_address(validator.address.as_bytes()),
        pub_key: Some(Any { type_url: ed25519::PubKey::type_url(), value: key.encode_to_vec() }),
        voting_power: validator.voting_power,
        proposer_priority: validator.proposer_priority,
    }
}

fn consensus_address(raw: &[u8]) -> String {
    ConsensusAddress::new(raw).map_or_else(|_| String::new(), |address| address.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(offset: u64, limit: u64) -> PageRequest {
        PageRequest { offset, limit, ..Default::default() }
    }

    #[test]
    fn pages_stay_within_the_list() {
        assert_eq!(window(&page(0, 0), 250), Ok(0..100));
        assert_eq!(window(&page(200, 0), 250), Ok(200..250));
        assert_eq!(window(&page(1, u64::MAX), 3), Ok(1..3));
        assert_eq!(window(&page(0, 5), 0), Ok(0..0));
        assert_eq!(window(&page(7, 5), 0), Ok(0..0));
        assert!(window(&page(3, 1), 3).is_err());
    }
}
