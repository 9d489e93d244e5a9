//! How fast the authenticated tree takes changes, next to the `jmt` crate with the same roots; nodes are in memory.
//!
//! `cargo run --release -p jmes-store --example tree_bench [LEAVES] [--alone]` (1,000,000 leaves; `--alone` leaves
//! out the `jmt` crate, which takes most of the time).

#![allow(clippy::unwrap_used, reason = "a benchmark stops at the first fault")]

use std::collections::HashMap;
use std::sync::RwLock;
use std::time::{Duration, Instant};

use jmes_store::tree::{key_hash, prove, update, value_hash, Hash, NodeBytes, NodeKey, Nodes, Root};
use jmt::storage::{LeafNode, Node, NodeBatch, TreeReader, TreeWriter};
use jmt::{KeyHash, OwnedValue, Sha256Jmt, Version};

/// Batch sizes and how many batches of each.
const RUNS: [(u64, u64); 4] = [(1_000, 50), (20_000, 10), (100_000, 5), (1, 2_000)];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let leaves = arguments.iter().find_map(|argument| argument.parse().ok()).unwrap_or(1_000_000);
    let mut ours = Ours::default();
    let ours_figures = measure(leaves, |changes| ours.apply(changes));
    let proof_time = ours.time_proofs(leaves);
    let theirs_figures = (!arguments.iter().any(|argument| argument == "--alone")).then(|| {
        let mut theirs = Theirs::default();
        let figures = measure(leaves, |changes| theirs.apply(changes));
        assert_eq!(ours.root.hash(), theirs.root, "both have the same root");
        figures
    });

    println!("{leaves} leaves, {} threads", rayon::current_num_threads());
    println!(
        "{:>10} {:>14} {:>14} {:>12} {:>12} {:>12}",
        "batch", "keys/s", "jmt keys/s", "bytes/key", "nodes/key", "reads/key"
    );
    for (index, figure) in ours_figures.iter().enumerate() {
        let theirs =
            theirs_figures.as_ref().map_or("-".into(), |figures| format!("{:.0}", figures[index].speed()));
        let (bytes, nodes, reads) = figure.per_key();
        println!(
            "{:>10} {:>14.0} {theirs:>14} {bytes:>12.0} {nodes:>12.2} {reads:>12.2}",
            figure.batch,
            figure.speed()
        );
    }
    println!("one proof: {:.1} us", proof_time.as_secs_f64() * 1e6);
}

/// What one run took.
#[derive(Default)]
struct Figure {
    batch: u64,
    keys: u64,
    time: Duration,
    written: Written,
}

impl Figure {
    fn speed(&self) -> f64 {
        self.keys as f64 / self.time.as_secs_f64()
    }

    fn per_key(&self) -> (f64, f64, f64) {
        let [bytes, nodes, reads] = [self.written.bytes, self.written.nodes, self.written.reads];
        (bytes as f64 / self.keys as f64, nodes as f64 / self.keys as f64, reads as f64 / self.keys as f64)
    }
}

/// What an update wrote and read.
#[derive(Default)]
struct Written {
    time: Duration,
    bytes: usize,
    nodes: usize,
    reads: usize,
}

/// Loads a tree and changes random keys of it; the first figure is the load in one batch.
fn measure(leaves: u64, mut apply: impl FnMut(Vec<(u64, u64)>) -> Written) -> Vec<Figure> {
    let mut figures = Vec::new();
    let mut random = Random(1);
    for (batch, count) in [(leaves, 1)].into_iter().chain(RUNS) {
        let mut figure = Figure { batch, ..Figure::default() };
        for _ in 0..count {
            let changes = match batch == leaves {
                true => (0..leaves).map(|key| (key, 0)).collect(),
                false => (0..batch).map(|_| (random.next() % leaves, random.next())).collect(),
            };
            let written = apply(changes);
            figure.keys += batch;
            figure.time += written.time;
            figure.written.bytes += written.bytes;
            figure.written.nodes += written.nodes;
            figure.written.reads += written.reads;
        }
        figures.push(figure);
    }
    figures
}

