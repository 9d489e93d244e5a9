//! Encryption of secrets at rest: Argon2id makes a key of a passphrase, XChaCha20-Poly1305 seals with it.

use std::fmt;

use anyhow::{ensure, Context, Result};
use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

const SCHEME: &str = "argon2id+xchacha20poly1305";
const SALT: usize = 16;
const NONCE: usize = 24;
/// The most memory that a file may ask for, in KiB: a hostile file must not exhaust the machine.
const MEMORY_MAX: u32 = 1 << 20;
/// The most passes that a file may ask for.
const PASSES_MAX: u32 = 64;

/// What trying one passphrase costs, to us and to a thief.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Cost {
    /// Memory in KiB, 8 to 2^20.
    pub memory_kib: u32,
    /// Passes over that memory, 1 to 64.
    pub passes: u32,
}

impl Cost {
    /// About a fifth of a second on one core: more than password hashing guides ask for.
    pub const STANDARD: Self = Self { memory_kib: 64 * 1024, passes: 3 };
}

/// A sealed secret with all that opening it takes but the passphrase. Byte strings are in lower-case hex.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Sealed {
    scheme: String,
    #[serde(flatten)]
    cost: Cost,
    salt: String,
    nonce: String,
    ciphertext: String,
}

/// The passphrase is wrong, or the sealed bytes or what they belong to were altered: no one can tell which.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct WrongPassphrase;

impl fmt::Display for WrongPassphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("wrong passphrase")
    }
}

impl std::error::Error for WrongPassphrase {}

impl Sealed {
    /// Seals `secret`; opening it takes the same `context`, which is not kept here.
    pub fn seal(secret: &[u8], passphrase: &str, context: &[u8], cost: Cost) -> Result<Self> {
        let (mut salt, mut nonce) = ([0; SALT], [0; NONCE]);
        for random in [&mut salt[..], &mut nonce[..]] {
            getrandom::getrandom(random).context("the system gives no random numbers")?;
        }
        let ciphertext = cipher(passphrase, &salt, cost)?
            .encrypt(XNonce::from_slice(&nonce), Payload { msg: secret, aad: context })
            .ok()
            .context("the secret is too long to be encrypted")?;
        Ok(Self {
            scheme: SCHEME.into(),
            cost,
            salt: hex::encode(salt),
            nonce: hex::encode(nonce),
            ciphertext: hex::encode(ciphertext),
        })
    }

    /// Opens it; the error is [`WrongPassphrase`] where the passphrase may be at fault.
    pub fn open(&self, passphrase: &str, context: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        ensure!(self.scheme == SCHEME, "the key is encrypted with \"{}\", which is not known", self.scheme);
        let Cost { memory_kib, passes } = self.cost;
        ensure!(
            memory_kib <= MEMORY_MAX && passes <= PASSES_MAX,
            "the key asks for {memory_kib} KiB and {passes} passes to be opened: it is damaged"
        );
        let damaged = "the encrypted key is damaged";
        let salt: [u8; SALT] =
            hex::decode(&self.salt).ok().and_then(|v| v.try_into().ok()).context(damaged)?;
        let nonce: [u8; NONCE] =
            hex::decode(&self.nonce).ok().and_then(|v| v.try_into().ok()).context(damaged)?;
        let ciphertext = hex::decode(&self.ciphertext).context(damaged)?;
        let opened = cipher(passphrase, &salt, self.cost)?
            .decrypt(XNonce::from_slice(&nonce), Payload { msg: &ciphertext, aad: context });
        Ok(Zeroizing::new(opened.map_err(|_| WrongPassphrase)?))
    }
}

fn cipher(passphrase: &str, salt: &[u8], cost: Cost) -> Result<XChaCha20Poly1305> {
    let bad_cost = "the cost of the key's encryption is out of range";
    let params = Params::new(cost.memory_kib, cost.passes, 1, Some(32)).ok().context(bad_cost)?;
    let mut key = Zeroizing::new([0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.as_bytes(), salt, key.as_mut())
        .ok()
        .context(bad_cost)?;
    Ok(XChaCha20Poly1305::new(Key::from_slice(key.as_ref())))
}
