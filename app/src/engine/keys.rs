//! The engine's key files, read without running the engine: the node's id on the peer network and the validator's
//! public key and address.

use std::fs;
use std::path::Path;

use anyhow::{bail, Context, Result};
use base64::prelude::{Engine as _, BASE64_STANDARD};
use ed25519_consensus::SigningKey;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// Length of an ed25519 public key in bytes.
const PUBLIC_KEY: usize = 32;
/// Length of an address and of a node id in bytes: the head of the public key's SHA-256.
const ADDRESS: usize = 20;

/// A validator's consensus public key as the engine's JSON files and genesis write it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, serde::Serialize)]
pub struct PublicKey {
    /// The engine's name of the key's kind; always `tendermint/PubKeyEd25519`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The 32 bytes of the key in base64.
    pub value: String,
}

#[derive(Deserialize)]
struct TypedKey {
    value: String,
}

#[derive(Deserialize)]
struct NodeKey {
    priv_key: TypedKey,
}

#[derive(Deserialize)]
struct ValidatorKey {
    pub_key: PublicKey,
}

#[derive(Deserialize)]
struct ValidatorSecret {
    priv_key: TypedKey,
}

/// The id by which peers address this node (`id@host:port`): 40 lower-case hex digits.
///
/// # Errors
/// `config/node_key.json` is missing or malformed.
pub fn node_id(home: &Path) -> Result<String> {
    let path = home.join("config/node_key.json");
    let key: NodeKey = read_json(&path)?;
    let pair = decode(&key.priv_key.value, 2 * PUBLIC_KEY, &path)?;
    // An ed25519 key pair is stored as the seed followed by the public key.
    let (_, public) = pair.split_at(PUBLIC_KEY);
    Ok(hex::encode(address_of(public)))
}

/// The validator's consensus public key.
///
/// # Errors
/// `config/priv_validator_key.json` is missing or malformed, or the key is not ed25519.
pub fn validator_pubkey(home: &Path) -> Result<PublicKey> {
    let path = home.join("config/priv_validator_key.json");
    let key: ValidatorKey = read_json(&path)?;
    if key.pub_key.kind != "tendermint/PubKeyEd25519" {
        bail!("{} holds a key of type {}; only ed25519 is supported", path.display(), key.pub_key.kind);
    }
    decode(&key.pub_key.value, PUBLIC_KEY, &path)?;
    Ok(key.pub_key)
}

/// The validator's consensus address: 20 bytes, as block headers and evidence name it.
///
/// # Errors
/// As [`validator_pubkey`].
pub fn validator_address(home: &Path) -> Result<[u8; ADDRESS]> {
    let path = home.join("config/priv_validator_key.json");
    let key = validator_pubkey(home)?;
    Ok(address_of(&decode(&key.value, PUBLIC_KEY, &path)?))
}

/// The validator's consensus key pair, from a file as the engine writes it.
///
/// # Errors
/// The file is missing or malformed, its two halves do not belong together, or the key is not ed25519.
pub fn validator_signing_key(path: &Path) -> Result<SigningKey> {
    let key: ValidatorSecret = read_json(path)?;
    let pair = Zeroizing::new(decode(&key.priv_key.value, 2 * PUBLIC_KEY, path)?);
    // An ed25519 key pair is stored as the seed followed by the public key.
    let (seed, public) = pair.split_at(PUBLIC_KEY);
    let secret = SigningKey::try_from(seed).ok();
    let secret = secret.filter(|secret| secret.verification_key().as_bytes() == public);
    secret.with_context(|| format!("{} holds a key pair whose halves do not belong together", path.display()))
}

fn address_of(public_key: &[u8]) -> [u8; ADDRESS] {
    let digest = Sha256::digest(public_key);
    std::array::from_fn(|i| digest[i])
}

fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T> {
    let text = fs::read(path)
        .with_context(|| format!("cannot read {} (has `jmesd init` been run?)", path.display()))?;
    serde_json::from_slice(&text).with_context(|| format!("{} is not a valid key file", path.display()))
}

fn decode(base64: &str, length: usize, path: &Path) -> Result<Vec<u8>> {
    let bytes = BASE64_STANDARD
        .decode(base64)
        .with_context(|| format!("{} holds a key that is not base64", path.display()))?;
    if bytes.len() != length {
        bail!("{} holds a key of {} bytes instead of {length}", path.display(), bytes.len());
    }
    Ok(bytes)
}
