//! The hashes of the tree: domain separation as in the Jellyfish Merkle tree's ICS-23 specification.

use sha2::digest::generic_array::{typenum::U64, GenericArray};
use sha2::{compress256, Digest, Sha256};

/// A SHA-256 digest.
pub type Hash = [u8; 32];

/// The root hash of a tree without leaves, and the hash that stands for an empty half of a binary node.
pub const EMPTY_ROOT: Hash = *b"SPARSE_MERKLE_PLACEHOLDER_HASH__";

/// What comes before the two hashes of a leaf.
pub(super) const LEAF_PREFIX: &[u8; 13] = b"JMT::LeafNode";
/// What comes before the two hashes of a binary inner node.
pub(super) const INNER_PREFIX: &[u8; 16] = b"JMT::IntrnalNode";

/// A block of the compression function.
type Block = GenericArray<u8, U64>;

/// The initial state of SHA-256 (FIPS 180-4, section 5.3.3).
const INITIAL_STATE: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

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
    tagged_hash(LEAF_PREFIX, key_hash, value_hash)
}

/// The hash of a binary inner node.
pub(super) fn inner_hash(left: &Hash, right: &Hash) -> Hash {
    tagged_hash(INNER_PREFIX, left, right)
}

/// `SHA256(prefix || left || right)`. With their padding these messages are always two blocks, which go to the
/// compression function directly: it saves a quarter of the time, and the tree does little else than this.
fn tagged_hash<const PREFIX: usize>(prefix: &[u8; PREFIX], left: &Hash, right: &Hash) -> Hash {
    const { assert!(PREFIX + 64 + 1 + 8 <= 128, "two blocks with the padding") };
    let mut blocks = [[0; 64]; 2];
    let message = blocks.as_flattened_mut();
    let end = PREFIX + 64;
    message[..PREFIX].copy_from_slice(prefix);
    message[PREFIX..PREFIX + 32].copy_from_slice(left);
    message[PREFIX + 32..end].copy_from_slice(right);
    message[end] = 0x80;
    message[120..].copy_from_slice(&(8 * end as u64).to_be_bytes());
    let mut state = INITIAL_STATE;
    compress256(&mut state, &blocks.map(Block::from));
    let mut hash = [0; 32];
    for (bytes, word) in hash.chunks_exact_mut(4).zip(state) {
        bytes.copy_from_slice(&word.to_be_bytes());
    }
    hash
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
