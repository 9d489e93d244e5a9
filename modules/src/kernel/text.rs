//! Texts that people write into messages.

use std::ops::RangeInclusive;

/// Says what is wrong with a text that has another number of characters (not bytes) than `length`, or a control character.
pub fn check_text(name: &str, text: &str, length: RangeInclusive<usize>) -> Result<(), String> {
    let count = text.chars().count();
    if !length.contains(&count) {
        let (low, high) = (length.start(), length.end());
        return Err(format!("{name} has {count} characters; it must have {low} to {high}"));
    }
    match text.chars().position(char::is_control) {
        Some(place) => Err(format!("{name} has a control character at position {place}")),
        None => Ok(()),
    }
}
