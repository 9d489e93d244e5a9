//! Tests of the draw's arithmetic.

use crate::seats::draw::{index, latest, push};
use sha2::{Digest, Sha256};

#[test]
fn the_index_is_the_hash_of_bits_height_and_number_modulo_the_candidates() {
    let (bits, height, number) = (0x8000_0000_0000_0001, 1_234_567, 3);
    let mut bytes = vec![0x80, 0, 0, 0, 0, 0, 0, 1];
    bytes.extend([0, 0, 0, 0, 0, 0x12, 0xd6, 0x87]);
    bytes.extend([0, 0, 0, 3]);
    let hash = Sha256::digest(bytes);
    for candidates in [1, 2, 7, 255, 10_000, u64::MAX] {
        let rest =
            hash.iter().fold(0_u128, |rest, byte| (rest * 256 + u128::from(*byte)) % u128::from(candidates));
        assert_eq!(index(bits, height, number, candidates), Some(rest as u64), "of {candidates}");
    }
    assert_eq!(index(bits, height, number, 0), None);
}

#[test]
fn every_input_changes_the_index() {
    let of = |bits, height, number| index(bits, height, number, u64::MAX);
    let all = [of(0, 1, 0), of(1, 1, 0), of(0, 2, 0), of(0, 1, 1)];
    for (place, one) in all.iter().enumerate() {
        assert!(!all[place + 1..].contains(one));
    }
}

#[test]
fn the_first_block_is_in_the_most_significant_bit() {
    let hash = |bit: u8| {
        let mut hash = [0xfe; 32];
        hash[31] |= bit;
        hash
    };
    let mut bits = u64::MAX;
    for place in 0..64 {
        bits = push(bits, &hash(u8::from(place == 0 || place == 63)));
    }
    assert_eq!(latest(bits, 64), 1 << 63 | 1, "64 blocks fill the 8 bytes; what was before is gone");
    assert_eq!(latest(0b101_1001, 7), 0b101_1001 << 57, "fewer blocks stand at the upper end");
    assert_eq!(latest(u64::MAX, 1), 1 << 63);
}
