//! Which library verifies secp256k1 signatures fastest: libsecp256k1 (C), which the node uses, or k256 (Rust),
//! the oracle of the tests. Prints verifications a second on one core.

use jmesd::chain::Signatures;
use k256::ecdsa::signature::hazmat::PrehashVerifier;
use sha2::{Digest, Sha256};
use std::time::Instant;

const COUNT: u32 = 20_000;

fn main() {
    let secret = jmesd::keys::SecretKey::from_bytes(&[7; 32]).expect("a valid key");
    let key = secret.public_key();
    let messages: Vec<Vec<u8>> = (0..COUNT).map(|n| n.to_be_bytes().repeat(75)).collect();
    let signed: Vec<(Vec<u8>, [u8; 64])> =
        messages.into_iter().map(|m| (m.clone(), secret.sign(&m))).collect();

    let signatures = Signatures::default();
    rate("libsecp256k1, not yet known", || signed.iter().all(|(m, s)| signatures.verify(&key, m, s)));
    rate("libsecp256k1, remembered", || signed.iter().all(|(m, s)| signatures.verify(&key, m, s)));
    let oracle = k256::ecdsa::VerifyingKey::from_sec1_bytes(&key).expect("a valid key");
    rate("k256", || {
        signed.iter().all(|(message, signature)| {
            let signature = k256::ecdsa::Signature::from_slice(signature).expect("64 bytes");
            oracle.verify_prehash(&Sha256::digest(message), &signature).is_ok()
        })
    });
}

fn rate(name: &str, verify: impl FnOnce() -> bool) {
    let start = Instant::now();
    assert!(verify(), "{name} refused a valid signature");
    println!("{name}: {:.0} /s", f64::from(COUNT) / start.elapsed().as_secs_f64());
}
