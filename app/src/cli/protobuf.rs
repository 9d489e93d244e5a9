//! Protobuf messages as the JSON of Cosmos tools, and back.

use anyhow::{Context, Result};
use jmes_proto::prost_reflect::MessageDescriptor;
use jmes_proto::{json, Any};
use prost::{Message, Name};

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

fn descriptor(name: &str) -> Result<MessageDescriptor> {
    jmes_proto::pool().get_message_by_name(name).with_context(|| format!("this program does not know {name}"))
}
