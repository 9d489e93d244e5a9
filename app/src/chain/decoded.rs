//! Decoded transactions, kept from their first check to their block: a pending transaction is looked at again after
//! every block, in the proposal and in its own block, and decoding costs as much as checking. Decoding depends on
//! nothing but the bytes.

use super::{lock, Chain, Tx};
use jmes_modules::kernel::Result;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// How many bytes of transactions one generation remembers; two generations are held. Decoded, a transaction takes
/// some ten times its bytes.
pub(super) const GENERATION: u64 = 4 << 20;

/// Transactions by hash.
#[derive(Default)]
pub struct Decoded {
    known: Mutex<Generations>,
}

#[derive(Default)]
struct Generations {
    young: HashMap<[u8; 32], Arc<Tx>>,
    old: HashMap<[u8; 32], Arc<Tx>>,
    /// Bytes of the young.
    bytes: u64,
}

impl Decoded {
    /// The transaction of that hash.
    pub(super) fn find(&self, hash: &[u8; 32]) -> Option<Arc<Tx>> {
        let known = lock(&self.known);
        known.young.get(hash).or_else(|| known.old.get(hash)).cloned()
    }

    /// Keeps a transaction, and lets the oldest go when they are too many.
    pub(super) fn remember(&self, tx: &Arc<Tx>) {
        let mut known = lock(&self.known);
        if known.bytes >= GENERATION {
            known.old = std::mem::take(&mut known.young);
            known.bytes = 0;
        }
        if known.young.insert(tx.hash, tx.clone()).is_none() {
            known.bytes = known.bytes.saturating_add(tx.length);
        }
    }

    /// Gives the transaction of that hash away.
    pub(super) fn take(&self, hash: &[u8; 32]) -> Option<Arc<Tx>> {
        let mut known = lock(&self.known);
        let Some(tx) = known.young.remove(hash) else { return known.old.remove(hash) };
        known.bytes = known.bytes.saturating_sub(tx.length);
        Some(tx)
    }
}

impl Chain {
    /// The transaction that `bytes` are, kept for the next time. What can't be decoded is refused each time anew.
    pub(super) fn decode(&self, bytes: &[u8]) -> Result<Arc<Tx>> {
        let hash = Sha256::digest(bytes).into();
        if let Some(tx) = self.0.decoded.find(&hash) {
            return Ok(tx);
        }
        let tx = Arc::new(Tx::decode_hashed(self.0.routes, bytes, hash)?);
        self.0.decoded.remember(&tx);
        Ok(tx)
    }

    /// The transaction that `bytes` are, which is not kept any longer.
    pub(super) fn decode_last(&self, bytes: &[u8]) -> Result<Arc<Tx>> {
        let hash = Sha256::digest(bytes).into();
        match self.0.decoded.take(&hash) {
            Some(tx) => Ok(tx),
            None => Tx::decode_hashed(self.0.routes, bytes, hash).map(Arc::new),
        }
    }
}
