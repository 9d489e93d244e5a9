//! Tests of keys: published vectors, what is refused, and that keyrings keep secrets secret.

mod keyring;
mod secrets;

use super::{Mnemonic, SecretKey};

/// Published with the standard of mnemonics.
const ABANDON: &str =
    "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";
/// Published with CosmJS.
const SPECIAL: &str = "special sign fit simple patrol salute grocery chicken wheat radar tonight ceiling";
/// Published with CosmJS.
const ECONOMY: &str =
    "economy stock theory fatal elder harbor betray wasp final emotion task crumble siren bottom \
                       lizard educate guess current outdoor pair theory focus wife stone";

fn secret(mnemonic: &str, path: &str) -> SecretKey {
    SecretKey::derive(&Mnemonic::parse(mnemonic).unwrap(), &path.parse().unwrap()).unwrap()
}
