//! The engine's parameters as JSON, and their hard bounds (§1), which are also within what the engine itself accepts.

use super::Consensus;
use crate::kernel::{codes, message_from_json, message_to_json, Error, Result, View};
use crate::{staking, upgrade};
use jmes_proto::cosmos::consensus::v1::QueryParamsResponse;
use serde_json::{json, Value};
use tendermint_proto::google::protobuf::Duration;
use tendermint_proto::v0_38::types::{BlockParams, ConsensusParams, EvidenceParams};

/// The least gas of a block, unless genesis has less: what the largest governance transaction needs at the highest prices.
const MIN_GAS: i64 = 100_000_000;
/// The most gas of a block: ten times the mainnet's.
const MAX_GAS: i64 = 10_000_000_000;
/// The smallest block in bytes, unless genesis has a smaller one.
const MIN_BYTES: i64 = 2_097_152;
/// The largest block in bytes: 21 MiB are what the engine can gossip in a few seconds.
const MAX_BYTES: i64 = 22_020_096;
/// The smallest room for evidence in a block in bytes, unless genesis has less.
const MIN_EVIDENCE_BYTES: i64 = 1_048_576;
/// The longest age of evidence, in blocks: a year of them at 1 s.
const MAX_EVIDENCE_BLOCKS: i64 = 31_536_000;
/// The longest age of evidence: 365 days in nanoseconds.
const MAX_EVIDENCE_AGE: u64 = 31_536_000_000_000_000;

/// The type of the parameters does not know its own name; the answer that holds them does.
pub(super) fn to_json(params: ConsensusParams) -> Result<Value> {
    let mut answer = message_to_json(&QueryParamsResponse { params: Some(params) })?;
    Ok(answer.get_mut("params").map(Value::take).unwrap_or_default())
}

pub(super) fn from_json(params: &Value) -> Result<ConsensusParams> {
    let answer: QueryParamsResponse = message_from_json(&json!({ "params": params }))?;
    Ok(answer.params.unwrap_or_default())
}

/// Checks what an improvement sets; the error names the parameter. `sdk/18`.
pub(super) fn check(view: &View, params: &ConsensusParams) -> Result<()> {
    if let Some(block) = params.block {
        check_block(view, &block)?;
    }
    let Some(evidence) = &params.evidence else { return Ok(()) };
    let room = params.block.map_or(MAX_BYTES, |block| block.max_bytes);
    check_evidence(view, evidence, room)
}

fn check_block(view: &View, block: &BlockParams) -> Result<()> {
    let unlimited = |field: &str| Ok::<_, Error>(at_genesis(view, field)? == Some(-1));
    if !(block.max_bytes == -1 && unlimited("block.max_bytes")?) {
        let least = floor(view, "block.max_bytes", MIN_BYTES)?;
        check_range("block.max_bytes", block.max_bytes, least, MAX_BYTES)?;
    }
    if block.max_gas == -1 && unlimited("block.max_gas")? {
        return Ok(());
    }
    check_range("block.max_gas", block.max_gas, floor(view, "block.max_gas", MIN_GAS)?, MAX_GAS)
}

/// `room` is what a block has in bytes.
fn check_evidence(view: &View, evidence: &EvidenceParams, room: i64) -> Result<()> {
    let room = if room == -1 { MAX_BYTES } else { room };
    let least = floor(view, "evidence.max_bytes", MIN_EVIDENCE_BYTES)?;
    check_range("evidence.max_bytes", evidence.max_bytes, least, room)?;
    let blocks = evidence.max_age_num_blocks;
    check_range("evidence.max_age_num_blocks", blocks, 1, MAX_EVIDENCE_BLOCKS)?;
    let age = evidence.max_age_duration.as_ref().map_or(0, nanoseconds);
    let least = staking::unbonding_time(view)?;
    if (least..=MAX_EVIDENCE_AGE).contains(&age) {
        return Ok(());
    }
    Err(invalid(format!(
        "evidence.max_age_duration is {age} ns; it must be from staking's unbonding_time, {least} ns, to {MAX_EVIDENCE_AGE} ns"
    )))
}

/// The least value that can be set: `least`, or genesis' value when that is less.
fn floor(view: &View, field: &str, least: i64) -> Result<i64> {
    Ok(at_genesis(view, field)?.map_or(least, |value| value.max(0).min(least)))
}

fn at_genesis(view: &View, field: &str) -> Result<Option<i64>> {
    let value = upgrade::at_genesis(view, &Consensus, field)?;
    Ok(value.and_then(|value| i64::try_from(value).ok()))
}

fn check_range(name: &str, value: i64, least: i64, most: i64) -> Result<()> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    Err(invalid(format!("{name} is {value}; it must be from {least} to {most}")))
}

/// A duration in nanoseconds; 0 for one that is negative.
pub(super) fn nanoseconds(duration: &Duration) -> u64 {
    let (Ok(seconds), Ok(nanos)) = (u64::try_from(duration.seconds), u64::try_from(duration.nanos)) else {
        return 0;
    };
    seconds.saturating_mul(1_000_000_000).saturating_add(nanos)
}

fn invalid(why: String) -> Error {
    Error::sdk(codes::INVALID_REQUEST, format!("consensus: {why}"))
}
