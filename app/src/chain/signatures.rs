//! Signatures: checked with libsecp256k1, once per node. What was found valid is remembered, so that a
//! transaction's second and third check (proposal, block) costs a hash and a look-up.

use secp256k1::{ecdsa, Message, PublicKey};
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

/// How many valid signatures one generation remembers; two generations are held, about 16 MB when full.
const GENERATION: usize = 131_072;

/// Checks and remembers signatures.
#[derive(Default)]
pub struct Signatures {
    known: Mutex<Generations>,
    /// How many signatures were verified and not found remembered.
    #[cfg(test)]
    pub(super) verified: std::sync::atomic::AtomicU64,
}

#[derive(Default)]
struct Generations {
    young: HashSet<[u8; 32]>,
    old: HashSet<[u8; 32]>,
}

impl Signatures {
    /// Whether `signature` (64 bytes r ‖ s, low-S) is `key`'s over the SHA-256 of `sign_bytes`. A wrong one is
    /// never remembered.
    pub fn verify(&self, key: &[u8; 33], sign_bytes: &[u8], signature: &[u8]) -> bool {
        let digest: [u8; 32] = Sha256::digest(sign_bytes).into();
        let id: [u8; 32] =
            Sha256::new().chain_update(digest).chain_update(key).chain_update(signature).finalize().into();
        if self.is_known(&id) {
            return true;
        }
        #[cfg(test)]
        self.verified.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let valid = verify_digest(key, digest, signature);
        if valid {
            self.remember(id);
        }
        valid
    }

    fn is_known(&self, id: &[u8; 32]) -> bool {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.young.contains(id) || known.old.contains(id)
    }

    fn remember(&self, id: [u8; 32]) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.young.len() >= GENERATION {
            known.old = std::mem::take(&mut known.young);
        }
        known.young.insert(id);
    }
}

/// libsecp256k1 refuses signatures that are not low-S, as §4 asks.
fn verify_digest(key: &[u8; 33], digest: [u8; 32], signature: &[u8]) -> bool {
    let (Ok(key), Ok(signature)) = (PublicKey::from_slice(key), ecdsa::Signature::from_compact(signature))
    else {
        return false;
    };
    ecdsa::verify(&signature, Message::from_digest(digest), &key).is_ok()
}
