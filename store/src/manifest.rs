//! What a whole state consists of, as a peer says it: the app hash shows whether it is true.

use std::collections::BTreeSet;

use crate::format::{self, TOP_TREE};
use crate::tree::{self, Hash, Leaf};

/// What a state consists of: its stores, and the root hash of each. Its app hash follows from that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// The height of the state.
    pub height: u64,
    /// The stores by name with the root hashes of their trees, in the order in which the parts have them.
    pub stores: Vec<(String, Hash)>,
}

impl Manifest {
    /// The app hash of the state.
    pub fn app_hash(&self) -> Hash {
        tree::root_hash(&self.top_leaves())
    }

    /// The manifest's bytes: the height (eight bytes, big-endian) and a list of names and root hashes in turns.
    pub fn encode(&self) -> Vec<u8> {
        let items: Vec<&[u8]> =
            self.stores.iter().flat_map(|(name, root)| [name.as_bytes(), root.as_slice()]).collect();
        [&self.height.to_be_bytes()[..], &format::encode_list(&items)].concat()
    }

    /// Reads what [`encode`](Self::encode) wrote; `None` if it is something else, has a store twice or more than 255.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let (height, list) = bytes.split_first_chunk::<8>()?;
        let items = format::decode_list(list).ok()?;
        let (pairs, []) = items.as_chunks::<2>() else { return None };
        let store = |[name, root]: &[&[u8]; 2]| {
            Some((String::from_utf8(name.to_vec()).ok()?, Hash::try_from(*root).ok()?))
        };
        let stores: Vec<_> = pairs.iter().map(store).collect::<Option<_>>()?;
        let names: BTreeSet<&str> = stores.iter().map(|(name, _)| name.as_str()).collect();
        let is_sound = stores.len() <= usize::from(TOP_TREE) && names.len() == stores.len();
        is_sound.then_some(Self { height: u64::from_be_bytes(*height), stores })
    }

    /// The leaves of the tree of stores, in order.
    pub(crate) fn top_leaves(&self) -> Vec<Leaf> {
        let leaf = |(name, root): &(String, Hash)| Leaf::of(name.as_bytes(), root);
        let mut leaves: Vec<Leaf> = self.stores.iter().map(leaf).collect();
        leaves.sort_by_key(|leaf| leaf.key_hash);
        leaves
    }

    /// The names of the stores, in the order of their numbers.
    pub(crate) fn names(&self) -> Vec<String> {
        self.stores.iter().map(|(name, _)| name.clone()).collect()
    }
}
