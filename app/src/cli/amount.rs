//! Amounts as people write and read them: whole Nils, exact decimals of JMES, gas prices. No floating point.

use std::fmt;
use std::str::FromStr;

use anyhow::{bail, ensure, Context, Error, Result};
use cosmos_sdk_proto::cosmos::base::v1beta1::Coin as ProtoCoin;
use jmes_modules::kernel::{validate_denom, Amount, Coin, Coins};
use jmes_modules::BASE_DENOM;

/// Decimal places of 1 JMES: 1 JMES = 10^6 Nils (§1).
const PLACES: usize = 6;
/// Nils in 1 JMES.
const NILS: u128 = 1_000_000;
/// Decimal places of a [`Decimal`].
const DECIMAL_PLACES: usize = 18;
/// 1 as a [`Decimal`].
const ONE: u128 = 1_000_000_000_000_000_000;
const HELP: &str = "write it like 5JMES, 0.5JMES, 5000000ujmes or 100nils";

/// Reads one coin: `5JMES`, `0.5jmes`, `5000000ujmes`, `100nils`, `7ibc/…`.
///
/// # Errors
/// No number or unit, a fraction of a Nil, an amount of 2^128 or more, or a malformed denomination.
pub fn parse_coin(text: &str) -> Result<Coin> {
    let (number, unit) = split(text)?;
    if unit.eq_ignore_ascii_case("jmes") {
        return Ok(Coin::new(BASE_DENOM, Amount(parse_jmes(number, text)?)));
    }
    let denom = denom_of(unit);
    if number.contains('.') && denom == BASE_DENOM {
        bail!("\"{text}\" is a fraction of a Nil, the smallest unit: {HELP}");
    }
    validate_denom(denom).with_context(|| format!("\"{text}\" is not an amount: {HELP}"))?;
    let amount = number.parse::<u128>().ok().filter(|_| !number.starts_with('+'));
    let amount =
        amount.with_context(|| format!("\"{text}\" is not a whole number of {denom} below 2^128"))?;
    Ok(Coin::new(denom, Amount(amount)))
}

/// Reads a positive amount of JMES, in any of their units.
///
/// # Errors
/// As [`parse_coin`]; or it is nothing, or of another denomination.
pub fn parse_nils(text: &str) -> Result<Amount> {
    let amount = parse_nils_or_zero(text)?;
    ensure!(!amount.is_zero(), "\"{text}\" is nothing: the amount must be positive");
    Ok(amount)
}

/// Reads an amount of JMES, in any of their units; it may be nothing.
///
/// # Errors
/// As [`parse_coin`]; or it is of another denomination.
pub fn parse_nils_or_zero(text: &str) -> Result<Amount> {
    let coin = parse_coin(text)?;
    ensure!(coin.denom == BASE_DENOM, "only JMES can be bonded, not {}: {HELP}", coin.denom);
    Ok(coin.amount)
}

/// Reads a positive amount of coins, separated by commas, in any order.
///
/// # Errors
/// As [`parse_coin`]; or a coin is zero, or a denomination appears twice.
pub fn parse_coins(text: &str) -> Result<Coins> {
    let coins = parse_coins_or_zero(text)?;
    ensure!(!coins.is_empty(), "\"{text}\" is nothing: the amount must be positive");
    Ok(coins)
}

/// Reads coins as [`parse_coins`], dropping those that are zero: fees may be nothing.
///
/// # Errors
/// As [`parse_coin`]; or a denomination appears twice.
pub fn parse_coins_or_zero(text: &str) -> Result<Coins> {
    let mut coins = Coins::default();
    for part in text.split(',') {
        let coin = parse_coin(part.trim())?;
        ensure!(coins.amount(&coin.denom).is_zero(), "\"{text}\" has {} twice: add the two up", coin.denom);
        coins.add(coin)?;
    }
    Ok(coins)
}

/// Nils as JMES, exact and as short as can be: `5`, `0.000001`.
pub fn jmes(nils: Amount) -> String {
    let (whole, rest) = (nils.0 / NILS, nils.0 % NILS);
    if rest == 0 {
        return whole.to_string();
    }
    format!("{whole}.{}", format!("{rest:0PLACES$}").trim_end_matches('0'))
}

/// An amount for people: `5 JMES (5000000 Nils)`, other denominations as they are.
pub fn describe(amount: Amount, denom: &str) -> String {
    match denom {
        BASE_DENOM => format!("{} JMES ({amount} Nils)", jmes(amount)),
        jmes_modules::BONDED_DENOM => format!("{} bJMES ({amount} Nils bonded)", jmes(amount)),
        other => format!("{amount} {other}"),
    }
}

