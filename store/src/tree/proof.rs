//! Proofs that a key is in a tree or is not, and their ICS-23 form.

use ics23::commitment_proof::Proof as Ics23;

use super::hash::{bit, key_hash, nibble, Hash, EMPTY_ROOT, INNER_PREFIX, LEAF_PREFIX};
use super::node::{
    halves, leaf_or_empty, leaves_hash, links_hash, read_branch, read_bucket, Kind, Link, NodePath, Root,
};
use super::{Corrupt, Nodes};

/// Proves that `key_hash` is in the tree of `root`, or that it is not.
///
/// # Errors
/// A node that is needed is missing or malformed.
pub fn prove(nodes: &dyn Nodes, root: &Root, key_hash: &Hash) -> Result<Proof, Corrupt> {
    if let Some(leaf) = prove_leaf(nodes, root, key_hash)? {
        return Ok(Proof::Existence(leaf));
    }
    let neighbour = |side| -> Result<Option<LeafProof>, Corrupt> {
        let Some(link) = &root.0 else { return Ok(None) };
        match closest(nodes, &NodePath::ROOT, link, key_hash, side)? {
            Some(neighbour) => prove_leaf(nodes, root, &neighbour),
            None => Ok(None),
        }
    };
    Ok(Proof::Absence { key_hash: *key_hash, left: neighbour(Side::Left)?, right: neighbour(Side::Right)? })
}

/// That a key is in a tree, or is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// The key is there.
    Existence(LeafProof),
    /// The key is not there: these leaves are next to each other with its place between them.
    Absence {
        /// The hash of the key that is not there.
        key_hash: Hash,
        /// The last leaf before it, if there is one.
        left: Option<LeafProof>,
        /// The first leaf after it, if there is one. With no leaf on either side the tree is empty.
        right: Option<LeafProof>,
    },
}

/// A leaf with what is needed to compute the root from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeafProof {
    /// The hash of the leaf's key; its bits say on which side each sibling is.
    pub key_hash: Hash,
    /// The hashes of the siblings from the root's child down to the leaf's own, 0 to 256 of them.
    pub siblings: Vec<Hash>,
}

/// Why a proof has no ICS-23 form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// ICS-23 proves absence by a neighbour, and a tree without leaves has none.
    #[error("the tree is empty: ICS-23 has no proof that a key is not in an empty tree")]
    EmptyTree,
    /// The proof is of another key.
    #[error("the proof is not about the key {}", hex(.0))]
    OtherKey(Vec<u8>),
    /// The database doesn't know the key and value of a leaf of the tree.
    #[error("no key and value are stored for the leaf with key hash {}", hex(.0))]
    UnknownPreimage(Hash),
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Proof {
    /// The proof in ICS-23 form, to be verified with [`proof_spec`]. `preimage` gives the key and value of a key
    /// hash at the proof's version.
    ///
    /// # Errors
    /// The tree is empty, the proof is about another key than `key`, or `preimage` doesn't know a leaf of the proof.
    pub fn to_ics23(
        &self,
        key: &[u8],
        preimage: impl Fn(&Hash) -> Option<(Vec<u8>, Vec<u8>)>,
    ) -> Result<ics23::CommitmentProof, ProofError> {
        let proven = match self {
            Self::Existence(leaf) => &leaf.key_hash,
            Self::Absence { key_hash, .. } => key_hash,
        };
        if *proven != key_hash(key) {
            return Err(ProofError::OtherKey(key.to_vec()));
        }
        let exist = |leaf: &LeafProof| {
            let (key, value) = preimage(&leaf.key_hash).ok_or(ProofError::UnknownPreimage(leaf.key_hash))?;
            Ok(leaf.to_ics23(key, value))
        };
        let proof = match self {
            Self::Existence(leaf) => Ics23::Exist(exist(leaf)?),
            Self::Absence { left: None, right: None, .. } => return Err(ProofError::EmptyTree),
            Self::Absence { left, right, .. } => Ics23::Nonexist(ics23::NonExistenceProof {
                key: key.to_vec(),
                left: left.as_ref().map(exist).transpose()?,
                right: right.as_ref().map(exist).transpose()?,
            }),
        };
        Ok(ics23::CommitmentProof { proof: Some(proof) })
    }
}

impl LeafProof {
    /// ICS-23 goes from the leaf up, each step with what comes before and after the hash of the step below.
    fn to_ics23(&self, key: Vec<u8>, value: Vec<u8>) -> ics23::ExistenceProof {
        let step = |(depth, sibling): (usize, &Hash)| {
            let (prefix, suffix) = match bit(&self.key_hash, depth) {
                true => ([&INNER_PREFIX[..], sibling].concat(), Vec::new()),
                false => (INNER_PREFIX.to_vec(), sibling.to_vec()),
            };
            ics23::InnerOp { hash: ics23::HashOp::Sha256.into(), prefix, suffix }
        };
        let path = self.siblings.iter().enumerate().rev().map(step).collect();
        ics23::ExistenceProof { key, value, leaf: Some(leaf_spec()), path }
    }
}

