//! Proposals: a block is made of, and accepted with, transactions that pass the checks one after the other
//! on committed state, within the block's bytes and gas. Both sides run the same function, so whatever an
//! honest proposer makes is accepted. What this node has just checked it does not check again: the engine
//! asks a proposer to process its own proposal, and then everybody to finalize what they have accepted.

use super::execute::{self, Mode};
use super::{free, lock, Chain, Tx};
use bytes::Bytes;
use jmes_modules::consensus;
use jmes_modules::kernel::{Block, Ctx};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// The engine's limit of a block when its parameters name none, in bytes.
const ENGINE_BLOCK_BYTES: u64 = 100 << 20;

/// Takes transactions into a block as long as they fit.
struct Filling<'a> {
    chain: &'a Chain,
    ctx: Ctx,
    bytes_left: u64,
    gas_left: Option<u64>,
    free: free::Room,
}

impl Filling<'_> {
    /// Whether the transaction fits and passes; then it is counted and its fee and sequence are taken.
    fn take(&mut self, tx: &Tx) -> bool {
        let size = size_in_block(tx.length);
        if size > self.bytes_left || self.gas_left.is_some_and(|left| tx.gas_limit > left) {
            return false;
        }
        let start = self.ctx.checkpoint();
        let outcome = execute::run(self.chain, &mut self.ctx, tx, Mode::Propose);
        let refused = outcome.error.is_some() || outcome.free.is_some_and(|free| !self.free.take(free));
        if refused {
            self.ctx.revert(start);
        }
        self.ctx.seal();
        if refused {
            return false;
        }
        self.bytes_left = self.bytes_left.saturating_sub(size);
        self.gas_left = self.gas_left.map(|left| left.saturating_sub(tx.gas_limit));
        true
    }
}

impl Chain {
    /// The transactions of `candidates`, in their order, that make a valid block of at most `max_bytes`.
    pub fn prepare_proposal(&self, block: Block, candidates: Vec<Bytes>, max_bytes: u64) -> Vec<Bytes> {
        let mut filling = self.filling(block.clone(), max_bytes);
        let decoded = |bytes: Bytes| self.decode(&bytes).ok().map(|tx| (bytes, tx));
        let mut candidates: Vec<(Bytes, Arc<Tx>)> = candidates.into_iter().filter_map(decoded).collect();
        free::sort(&mut candidates, &filling.ctx.block().chain_id);
        let taken = candidates.into_iter().filter(|(_, tx)| filling.take(tx));
        let txs: Vec<Bytes> = taken.map(|(bytes, _)| bytes).collect();
        *lock(&self.0.checked) = Some(fingerprint(&block, &txs));
        txs
    }

    /// Whether `txs` make a valid block.
    pub fn process_proposal(&self, block: Block, txs: &[Bytes]) -> bool {
        if self.has_checked(&block, txs) {
            return true;
        }
        let id = fingerprint(&block, txs);
        self.look_ahead(txs.iter().map(AsRef::as_ref));
        let mut filling = self.filling(block, u64::MAX);
        let valid = txs.iter().all(|tx| self.decode(tx).is_ok_and(|tx| filling.take(&tx)));
        if valid {
            *lock(&self.0.checked) = Some(id);
        }
        valid
    }

    /// Whether these transactions are the last that this node proposed or accepted, for the same block.
    pub(super) fn has_checked(&self, block: &Block, txs: &[impl AsRef<[u8]>]) -> bool {
        *lock(&self.0.checked) == Some(fingerprint(block, txs))
    }

    fn filling(&self, block: Block, bytes_left: u64) -> Filling<'_> {
        let ctx = self.context(block);
        let gas_left = consensus::block_gas_limit(&ctx).ok().flatten();
        let free = free::Room::of_block(&ctx).unwrap_or_default();
        let bytes_left = bytes_left.min(block_bytes_limit(&ctx));
        Filling { chain: self, ctx, bytes_left, gas_left, free }
    }
}

/// The most bytes that a block may have. The engine tells a proposer less, for it leaves room for the header, the last
/// commit and evidence.
fn block_bytes_limit(ctx: &Ctx) -> u64 {
    let block = consensus::params(ctx).ok().and_then(|params| params.block);
    block.and_then(|block| u64::try_from(block.max_bytes).ok()).unwrap_or(ENGINE_BLOCK_BYTES)
}

/// SHA-256 over everything that the checks of a proposal depend on besides committed state, whose height is the
/// block's before: the whole of what the engine says of the block, and the transactions.
fn fingerprint(block: &Block, txs: &[impl AsRef<[u8]>]) -> [u8; 32] {
    // Chain id and app hash are those of committed state.
    let Block { height, time, proposer, next_validators_hash, commit, misbehavior, .. } = block;
    let counts =
        [*height, *time, next_validators_hash.len() as u64, commit.len() as u64, misbehavior.len() as u64];
    let mut hash = Sha256::new().chain_update(proposer.0);
    counts.iter().for_each(|count| hash.update(count.to_be_bytes()));
    hash.update(next_validators_hash);
    for vote in commit {
        hash.update(vote.address.0);
        hash.update(vote.power.to_be_bytes());
        hash.update([u8::from(vote.signed)]);
    }
    for evidence in misbehavior {
        hash.update([evidence.offence as u8]);
        hash.update(evidence.address.0);
        [evidence.power, evidence.height, evidence.time]
            .iter()
            .for_each(|part| hash.update(part.to_be_bytes()));
    }
    for tx in txs.iter().map(AsRef::as_ref) {
        hash.update((tx.len() as u64).to_be_bytes());
        hash.update(tx);
    }
    hash.finalize().into()
}

/// Bytes a transaction of `length` bytes takes in a block: itself, its field key and its length prefix.
fn size_in_block(length: u64) -> u64 {
    1 + prost::encoding::encoded_len_varint(length) as u64 + length
}
