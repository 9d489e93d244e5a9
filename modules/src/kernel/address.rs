//! Addresses: 20 bytes for keys, 32 bytes for DAOs (§10), written in bech32 with the prefixes of §1.

use super::error::{codes, Error, Result};
use bech32::Bech32;
use sha2::{Digest, Sha256};
use std::fmt;

/// Prefix of account addresses (§1).
pub const ACCOUNT_PREFIX: &str = "jmes";
/// Prefix of validator operator addresses (§1).
pub const OPERATOR_PREFIX: &str = "jmesvaloper";
/// Prefix of consensus addresses (§1).
pub const CONSENSUS_PREFIX: &str = "jmesvalcons";

/// An account's address: 20 bytes (from a public key) or 32 bytes (a DAO).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Address {
    bytes: [u8; 32],
    length: u8,
}

impl Address {
    /// Makes an address of 20 or 32 raw bytes; any other length is refused with `sdk/7`.
    pub fn new(raw: &[u8]) -> Result<Self> {
        let mut bytes = [0; 32];
        match (raw.len(), bytes.get_mut(..raw.len())) {
            (20 | 32, Some(target)) => target.copy_from_slice(raw),
            _ => {
                return Err(Error::sdk(
                    codes::INVALID_ADDRESS,
                    format!("an address has 20 or 32 bytes, got {}", raw.len()),
                ))
            }
        }
        Ok(Self { bytes, length: if raw.len() == 20 { 20 } else { 32 } })
    }

    /// Reads a bech32 account address (`jmes1…`); anything else is refused with `sdk/7`.
    pub fn parse(text: &str) -> Result<Self> {
        Self::new(&decode_bech32(ACCOUNT_PREFIX, text)?)
    }

    /// Reads a validator operator address (`jmesvaloper1…`) as the account address of its operator.
    pub fn parse_operator(text: &str) -> Result<Self> {
        Self::new(&decode_bech32(OPERATOR_PREFIX, text)?)
    }

    /// The address of a compressed secp256k1 public key: RIPEMD-160 of its SHA-256.
    pub fn of_secp256k1(public_key: &[u8; 33]) -> Self {
        let hash = ripemd::Ripemd160::digest(Sha256::digest(public_key));
        Self::of_twenty(hash.into())
    }

    /// The address of 20 raw bytes.
    pub const fn of_twenty(raw: [u8; 20]) -> Self {
        let mut bytes = [0; 32];
        let (head, _) = bytes.split_at_mut(20);
        head.copy_from_slice(&raw);
        Self { bytes, length: 20 }
    }

    /// The address of 32 raw bytes.
    pub const fn of_thirty_two(raw: [u8; 32]) -> Self {
        Self { bytes: raw, length: 32 }
    }

    /// The raw bytes: 20 or 32 of them.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.length)).unwrap_or(&self.bytes)
    }

    /// The validator operator form of this address (`jmesvaloper1…`).
    pub fn operator(&self) -> String {
        encode_bech32(OPERATOR_PREFIX, self.as_bytes())
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&encode_bech32(ACCOUNT_PREFIX, self.as_bytes()))
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A validator's consensus address: the first 20 bytes of the SHA-256 of its ed25519 consensus key.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct ConsensusAddress(pub [u8; 20]);

impl ConsensusAddress {
    /// Takes the 20 bytes that the engine sends; any other length is refused with `sdk/7`.
    pub fn new(raw: &[u8]) -> Result<Self> {
        raw.try_into().map(Self).map_err(|_| {
            Error::sdk(codes::INVALID_ADDRESS, format!("a consensus address has 20 bytes, got {}", raw.len()))
        })
    }

    /// Reads a bech32 consensus address (`jmesvalcons1…`); anything else is refused with `sdk/7`.
    pub fn parse(text: &str) -> Result<Self> {
        Self::new(&decode_bech32(CONSENSUS_PREFIX, text)?)
    }
}

