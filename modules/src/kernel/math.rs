//! Products of 128 bits, which need 256 in between (§7, §8).

use super::amount::Amount;
use super::error::{codes, Error, Result};
pub use primitive_types::U256;

/// floor(`a` × `b` / `divisor`). `sdk/35` when the divisor is 0 or the result passes 2^128 − 1.
pub fn mul_div(a: u128, b: u128, divisor: u128) -> Result<u128> {
    let (quotient, _) = divided(a, b, divisor)?;
    small(quotient, a, b, divisor)
}

/// ceil(`a` × `b` / `divisor`). `sdk/35` when the divisor is 0 or the result passes 2^128 − 1.
pub fn mul_div_ceil(a: u128, b: u128, divisor: u128) -> Result<u128> {
    let (quotient, rest) = divided(a, b, divisor)?;
    let up = U256::from(u8::from(!rest.is_zero()));
    small(quotient.checked_add(up).unwrap_or(U256::MAX), a, b, divisor)
}

fn divided(a: u128, b: u128, divisor: u128) -> Result<(U256, U256)> {
    let by = U256::from(divisor);
    // A product of two numbers of 128 bits always fits.
    let product = U256::from(a).checked_mul(U256::from(b)).unwrap_or(U256::MAX);
    match (product.checked_div(by), product.checked_rem(by)) {
        (Some(quotient), Some(rest)) => Ok((quotient, rest)),
        _ => Err(Error::sdk(codes::LOGIC, format!("{a} x {b} was to be divided by 0"))),
    }
}

fn small(quotient: U256, a: u128, b: u128, divisor: u128) -> Result<u128> {
    u128::try_from(quotient)
        .map_err(|_| Error::sdk(codes::LOGIC, format!("{a} x {b} / {divisor} passes 2^128 - 1")))
}

impl Amount {
    /// floor(this × `numerator` / `denominator`); see [`mul_div`].
    pub fn times(self, numerator: u128, denominator: u128) -> Result<Self> {
        mul_div(self.0, numerator, denominator).map(Self)
    }
}

/// Stored as 32 bytes, big-endian.
impl super::state::Value for U256 {
    fn encode(&self) -> Vec<u8> {
        self.to_big_endian().to_vec()
    }
    fn decode(bytes: &[u8]) -> Option<Self> {
        (bytes.len() == 32).then(|| Self::from_big_endian(bytes))
    }
}
