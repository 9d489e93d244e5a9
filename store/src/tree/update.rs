//! A new version from the one before: sorted changes go down the tree together, so that each changed node is read,
//! hashed and written once.

use rayon::prelude::*;

use super::hash::{leaf_hash, nibble, Hash};
use super::node::{
    encode_branch, encode_bucket, leaves_hash, links_hash, read_branch, read_bucket, Kind, Leaf, Link, Links,
    NodeKey, NodePath, Root, BUCKET_LEAVES,
};
use super::{Corrupt, NodeBytes, Nodes};

/// From this many changes on, the children of a branch are updated in parallel: fewer don't pay for the hand-over.
const PARALLEL_CHANGES: usize = 256;

/// What [`update`] gives: the new root, and what to write for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    /// The root of the new version; the same as before if nothing changed.
    pub root: Root,
    /// The nodes to store, all of the new version, in no particular order.
    pub nodes: Vec<(NodeKey, NodeBytes)>,
    /// The nodes of earlier versions that the new version no longer reaches. They may be deleted once no earlier
    /// version is needed.
    pub stale: Vec<NodeKey>,
}

/// Applies `changes` to the tree of `root`, giving version `version`.
///
/// A change is a key hash with the new value hash, or with `None` to delete the key. Changes may be in any order;
/// of several for one key hash the last counts. Deleting an absent key or setting a value that is already there
/// changes nothing and writes no node. The same `root` and changes give the same result on any machine.
///
/// `version` must be above the version of every node stored so far, or new nodes would overwrite nodes in use.
///
/// # Errors
/// A node that is needed is missing or malformed; nothing is then to be written.
///
/// # Panics
/// If `root` itself is of `version` or a later one.
pub fn update(
    nodes: &dyn Nodes,
    root: &Root,
    version: u64,
    changes: Vec<(Hash, Option<Hash>)>,
) -> Result<Update, Corrupt> {
    let before = root.version();
    assert!(before.is_none_or(|before| before < version), "version {version} of a tree after {before:?}");
    let batch = Batch { nodes, version };
    let mut written = Written::default();
    let root = match batch.apply(&NodePath::ROOT, root.0.as_ref(), &sorted(changes), &mut written)? {
        Outcome::Unchanged => *root,
        Outcome::Leaves(leaves) => Root(batch.write_bucket(&NodePath::ROOT, &leaves, &mut written)),
        Outcome::Branch(link) => Root(Some(link)),
    };
    Ok(Update { root, nodes: written.nodes, stale: written.stale })
}

/// A key hash with its new leaf hash, or `None` to delete it.
type Change = (Hash, Option<Hash>);

/// Turns value hashes into leaf hashes, sorts by key hash and keeps the last change of each key.
fn sorted(mut changes: Vec<Change>) -> Vec<Change> {
    let seal = |(key, value): &mut Change| *value = value.map(|value| leaf_hash(key, &value));
    if changes.len() < PARALLEL_CHANGES {
        changes.iter_mut().for_each(seal);
        changes.sort_by_key(|change| change.0);
    } else {
        changes.par_iter_mut().for_each(seal);
        changes.par_sort_by_key(|change| change.0);
    }
    // `dedup_by` keeps the first of equal ones: hand it the later change before the later one goes.
    changes.dedup_by(|later, kept| {
        let same = later.0 == kept.0;
        if same {
            kept.1 = later.1;
        }
        same
    });
    changes
}

/// What became of a subtree.
enum Outcome {
    /// Nothing changed, the link to it stands.
    Unchanged,
    /// It now has these few leaves, maybe none; whoever is above decides where to write them.
    Leaves(Vec<Leaf>),
    /// It is a branch that has been written.
    Branch(Link),
}

#[derive(Default)]
struct Written {
    nodes: Vec<(NodeKey, NodeBytes)>,
    stale: Vec<NodeKey>,
    scratch: Vec<u8>,
}

struct Batch<'a> {
    nodes: &'a dyn Nodes,
    version: u64,
}

