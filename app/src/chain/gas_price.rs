//! What a node asks for gas (§4).

use jmes_modules::BASE_DENOM;
use std::fmt;
use std::str::FromStr;

/// A price of gas: units of 10^-18 Nils for one gas.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GasPrice(pub u128);

/// 10^-18 Nils: the resolution of a gas price.
const PRICE_UNIT: u128 = 1_000_000_000_000_000_000;

impl GasPrice {
    /// The fee in Nils for `gas`, rounded up.
    pub const fn fee(self, gas: u64) -> u128 {
        self.0.saturating_mul(gas as u128).div_ceil(PRICE_UNIT)
    }
}

impl FromStr for GasPrice {
    type Err = String;

    /// Reads a decimal with at most 18 places and the denomination, such as `0.0025ujmes`.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!("invalid gas price \"{text}\": expected a decimal and {BASE_DENOM}, such as 0.0025{BASE_DENOM}")
        };
        let number = text.trim().strip_suffix(BASE_DENOM).ok_or_else(wrong)?;
        let (whole, places) = number.split_once('.').unwrap_or((number, ""));
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !digits(whole) || !digits(places) || places.len() > 18 {
            return Err(wrong());
        }
        let whole: u128 = whole.parse().map_err(|_| wrong())?;
        let places: u128 = format!("{places:0<18}").parse().map_err(|_| wrong())?;
        whole.checked_mul(PRICE_UNIT).and_then(|whole| whole.checked_add(places)).map(Self).ok_or_else(wrong)
    }
}

impl fmt::Display for GasPrice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:018}{BASE_DENOM}", self.0 / PRICE_UNIT, self.0 % PRICE_UNIT)
    }
}
