//! Fractions with 18 decimal places: rates of commission and slashes, in the notations of the Cosmos SDK.

use super::amount::Amount;
use super::error::{codes, Error, Result};
use super::math::mul_div;
use std::fmt;

/// A fraction from 0 up, in units of 10^-18.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Decimal(pub u128);

impl Decimal {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// The whole.
    pub const ONE: Self = Self(1_000_000_000_000_000_000);

    /// `count` hundredths.
    pub const fn percent(count: u32) -> Self {
        Self((count as u128).saturating_mul(10_000_000_000_000_000))
    }

    /// Reads what protobuf messages carry: the number of units of 10^-18, without a point. `sdk/18` when
    /// it is no such number.
    pub fn from_proto(text: &str) -> Result<Self> {
        // Clients leave the field out for zero.
        let text = if text.is_empty() { "0" } else { text };
        Amount::parse(text)
            .map(|amount| Self(amount.0))
            .map_err(|_| invalid(text, "a whole number of units of 10^-18 from 0 to 2^128 - 1"))
    }

    /// What protobuf messages carry.
    pub fn to_proto(self) -> String {
        self.0.to_string()
    }

    /// Reads a decimal such as `0.05`, as JSON and the command line have it: 1 to 20 digits, and 1 to 18 more if there is a
    /// point. `sdk/18` when it is none.
    pub fn parse(text: &str) -> Result<Self> {
        let refused = || invalid(text, "a number such as 0.05");
        let (whole, places) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |part: &str, most| {
            (1..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
        };
        if !digits(whole, 20) || !digits(places, 18) {
            return Err(refused());
        }
        let units = |digits: &str| digits.parse::<u128>().map_err(|_| refused());
        let whole = units(whole)?.checked_mul(Self::ONE.0).ok_or_else(refused)?;
        whole.checked_add(units(&format!("{places:0<18}"))?).map(Self).ok_or_else(refused)
    }

    /// floor(`amount` × this). `sdk/35` when that passes 2^128 − 1, which a part of a whole never does.
    pub fn of(self, amount: Amount) -> Result<Amount> {
        mul_div(amount.0, self.0, Self::ONE.0).map(Amount)
    }
}

fn invalid(text: &str, expected: &str) -> Error {
    let shown: String = text.chars().take(48).collect();
    Error::sdk(codes::INVALID_REQUEST, format!("invalid decimal \"{shown}\": expected {expected}"))
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = Self::ONE.0;
        write!(f, "{}.{:018}", self.0.checked_div(unit).unwrap_or(0), self.0.checked_rem(unit).unwrap_or(0))
    }
}