impl Batch<'_> {
    /// Applies changes, all below `path`, to the subtree at `path`.
    fn apply(
        &self,
        path: &NodePath,
        link: Option<&Link>,
        changes: &[Change],
        written: &mut Written,
    ) -> Result<Outcome, Corrupt> {
        let outcome = match link {
            None => self.apply_to_leaves(path, &[], changes, written),
            Some(link) if link.kind == Kind::Branch => {
                let links = read_branch(self.nodes, path, link)?;
                self.apply_to_branch(path, links, changes, written)
            }
            Some(link) => {
                let leaves = read_bucket(self.nodes, path, link)?;
                self.apply_to_leaves(path, &leaves, changes, written)
            }
        }?;
        if let (Some(link), false) = (link, matches!(outcome, Outcome::Unchanged)) {
            written.stale.push(NodeKey::new(link.version, *path));
        }
        Ok(outcome)
    }

    fn apply_to_leaves(
        &self,
        path: &NodePath,
        leaves: &[Leaf],
        changes: &[Change],
        written: &mut Written,
    ) -> Result<Outcome, Corrupt> {
        let set = changes.iter().filter(|change| change.1.is_some()).count();
        if leaves.is_empty() && set > BUCKET_LEAVES {
            return self.apply_to_branch(path, Links::default(), changes, written);
        }
        let merged = merge(leaves, changes);
        if merged == leaves {
            Ok(Outcome::Unchanged)
        } else if merged.len() <= BUCKET_LEAVES {
            Ok(Outcome::Leaves(merged))
        } else {
            let all: Vec<Change> = merged.iter().map(|leaf| (leaf.key_hash, Some(leaf.leaf_hash))).collect();
            self.apply_to_branch(path, Links::default(), &all, written)
        }
    }

    fn apply_to_branch(
        &self,
        path: &NodePath,
        mut links: Links,
        changes: &[Change],
        written: &mut Written,
    ) -> Result<Outcome, Corrupt> {
        let outcomes = self.apply_to_children(path, &links, changes, written)?;
        if outcomes.iter().all(|outcome| matches!(outcome, Outcome::Unchanged)) {
            return Ok(Outcome::Unchanged);
        }
        if leaf_count(&links, &outcomes).is_some_and(|leaves| leaves <= BUCKET_LEAVES) {
            return self.collapse(path, &links, outcomes, written);
        }
        for (nibble, outcome) in outcomes.into_iter().enumerate() {
            match outcome {
                Outcome::Unchanged => {}
                Outcome::Leaves(leaves) => {
                    links[nibble] = self.write_bucket(&path.child(nibble), &leaves, written);
                }
                Outcome::Branch(link) => links[nibble] = Some(link),
            }
        }
        written.nodes.push((NodeKey::new(self.version, *path), encode_branch(&links, &mut written.scratch)));
        Ok(Outcome::Branch(Link { version: self.version, kind: Kind::Branch, hash: links_hash(&links) }))
    }

    /// Applies changes to the 16 children of a branch; the outcomes are in the order of the children.
    fn apply_to_children(
        &self,
        path: &NodePath,
        links: &Links,
        changes: &[Change],
        written: &mut Written,
    ) -> Result<Vec<Outcome>, Corrupt> {
        let mut rest = changes;
        let mut groups: [&[Change]; 16] = [&[]; 16];
        for (child, group) in groups.iter_mut().enumerate() {
            (*group, rest) =
                rest.split_at(rest.partition_point(|change| nibble(&change.0, path.len()) <= child));
        }
        let apply = |child: usize, written: &mut Written| match groups[child] {
            [] => Ok(Outcome::Unchanged),
            group => self.apply(&path.child(child), links[child].as_ref(), group, written),
        };
        if changes.len() < PARALLEL_CHANGES {
            let mut outcomes = Vec::with_capacity(16);
            for child in 0..16 {
                outcomes.push(apply(child, written)?);
            }
            return Ok(outcomes);
        }
        let parts: Vec<_> = (0..16)
            .into_par_iter()
            .map(|child| {
                let mut written = Written::default();
                apply(child, &mut written).map(|outcome| (outcome, written))
            })
            .collect::<Result<_, _>>()?;
        Ok(parts
            .into_iter()
            .map(|(outcome, part)| {
                written.nodes.extend(part.nodes);
                written.stale.extend(part.stale);
                outcome
            })
            .collect())
    }

    /// Takes all leaves of a branch that has become small: those of its changed and of its unchanged children.
    fn collapse(
        &self,
        path: &NodePath,
        links: &Links,
        outcomes: Vec<Outcome>,
        written: &mut Written,
    ) -> Result<Outcome, Corrupt> {
        let mut all = Vec::with_capacity(BUCKET_LEAVES);
        for (nibble, outcome) in outcomes.into_iter().enumerate() {
            if let Outcome::Leaves(leaves) = outcome {
                all.extend(leaves);
            } else if let Some(link) = &links[nibble] {
                let path = path.child(nibble);
                all.extend(read_bucket(self.nodes, &path, link)?);
                written.stale.push(NodeKey::new(link.version, path));
            }
        }
        Ok(Outcome::Leaves(all))
    }

    /// Writes a bucket; `None` if there are no leaves.
    fn write_bucket(&self, path: &NodePath, leaves: &[Leaf], written: &mut Written) -> Option<Link> {
        if leaves.is_empty() {
            return None;
        }
        written.nodes.push((NodeKey::new(self.version, *path), encode_bucket(leaves, &mut written.scratch)));
        let hash = leaves_hash(leaves, 4 * path.len());
        Some(Link { version: self.version, kind: Kind::Bucket(leaves.len()), hash })
    }
}

/// The leaves after the changes. Both are in ascending order of key hashes.
fn merge(leaves: &[Leaf], changes: &[Change]) -> Vec<Leaf> {
    let mut merged = Vec::with_capacity(leaves.len() + changes.len());
    let mut rest = leaves;
    for (key_hash, change) in changes {
        let (before, after) = rest.split_at(rest.partition_point(|leaf| leaf.key_hash < *key_hash));
        merged.extend_from_slice(before);
        rest = match after {
            [present, others @ ..] if present.key_hash == *key_hash => others,
            _ => after,
        };
        merged.extend(change.map(|leaf_hash| Leaf { key_hash: *key_hash, leaf_hash }));
    }
    merged.extend_from_slice(rest);
    merged
}

/// The number of leaves of a branch after its children's changes, if none of the children is a branch. A child that
/// is one has more leaves than a bucket by itself.
fn leaf_count(links: &Links, outcomes: &[Outcome]) -> Option<usize> {
    links
        .iter()
        .zip(outcomes)
        .map(|(link, outcome)| match (outcome, link.map(|link| link.kind)) {
            (Outcome::Leaves(leaves), _) => Some(leaves.len()),
            (Outcome::Unchanged, None) => Some(0),
            (Outcome::Unchanged, Some(Kind::Bucket(leaves))) => Some(leaves),
            (Outcome::Unchanged, Some(Kind::Branch)) | (Outcome::Branch(_), _) => None,
        })
        .sum()
}
