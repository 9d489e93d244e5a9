//! Amounts of coins: whole numbers of a denomination's smallest unit (§1), checked arithmetic only.

use super::error::{codes, Error, Result};
use std::fmt;

/// A number of a denomination's smallest units; for `ujmes` these are Nils. Range 0…2^128 − 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(pub u128);

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// Whether it is nothing.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The sum; refused with `sdk/10` when it passes 2^128 − 1.
    pub fn plus(self, other: Self) -> Result<Self> {
        self.0.checked_add(other.0).map(Self).ok_or_else(|| {
            Error::sdk(codes::INVALID_COINS, format!("the sum of {self} and {other} is too large"))
        })
    }

    /// The difference; `None` when `other` is larger.
    pub const fn minus(self, other: Self) -> Option<Self> {
        match self.0.checked_sub(other.0) {
            Some(rest) => Some(Self(rest)),
            None => None,
        }
    }

    /// Reads a decimal number of 1 to 39 digits without sign, spaces or leading zeros (as wallets
    /// write it); anything else is refused with `sdk/10`.
    pub fn parse(text: &str) -> Result<Self> {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let canonical = text == "0" || !text.starts_with('0');
        text.parse::<u128>().ok().filter(|_| digits && canonical).map(Self).ok_or_else(|| {
            let shown: String = text.chars().take(48).collect();
            Error::sdk(
                codes::INVALID_COINS,
                format!("invalid amount \"{shown}\": expected a whole number from 0 to 2^128 - 1"),
            )
        })
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}
