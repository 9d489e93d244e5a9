//! Every key of the store `artwork`. The records of classes and artworks are standard messages, so that a proof of one can be
//! read outside of the node; the DAO's address in there is a text for that reason.

use crate::kernel::{proto_value, Address, Key, Map};
use crate::ARTWORK;
use jmes_proto::cosmos::nft::v1beta1::{Class, Nft};

/// Class and id of an artwork.
pub type Id = (String, String);

/// `01 ‖ class` → the class.
pub const CLASSES: Map<String, Class> = Map::new(ARTWORK, 1);
/// `02 ‖ class ‖ id` → the artwork: an NFT whose data is a `jmes.artwork.v1.Artwork`. It never changes.
pub const NFTS: Map<Id, Nft> = Map::new(ARTWORK, 2);
/// `03 ‖ class ‖ id` → whose it is.
pub const OWNERS: Map<Id, Address> = Map::new(ARTWORK, 3);
/// `04 ‖ owner ‖ class ‖ id` → 1: the artworks by owner.
pub const BY_OWNER: Map<(Address, Id), ()> = Map::new(ARTWORK, 4);
/// `05 ‖ class ‖ id ‖ number from 0` → a transfer; the first is the mint.
pub const TRANSFERS: Map<(String, (String, u64)), StoredTransfer> = Map::new(ARTWORK, 5);
/// `06 ‖ class` → how many artworks it has.
pub const SUPPLY: Map<String, u64> = Map::new(ARTWORK, 6);
/// `07 ‖ class ‖ owner` → how many of them the owner has; no zeros.
pub const BALANCES: Map<(String, Address), u64> = Map::new(ARTWORK, 7);

proto_value!(Class, Nft, StoredTransfer);

/// A transfer of an artwork.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct StoredTransfer {
    /// Who gave it; nothing for the mint.
    #[prost(bytes = "vec", tag = "1")]
    pub from: Vec<u8>,
    /// Who got it.
    #[prost(bytes = "vec", tag = "2")]
    pub to: Vec<u8>,
    /// The block.
    #[prost(uint64, tag = "3")]
    pub height: u64,
}

impl StoredTransfer {
    /// A transfer at `height`; the mint when there is no `from`.
    pub fn new(from: Option<&Address>, to: &Address, height: u64) -> Self {
        let bytes = |address: &Address| address.as_bytes().to_vec();
        Self { from: from.map(bytes).unwrap_or_default(), to: bytes(to), height }
    }
}

/// The key of an artwork.
pub fn key(class: &str, id: &str) -> Id {
    (class.into(), id.into())
}

/// The components that an artwork's transfers have in common.
pub fn group(class: &str, id: &str) -> Vec<u8> {
    key(class, id).encoded()
}