/// The ICS-23 specification that proofs of this tree are verified with.
pub fn proof_spec() -> ics23::ProofSpec {
    let prefix_length = INNER_PREFIX.len() as i32;
    ics23::ProofSpec {
        leaf_spec: Some(leaf_spec()),
        inner_spec: Some(ics23::InnerSpec {
            child_order: vec![0, 1],
            child_size: 32,
            min_prefix_length: prefix_length,
            max_prefix_length: prefix_length,
            empty_child: EMPTY_ROOT.to_vec(),
            hash: ics23::HashOp::Sha256.into(),
        }),
        max_depth: 64,
        min_depth: 0,
        prehash_key_before_comparison: true,
    }
}

fn leaf_spec() -> ics23::LeafOp {
    ics23::LeafOp {
        hash: ics23::HashOp::Sha256.into(),
        prehash_key: ics23::HashOp::Sha256.into(),
        prehash_value: ics23::HashOp::Sha256.into(),
        length: ics23::LengthOp::NoPrefix.into(),
        prefix: LEAF_PREFIX.to_vec(),
    }
}

/// The path to the leaf of `key_hash`, or `None` if there is no such leaf.
fn prove_leaf(nodes: &dyn Nodes, root: &Root, key_hash: &Hash) -> Result<Option<LeafProof>, Corrupt> {
    let mut siblings = Vec::new();
    let mut path = NodePath::ROOT;
    let mut next = root.0;
    while let Some(link) = next {
        if link.kind != Kind::Branch {
            return prove_in_bucket(nodes, &path, &link, key_hash, siblings);
        }
        let links = read_branch(nodes, &path, &link)?;
        let nibble = nibble(key_hash, path.len());
        next = links[nibble];
        let mut range = &links[..];
        let mut first = 0;
        // Halve the range around the child; one leaf alone in a range has no siblings further down.
        while range.len() > 1 && leaf_or_empty(range).is_none() {
            let (left, right) = range.split_at(range.len() / 2);
            if nibble < first + left.len() {
                siblings.push(links_hash(right));
                range = left;
            } else {
                siblings.push(links_hash(left));
                first += left.len();
                range = right;
            }
        }
        path = path.child(nibble);
    }
    Ok(None)
}

fn prove_in_bucket(
    nodes: &dyn Nodes,
    path: &NodePath,
    link: &Link,
    key_hash: &Hash,
    mut siblings: Vec<Hash>,
) -> Result<Option<LeafProof>, Corrupt> {
    let leaves = read_bucket(nodes, path, link)?;
    if leaves.binary_search_by_key(key_hash, |leaf| leaf.key_hash).is_err() {
        return Ok(None);
    }
    let mut range = &leaves[..];
    let mut depth = 4 * path.len();
    while range.len() > 1 {
        let (left, right) = halves(range, depth);
        let (own, sibling) = if bit(key_hash, depth) { (right, left) } else { (left, right) };
        depth += 1;
        siblings.push(leaves_hash(sibling, depth));
        range = own;
    }
    Ok(Some(LeafProof { key_hash: *key_hash, siblings }))
}

/// A side of a place in the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Left,
    Right,
}

/// The key hash of the leaf of a subtree that is closest to the place of `key_hash` on one side of it.
fn closest(
    nodes: &dyn Nodes,
    path: &NodePath,
    link: &Link,
    key_hash: &Hash,
    side: Side,
) -> Result<Option<Hash>, Corrupt> {
    if link.kind != Kind::Branch {
        let leaves = read_bucket(nodes, path, link)?;
        let mut keys = leaves.iter().map(|leaf| leaf.key_hash);
        return Ok(match side {
            Side::Left => keys.rfind(|key| key < key_hash),
            Side::Right => keys.find(|key| key > key_hash),
        });
    }
    let links = read_branch(nodes, path, link)?;
    // The path may be beside the key's: then the whole subtree is on one side, and the search takes its near end.
    let own = NodePath::prefix(key_hash, path.len() + 1);
    let order: [usize; 16] = std::array::from_fn(|index| if side == Side::Left { 15 - index } else { index });
    for nibble in order {
        let child = path.child(nibble);
        let beyond = match side {
            Side::Left => child > own,
            Side::Right => child < own,
        };
        if let (Some(link), false) = (&links[nibble], beyond) {
            if let Some(found) = closest(nodes, &child, link, key_hash, side)? {
                return Ok(Some(found));
            }
        }
    }
    Ok(None)
}
