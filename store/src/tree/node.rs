//! Stored nodes: where they are, their bytes, and the hash of the binary subtree that each one stands for.

use std::fmt;

use super::hash::{bit, inner_hash, key_hash, leaf_hash, nibble, value_hash, Hash, EMPTY_ROOT};
use super::{Corrupt, NodeBytes, Nodes};

/// The most leaves that one bucket holds. Larger buckets mean fewer reads and records for each changed key, smaller
/// ones fewer bytes; this is where a tree of a million leaves needs one unshared node for almost every key.
pub const BUCKET_LEAVES: usize = 24;

/// The number of nibbles in a key hash, and so the longest path.
const MAX_NIBBLES: usize = 64;
const BUCKET_TAG: u8 = 1;
const BRANCH_TAG: u8 = 2;
/// In a stored link, the place of the number of leaves if the link goes to a branch.
const BRANCH_KIND: u8 = 255;
/// A stored link: kind, version, hash.
const LINK_BYTES: usize = 1 + 8 + 32;
const LEAF_BYTES: usize = 64;

/// The nibbles from the root to a node, 0 to 64 of them. Orders by length, then by the nibbles.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodePath {
    len: u8,
    /// Two nibbles a byte, high half first; zero after `len` nibbles.
    packed: Hash,
}

impl NodePath {
    /// The path of the root node.
    pub const ROOT: Self = Self { len: 0, packed: [0; 32] };

    /// The number of nibbles, 0 to 64.
    #[allow(
        clippy::len_without_is_empty,
        reason = "an empty path is the root, nothing asks whether it is empty"
    )]
    pub fn len(&self) -> usize {
        usize::from(self.len)
    }

    /// The path of child `nibble` (0 to 15) of the node at this path, which must not be a full one.
    pub(super) fn child(&self, nibble: usize) -> Self {
        let mut child = *self;
        let half = (nibble & 0x0f) as u8;
        child.packed[self.len() / 2] |= if self.len().is_multiple_of(2) { half << 4 } else { half };
        child.len += 1;
        child
    }

    /// The first `len` nibbles (0 to 64) of `key_hash`.
    pub(super) fn prefix(key_hash: &Hash, len: usize) -> Self {
        let mut packed = [0; 32];
        packed[..len.div_ceil(2)].copy_from_slice(&key_hash[..len.div_ceil(2)]);
        if !len.is_multiple_of(2) {
            packed[len / 2] &= 0xf0;
        }
        Self { len: len as u8, packed }
    }
}

/// Where a node is stored: the version that wrote it, then its path.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeKey {
    version: u64,
    path: NodePath,
}

impl NodeKey {
    /// The key of the node that `version` wrote at `path`.
    pub(super) fn new(version: u64, path: NodePath) -> Self {
        Self { version, path }
    }

    /// The version (block height) that wrote the node.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Where the node is in the tree.
    pub fn path(&self) -> &NodePath {
        &self.path
    }

    /// The key's bytes, 9 to 41: version (8, big-endian), number of nibbles (1), nibbles (two a byte). The order of
    /// the bytes is the order of the keys, so a new version's nodes come after all that are stored.
    pub fn encode(&self) -> Vec<u8> {
        let packed = &self.path.packed[..self.path.len().div_ceil(2)];
        [&self.version.to_be_bytes()[..], &[self.path.len], packed].concat()
    }

    /// The key whose [`encode`](Self::encode) is `bytes`, or `None` if there is none.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let (version, rest) = bytes.split_first_chunk::<8>()?;
        let (&len, nibbles) = rest.split_first()?;
        let mut packed = [0; 32];
        packed.get_mut(..nibbles.len())?.copy_from_slice(nibbles);
        let path = NodePath { len, packed };
        let well_formed = path.len() <= MAX_NIBBLES
            && nibbles.len() == path.len().div_ceil(2)
            && path == NodePath::prefix(&packed, path.len());
        well_formed.then(|| Self::new(u64::from_be_bytes(*version), path))
    }
}

impl fmt::Display for NodeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("/")?;
        (0..self.path.len()).try_for_each(|index| write!(f, "{:x}", nibble(&self.path.packed, index)))?;
        write!(f, " of version {}", self.version)
    }
}

