//! Parameters as JSON, found by their path.

use serde_json::Value;

/// The value at `path`: names of fields joined by dots. `None` for one that is not there, or has fields of its own.
pub(super) fn leaf<'a>(params: &'a Value, path: &str) -> Option<&'a Value> {
    let value = path.split('.').try_fold(params, |value, name| value.as_object()?.get(name))?;
    (!value.is_object()).then_some(value)
}

/// Puts another value in place of the one at `path`, if there is one.
pub(super) fn set_leaf(params: &mut Value, path: &str, new: Value) {
    let place = path.split('.').try_fold(params, |value, name| value.as_object_mut()?.get_mut(name));
    if let Some(place) = place {
        *place = new;
    }
}

/// Whether `new` is of the JSON type of `old`. What is not set yet can become anything.
pub(super) fn same_type(old: &Value, new: &Value) -> bool {
    old.is_null() || std::mem::discriminant(old) == std::mem::discriminant(new)
}

/// The JSON value of a text; `None` if it is none.
pub(super) fn parse(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok()
}

/// A whole number, as a JSON number or text; a duration such as `1.5s` in nanoseconds.
pub(super) fn number(value: &Value) -> Option<i128> {
    match value {
        Value::Number(number) => number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from)),
        Value::String(text) => match text.strip_suffix('s') {
            Some(seconds) => duration(seconds),
            None => text.parse().ok(),
        },
        _ => None,
    }
}

fn duration(seconds: &str) -> Option<i128> {
    let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, "0"));
    let nanos: i128 = format!("{fraction:0<9}").parse().ok()?;
    whole.parse::<i128>().ok()?.checked_mul(1_000_000_000)?.checked_add(nanos)
}
