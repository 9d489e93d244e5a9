//! Tree nodes in memory: those that were written last, and the upper levels, which every block goes through.

use quick_cache::sync::Cache;
use quick_cache::Weighter;

use crate::tree::{NodeBytes, NodeKey, Update};

/// The usual size of a node in bytes, from which the cache reckons how many there will be.
const USUAL_BYTES: usize = 1024;

/// Nodes by the number of their tree and their key. What is under a key never changes, but for heights that are rolled back.
pub struct NodeCache(Cache<(u8, NodeKey), NodeBytes, BySize>);

/// Nodes by their size in memory.
#[derive(Clone)]
struct BySize;

impl Weighter<(u8, NodeKey), NodeBytes> for BySize {
    fn weight(&self, _: &(u8, NodeKey), bytes: &NodeBytes) -> u64 {
        (size_of::<(u8, NodeKey, NodeBytes)>() + bytes.len()) as u64
    }
}

impl NodeCache {
    /// A cache of at most `bytes`.
    pub fn new(bytes: usize) -> Self {
        Self(Cache::with_weighter(bytes / USUAL_BYTES, bytes as u64, BySize))
    }

    /// The node of `tree` under `key`, if it is here.
    pub fn get(&self, tree: u8, key: &NodeKey) -> Option<NodeBytes> {
        self.0.get(&(tree, *key))
    }

    /// Keeps a node that is on disk.
    pub fn insert(&self, tree: u8, key: NodeKey, bytes: NodeBytes) {
        self.0.insert((tree, key), bytes);
    }

    /// Keeps what a height has written to `tree`, and forgets what it has replaced.
    pub fn follow(&self, tree: u8, update: Update) {
        for key in update.stale {
            self.0.remove(&(tree, key));
        }
        for (key, bytes) in update.nodes {
            self.insert(tree, key, bytes);
        }
    }

    /// Forgets everything: a height has been rolled back, and will come anew.
    pub fn clear(&self) {
        self.0.clear();
    }
}