impl fmt::Display for ConsensusAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&encode_bech32(CONSENSUS_PREFIX, &self.0))
    }
}

impl fmt::Debug for ConsensusAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Bech32 (BIP-173). Events hold some twenty addresses for each transaction, so this is written for speed.
#[allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    reason = "shifts and masks of five bits, and a capacity for at most 32 bytes"
)]
fn encode_bech32(prefix: &str, bytes: &[u8]) -> String {
    let mut text = String::with_capacity(prefix.len() + 1 + bytes.len() * 8 / 5 + 1 + CHECKSUM_LENGTH);
    text.push_str(prefix);
    text.push('1');
    let mut checksum = prefix.bytes().fold(1, |sum, letter| add_group(sum, letter >> 5));
    checksum = prefix.bytes().fold(add_group(checksum, 0), |sum, letter| add_group(sum, letter & 31));
    let (mut bits, mut count) = (0u32, 0);
    let mut push = |group: u8, sum: u32| {
        text.push(letter(group));
        add_group(sum, group)
    };
    for byte in bytes {
        bits = (bits << 8) | u32::from(*byte);
        count += 8;
        while count >= 5 {
            count -= 5;
            checksum = push((bits >> count) as u8 & 31, checksum);
        }
    }
    if count > 0 {
        checksum = push((bits << (5 - count)) as u8 & 31, checksum);
    }
    let checksum = (0..CHECKSUM_LENGTH).fold(checksum, |sum, _| add_group(sum, 0)) ^ 1;
    text.extend((0..CHECKSUM_LENGTH).rev().map(|place| letter((checksum >> (5 * place)) as u8 & 31)));
    text
}

/// Letters of a checksum.
const CHECKSUM_LENGTH: usize = 6;

/// The letter of a group of five bits.
fn letter(group: u8) -> char {
    const LETTERS: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    LETTERS.get(usize::from(group)).map_or('q', |letter| char::from(*letter))
}

/// The checksum after one more group of five bits.
#[allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "a table made by the compiler, which would say so"
)]
fn add_group(checksum: u32, group: u8) -> u32 {
    const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    /// What the five bits that leave the checksum add to it.
    const CARRIES: [u32; 32] = {
        let mut carries = [0; 32];
        let mut top = 0;
        while top < 32 {
            let mut bit = 0;
            while bit < 5 {
                if top >> bit & 1 == 1 {
                    carries[top] ^= GENERATOR[bit];
                }
                bit += 1;
            }
            top += 1;
        }
        carries
    };
    let carry = CARRIES.get((checksum >> 25) as usize).copied().unwrap_or(0);
    ((checksum & 0x1ff_ffff) << 5) ^ u32::from(group) ^ carry
}

fn decode_bech32(prefix: &str, text: &str) -> Result<Vec<u8>> {
    let invalid =
        |why: String| Error::sdk(codes::INVALID_ADDRESS, format!("invalid address \"{text}\": {why}"));
    if text.is_empty() {
        return Err(Error::sdk(codes::INVALID_ADDRESS, "empty address string is not allowed"));
    }
    if text.len() > 128 {
        let length = text.len();
        return Err(Error::sdk(
            codes::INVALID_ADDRESS,
            format!("an address of {length} characters is too long"),
        ));
    }
    let checked = bech32::primitives::decode::CheckedHrpstring::new::<Bech32>(text)
        .map_err(|error| invalid(format!("decoding bech32 failed: {error}")))?;
    let found = checked.hrp().to_lowercase();
    if found != prefix {
        return Err(invalid(format!("invalid Bech32 prefix; expected {prefix}, got {found}")));
    }
    let bytes: Vec<u8> = checked.byte_iter().collect();
    // Superfluous groups of five bits and padding other than zeros pass the checksum.
    if encode_bech32(prefix, &bytes) != text.to_lowercase() {
        return Err(invalid("decoding bech32 failed: its bits are not whole bytes".into()));
    }
    Ok(bytes)
}
