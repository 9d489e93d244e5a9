//! Keys of accounts: mnemonics and what derives from them, signatures, and the keyring that holds keys between runs
//! (PROTOCOL.md §1, §4).
//!
//! Secrets live in [`SecretKey`], [`Mnemonic`] and [`Passphrase`], which erase their memory when dropped and never
//! print themselves.

mod armor;
mod hd;
mod keyring;
mod mnemonic;
mod os;
mod record;
mod seal;
mod secret;
mod store;
#[cfg(test)]
mod tests;

pub use armor::{read_armor, write_armor};
pub use hd::{HdPath, COIN_TYPE};
pub use keyring::{check_new_passphrase, Backend, Keyring, Passphrases};
pub use mnemonic::{Mnemonic, GENERATED_WORDS};
pub use record::{key_from_json, key_to_json, Kind, Record};
pub use secret::SecretKey;

/// A passphrase; erased from memory when dropped.
pub type Passphrase = zeroize::Zeroizing<String>;
