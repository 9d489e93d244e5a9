//! The hashes of the tree: domain separation as in the Jellyfish Merkle tree's ICS-23 specification.

use sha2::{Digest, Sha256};

/// A SHA-256 digest.
pub type Hash = [u8; 32];

/// The root hash of a tree without leaves, and the hash that stands for an empty half of a binary node.
pub const EMPTY_ROOT: Hash = *b"SPARSE_MERKLE_PLACEHOLDER_HASH__";

/// What comes before the two hashes of a leaf.
pub(super) const LEAF_PREFIX: &[u8; 13] = b"JMT::LeafNode";
/// What comes before the two hashes of a binary inner node.
pub(super) const INNER_PREFIX: &[u8; 16] = b"JMT::IntrnalNode";

/// The place of `key` in the tree: `SHA256(key)`. ICS-23 has no proofs of the empty key, so don't store one.
pub fn key_hash(key: &[u8]) -> Hash {
    Sha256::digest(key).into()
}

/// What the tree commits to for `value`: `SHA256(value)`. ICS-23 has no proofs of empty values, so don't store one.
pub fn value_hash(value: &[u8]) -> Hash {
    Sha256::digest(value).into()
}

/// The hash of a leaf from the hashes of its key and of its value.
pub fn leaf_hash(key_hash: &Hash, value_hash: &Hash) -> Hash {
    Sha256::new().chain_update(LEAF_PREFIX).chain_update(key_hash).chain_update(value_hash).finalize().into()
}

/// The hash of a binary inner node.
pub(super) fn inner_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update(INNER_PREFIX).chain_update(left).chain_update(right).finalize().into()
}

/// Bit `index` of `hash`, 0 being the most significant bit of the first byte.
pub(super) fn bit(hash: &Hash, index: usize) -> bool {
    hash[index / 8] & (0x80 >> (index % 8)) != 0
}

/// Nibble `index` of `hash`, 0 being the high half of the first byte.
pub(super) fn nibble(hash: &Hash, index: usize) -> usize {
    let byte = hash[index / 2];
    usize::from(if index.is_multiple_of(2) { byte >> 4 } else { byte & 0x0f })
}
