//! What is asked of an artwork, and what its record holds.

use super::artwork_codes::{INVALID_ID, INVALID_ROYALTY, INVALID_TEXT};
use super::error::refused;
use crate::kernel::{check_text, Address, Result};
use jmes_proto::cosmos::nft::v1beta1::{Class, Nft};
use jmes_proto::jmes::artwork::v1::Artwork;
use jmes_proto::Any;
use prost::{Message, Name};
use std::ops::RangeInclusive;

/// What every class id begins with; the DAO's name follows.
pub(super) const CLASS_PREFIX: &str = "artwork-";

/// All of the sale, in hundredths of a percent.
const MAX_ROYALTY: u32 = 10_000;

/// An artwork to be minted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mint {
    /// Who mints it.
    pub dao: Address,
    /// A letter and 2 to 100 letters, digits, colons and dashes; unique among the DAO's artworks.
    pub id: String,
    /// Who gets it.
    pub owner: Address,
    /// Where it is, at most 2,048 characters.
    pub uri: String,
    /// The hash of what is there, at most 128 characters.
    pub uri_hash: String,
    /// Its title, 1 to 140 characters.
    pub title: String,
    /// Who made it, 1 to 140 characters.
    pub artist: String,
    /// What the artist shall get of a sale, in hundredths of a percent; at most 10,000.
    pub royalty_bps: u32,
    /// Whatever else belongs to it, at most 10,000 bytes.
    pub data: String,
}

impl Mint {
    /// What it alone can show.
    pub(super) fn check(&self) -> Result<()> {
        check_id(&self.id)?;
        check_texts(&self.uri, &self.uri_hash)?;
        check("title", &self.title, 1..=140)?;
        check("artist", &self.artist, 1..=140)?;
        check_royalty(self.royalty_bps)?;
        check_data(&self.data)
    }
}

/// The class of the artworks of the DAO with this name.
pub fn class_id(dao: &str) -> String {
    format!("{CLASS_PREFIX}{dao}")
}

/// The class of this id. Everything about it follows from the DAO's name.
pub(super) fn class(id: &str) -> Class {
    let name = id.strip_prefix(CLASS_PREFIX).unwrap_or(id);
    Class {
        id: id.into(),
        name: name.into(),
        symbol: name.into(),
        description: format!("Official artworks of {name}"),
        ..Class::default()
    }
}

pub(super) fn nft(class: &str, id: &str, uri: &str, uri_hash: &str, artwork: &Artwork) -> Nft {
    let data = Any { type_url: Artwork::type_url(), value: artwork.encode_to_vec() };
    Nft {
        class_id: class.into(),
        id: id.into(),
        uri: uri.into(),
        uri_hash: uri_hash.into(),
        data: Some(data),
    }
}

/// The record in an NFT of this module.
pub(super) fn artwork(nft: &Nft) -> Artwork {
    nft.data.as_ref().and_then(|data| Artwork::decode(data.value.as_slice()).ok()).unwrap_or_default()
}

/// The Cosmos SDK's rule without slashes, so that an id is one segment of a REST path.
pub(super) fn check_id(id: &str) -> Result<()> {
    let sound = |byte: u8| byte.is_ascii_alphanumeric() || byte == b':' || byte == b'-';
    let first = id.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic());
    if first && (3..=101).contains(&id.len()) && id.bytes().all(sound) {
        return Ok(());
    }
    let shown: String = id.chars().take(101).collect();
    let why = format!(
        "\"{shown}\" is not an artwork's id: a letter and 2 to 100 letters, digits, colons and dashes"
    );
    Err(refused(INVALID_ID, why))
}

pub(super) fn check_texts(uri: &str, uri_hash: &str) -> Result<()> {
    check("uri", uri, 0..=2_048)?;
    check("uri_hash", uri_hash, 0..=128)
}

fn check(name: &str, text: &str, length: RangeInclusive<usize>) -> Result<()> {
    check_text(name, text, length).map_err(|why| refused(INVALID_TEXT, why))
}

/// Longer texts may have lines.
fn check_data(data: &str) -> Result<()> {
    let control = |letter: char| letter.is_control() && letter != '\n' && letter != '\t';
    if data.len() <= 10_000 && !data.chars().any(control) {
        return Ok(());
    }
    let why = format!(
        "data has {} bytes; it must have 10,000 at most, and no control characters but tabs and ends of lines",
        data.len()
    );
    Err(refused(INVALID_TEXT, why))
}

fn check_royalty(bps: u32) -> Result<()> {
    if bps <= MAX_ROYALTY {
        return Ok(());
    }
    let why = format!("royalty_bps is {bps}; it must be {MAX_ROYALTY} (100%) at most");
    Err(refused(INVALID_ROYALTY, why))
}
