//! Protobuf messages as the JSON of Cosmos tools, and back.

use anyhow::{ensure, Context, Result};
use base64::prelude::{Engine as _, BASE64_STANDARD};
use cosmos_sdk_proto::cosmos::crypto::ed25519;
use jmes_proto::prost_reflect::MessageDescriptor;
use jmes_proto::{json, Any};
use prost::{Message, Name};

/// The type of a consensus key.
const CONSENSUS_KEY: &str = "/cosmos.crypto.ed25519.PubKey";

/// A message as JSON on one line.
///
/// # Errors
/// A type inside an `Any` is unknown, or a time is out of range.
pub fn to_json<M: Message + Name>(message: &M) -> Result<String> {
    bytes_to_json(&M::full_name(), &message.encode_to_vec())
}

/// The bytes of a message of type `name` as JSON on one line.
///
/// # Errors
/// They are not such a message, or as [`to_json`].
pub fn bytes_to_json(name: &str, bytes: &[u8]) -> Result<String> {
    let mut text = Vec::new();
    json::to_json(&descriptor(name)?, bytes, &mut text).with_context(|| format!("cannot show {name}"))?;
    String::from_utf8(text).context("JSON is UTF-8")
}

/// The bytes of a message of type `name` that is given as JSON.
///
/// # Errors
/// The text does not fit the type; the message says where.
pub fn bytes_from_json(name: &str, text: &str) -> Result<Vec<u8>> {
    json::from_json(&descriptor(name)?, text.as_bytes()).with_context(|| format!("this is not a {name}"))
}

/// A message inside an `Any`.
pub fn to_any<M: Message + Name>(message: &M) -> Any {
    Any { type_url: format!("/{}", M::full_name()), value: message.encode_to_vec() }
}

/// Reads a consensus key as `jmesd comet show-validator` shows it: JSON with `@type` and the 32 bytes of the key in base64.
///
/// # Errors
/// It is not one, or of another kind than ed25519.
pub fn parse_consensus_key(text: &str) -> Result<[u8; 32]> {
    let malformed =
        || format!("\"{text}\" is not a consensus key: take what `jmesd comet show-validator` shows");
    let value: serde_json::Value = serde_json::from_str(text).with_context(malformed)?;
    let kind = value["@type"].as_str().with_context(malformed)?;
    ensure!(
        kind == CONSENSUS_KEY,
        "a consensus key of type {kind} can't be used: it must be {CONSENSUS_KEY}"
    );
    let key = value["key"].as_str().and_then(|key| BASE64_STANDARD.decode(key).ok());
    key.and_then(|key| key.try_into().ok()).with_context(malformed)
}

/// A consensus key as messages carry it.
pub fn consensus_key(key: &[u8; 32]) -> Any {
    to_any(&ed25519::PubKey { key: key.to_vec() })
}

fn descriptor(name: &str) -> Result<MessageDescriptor> {
    jmes_proto::pool().get_message_by_name(name).with_context(|| format!("this program does not know {name}"))
}
