//! The draw for a vacated seat, as arithmetic (§6).

use crate::kernel::U256;
use sha2::{Digest, Sha256};

/// Which of `candidates` draw number `draw` for the seats vacated at `height` picks, in the order of waiting from 0: SHA-256
/// of `bits` (8 bytes big-endian) ‖ `height` (8 bytes) ‖ `draw` (4 bytes), as a big-endian number, modulo their number.
/// `None` when there are no candidates.
pub fn index(bits: u64, height: u64, draw: u32, candidates: u64) -> Option<u64> {
    let mut hash = Sha256::new();
    hash.update(bits.to_be_bytes());
    hash.update(height.to_be_bytes());
    hash.update(draw.to_be_bytes());
    let number = U256::from_big_endian(&hash.finalize());
    u64::try_from(number.checked_rem(U256::from(candidates))?).ok()
}

/// The register after one more block: the lowest bit of its app hash comes in as the lowest bit.
pub const fn push(bits: u64, app_hash: &[u8; 32]) -> u64 {
    let [.., last] = *app_hash;
    bits.wrapping_shl(1) | (last & 1) as u64
}

/// The latest `blocks` bits of the register, 1 to 64, the oldest in the most significant bit of 8 bytes.
pub const fn latest(bits: u64, blocks: u32) -> u64 {
    bits.wrapping_shl(64_u32.saturating_sub(blocks))
}
