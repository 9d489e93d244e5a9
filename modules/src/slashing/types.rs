//! What the module stores: signing infos, chunks of missed commits, the windows' common beginning (§8).

use crate::kernel::{Key, Value};
use cosmos_sdk_proto::cosmos::evidence::v1beta1::Equivocation;
use prost::Message;
use sha2::{Digest, Sha256};
use std::fmt;

/// What is known of a validator's signing, by its consensus address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SigningInfo {
    /// The first height whose commit counts in its window.
    pub start_height: u64,
    /// How many commits of its window it has missed: the number of bits set in its chunks.
    pub missed: u64,
}

/// What all windows have in common. They restart when their length changes and when the Initial Distribution Period ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Windows {
    /// The first height whose commit counts in any window.
    pub since: u64,
    /// How many commits a window has.
    pub length: u64,
    /// Whether these are the windows of the Initial Distribution Period.
    pub idp: bool,
}

/// Missed commits of 1,024 places of a window: bit i of byte i / 8, the lowest first, is place i.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk([u8; Chunk::BYTES]);

impl Chunk {
    const BYTES: usize = 128;
    /// Places in a chunk.
    pub const PLACES: u64 = 1_024;

    /// A chunk in which nothing is missed.
    pub const EMPTY: Self = Self([0; Self::BYTES]);

    /// Whether the commit at `place` (0 … 1,023) was missed.
    pub fn is_missed(&self, place: u64) -> bool {
        let (byte, bit) = Self::position(place);
        self.0.get(byte).is_some_and(|byte| byte & bit != 0)
    }

    /// Says whether the commit at `place` (0 … 1,023) was missed.
    pub fn set(&mut self, place: u64, missed: bool) {
        let (byte, bit) = Self::position(place);
        if let Some(byte) = self.0.get_mut(byte) {
            *byte = if missed { *byte | bit } else { *byte & !bit };
        }
    }

    /// Whether nothing is missed.
    pub fn is_empty(&self) -> bool {
        *self == Self::EMPTY
    }

    /// The places that are missed, ascending.
    pub fn places(&self) -> impl Iterator<Item = u64> + '_ {
        (0..Self::PLACES).filter(|place| self.is_missed(*place))
    }

    fn position(place: u64) -> (usize, u8) {
        let byte = usize::try_from(place >> 3).unwrap_or(usize::MAX);
        (byte, 1_u8.wrapping_shl(u32::try_from(place & 7).unwrap_or(0)))
    }
}

/// The hash under which evidence is stored: SHA-256 of its protobuf encoding. Shown in upper-case hexadecimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EvidenceHash(pub [u8; 32]);

impl EvidenceHash {
    /// The hash of `evidence`.
    pub fn of(evidence: &Equivocation) -> Self {
        Self(Sha256::digest(evidence.encode_to_vec()).into())
    }

    /// Reads 64 hexadecimal digits in either case; `None` when it is anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.as_bytes();
        let mut hash = [0; 32];
        if digits.len() != 64 {
            return None;
        }
        for (byte, pair) in hash.iter_mut().zip(digits.chunks(2)) {
            let pair =
                std::str::from_utf8(pair).ok().filter(|pair| pair.bytes().all(|d| d.is_ascii_hexdigit()))?;
            *byte = u8::from_str_radix(pair, 16).ok()?;
        }
        Some(Self(hash))
    }
}

impl fmt::Display for EvidenceHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02X}"))
    }
}

/// The 32 bytes.
impl Key for EvidenceHash {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend(self.0);
    }
    fn read(bytes: &mut &[u8]) -> Option<Self> {
        let (head, tail) = bytes.split_at_checked(32)?;
        *bytes = tail;
        head.try_into().ok().map(Self)
    }
}

/// Start height (8 bytes) ‖ missed commits (8).
impl Value for SigningInfo {
    fn encode(&self) -> Vec<u8> {
        [self.start_height.to_be_bytes(), self.missed.to_be_bytes()].concat()
    }
    fn decode(bytes: &[u8]) -> Option<Self> {
        let (start_height, missed) = bytes.split_at_checked(8)?;
        Some(Self { start_height: Value::decode(start_height)?, missed: Value::decode(missed)? })
    }
}

/// Since (8 bytes) ‖ length (8) ‖ 1 in the Initial Distribution Period, else 0.
impl Value for Windows {
    fn encode(&self) -> Vec<u8> {
        let mut bytes = [self.since.to_be_bytes(), self.length.to_be_bytes()].concat();
        bytes.push(u8::from(self.idp));
        bytes
    }
    fn decode(bytes: &[u8]) -> Option<Self> {
        let (since, rest) = bytes.split_at_checked(8)?;
        let (length, idp) = rest.split_at_checked(8)?;
        let idp = match idp {
            [0] => false,
            [1] => true,
            _ => return None,
        };
        Some(Self { since: Value::decode(since)?, length: Value::decode(length)?, idp })
    }
}

/// The 128 bytes.
impl Value for Chunk {
    fn encode(&self) -> Vec<u8> {
        self.0.to_vec()
    }
    fn decode(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
}
