//! Secret keys and their signatures: ECDSA over secp256k1, in the form that the chain accepts (§4).

use std::fmt;

use anyhow::{Context, Result};
use bip32::XPrv;
use jmes_modules::auth::Secp256k1Key;
use secp256k1::{ecdsa, Message};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::{HdPath, Mnemonic};

/// A secp256k1 secret key; erased from memory when dropped.
#[derive(Clone)]
pub struct SecretKey(Zeroizing<[u8; 32]>);

impl SecretKey {
    /// Takes the 32 bytes of a key.
    ///
    /// # Errors
    /// There are not 32 bytes, or they are not a number from 1 to the curve's order less 1.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let length = bytes.len();
        let bytes: [u8; 32] =
            bytes.try_into().ok().with_context(|| format!("a secret key has 32 bytes, got {length}"))?;
        let key = Self(Zeroizing::new(bytes));
        let valid = secp256k1::SecretKey::from_secret_bytes(*key.0).map(|mut inner| inner.non_secure_erase());
        valid
            .ok()
            .context("these 32 bytes are not a secp256k1 secret key: the number is zero or too large")?;
        Ok(key)
    }

    /// Derives the key at `path` from a mnemonic, without a BIP-39 passphrase.
    ///
    /// # Errors
    /// The path leads to no valid key, which happens once in 2^127 paths.
    pub fn derive(mnemonic: &Mnemonic, path: &HdPath) -> Result<Self> {
        let extended = XPrv::derive_from_path(mnemonic.seed().as_slice(), path.derivation())
            .ok()
            .with_context(|| format!("no key can be derived at {path}: choose another path"))?;
        let bytes = Zeroizing::new(<[u8; 32]>::from(extended.private_key().to_bytes()));
        Self::from_bytes(bytes.as_ref())
    }

    /// The public key, compressed.
    pub fn public_key(&self) -> Secp256k1Key {
        self.with_inner(|key| key.public_key().serialize())
    }

    /// Signs `message`: ECDSA over its SHA-256 with a deterministic nonce (RFC 6979), r ‖ s with the lower s.
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        let digest = Message::from_digest(Sha256::digest(message).into());
        self.with_inner(|key| {
            let mut signature = ecdsa::sign(digest, key);
            signature.normalize_s();
            signature.serialize_compact()
        })
    }

    /// The key's bytes.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    fn with_inner<T>(&self, act: impl FnOnce(&secp256k1::SecretKey) -> T) -> T {
        let mut inner = secp256k1::SecretKey::from_secret_bytes(*self.0).expect("checked when it was made");
        let result = act(&inner);
        inner.non_secure_erase();
        result
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(secret)")
    }
}
