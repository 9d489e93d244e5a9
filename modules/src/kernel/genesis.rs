//! Parts of genesis that have the shape of a protobuf message, read and written as its JSON.

use super::error::{codes, Error, Result};
use serde_json::Value;

/// Reads `genesis` as the JSON of message `M`; an error names the field that is wrong.
pub fn message_from_json<M: prost::Message + prost::Name + Default>(genesis: &Value) -> Result<M> {
    let refused =
        |why: String| Error::sdk(codes::INVALID_REQUEST, format!("genesis: {}: {why}", M::full_name()));
    let descriptor = jmes_proto::pool()
        .get_message_by_name(&M::full_name())
        .ok_or_else(|| refused("the message is not in the descriptor set".into()))?;
    let text = serde_json::to_vec(genesis).map_err(|error| refused(error.to_string()))?;
    let bytes =
        jmes_proto::json::from_json(&descriptor, &text).map_err(|error| refused(error.to_string()))?;
    M::decode(bytes.as_slice()).map_err(|error| refused(error.to_string()))
}

/// Writes message `M` as JSON.
pub fn message_to_json<M: prost::Message + prost::Name>(message: &M) -> Result<Value> {
    let failed = |why: String| Error::sdk(codes::LOGIC, format!("genesis: {}: {why}", M::full_name()));
    let descriptor = jmes_proto::pool()
        .get_message_by_name(&M::full_name())
        .ok_or_else(|| failed("the message is not in the descriptor set".into()))?;
    let mut text = Vec::new();
    jmes_proto::json::to_json(&descriptor, &message.encode_to_vec(), &mut text)
        .map_err(|error| failed(error.to_string()))?;
    serde_json::from_slice(&text).map_err(|error| failed(error.to_string()))
}
