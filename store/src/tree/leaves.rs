//! A walk over all leaves of one version, for state sync and audits.

use super::hash::Hash;
use super::node::{read_branch, read_bucket, Kind, Leaf, Link, NodePath, Root};
use super::{Corrupt, Nodes};

/// The leaves of the tree of `root` in ascending order of their key hashes, from `from` (inclusive) on; the zero
/// hash for all. It reads nodes as it goes and holds some hundred links and one bucket in memory.
pub fn leaves<'a>(nodes: &'a dyn Nodes, root: &Root, from: &Hash) -> Leaves<'a> {
    let todo = root.0.map(|link| (NodePath::ROOT, link)).into_iter().collect();
    Leaves { nodes, from: *from, todo, bucket: Vec::new().into_iter() }
}

/// The iterator that [`leaves`] gives. After an error it ends.
pub struct Leaves<'a> {
    nodes: &'a dyn Nodes,
    from: Hash,
    /// The subtrees still to walk, the next one last.
    todo: Vec<(NodePath, Link)>,
    bucket: std::vec::IntoIter<Leaf>,
}

impl Leaves<'_> {
    /// Opens the node of a subtree: its children come next, or its leaves.
    fn open(&mut self, path: &NodePath, link: &Link) -> Result<(), Corrupt> {
        if link.kind == Kind::Branch {
            let links = read_branch(self.nodes, path, link)?;
            let start = NodePath::prefix(&self.from, path.len() + 1);
            let children =
                links.iter().enumerate().filter_map(|(nibble, link)| Some((path.child(nibble), (*link)?)));
            self.todo.extend(children.filter(|(child, _)| *child >= start).rev());
        } else {
            let mut leaves = read_bucket(self.nodes, path, link)?;
            leaves.drain(..leaves.partition_point(|leaf| leaf.key_hash < self.from));
            self.bucket = leaves.into_iter();
        }
        Ok(())
    }
}

impl Iterator for Leaves<'_> {
    type Item = Result<Leaf, Corrupt>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(leaf) = self.bucket.next() {
                return Some(Ok(leaf));
            }
            let (path, link) = self.todo.pop()?;
            if let Err(corrupt) = self.open(&path, &link) {
                self.todo.clear();
                return Some(Err(corrupt));
            }
        }
    }
}
