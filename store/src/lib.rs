//! The state on disk: named key-value stores in RocksDB under one app hash, readable and provable at every kept
//! height. The crate knows nothing of the protocol above it.
//!
//! A block goes [`Store::prepare`] (works out trees and app hash, writes nothing) and [`Store::commit`] (one synced
//! write). Everything else reads: [`Store::snapshot`] and [`Store::snapshot_at`] give unmoving [`Snapshot`]s.
//!
//! # What the app hash commits to
//! Each store has a Jellyfish Merkle tree over its raw keys and values. A top-level tree has an entry for each store,
//! also for empty ones: its name, with the 32-byte root of its tree as value. The top-level root is the app hash. A
//! proof is two ICS-23 proofs, see [`Snapshot::prove`]; hashing and proof specification are in [`tree`].
//!
//! # What is on disk
//! Numbers are big-endian; `‖` joins bytes. A store is identified by its name. Its number (one byte, `store`) is its
//! place in the `stores` entry and never changes; new names are appended. Heights take eight bytes.
//!
//! | column | key | value |
//! |---|---|---|
//! | `default` | `head` | last committed height ‖ earliest readable height ‖ app hash |
//! | | `format` | the number of this layout, 4 bytes |
//! | | `stores` | list of store names, by number |
//! | | `restoring` | nothing; there while a state is restored that is not complete |
//! | | `app/` ‖ name | the application's own entries ([`Store::meta`]) |
//! | `state` | store ‖ raw key | current value |
//! | `history` | store ‖ escaped key ‖ height | what the key held before that height: 1 ‖ value, or 0 for nothing |
//! | `heights` | `c` ‖ height ‖ chunk (4 bytes) | keys the height changed: effect ‖ store ‖ length (4) ‖ key, repeated |
//! | | `s` ‖ height ‖ chunk | list of keys of tree nodes that the height replaced |
//! | | `r` ‖ height ‖ 0 | list of roots: the top-level tree's, then each store's, by number |
//! | `nodes` | tree ‖ [`tree::NodeKey`] | node of a store's tree, or of the top-level tree (number 255) |
//! | `preimages` | store ‖ key hash | raw key |
//!
//! A *list* is items behind their lengths (4 bytes each). An effect is 0 for replaced, 1 for created, 2 for deleted. In
//! an *escaped key* each 0x00 is written 0x00 0xff, and 0x00 0x01 ends it: escaped keys sort as the keys do, and
//! none is a prefix of another.
//!
//! # Reading an older height
//! What a key holds at height h is in its first history record above h, else it is its current value. A range merges
//! the current entries with the history of those keys. The first committed height has no history: nothing below it
//! is readable.
//!
//! # Whole states
//! [`Snapshot::parts`] gives a state away in parts; a store that is empty becomes it by [`Store::restore`], each part
//! checked against the app hash when it comes.
//!
//! # Crashes
//! A commit is one write batch, synced before it returns: after a crash the store is at a whole height. Pruning comes
//! after it as a batch of its own that needs no sync. If the log on disk ends in a torn record, the store opens at the
//! height before it.
//!
//! # Pruning
//! With [`Options::keep_recent`] = n the last n heights stay readable. `head` says at once what is no longer readable;
//! the records go away with later commits, each deleting at most about twice what it has added and no less than
//! a fixed number. Raw keys of deleted keys go with the last history record that could need them.

mod cache;
mod changes;
mod commit;
mod error;
mod format;
mod manifest;
mod proof;
mod prune;
mod range;
mod rocks;
mod snapshot;
mod store;
mod sync;
#[cfg(test)]
mod tests;
pub mod tree;

pub use changes::{Changes, StoreId};
pub use commit::Prepared;
pub use error::{fatal, Error};
pub use manifest::Manifest;
pub use snapshot::Snapshot;
pub use store::{Committed, Options, Store};
pub use sync::{Parts, Restore, RestoreError};
