//! Refusals.

use crate::kernel::{codes, Address, Error};

/// Codes of the codespace `artwork`.
pub mod artwork_codes {
    /// The codespace.
    pub const ARTWORK: &str = "artwork";
    /// The DAO may not mint.
    pub const NO_MINTING_RIGHT: u32 = 2;
    /// The id is malformed.
    pub const INVALID_ID: u32 = 3;
    /// A text is too long, or has control characters.
    pub const INVALID_TEXT: u32 = 4;
    /// The royalty is more than everything.
    pub const INVALID_ROYALTY: u32 = 5;
    /// The codespace of what every chain with NFTs refuses, as the Cosmos SDK numbers it.
    pub const NFT: &str = "nft";
    /// `nft/5`: there is one with that id.
    pub const NFT_EXISTS: u32 = 5;
    /// `nft/6`: there is none with that id.
    pub const NFT_NOT_EXISTS: u32 = 6;
}

use artwork_codes::{ARTWORK, NFT, NFT_EXISTS, NFT_NOT_EXISTS};

pub(super) fn refused(code: u32, why: impl Into<String>) -> Error {
    Error::new(ARTWORK, code, why)
}

pub(super) fn nft_exists(class: &str, id: &str) -> Error {
    Error::new(NFT, NFT_EXISTS, format!("{class} has an artwork {id} already"))
}

pub(super) fn no_such_artwork(class: &str, id: &str) -> Error {
    let clipped = |text: &str| text.chars().take(101).collect::<String>();
    Error::new(NFT, NFT_NOT_EXISTS, format!("{} has no artwork {}", clipped(class), clipped(id)))
}

pub(super) fn not_owner(class: &str, id: &str, sender: &Address, owner: &Address) -> Error {
    Error::sdk(codes::UNAUTHORIZED, format!("{class} {id} is {owner}'s, not {sender}'s"))
}
