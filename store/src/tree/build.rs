//! A whole tree from its leaves in order, as a restored state has them: nodes are given away as soon as they are known,
//! and a path's worth of links is in memory.

use std::collections::VecDeque;

use super::node::{
    encode_branch, encode_bucket, leaves_hash, links_hash, Kind, Leaf, Link, Links, NodeKey, NodePath, Root,
    BUCKET_LEAVES,
};
use super::NodeBytes;

/// Builds version `version` of the tree of `leaves`, which come in ascending order of their key hashes, each once, and hands
/// its nodes to `write`: the same as [`update`](super::update) makes of them from an empty tree.
///
/// # Errors
/// Those of `leaves` and of `write`; what has been written by then is part of no tree.
pub fn build<E>(
    version: u64,
    leaves: impl Iterator<Item = Result<Leaf, E>>,
    write: impl FnMut(NodeKey, NodeBytes) -> Result<(), E>,
) -> Result<Root, E> {
    let mut builder = Builder { version, leaves, ahead: VecDeque::new(), write, scratch: Vec::new() };
    Ok(Root(builder.subtree(NodePath::ROOT)?))
}

struct Builder<L, W> {
    version: u64,
    leaves: L,
    /// The leaves that come next, as far as they had to be looked at: one more than a bucket takes.
    ahead: VecDeque<Leaf>,
    write: W,
    scratch: Vec<u8>,
}

impl<E, L, W> Builder<L, W>
where
    L: Iterator<Item = Result<Leaf, E>>,
    W: FnMut(NodeKey, NodeBytes) -> Result<(), E>,
{
    /// Builds the subtree at `path` from the next leaves: those below it.
    fn subtree(&mut self, path: NodePath) -> Result<Option<Link>, E> {
        while self.ahead.len() <= BUCKET_LEAVES {
            let Some(leaf) = self.leaves.next().transpose()? else { break };
            self.ahead.push_back(leaf);
        }
        let below = |leaf: &Leaf| NodePath::prefix(&leaf.key_hash, path.len()) == path;
        match self.ahead.iter().take_while(|leaf| below(leaf)).count() {
            0 => Ok(None),
            count if count <= BUCKET_LEAVES => {
                let leaves: Vec<Leaf> = self.ahead.drain(..count).collect();
                let hash = leaves_hash(&leaves, 4 * path.len());
                let bytes = encode_bucket(&leaves, &mut self.scratch);
                self.put(path, Kind::Bucket(count), hash, bytes)
            }
            _ => {
                let mut links = Links::default();
                for (nibble, link) in links.iter_mut().enumerate() {
                    *link = self.subtree(path.child(nibble))?;
                }
                let bytes = encode_branch(&links, &mut self.scratch);
                self.put(path, Kind::Branch, links_hash(&links), bytes)
            }
        }
    }

    fn put(
        &mut self,
        path: NodePath,
        kind: Kind,
        hash: super::Hash,
        bytes: NodeBytes,
    ) -> Result<Option<Link>, E> {
        (self.write)(NodeKey::new(self.version, path), bytes)?;
        Ok(Some(Link { version: self.version, kind, hash }))
    }
}
