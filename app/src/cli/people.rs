//! Results for people: named values in their order, and how amounts, rates, times and spans are written in them.

use anyhow::{Context, Result};
use jmes_modules::kernel::{Amount, Decimal};
use jmes_proto::{Duration, Timestamp};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::amount::jmes;
use super::output::Node;

/// Nanoseconds in a second.
const NANOS: i64 = 1_000_000_000;

/// Named values in the order in which they are shown.
#[derive(Clone, Debug, Default)]
pub struct View(Vec<(&'static str, Part)>);

/// What a [`View`] has under a name.
#[derive(Clone, Debug)]
pub enum Part {
    /// Text of one or more lines; an empty one is not shown.
    Text(String),
    /// Values of its own.
    View(View),
    /// Rows of a table, or "none".
    Table(Vec<View>),
    /// Messages of the chain, one after the other, or "none".
    Messages(Vec<Node>),
}

impl View {
    /// A view without values.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// This with one more value at its end.
    #[must_use]
    pub fn with(mut self, name: &'static str, part: impl Into<Part>) -> Self {
        self.0.push((name, part.into()));
        self
    }
}

impl Serialize for View {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, part) in &self.0 {
            map.serialize_entry(name, part)?;
        }
        map.end()
    }
}

impl Serialize for Part {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::View(view) => view.serialize(serializer),
            Self::Table(rows) => rows.serialize(serializer),
            // Numbered, so that they are no table: their fields differ.
            Self::Messages(messages) => serializer.collect_map((1..).zip(messages)),
        }
    }
}

impl From<String> for Part {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Part {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<View> for Part {
    fn from(view: View) -> Self {
        Self::View(view)
    }
}

impl From<Vec<View>> for Part {
    fn from(rows: Vec<View>) -> Self {
        Self::Table(rows)
    }
}

/// `yes` or `no`.
pub const fn yes(is: bool) -> &'static str {
    if is {
        "yes"
    } else {
        "no"
    }
}

/// A number of Nils in an answer; an empty text is none.
///
/// # Errors
/// It is not a number.
pub fn amount(nils: &str) -> Result<Amount> {
    if nils.is_empty() {
        return Ok(Amount::ZERO);
    }
    Amount::parse(nils).with_context(|| format!("the node's answer has \"{nils}\" for an amount"))
}

/// Nils in an answer as a value: `1,234.5 JMES (1234500000 Nils)`, where the Nils can be used on a command line.
///
/// # Errors
/// As [`amount`].
pub fn nils(nils: &str) -> Result<String> {
    Ok(format!("{} ({} Nils)", cell(nils)?, amount(nils)?))
}

/// Nils in an answer as a table's cell, whole JMES in groups of three digits: `1,234.5 JMES`.
///
/// # Errors
/// As [`amount`].
pub fn cell(nils: &str) -> Result<String> {
    Ok(format!("{} JMES", grouped(&jmes(amount(nils)?))))
}

/// A number with commas between groups of three digits before its point.
pub fn grouped(number: &str) -> String {
    let (whole, rest) = number.split_at(number.find('.').unwrap_or(number.len()));
    let mut text = String::with_capacity(number.len() + whole.len() / 3);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text + rest
}

/// A decimal of protobuf (units of 10^-18) as `12.5%`, exact.
///
/// # Errors
/// It is not a number.
pub fn percent(decimal: &str) -> Result<String> {
    let decimal = Decimal::from_proto(decimal)
        .with_context(|| format!("the node's answer has \"{decimal}\" for a decimal"))?;
    Ok(percentage(decimal))
}

/// A part as `12.5%`, exact.
pub fn percentage(part: Decimal) -> String {
    let units = Decimal::ONE.0 / 100;
    let (whole, rest) = (part.0 / units, part.0 % units);
    if rest == 0 {
        return format!("{whole}%");
    }
    format!("{whole}.{}%", format!("{rest:016}").trim_end_matches('0'))
}

/// `part` of `whole` as a percentage rounded to two places, `-` of nothing.
pub fn share(part: Amount, whole: Amount) -> String {
    match part.0.checked_mul(20_000).and_then(|scaled| scaled.checked_div(whole.0)) {
        None => "-".into(),
        Some(doubled) => {
            let hundredths = doubled.div_ceil(2);
            if hundredths == 0 && !part.is_zero() {
                return "<0.01%".into();
            }
            format!("{}.{:02}%", hundredths / 100, hundredths % 100)
        }
    }
}

/// A point in time, in nanoseconds since 1970.
pub fn nanos(time: &Timestamp) -> i64 {
    time.seconds.saturating_mul(NANOS).saturating_add(time.nanos.into())
}

/// A time in UTC to the second: `2027-01-01 00:00:05 UTC`; empty when it is missing.
pub fn utc(time: Option<&Timestamp>) -> String {
    let Some(time) = time else { return String::new() };
    let known = tendermint::Time::from_unix_timestamp(time.seconds, 0);
    known.map_or_else(
        |_| format!("{} s after 1970", time.seconds),
        |known| known.to_rfc3339().replace('T', " ").replace('Z', " UTC"),
    )
}

/// A time in UTC and seen from `now`: `2027-01-04 00:00:05 UTC (in 3 days)`.
pub fn moment(time: Option<&Timestamp>, now: i64) -> String {
    let Some(known) = time else { return String::new() };
    let distance = nanos(known).saturating_sub(now);
    let span = span(i128::from(distance.unsigned_abs()) / i128::from(NANOS));
    let relative = match distance {
        1.. => format!("in {span}"),
        0 => "now".to_owned(),
        _ => format!("{span} ago"),
    };
    format!("{} ({relative})", utc(time))
}

/// A span of time in its largest unit of which it has at least one: `3 days`, `1 hour`.
pub fn span(seconds: i128) -> String {
    const UNITS: [(i128, &str); 5] =
        [(31_556_952, "year"), (86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")];
    let (size, name) = UNITS.into_iter().find(|(size, _)| seconds >= *size).unwrap_or((1, "second"));
    let count = seconds / size;
    format!("{count} {name}{}", if count == 1 { "" } else { "s" })
}

/// A duration in an answer, exact when it is whole in its unit: `21 days`, `90 seconds`, `0.5 seconds`.
pub fn duration(duration: Option<&Duration>) -> String {
    let Some(duration) = duration else { return String::new() };
    let seconds = i128::from(duration.seconds);
    if duration.nanos != 0 {
        let text = format!("{seconds}.{:09}", duration.nanos.unsigned_abs());
        return format!("{} seconds", text.trim_end_matches('0'));
    }
    let whole = [86_400, 3_600, 60].into_iter().find(|size| seconds >= *size && seconds % size == 0);
    match whole {
        Some(_) => span(seconds),
        None => format!("{seconds} second{}", if seconds == 1 { "" } else { "s" }),
    }
}

#[cfg(test)]
mod tests;
