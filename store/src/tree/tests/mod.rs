//! Tests of the tree: against the `jmt` crate as the oracle, of its versions, and of its stored bytes.

mod bytes;
mod oracle;
mod parts;
mod roots;
mod versions;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use proptest::test_runner::{Config, RngSeed};

use super::node::{read_branch, read_bucket, Kind, Link};
use super::*;

/// The seed of the property tests if `PROPTEST_RNG_SEED` sets no other.
const SEED: u64 = 20_260_101;

/// The settings of a property test: a fixed seed, which is printed (the test harness shows it when the test fails), and
/// `cases` cases. `PROPTEST_RNG_SEED` and `PROPTEST_CASES` set others.
fn seeded(cases: u32) -> Config {
    let is_set = |name| std::env::var_os(name).is_some();
    let mut config = Config { failure_persistence: None, ..Config::default() };
    if !is_set("PROPTEST_RNG_SEED") {
        config.rng_seed = RngSeed::Fixed(SEED);
    }
    if !is_set("PROPTEST_CASES") {
        config.cases = cases;
    }
    println!("PROPTEST_RNG_SEED={}", config.rng_seed);
    config
}

/// Nodes in memory.
#[derive(Default, Clone)]
struct Memory(HashMap<NodeKey, NodeBytes>);

impl Nodes for Memory {
    fn node(&self, key: &NodeKey) -> Option<NodeBytes> {
        self.0.get(key).cloned()
    }
}

/// The values of a tree by key hash.
type Values = BTreeMap<Hash, Vec<u8>>;
/// Changes of values by key hash; `None` deletes.
type Changes = Vec<(Hash, Option<Vec<u8>>)>;

/// A tree with its history: version v is `versions[v]`.
#[derive(Default)]
struct History {
    memory: Memory,
    versions: Vec<Version>,
}

struct Version {
    root: Root,
    values: Values,
    stale: Vec<NodeKey>,
}

impl History {
    fn root(&self) -> Root {
        self.versions.last().map_or(Root::EMPTY, |version| version.root)
    }

    fn values(&self) -> Values {
        self.versions.last().map_or_else(Values::new, |version| version.values.clone())
    }

    /// Makes the next version and checks what every update must keep.
    fn update(&mut self, changes: &Changes) {
        let version = self.versions.len() as u64;
        let (before, mut values) = (self.root(), self.values());
        for (key_hash, value) in changes {
            match value {
                Some(value) => drop(values.insert(*key_hash, value.clone())),
                None => drop(values.remove(key_hash)),
            }
        }
        let hashes = changes
            .iter()
            .map(|(key, value)| (*key, value.as_ref().map(|value| value_hash(value))))
            .collect();
        let Update { root, nodes, stale } = update(&self.memory, &before, version, hashes).unwrap();
        if values == self.values() {
            assert_eq!(
                (root, nodes.len(), stale.len()),
                (before, 0, 0),
                "a batch without effect changes nothing"
            );
        }
        let mut live = reachable(&self.memory, &before);
        for key in &stale {
            assert!(live.remove(key), "stale node {key} was reachable, and is named once");
        }
        for (key, bytes) in nodes {
            assert_eq!(key.version(), version);
            assert!(live.insert(key), "new node {key} is written once");
            self.memory.0.insert(key, bytes);
        }
        assert_eq!(live, reachable(&self.memory, &root), "no node is leaked, none is missing");
        self.versions.push(Version { root, values, stale });
    }

    /// Deletes what only versions below `keep` reach.
    fn prune(&mut self, keep: usize) {
        for version in &self.versions[..=keep] {
            for key in &version.stale {
                self.memory.0.remove(key);
            }
        }
    }

    /// Checks that `version` has exactly its own leaves and proofs.
    fn check_readable(&self, version: usize) {
        let Version { root, values, .. } = &self.versions[version];
        let expected: Vec<_> = values.iter().map(|(key, value)| leaf(key, value)).collect();
        let found: Vec<_> = leaves(&self.memory, root, &[0; 32]).map(Result::unwrap).collect();
        assert_eq!(found, expected, "the leaves of version {version}");
        for (key, value) in values {
            let Proof::Existence(proof) = prove(&self.memory, root, key).unwrap() else {
                panic!("{} is in version {version}", hex::encode(key));
            };
            check_leaf_proof(&proof, value, &root.hash());
        }
    }
}

fn leaf(key_hash: &Hash, value: &[u8]) -> Leaf {
    Leaf { key_hash: *key_hash, leaf_hash: leaf_hash(key_hash, &value_hash(value)) }
}

/// Checks that `proof` leads from the leaf with `value` to `root`.
fn check_leaf_proof(proof: &LeafProof, value: &[u8], root: &Hash) {
    let start = leaf(&proof.key_hash, value).leaf_hash;
    let top = proof.siblings.iter().enumerate().rev().fold(start, |own, (depth, sibling)| {
        match hash::bit(&proof.key_hash, depth) {
            true => hash::inner_hash(sibling, &own),
            false => hash::inner_hash(&own, sibling),
        }
    });
    assert_eq!(top, *root, "the proof of {}", hex::encode(proof.key_hash));
}

/// The keys of all nodes that `root` reaches. Checks that storage has its one form: a bucket wherever one can hold the
/// leaves, a branch elsewhere.
fn reachable(memory: &Memory, root: &Root) -> BTreeSet<NodeKey> {
    /// Returns the number of leaves.
    fn walk(memory: &Memory, path: NodePath, link: &Link, found: &mut BTreeSet<NodeKey>) -> usize {
        assert!(found.insert(NodeKey::new(link.version, path)));
        if link.kind != Kind::Branch {
            return read_bucket(memory, &path, link).unwrap().len();
        }
        let links = read_branch(memory, &path, link).unwrap();
        let children =
            links.iter().enumerate().filter_map(|(nibble, link)| Some((path.child(nibble), (*link)?)));
        let leaves = children.map(|(child, link)| walk(memory, child, &link, found)).sum();
        assert!(leaves > BUCKET_LEAVES, "a branch with {leaves} leaves");
        leaves
    }
    let mut found = BTreeSet::new();
    if let Some(link) = &root.0 {
        walk(memory, NodePath::ROOT, link, &mut found);
    }
    found
}

/// A key hash that is `0xaa…` with bit `fork` flipped (none if it is 256 or more) and then the last byte changed:
/// many of these share long prefixes.
fn crafted(fork: usize, last: u8) -> Hash {
    let mut hash = [0xaa; 32];
    if fork < 256 {
        hash[fork / 8] ^= 0x80 >> (fork % 8);
    }
    hash[31] ^= last;
    hash
}
