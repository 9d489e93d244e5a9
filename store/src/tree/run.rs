//! Leaves that come in parts from the left to the right, each part checked against the root hash as it comes: what makes a
//! part of a restored state trustworthy before the rest is there.

use super::hash::{bit, inner_hash, Hash, EMPTY_ROOT};
use super::node::{halves, leaves_hash, Leaf, Root};
use super::{Corrupt, LeafProof, Nodes, Proof};

/// What lies to the right of the last leaf of a part: the hashes of its siblings on that side, from the root down; `None`
/// where the sibling is on the left.
pub type Beyond = Vec<Option<Hash>>;

/// What lies to the right of the leaf of `key_hash`, for [`Run::extend`].
///
/// # Errors
/// A node that is needed is missing or malformed, or there is no such leaf (then `Ok(None)`).
pub fn beyond(nodes: &dyn Nodes, root: &Root, key_hash: &Hash) -> Result<Option<Beyond>, Corrupt> {
    let Proof::Existence(LeafProof { siblings, .. }) = super::prove(nodes, root, key_hash)? else {
        return Ok(None);
    };
    let on_the_right = |(depth, sibling)| (!bit(key_hash, depth)).then_some(sibling);
    Ok(Some(siblings.into_iter().enumerate().map(on_the_right).collect()))
}

/// The leaves of a tree up to some place, of which only the last one's proof is kept.
#[derive(Debug, Clone)]
pub struct Run {
    root: Hash,
    last: Option<(Leaf, Vec<Hash>)>,
}

/// A part that is not the next one of the tree. Nothing was taken of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotNext {
    /// A part must have a leaf, and its leaves must be in ascending order of their key hashes, behind those before.
    #[error("its keys are missing or out of order")]
    Order,
    /// The leaves, with those before and what lies beyond, do not have the tree's root hash.
    #[error("its entries do not have the hash that was promised")]
    Hash,
}

impl Run {
    /// Nothing, of a tree that has nothing.
    pub fn empty() -> Self {
        Self::new(EMPTY_ROOT)
    }

    /// The beginning of the tree whose root hash is `root`.
    pub fn new(root: Hash) -> Self {
        Self { root, last: None }
    }

    /// Takes the next leaves, whose hashes the caller has computed from keys and values. `beyond` is what lies behind the last of them, `None` when nothing does: then the tree is
    /// complete.
    ///
    /// # Errors
    /// See [`NotNext`].
    pub fn extend(&mut self, leaves: &[Leaf], beyond: Option<&Beyond>) -> Result<(), NotNext> {
        let known = self.last.as_ref();
        let leaves: Vec<Leaf> =
            known.map(|(leaf, _)| *leaf).into_iter().chain(leaves.iter().copied()).collect();
        let is_new = leaves.len() > usize::from(known.is_some());
        let last = *leaves.last().filter(|_| is_new).ok_or(NotNext::Order)?;
        if !leaves.is_sorted_by(|a, b| a.key_hash < b.key_hash) {
            return Err(NotNext::Order);
        }
        let before = known.map(|(_, siblings)| siblings.as_slice());
        let mut part = Part { before, beyond: beyond.map(Vec::as_slice), siblings: Vec::new() };
        let (left, right) = (part.before.is_some(), part.beyond.is_some());
        if part.hash(0, &leaves, left, right) != Some(self.root) {
            return Err(NotNext::Hash);
        }
        part.siblings.reverse();
        self.last = Some((last, part.siblings));
        Ok(())
    }
}

/// Leaves without a gap, and what is known of the two sides.
struct Part<'a> {
    /// The siblings of the first leaf, when other leaves come before it.
    before: Option<&'a [Hash]>,
    /// What lies behind the last leaf, when others do.
    beyond: Option<&'a [Option<Hash>]>,
    /// The siblings of the last leaf, from it up to the root, when others come behind it.
    siblings: Vec<Hash>,
}

impl Part<'_> {
    /// The hash of the subtree at bit `depth` in which `leaves` are, with what is not known here of it on the left and on the
    /// right; `None` if what is said of the sides can't be.
    fn hash(&mut self, depth: usize, leaves: &[Leaf], left: bool, right: bool) -> Option<Hash> {
        let before = self.before.filter(|_| left);
        let beyond = self.beyond.filter(|_| right);
        if before.is_none() && beyond.is_none() {
            return Some(leaves_hash(leaves, depth));
        }
        let (first, last) = (leaves.first()?, leaves.last()?);
        // Where the siblings of a leaf end it is alone.
        if before.is_some_and(|siblings| siblings.len() == depth)
            || beyond.is_some_and(|siblings| siblings.len() == depth)
        {
            return (leaves.len() == 1).then_some(first.leaf_hash);
        }
        if depth == 8 * first.key_hash.len() {
            return None;
        }
        let (zeros, ones) = halves(leaves, depth);
        let (from_right, to_left) = (bit(&first.key_hash, depth), !bit(&last.key_hash, depth));
        let left_half = match before {
            Some(siblings) if from_right => *siblings.get(depth)?,
            _ => self.hash(depth + 1, zeros, left, right && to_left)?,
        };
        let right_half = match beyond {
            Some(siblings) if to_left => (*siblings.get(depth)?)?,
            _ => self.hash(depth + 1, ones, left && from_right, right)?,
        };
        if beyond.is_some() {
            self.siblings.push(if to_left { right_half } else { left_half });
        }
        Some(inner_hash(&left_half, &right_half))
    }
}
