//! The authenticated tree: a Jellyfish Merkle tree over SHA-256 whose roots and ICS-23 proofs are those that
//! [`proof_spec`] describes. It knows hashes and node bytes only; where nodes live is behind [`Nodes`].
//!
//! # What is hashed
//! The root is a pure function of the set of (key hash, value hash):
//! - a leaf is `SHA256("JMT::LeafNode" || key_hash || value_hash)`;
//! - a binary inner node is `SHA256("JMT::IntrnalNode" || left || right)`, and splits on the next bit of the key
//!   hash, most significant first;
//! - a subtree with one leaf is that leaf, and an empty one is [`EMPTY_ROOT`].
//!
//! # What is stored
//! Storage groups the binary tree, which does not change any hash:
//! - a subtree of at most [`BUCKET_LEAVES`] leaves is one *bucket*: its leaves in order of their key hashes;
//! - a larger one is a *branch*: links (version, hash, kind) to its up to 16 children, one for each next nibble.
//!
//! Inner binary hashes are not stored: recomputing the 15 of a branch is cheaper than writing them with each block.
//! A leaf is kept by its leaf hash rather than its value hash, so that neighbours need no rehashing.
//!
//! # Versions
//! Nodes are never changed, only replaced: [`update`] gives the new nodes of a version and the older nodes that the
//! version no longer reaches. Every version stays readable through its [`Root`] until the nodes that later versions
//! call stale are deleted. The nodes in `stale` of version v may be deleted once no version below v is needed.
//!
//! # Errors
//! A stored node that is missing or malformed is [`Corrupt`]: a fault of the disk or a bug, never of a user.

mod build;
mod hash;
mod leaves;
mod node;
mod proof;
mod run;
#[cfg(test)]
mod tests;
mod update;

use std::sync::Arc;

pub use build::build;
pub use hash::{key_hash, leaf_hash, value_hash, Hash, EMPTY_ROOT};
pub use leaves::{leaves, Leaves};
pub use node::{Leaf, NodeKey, NodePath, Root, BUCKET_LEAVES};
pub use proof::{proof_spec, prove, LeafProof, Proof, ProofError};
pub use run::{beyond, Beyond, NotNext, Run};
pub use update::{update, Update};

/// The bytes of one stored node, cheap to clone so that they can go to the database and to a cache.
pub type NodeBytes = Arc<[u8]>;

/// Read access to stored nodes, from several threads at once.
///
/// Reads are infallible: on a disk failure the implementation aborts the process.
pub trait Nodes: Sync {
    /// The bytes stored under `key`, or `None` if there is no such node.
    fn node(&self, key: &NodeKey) -> Option<NodeBytes>;
}

/// The root hash of the tree of `leaves`, which are in ascending order of their key hashes.
pub fn root_hash(leaves: &[Leaf]) -> Hash {
    node::leaves_hash(leaves, 0)
}

/// A stored node that cannot be what the tree wrote. The database must stop using this tree.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Corrupt {
    /// A root or a branch names a node that is not stored: it was lost, or pruned although its version is still read.
    #[error(
        "tree node {0} is missing: the version was pruned or the database is damaged; restore it from a snapshot"
    )]
    Missing(NodeKey),
    /// A node is stored but its bytes are not those of a node that can be at this place.
    #[error("tree node {key} is malformed ({reason}): the database is damaged; restore it from a snapshot")]
    Malformed {
        /// Where the node is.
        key: NodeKey,
        /// What is wrong with its bytes.
        reason: &'static str,
    },
}