/// A small generator (splitmix64), the same numbers in each run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

fn key(number: u64) -> Hash {
    key_hash(&number.to_be_bytes())
}

#[derive(Default)]
struct Memory(HashMap<NodeKey, NodeBytes>);

impl Nodes for Memory {
    fn node(&self, key: &NodeKey) -> Option<NodeBytes> {
        self.0.get(key).cloned()
    }
}

struct Ours {
    memory: Memory,
    root: Root,
    version: u64,
}

impl Default for Ours {
    fn default() -> Self {
        Self { memory: Memory::default(), root: Root::EMPTY, version: 0 }
    }
}

impl Ours {
    fn apply(&mut self, changes: Vec<(u64, u64)>) -> Written {
        let hash = |(number, value): (u64, u64)| (key(number), Some(value_hash(&value.to_be_bytes())));
        let changes: Vec<_> = changes.into_iter().map(hash).collect();
        self.version += 1;
        let start = Instant::now();
        let update = update(&self.memory, &self.root, self.version, changes).unwrap();
        let time = start.elapsed();
        let bytes = update.nodes.iter().map(|(key, bytes)| key.encode().len() + bytes.len()).sum();
        // Every key is changed, so all nodes that were read are stale.
        let written = Written { time, bytes, nodes: update.nodes.len(), reads: update.stale.len() };
        self.root = update.root;
        self.memory.0.extend(update.nodes);
        for key in &update.stale {
            self.memory.0.remove(key);
        }
        written
    }

    /// The mean time of a proof that a key is there.
    fn time_proofs(&self, leaves: u64) -> Duration {
        const PROOFS: u32 = 10_000;
        let mut random = Random(2);
        let start = Instant::now();
        for _ in 0..PROOFS {
            prove(&self.memory, &self.root, &key(random.next() % leaves)).unwrap();
        }
        start.elapsed() / PROOFS
    }
}

/// The `jmt` crate, its nodes in memory.
#[derive(Default)]
struct Theirs {
    nodes: RwLock<HashMap<jmt::storage::NodeKey, Node>>,
    root: Hash,
    next: Version,
}

impl Theirs {
    fn apply(&mut self, changes: Vec<(u64, u64)>) -> Written {
        let value = |(number, value): (u64, u64)| (KeyHash(key(number)), Some(value.to_be_bytes().to_vec()));
        let changes: Vec<_> = changes.into_iter().map(value).collect();
        let start = Instant::now();
        let (root, batch) = Sha256Jmt::new(&*self).put_value_set(changes, self.next).unwrap();
        let time = start.elapsed();
        self.root = root.0;
        self.next += 1;
        self.write_node_batch(&batch.node_batch).unwrap();
        for stale in &batch.stale_node_index_batch {
            self.nodes.get_mut().unwrap().remove(&stale.node_key);
        }
        Written { time, ..Written::default() }
    }
}

impl TreeReader for Theirs {
    fn get_node_option(&self, key: &jmt::storage::NodeKey) -> anyhow::Result<Option<Node>> {
        Ok(self.nodes.read().unwrap().get(key).cloned())
    }

    fn get_value_option(&self, _: Version, _: KeyHash) -> anyhow::Result<Option<OwnedValue>> {
        Ok(None)
    }

    fn get_rightmost_leaf(&self) -> anyhow::Result<Option<(jmt::storage::NodeKey, LeafNode)>> {
        Ok(None)
    }
}

impl TreeWriter for Theirs {
    fn write_node_batch(&self, batch: &NodeBatch) -> anyhow::Result<()> {
        self.nodes
            .write()
            .unwrap()
            .extend(batch.nodes().iter().map(|(key, node)| (key.clone(), node.clone())));
        Ok(())
    }
}
