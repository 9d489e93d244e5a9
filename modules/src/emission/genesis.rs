//! Genesis of emission: `app_state.emission.params`, each field with the mainnet's value when it is not there, and
//! `app_state.emission.clock`, which only the export of a running chain has.

use super::params::{default_params, Settings};
use super::{clock, params, state, Clock};
use crate::consensus;
use crate::kernel::{codes, message_from_json, message_to_json, Ctx, Error, Result, View};
use serde_json::{json, Value};

pub(super) fn import(ctx: &mut Ctx, genesis: &Value) -> Result<()> {
    let nothing = serde_json::Map::new();
    let fields = match genesis {
        Value::Null => &nothing,
        Value::Object(fields) => fields,
        _ => return Err(invalid("expected an object".into())),
    };
    if let Some(other) = fields.keys().find(|name| !["params", "clock"].contains(&name.as_str())) {
        return Err(invalid(format!("{other}: no such field; there are params and clock")));
    }
    let params = message_from_json(&with_defaults(fields.get("params"))?)?;
    let settings = Settings::new(&params)?;
    settings.check_end()?;
    state::PARAMS.save(ctx, &params)?;
    let clock = match fields.get("clock") {
        None => Clock::new(&settings)?,
        Some(given) => read_clock(&settings, given)?,
    };
    let first = consensus::origin(ctx)?.map(|origin| origin.initial_height);
    if let Some(first) = first.filter(|first| clock.height >= *first) {
        let height = clock.height;
        let why = format!(
            "clock.height: the state is of height {height}, so initial_height {first} must be above it"
        );
        return Err(invalid(why));
    }
    state::CLOCK.save(ctx, &clock)
}

pub(super) fn export(view: &View) -> Result<Value> {
    let params = message_to_json(&params(view)?)?;
    let Clock { n, height, time, credit, paced, .. } = clock(view)?;
    if height == 0 {
        return Ok(json!({ "params": params }));
    }
    let text = |number: u64| number.to_string();
    let clock = json!({
        "n": text(n), "height": text(height), "time": text(time), "credit": text(credit), "paced": paced,
    });
    Ok(json!({ "params": params, "clock": clock }))
}

fn with_defaults(given: Option<&Value>) -> Result<Value> {
    let mut fields = message_to_json(&default_params())?;
    match (given, fields.as_object_mut()) {
        (Some(Value::Object(given)), Some(fields)) => {
            fields.extend(given.iter().map(|(name, value)| (name.clone(), value.clone())));
        }
        (None | Some(Value::Null), _) => {}
        _ => return Err(invalid("params: expected an object".into())),
    }
    Ok(fields)
}

/// What the schedule says at n is computed, not read.
fn read_clock(settings: &Settings, given: &Value) -> Result<Clock> {
    let number = |field: &str| {
        let text = given.get(field).and_then(Value::as_str);
        text.and_then(|text| text.parse::<u64>().ok())
            .ok_or_else(|| invalid(format!("clock.{field}: expected a whole number in a text")))
    };
    let (n, height, time, credit) = (number("n")?, number("height")?, number("time")?, number("credit")?);
    let paced = given.get("paced").and_then(Value::as_bool);
    let paced = paced.ok_or_else(|| invalid("clock.paced: expected true or false".into()))?;
    if height == 0 || n > height || n == 0 {
        let why = format!("clock: n = {n} at height {height}; a running chain has 1 <= n <= height");
        return Err(invalid(why));
    }
    if credit > settings.pace_credit {
        let most = settings.pace_credit;
        return Err(invalid(format!("clock.credit: {credit} ns is more than params.pace_credit, {most} ns")));
    }
    Ok(Clock { n, height, time, credit, paced, point: settings.schedule.at(n)? })
}

fn invalid(why: String) -> Error {
    Error::sdk(codes::INVALID_REQUEST, format!("genesis: emission: {why}"))
}
