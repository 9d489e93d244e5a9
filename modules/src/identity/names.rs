//! Which names there can be (§9). Case and look-alike letters are no question: there are 36 characters.

use super::identity_codes::{IDENTITY, INVALID_NAME, RESERVED_NAME};
use crate::kernel::{Error, Result};
use std::ops::RangeInclusive;

/// How many characters a name has.
pub const LENGTH: RangeInclusive<usize> = 3..=20;

/// What a name can't begin with: an address does.
const RESERVED_PREFIX: &str = "jmes1";

/// Names that nobody can have.
const RESERVED: [&str; 9] =
    ["jmes", "jmesworld", "official", "validator", "governance", "core", "brand", "community", "engineering"];

/// Whether names consist of this character.
pub(super) const fn is_letter(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit()
}

/// Refused unless `name` has 3 to 20 characters a-z and 0-9 (`identity/2`) and is not reserved (`identity/3`).
pub fn check_name(name: &str) -> Result<()> {
    let shown: String = name.chars().take(48).collect();
    if !LENGTH.contains(&name.len()) || !name.bytes().all(is_letter) {
        let why = format!("\"{shown}\" is no name: a name has 3 to 20 characters a-z and 0-9");
        return Err(Error::new(IDENTITY, INVALID_NAME, why));
    }
    if name.starts_with(RESERVED_PREFIX) || RESERVED.contains(&name) {
        return Err(Error::new(IDENTITY, RESERVED_NAME, format!("the name \"{shown}\" is reserved")));
    }
    Ok(())
}