/// Coins for people, as [`describe`]; `nothing` when there are none. An amount that is not a number is shown as it is.
pub fn describe_coins(coins: &[ProtoCoin]) -> String {
    let text = |coin: &ProtoCoin| match Amount::parse(&coin.amount) {
        Ok(amount) => describe(amount, &coin.denom),
        Err(_) => format!("{} {}", coin.amount, coin.denom),
    };
    match coins {
        [] => "nothing".to_owned(),
        coins => coins.iter().map(text).collect::<Vec<_>>().join(", "),
    }
}

/// A number ≥ 0 with up to 18 decimal places, below 2^128 / 10^18.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal(u128);

impl Decimal {
    /// The product with a whole number, rounded up; `None` from 2^128 on.
    pub fn times_up(self, factor: u64) -> Option<u128> {
        let factor = u128::from(factor);
        let whole = (self.0 / ONE).checked_mul(factor)?;
        // Below 10^18 · 2^64, which is below 2^128.
        let fraction = (self.0 % ONE) * factor;
        whole.checked_add(fraction.div_ceil(ONE))
    }
}

impl FromStr for Decimal {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let scaled = scale(text, DECIMAL_PLACES);
        scaled.map(Self).with_context(|| {
            format!(
                "\"{text}\" is not a decimal number: write it like 1.3, with at most {DECIMAL_PLACES} places"
            )
        })
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0 / ONE, self.0 % ONE);
        if rest == 0 {
            return write!(f, "{whole}");
        }
        write!(f, "{whole}.{}", format!("{rest:0DECIMAL_PLACES$}").trim_end_matches('0'))
    }
}

/// The price of one unit of gas in one denomination, as `0.0025ujmes`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GasPrice {
    /// How many of the denomination's smallest units a unit of gas costs.
    pub price: Decimal,
    /// The denomination.
    pub denom: String,
}

impl GasPrice {
    /// What `gas` costs, rounded up.
    ///
    /// # Errors
    /// It costs 2^128 or more.
    pub fn fee(&self, gas: u64) -> Result<Coin> {
        let amount = self.price.times_up(gas);
        let amount = amount.with_context(|| format!("the fee for {gas} gas at {self} is too large"))?;
        Ok(Coin::new(&self.denom, Amount(amount)))
    }
}

impl FromStr for GasPrice {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let malformed = || format!("\"{text}\" is not a gas price: write it like 0.0025ujmes");
        let (number, unit) = split(text).with_context(malformed)?;
        ensure!(
            !unit.eq_ignore_ascii_case("jmes"),
            "\"{text}\" is a gas price in JMES: write it in ujmes, like 0.0025ujmes"
        );
        let denom = denom_of(unit);
        validate_denom(denom).with_context(malformed)?;
        Ok(Self { price: number.parse().with_context(malformed)?, denom: denom.into() })
    }
}

impl fmt::Display for GasPrice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.price, self.denom)
    }
}

/// Splits `5JMES` into number and unit; a space may stand between them.
fn split(text: &str) -> Result<(&str, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let unit = unit.trim_start();
    ensure!(!text.starts_with('-'), "\"{text}\" is negative: an amount is not");
    ensure!(!number.is_empty(), "\"{text}\" does not begin with a number: {HELP}");
    ensure!(!unit.is_empty(), "\"{text}\" has no unit: {HELP}");
    let exponent =
        unit.strip_prefix(['e', 'E']).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    ensure!(!exponent, "\"{text}\" has an exponent: write all digits of the number");
    Ok((number, unit))
}

fn denom_of(unit: &str) -> &str {
    if unit.eq_ignore_ascii_case("nils") || unit.eq_ignore_ascii_case("nil") {
        BASE_DENOM
    } else {
        unit
    }
}

fn parse_jmes(number: &str, text: &str) -> Result<u128> {
    if let Some((_, fraction)) = number.split_once('.') {
        ensure!(
            fraction.len() <= PLACES || fraction.bytes().skip(PLACES).all(|digit| digit == b'0'),
            "\"{text}\" has a fraction of a Nil: JMES have {PLACES} decimal places"
        );
    }
    scale(number, PLACES).with_context(|| format!("\"{text}\" is not an amount below 2^128 Nils: {HELP}"))
}

/// `1.5` with 6 places is 1,500,000. `None` when it is not digits with at most one point inside them, is not exact with
/// that many places, or reaches 2^128.
fn scale(number: &str, places: usize) -> Option<u128> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let fraction_kept = fraction.trim_end_matches('0');
    if !digits(whole) || !digits(fraction) || fraction_kept.len() > places {
        return None;
    }
    format!("{whole}{fraction_kept:0<places$}").parse().ok()
}

#[cfg(test)]
mod tests;
