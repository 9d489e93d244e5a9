//! The verification library against `k256`: both must agree on every signature, save that only the lower s is valid.

use super::cases;
use crate::chain::Signatures;
use k256::ecdsa::signature::{Signer, Verifier};
use k256::ecdsa::{Signature, SigningKey, VerifyingKey};
use proptest::collection::vec;
use proptest::prelude::*;

fn key(seed: [u8; 32]) -> Option<(SigningKey, [u8; 33])> {
    let secret = SigningKey::from_slice(&seed).ok()?;
    let public = secret.verifying_key().to_encoded_point(true).as_bytes().try_into().unwrap();
    Some((secret, public))
}

/// What k256 says, with the rule of the lower s.
fn oracle(key: &[u8; 33], bytes: &[u8], signature: &[u8]) -> bool {
    let (Ok(key), Ok(signature)) = (VerifyingKey::from_sec1_bytes(key), Signature::from_slice(signature))
    else {
        return false;
    };
    signature.normalize_s().is_none() && key.verify(bytes, &signature).is_ok()
}

fn higher(signature: &[u8]) -> Vec<u8> {
    let (r, s) = Signature::from_slice(signature).unwrap().split_scalars();
    Signature::from_scalars(r, -s).unwrap().to_vec()
}

/// A change of one of the three inputs.
#[derive(Clone, Debug)]
enum Change {
    None,
    FlipSignature(usize),
    FlipKey(usize),
    FlipBytes(usize),
    Higher,
    Truncate(usize),
    Extend(u8),
    Replace(Vec<u8>),
    /// r or s becomes 0, 1, the order of the group, or the highest number.
    Edge {
        is_s: bool,
        which: usize,
    },
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        2 => Just(Change::None),
        2 => (0..512usize).prop_map(Change::FlipSignature),
        2 => (0..264usize).prop_map(Change::FlipKey),
        1 => any::<usize>().prop_map(Change::FlipBytes),
        2 => Just(Change::Higher),
        1 => (0..64usize).prop_map(Change::Truncate),
        1 => any::<u8>().prop_map(Change::Extend),
        1 => vec(any::<u8>(), 64).prop_map(Change::Replace),
        2 => (any::<bool>(), 0..5usize).prop_map(|(is_s, which)| Change::Edge { is_s, which }),
    ]
}

fn edges() -> [[u8; 32]; 5] {
    let order = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
    let half = "7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0";
    let number = |text: &str| <[u8; 32]>::try_from(hex::decode(text).unwrap()).unwrap();
    let mut one = [0; 32];
    one[31] = 1;
    [[0; 32], one, number(order), number(half), [0xff; 32]]
}

#[test]
fn the_library_agrees_with_another_on_every_signature() {
    let signatures = Signatures::default();
    proptest!(cases(2_000), |(seed in any::<[u8; 32]>(), mut bytes in vec(any::<u8>(), 0..80), change in change())| {
        let Some((secret, mut public)) = key(seed) else { return Ok(()) };
        let signed: Signature = secret.sign(&bytes);
        let mut signature = signed.to_vec();
        prop_assert!(oracle(&public, &bytes, &signature));
        match change.clone() {
            Change::None => prop_assert!(signatures.verify(&public, &bytes, &signature)),
            Change::FlipSignature(bit) => signature[bit / 8] ^= 1 << (bit % 8),
            Change::FlipKey(bit) => public[bit / 8] ^= 1 << (bit % 8),
            Change::FlipBytes(at) if bytes.is_empty() => bytes.push(at as u8),
            Change::FlipBytes(at) => {
                let at = at % bytes.len();
                bytes[at] ^= 0x10;
            }
            Change::Higher => {
                signature = higher(&signature);
                prop_assert!(!signatures.verify(&public, &bytes, &signature));
            }
            Change::Truncate(length) => signature.truncate(length),
            Change::Extend(byte) => signature.push(byte),
            Change::Replace(other) => signature = other,
            Change::Edge { is_s, which } => {
                let start = if is_s { 32 } else { 0 };
                signature[start..start + 32].copy_from_slice(&edges()[which]);
            }
        }
        for _ in 0..2 {
            prop_assert_eq!(signatures.verify(&public, &bytes, &signature), oracle(&public, &bytes, &signature));
        }
    });
}

#[test]
fn a_valid_signature_is_remembered_with_its_key_and_content_only() {
    let signatures = Signatures::default();
    let (secret, public) = key([1; 32]).unwrap();
    let (_, other) = key([2; 32]).unwrap();
    let signed: Signature = secret.sign(b"content");
    let signature = signed.to_vec();
    assert!(signatures.verify(&public, b"content", &signature));
    assert!(signatures.verify(&public, b"content", &signature), "the second time from memory");
    assert!(!signatures.verify(&other, b"content", &signature));
    assert!(!signatures.verify(&public, b"other", &signature));
    assert!(!signatures.verify(&public, b"content", &higher(&signature)));
}

#[test]
fn keys_that_are_no_points_verify_nothing() {
    let signatures = Signatures::default();
    let (secret, public) = key([1; 32]).unwrap();
    let signed: Signature = secret.sign(b"content");
    let mut off_curve = [0xff; 33];
    off_curve[0] = 2;
    let mut uncompressed = public;
    uncompressed[0] = 4;
    for wrong in [[0; 33], off_curve, uncompressed] {
        assert!(!signatures.verify(&wrong, b"content", &signed.to_vec()));
    }
}
