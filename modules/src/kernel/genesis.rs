//! Parts of genesis that have the shape of a protobuf message, read and written as its JSON.

use super::error::{codes, Error, Result};
use serde_json::Value;

/// Entries of a list that are read at a time: a genesis may list millions of accounts.
const CHUNK: usize = 1_000;

/// Reads `genesis` as the JSON of message `M`; an error names the field that is wrong.
pub fn message_from_json<M: prost::Message + prost::Name + Default>(genesis: &Value) -> Result<M> {
    let refused =
        |why: String| Error::sdk(codes::INVALID_REQUEST, format!("genesis: {}: {why}", M::full_name()));
    let descriptor = jmes_proto::pool()
        .get_message_by_name(&M::full_name())
        .ok_or_else(|| refused("the message is not in the descriptor set".into()))?;
    let mut message = M::default();
    let mut merge = |part: &Value| {
        let text = serde_json::to_vec(part).map_err(|error| refused(error.to_string()))?;
        let bytes = jmes_proto::json::genesis_from_json(&descriptor, &text)
            .map_err(|error| refused(error.to_string()))?;
        message.merge(bytes.as_slice()).map_err(|error| refused(error.to_string()))
    };
    let Some(fields) = genesis.as_object() else { return Err(refused("expected an object".into())) };
    let mut rest = serde_json::Map::new();
    for (name, value) in fields {
        match value.as_array() {
            Some(list) if list.len() > CHUNK => {
                list.chunks(CHUNK).try_for_each(|part| merge(&serde_json::json!({ name: part })))?;
            }
            _ => drop(rest.insert(name.clone(), value.clone())),
        }
    }
    merge(&Value::Object(rest))?;
    Ok(message)
}

/// Writes message `M` as JSON.
pub fn message_to_json<M: prost::Message + prost::Name>(message: &M) -> Result<Value> {
    let failed = |why: String| Error::sdk(codes::LOGIC, format!("genesis: {}: {why}", M::full_name()));
    let descriptor = jmes_proto::pool()
        .get_message_by_name(&M::full_name())
        .ok_or_else(|| failed("the message is not in the descriptor set".into()))?;
    let mut text = Vec::new();
    jmes_proto::json::genesis_to_json(&descriptor, &message.encode_to_vec(), &mut text)
        .map_err(|error| failed(error.to_string()))?;
    serde_json::from_slice(&text).map_err(|error| failed(error.to_string()))
}
