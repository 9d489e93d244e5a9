//! Fixed-point amounts of §7: Nils with 128 fractional bits in 256-bit integers. Every division rounds down.
//!
//! Nothing overflows. What exists and what is owed never pass the maximum supply together (§2), of which genesis can name at
//! most 10^18 < 2^60 Nils (the mainnet's is 10^15), so:
//! - what a validator or a bond is owed stays below 2^60 Nils, 2^188 in fixed point; times a rate of at most 10^18 that is
//!   below 2^248;
//! - the accumulator per unit of power grows by at most the validators' part of a block: below 2^60 Nils for ever;
//! - the accumulator per share takes fees too, which can be paid and redeemed again and again, but below 2^60 Nils a block
//!   and 2^63 blocks (the engine's heights): below 2^123 Nils for ever, 2^251 in fixed point;
//! - a power times the growth of its accumulator, and shares times the growth of theirs, are parts of what was credited and
//!   not redeemed, since they never were more than all powers, or all shares (at most 10^30, §8): below 2^188.
//!
//! A settlement loses less than 2^-128 Nils per share: with 10^30 shares less than 2^-28 Nils in all.

use crate::kernel::{codes, Amount, Decimal, Error, Result, Value, U256};
use std::fmt;

/// One Nil.
const NIL: U256 = U256([0, 0, 1, 0]);

/// A number of Nils in units of 2^-128, from 0 to 2^128 Nils.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fixed(pub U256);

impl Fixed {
    /// Nothing.
    pub const ZERO: Self = Self(U256([0; 4]));

    /// A whole number of Nils.
    pub fn whole(amount: Amount) -> Self {
        // 2^128 × (2^128 − 1) is the largest product: it fits.
        Self(U256::from(amount.0).saturating_mul(NIL))
    }

    /// The whole Nils of it.
    pub const fn floor(self) -> Amount {
        let U256([_, _, low, high]) = self.0;
        Amount(((high as u128) << 64) | low as u128)
    }

    /// Whether it is nothing.
    pub const fn is_zero(self) -> bool {
        self.0.is_zero()
    }

    /// The sum; `sdk/35` when it passes 2^128 Nils, which nothing does.
    pub fn plus(self, other: Self) -> Result<Self> {
        self.0.checked_add(other.0).map(Self).ok_or_else(|| broken(self, "+", &other))
    }

    /// The difference; `sdk/35` when `other` is larger.
    pub fn minus(self, other: Self) -> Result<Self> {
        self.0.checked_sub(other.0).map(Self).ok_or_else(|| broken(self, "-", &other))
    }

    /// `count` times as much; `sdk/35` when it passes 2^128 Nils, which nothing does.
    pub fn times(self, count: u128) -> Result<Self> {
        self.0.checked_mul(U256::from(count)).map(Self).ok_or_else(|| broken(self, "x", &count))
    }

    /// One of `count` equal parts, rounded down; `sdk/35` when there are none.
    pub fn divided(self, count: u128) -> Result<Self> {
        self.0.checked_div(U256::from(count)).map(Self).ok_or_else(|| broken(self, "/", &count))
    }

    /// The part `rate` of it, rounded down.
    pub fn part(self, rate: Decimal) -> Result<Self> {
        self.times(rate.0)?.divided(Decimal::ONE.0)
    }

    /// In units of 10^-18 Nils, rounded down: the form of `cosmos.base.v1beta1.DecCoin`.
    pub fn to_decimal(self) -> Result<U256> {
        let scaled = self.times(Decimal::ONE.0)?;
        scaled.0.checked_div(NIL).ok_or_else(|| broken(scaled, "/", &1))
    }

    /// Reads a number of units of 2^-128 Nils, as genesis has it; nothing for an empty text. `sdk/18` when it is none.
    pub fn parse(text: &str) -> Result<Self> {
        let text = if text.is_empty() { "0" } else { text };
        U256::from_dec_str(text).map(Self).map_err(|_| {
            let shown: String = text.chars().take(90).collect();
            let why = format!("invalid fixed-point number \"{shown}\": expected a whole number below 2^256");
            Error::sdk(codes::INVALID_REQUEST, why)
        })
    }
}

fn broken(left: Fixed, operation: &str, right: &dyn fmt::Display) -> Error {
    Error::sdk(codes::LOGIC, format!("income: {left} {operation} {right} is out of range"))
}

/// The number of units of 2^-128 Nils.
impl fmt::Display for Fixed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// Stored as 32 bytes, big-endian.
impl Value for Fixed {
    fn encode(&self) -> Vec<u8> {
        self.0.encode()
    }
    fn decode(bytes: &[u8]) -> Option<Self> {
        Value::decode(bytes).map(Self)
    }
}
