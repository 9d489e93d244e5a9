//! The `jmt` crate with its nodes in memory.

use std::sync::Mutex;

use jmt::storage::{HasPreimage, LeafNode, Node, NodeBatch, NodeKey, TreeReader, TreeWriter};
use jmt::{KeyHash, OwnedValue, Sha256Jmt, Version};

use super::{key_hash, Changes, Hash, HashMap};

#[derive(Default)]
pub(super) struct Oracle {
    next: Version,
    nodes: Mutex<HashMap<NodeKey, Node>>,
    values: HashMap<KeyHash, Vec<(Version, Option<OwnedValue>)>>,
    preimages: HashMap<KeyHash, Vec<u8>>,
}

impl Oracle {
    /// Knows that the hash of `key` is that of `key`.
    pub(super) fn learn(&mut self, key: &[u8]) {
        self.preimages.insert(KeyHash(key_hash(key)), key.to_vec());
    }

    /// Makes the next version and gives its root hash.
    pub(super) fn update(&mut self, changes: &Changes) -> Hash {
        let version = self.next;
        self.next += 1;
        let set = changes.iter().map(|(key, value)| (KeyHash(*key), value.clone()));
        let (root, batch) = Sha256Jmt::new(&*self).put_value_set(set, version).unwrap();
        self.write_node_batch(&batch.node_batch).unwrap();
        for ((version, key), value) in batch.node_batch.values() {
            self.values.entry(*key).or_default().push((*version, value.clone()));
        }
        root.0
    }

    /// The ICS-23 proof about `key` in `version`; `None` for the empty tree.
    pub(super) fn prove(&self, key: &[u8], version: usize) -> Option<ics23::CommitmentProof> {
        Some(Sha256Jmt::new(self).get_with_ics23_proof(key.to_vec(), version as Version).ok()?.1)
    }
}

impl TreeReader for Oracle {
    fn get_node_option(&self, node_key: &NodeKey) -> anyhow::Result<Option<Node>> {
        Ok(self.nodes.lock().unwrap().get(node_key).cloned())
    }

    fn get_value_option(&self, max: Version, key: KeyHash) -> anyhow::Result<Option<OwnedValue>> {
        let history = self.values.get(&key).map_or(&[][..], Vec::as_slice);
        Ok(history.iter().rfind(|(version, _)| *version <= max).and_then(|(_, value)| value.clone()))
    }

    fn get_rightmost_leaf(&self) -> anyhow::Result<Option<(NodeKey, LeafNode)>> {
        Ok(None)
    }
}

impl HasPreimage for Oracle {
    fn preimage(&self, key: KeyHash) -> anyhow::Result<Option<Vec<u8>>> {
        Ok(self.preimages.get(&key).cloned())
    }
}

impl TreeWriter for Oracle {
    fn write_node_batch(&self, batch: &NodeBatch) -> anyhow::Result<()> {
        self.nodes
            .lock()
            .unwrap()
            .extend(batch.nodes().iter().map(|(key, node)| (key.clone(), node.clone())));
        Ok(())
    }
}
