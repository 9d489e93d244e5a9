//! Proposals: a block is made of, and accepted with, transactions that pass the checks one after the other
//! on committed state, within the block's bytes and gas. Both sides run the same function, so whatever an
//! honest proposer makes is accepted.

use super::execute::{self, Mode};
use super::{Chain, Tx};
use bytes::Bytes;
use jmes_modules::consensus;
use jmes_modules::kernel::{Block, Ctx};

/// Takes transactions into a block as long as they fit.
struct Filling<'a> {
    chain: &'a Chain,
    ctx: Ctx,
    bytes_left: u64,
    gas_left: Option<u64>,
}

impl Filling<'_> {
    /// Whether the transaction fits and passes; then it is counted and its fee and sequence are taken.
    fn take(&mut self, bytes: &[u8]) -> bool {
        let size = size_in_block(bytes);
        let Ok(tx) = Tx::decode(&self.chain.0.routes, bytes) else { return false };
        if size > self.bytes_left || self.gas_left.is_some_and(|left| tx.gas_limit > left) {
            return false;
        }
        let outcome = execute::run(self.chain, &mut self.ctx, &tx, Mode::Propose);
        self.ctx.seal();
        if outcome.error.is_some() {
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
        let mut filling = self.filling(block, max_bytes);
        candidates.into_iter().filter(|tx| filling.take(tx)).collect()
    }

    /// Whether `txs` make a valid block.
    pub fn process_proposal(&self, block: Block, txs: &[Bytes]) -> bool {
        self.look_ahead(txs.iter().map(AsRef::as_ref));
        let mut filling = self.filling(block, u64::MAX);
        txs.iter().all(|tx| filling.take(tx))
    }

    fn filling(&self, block: Block, bytes_left: u64) -> Filling<'_> {
        let ctx = self.context(block);
        let gas_left = consensus::block_gas_limit(&ctx).ok().flatten();
        Filling { chain: self, ctx, bytes_left, gas_left }
    }
}

/// Bytes a transaction takes in a block: itself, its field key and its length prefix.
fn size_in_block(bytes: &[u8]) -> u64 {
    let length = bytes.len();
    (1 + prost::length_delimiter_len(length) + length) as u64
}
