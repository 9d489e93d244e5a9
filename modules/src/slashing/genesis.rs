//! Genesis: `app_state.slashing`. The parameters are the JSON of `cosmos.slashing.v1beta1.Params`; a chain that has run adds
//! its windows, who missed which places of them, and the evidence it acted upon.

use super::types::{EvidenceHash, SigningInfo, Windows};
use super::{default_params, params, state, validate_params, window, MAX_WINDOW};
use crate::kernel::{codes, message_from_json, message_to_json, ConsensusAddress, Ctx, Error, Result, View};
use cosmos_sdk_proto::cosmos::evidence::v1beta1::Equivocation;
use serde_json::{json, Map, Value};
use std::collections::BTreeSet;

const FIELDS: [&str; 4] = ["params", "windows", "signing_infos", "evidence"];

pub(super) fn import(ctx: &mut Ctx, genesis: &Value) -> Result<()> {
    let none = Map::new();
    let fields = match genesis {
        Value::Null => &none,
        Value::Object(fields) => fields,
        _ => return Err(invalid("expected an object".into())),
    };
    if let Some(unknown) = fields.keys().find(|name| !FIELDS.contains(&name.as_str())) {
        return Err(invalid(format!("unknown field \"{unknown}\"")));
    }
    let params = fields.get("params").map_or_else(|| Ok(default_params()), message_from_json)?;
    validate_params(&params).map_err(|error| error.context("genesis: slashing: params"))?;
    state::PARAMS.save(ctx, &params)?;
    if let Some(windows) = fields.get("windows").filter(|windows| !windows.is_null()) {
        state::WINDOWS.save(ctx, &read_windows(windows)?)?;
    }
    let mut listed = BTreeSet::new();
    for entry in list(fields, "signing_infos")? {
        let address = import_signing_info(ctx, entry)?;
        if !listed.insert(address) {
            return Err(invalid(format!("signing_infos: {address} is listed twice")));
        }
    }
    list(fields, "evidence")?.iter().try_for_each(|entry| import_evidence(ctx, entry))
}

pub(super) fn export(view: &View) -> Result<Value> {
    let windows = state::WINDOWS.load(view)?.map(|windows| {
        let Windows { since, length, idp } = windows;
        json!({"since": since.to_string(), "length": length.to_string(), "idp": idp})
    });
    let mut signing_infos = Vec::new();
    for (address, info) in state::SIGNING_INFOS.scan(view, &[], None, false, usize::MAX)? {
        let missed: Vec<String> =
            window::missed_places(view, &address)?.iter().map(ToString::to_string).collect();
        signing_infos.push(json!({
            "address": address.to_string(),
            "start_height": info.start_height.to_string(),
            "missed": missed,
        }));
    }
    let evidence = state::EVIDENCE.scan(view, &[], None, false, usize::MAX)?;
    let evidence =
        evidence.iter().map(|(_, evidence)| message_to_json(evidence)).collect::<Result<Vec<_>>>()?;
    Ok(json!({
        "params": message_to_json(&params(view)?)?,
        "windows": windows,
        "signing_infos": signing_infos,
        "evidence": evidence,
    }))
}

fn read_windows(entry: &Value) -> Result<Windows> {
    let length = number(entry, "windows", "length")?;
    if !(1..=MAX_WINDOW).contains(&length) {
        return Err(invalid(format!("windows: length is {length}, expected 1 to {MAX_WINDOW}")));
    }
    let idp = entry.get("idp").and_then(Value::as_bool);
    let idp = idp.ok_or_else(|| invalid("windows: idp is not true or false".into()))?;
    Ok(Windows { since: number(entry, "windows", "since")?, length, idp })
}

/// Gives whose entry it is.
fn import_signing_info(ctx: &mut Ctx, entry: &Value) -> Result<ConsensusAddress> {
    let text = entry.get("address").and_then(Value::as_str);
    let text = text.ok_or_else(|| invalid("signing_infos: an entry has no address".into()))?;
    let address =
        ConsensusAddress::parse(text).map_err(|error| error.context("genesis: slashing: signing_infos"))?;
    let mut missed = 0_u64;
    for place in list_of(entry, "missed")? {
        let place = parse(place, &format!("signing_infos: {address}: missed"))?;
        if place >= MAX_WINDOW {
            return Err(invalid(format!("signing_infos: {address}: missed has {place}, beyond any window")));
        }
        if window::put(ctx, &address, place, true)? {
            return Err(invalid(format!(
                "signing_infos: {address} is listed twice, or missed {place} twice"
            )));
        }
        missed = missed.saturating_add(1);
    }
    let start_height = number(entry, &format!("signing_infos: {address}"), "start_height")?;
    state::SIGNING_INFOS.save(ctx, &address, &SigningInfo { start_height, missed })?;
    Ok(address)
}

fn import_evidence(ctx: &mut Ctx, entry: &Value) -> Result<()> {
    let evidence: Equivocation = message_from_json(entry)?;
    ConsensusAddress::parse(&evidence.consensus_address)
        .map_err(|error| error.context("genesis: slashing: evidence"))?;
    let hash = EvidenceHash::of(&evidence);
    if state::EVIDENCE.has(ctx, &hash)? {
        return Err(invalid(format!("evidence {hash} is listed twice")));
    }
    state::EVIDENCE.save(ctx, &hash, &evidence)
}

fn list<'a>(fields: &'a Map<String, Value>, name: &str) -> Result<&'a [Value]> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(&[]),
        Some(Value::Array(entries)) => Ok(entries),
        Some(_) => Err(invalid(format!("{name}: expected a list"))),
    }
}

fn list_of<'a>(entry: &'a Value, name: &str) -> Result<&'a [Value]> {
    entry.as_object().map_or(Ok(&[]), |fields| list(fields, name))
}

fn number(entry: &Value, place: &str, name: &str) -> Result<u64> {
    let value = entry.get(name).ok_or_else(|| invalid(format!("{place}: {name} is missing")))?;
    parse(value, &format!("{place}: {name}"))
}

fn parse(value: &Value, place: &str) -> Result<u64> {
    let number = value.as_str().and_then(|text| text.parse().ok());
    number.ok_or_else(|| invalid(format!("{place}: expected a whole number in a text, got {value}")))
}

fn invalid(why: String) -> Error {
    Error::sdk(codes::INVALID_REQUEST, format!("genesis: slashing: {why}"))
}