impl fmt::Debug for NodeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// One leaf of the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leaf {
    /// The hash of the key: the leaf's place.
    pub key_hash: Hash,
    /// [`leaf_hash`](super::leaf_hash) of the key hash and the value hash.
    pub leaf_hash: Hash,
}

impl Leaf {
    /// The leaf of a key and its value.
    pub fn of(key: &[u8], value: &[u8]) -> Self {
        let key_hash = key_hash(key);
        Self { key_hash, leaf_hash: leaf_hash(&key_hash, &value_hash(value)) }
    }
}

/// What a link goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A bucket with this many leaves, 1 to [`BUCKET_LEAVES`].
    Bucket(usize),
    /// A branch: more leaves than a bucket holds.
    Branch,
}

/// A reference to the stored node of a subtree; its path is known from where the link is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Link {
    pub version: u64,
    pub kind: Kind,
    pub hash: Hash,
}

impl Link {
    fn encode(&self, bytes: &mut Vec<u8>) {
        bytes.push(match self.kind {
            Kind::Bucket(leaves) => leaves as u8,
            Kind::Branch => BRANCH_KIND,
        });
        bytes.extend_from_slice(&self.version.to_be_bytes());
        bytes.extend_from_slice(&self.hash);
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (&kind, rest) = bytes.split_first()?;
        let (version, hash) = rest.split_first_chunk::<8>()?;
        let kind = match kind {
            BRANCH_KIND => Kind::Branch,
            leaves if (1..=BUCKET_LEAVES).contains(&leaves.into()) => Kind::Bucket(leaves.into()),
            _ => return None,
        };
        Some(Self { version: u64::from_be_bytes(*version), kind, hash: hash.try_into().ok()? })
    }
}

/// The root of one version of one tree: its hash and where its root node is. The database keeps one for each
/// version of each store. A version that changed nothing has the root of the version before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Root(pub(super) Option<Link>);

impl Root {
    /// The root of a tree without leaves, which has no nodes.
    pub const EMPTY: Self = Self(None);

    /// The root hash; [`EMPTY_ROOT`] for a tree without leaves.
    pub fn hash(&self) -> Hash {
        self.0.map_or(EMPTY_ROOT, |link| link.hash)
    }

    /// The version that wrote the root node, which is the last one that changed the tree; `None` if it is empty.
    pub fn version(&self) -> Option<u64> {
        self.0.map(|link| link.version)
    }

    /// The root's bytes: one zero byte for the empty tree, else 41.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(LINK_BYTES);
        match &self.0 {
            None => bytes.push(0),
            Some(link) => link.encode(&mut bytes),
        }
        bytes
    }

    /// The root whose [`encode`](Self::encode) is `bytes`, or `None` if there is none.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0] => Some(Self::EMPTY),
            _ => Link::decode(bytes).map(|link| Self(Some(link))),
        }
    }
}

/// The links of a branch, by nibble.
pub(super) type Links = [Option<Link>; 16];

/// Reads the leaves of the bucket at `path` that `link` goes to: in ascending order, all below `path`.
pub(super) fn read_bucket(nodes: &dyn Nodes, path: &NodePath, link: &Link) -> Result<Vec<Leaf>, Corrupt> {
    let key = NodeKey::new(link.version, *path);
    let malformed = |reason| Corrupt::Malformed { key, reason };
    let bytes = nodes.node(&key).ok_or(Corrupt::Missing(key))?;
    let (&BUCKET_TAG, body) = bytes.split_first().ok_or(malformed("no bytes"))? else {
        return Err(malformed("not a bucket"));
    };
    let (pairs, []) = body.as_chunks::<LEAF_BYTES>() else {
        return Err(malformed("a bucket's length"));
    };
    let leaves: Vec<Leaf> = pairs.iter().map(decode_leaf).collect();
    if link.kind != Kind::Bucket(leaves.len()) {
        return Err(malformed("not the number of leaves that its parent says"));
    }
    if !leaves.is_sorted_by(|a, b| a.key_hash < b.key_hash) {
        return Err(malformed("leaves out of order"));
    }
    // As the leaves are in order, the ones between the first and the last are below the path if these two are.
    if [leaves.first(), leaves.last()]
        .iter()
        .flatten()
        .any(|leaf| NodePath::prefix(&leaf.key_hash, path.len()) != *path)
    {
        return Err(malformed("a leaf that belongs elsewhere"));
    }
    Ok(leaves)
}

