//! What a keyring says of a key without its secret.

use std::fmt;

use anyhow::{bail, Context, Result};
use jmes_modules::auth::PublicKey;
use jmes_modules::kernel::Address;
use jmes_proto::Any;
use prost::Message;
use serde::{Deserialize, Serialize};
use serde_json::Value;

const ANY: &str = "google.protobuf.Any";
const NAME_MAX: usize = 64;

/// What a keyring can do with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// It has the secret key and signs.
    Local,
    /// It knows the members of a k-of-n key, whose signatures are put together.
    Multi,
    /// It knows the public key alone.
    Offline,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Local => "local",
            Self::Multi => "multi",
            Self::Offline => "offline",
        })
    }
}

/// A key in a keyring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The name that its owner gave it.
    pub name: String,
    /// What the keyring can do with it.
    pub kind: Kind,
    /// The public key.
    pub public_key: PublicKey,
}

impl Record {
    /// The account's address.
    pub fn address(&self) -> Address {
        self.public_key.address()
    }
}

/// Checks that `name` can be a key's name: 1 to 64 letters, digits, `-`, `_` or `.`, the first a letter or digit, and
/// not an address, so that the two can't be confused.
pub(super) fn check_name(name: &str) -> Result<()> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let first = name.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
    if !first || !name.bytes().all(allowed) || name.len() > NAME_MAX {
        let shown: String = name.chars().take(NAME_MAX).collect();
        bail!(
            "\"{shown}\" cannot be a key's name: use 1 to {NAME_MAX} letters, digits, '-', '_' or '.', \
             beginning with a letter or digit"
        );
    }
    if Address::parse(name).is_ok() {
        bail!("\"{name}\" is an address and cannot be a key's name: choose another");
    }
    Ok(())
}

/// The JSON of a public key as Cosmos tools write it:
/// `{"@type":"/cosmos.crypto.secp256k1.PubKey","key":"…"}`.
pub fn key_to_json(key: &PublicKey) -> Value {
    let descriptor = jmes_proto::pool().get_message_by_name(ANY).expect("the descriptor set has Any");
    let mut text = Vec::new();
    jmes_proto::json::to_json(&descriptor, &key.to_any().encode_to_vec(), &mut text)
        .expect("public keys are in the descriptor set");
    serde_json::from_slice(&text).expect("the encoder writes JSON")
}

/// Reads the JSON of a public key, secp256k1 or multisig.
///
/// # Errors
/// It is not JSON, not a public key, or of a type that accounts can't have.
pub fn key_from_json(text: &str) -> Result<PublicKey> {
    let shape = || {
        "a public key is written as {\"@type\":\"/cosmos.crypto.secp256k1.PubKey\",\"key\":\"<base64>\"}"
            .to_owned()
    };
    let descriptor = jmes_proto::pool().get_message_by_name(ANY).expect("the descriptor set has Any");
    let bytes = jmes_proto::json::from_json(&descriptor, text.as_bytes()).with_context(shape)?;
    let any = Any::decode(bytes.as_slice()).with_context(shape)?;
    let key = PublicKey::from_any(&any).with_context(shape)?;
    if let PublicKey::Secp256k1(bytes) = &key {
        secp256k1::PublicKey::from_slice(bytes).ok().context("the public key is not a point on secp256k1")?;
    }
    Ok(key)
}