/// Reads the links of the branch at `path` that `link` goes to.
pub(super) fn read_branch(nodes: &dyn Nodes, path: &NodePath, link: &Link) -> Result<Links, Corrupt> {
    let key = NodeKey::new(link.version, *path);
    let malformed = |reason| Corrupt::Malformed { key, reason };
    let bytes = nodes.node(&key).ok_or(Corrupt::Missing(key))?;
    let [BRANCH_TAG, high, low, body @ ..] = &bytes[..] else {
        return Err(malformed("not a branch"));
    };
    let present = u16::from_be_bytes([*high, *low]);
    let (stored, []) = body.as_chunks::<LINK_BYTES>() else {
        return Err(malformed("a branch's length"));
    };
    if path.len() >= MAX_NIBBLES || stored.is_empty() || stored.len() != present.count_ones() as usize {
        return Err(malformed("not the number of children that it says"));
    }
    let mut links = [None; 16];
    let mut stored = stored.iter();
    for (_, slot) in links.iter_mut().enumerate().filter(|(nibble, _)| present & (1 << nibble) != 0) {
        let link = stored.next().and_then(|bytes| Link::decode(bytes));
        *slot = Some(link.ok_or(malformed("a link that goes to no kind of node"))?);
    }
    Ok(links)
}

/// The bytes of a bucket. `scratch` is a buffer to reuse.
pub(super) fn encode_bucket(leaves: &[Leaf], scratch: &mut Vec<u8>) -> NodeBytes {
    scratch.clear();
    scratch.push(BUCKET_TAG);
    for leaf in leaves {
        scratch.extend_from_slice(&leaf.key_hash);
        scratch.extend_from_slice(&leaf.leaf_hash);
    }
    NodeBytes::from(&scratch[..])
}

fn decode_leaf(bytes: &[u8; LEAF_BYTES]) -> Leaf {
    let mut leaf = Leaf { key_hash: [0; 32], leaf_hash: [0; 32] };
    leaf.key_hash.copy_from_slice(&bytes[..32]);
    leaf.leaf_hash.copy_from_slice(&bytes[32..]);
    leaf
}

/// The bytes of a branch. `scratch` is a buffer to reuse.
pub(super) fn encode_branch(links: &Links, scratch: &mut Vec<u8>) -> NodeBytes {
    scratch.clear();
    scratch.push(BRANCH_TAG);
    let present = links.iter().rev().fold(0u16, |bits, link| bits << 1 | u16::from(link.is_some()));
    scratch.extend_from_slice(&present.to_be_bytes());
    links.iter().flatten().for_each(|link| link.encode(scratch));
    NodeBytes::from(&scratch[..])
}

/// The hash of a binary subtree with these leaves, whose root is at bit `depth` of their key hashes: they are in
/// ascending order and alike before that bit.
pub(super) fn leaves_hash(leaves: &[Leaf], depth: usize) -> Hash {
    match leaves {
        [] => EMPTY_ROOT,
        [leaf] => leaf.leaf_hash,
        _ => {
            let (left, right) = halves(leaves, depth);
            inner_hash(&leaves_hash(left, depth + 1), &leaves_hash(right, depth + 1))
        }
    }
}

/// Splits leaves in ascending order, alike before bit `depth`, into those without and those with this bit.
pub(super) fn halves(leaves: &[Leaf], depth: usize) -> (&[Leaf], &[Leaf]) {
    leaves.split_at(leaves.partition_point(|leaf| !bit(&leaf.key_hash, depth)))
}

/// The hash of the binary subtree over these links of a branch: all 16, or an aligned half, quarter, … of them.
pub(super) fn links_hash(links: &[Option<Link>]) -> Hash {
    if let Some(hash) = leaf_or_empty(links) {
        return hash;
    }
    match links {
        [Some(link)] => link.hash,
        _ => {
            let (left, right) = links.split_at(links.len() / 2);
            inner_hash(&links_hash(left), &links_hash(right))
        }
    }
}

/// The hash of the subtree over these links if it has no leaf or only one.
pub(super) fn leaf_or_empty(links: &[Option<Link>]) -> Option<Hash> {
    let mut present = links.iter().flatten();
    match (present.next(), present.next()) {
        (None, _) => Some(EMPTY_ROOT),
        (Some(link), None) if link.kind == Kind::Bucket(1) => Some(link.hash),
        _ => None,
    }
}
