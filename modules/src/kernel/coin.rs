//! Coins: an amount of a denomination, and sorted lists of them.

use super::amount::Amount;
use super::error::{codes, Error, Result};
use cosmos_sdk_proto::cosmos::base::v1beta1::Coin as ProtoCoin;
use std::fmt;

/// An amount of one denomination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coin {
    /// Denomination, 3 to 128 characters ([`validate_denom`]).
    pub denom: String,
    /// How many of its smallest units.
    pub amount: Amount,
}

impl Coin {
    /// A coin of `amount` `denom`.
    pub fn new(denom: impl Into<String>, amount: Amount) -> Self {
        Self { denom: denom.into(), amount }
    }

    /// The coin as wallets send it.
    pub fn to_proto(&self) -> ProtoCoin {
        ProtoCoin { denom: self.denom.clone(), amount: self.amount.to_string() }
    }
}

impl fmt::Display for Coin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.amount, self.denom)
    }
}

/// Coins sorted by denomination, each denomination once, no zero amounts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coins(Vec<Coin>);

impl Coins {
    /// Checks what a wallet sent: every denomination valid, strictly ascending, every amount positive.
    /// Refused with `sdk/10`, which says which coin is wrong.
    pub fn from_proto(coins: &[ProtoCoin]) -> Result<Self> {
        let mut checked: Vec<Coin> = Vec::with_capacity(coins.len());
        for coin in coins {
            validate_denom(&coin.denom)?;
            let amount = Amount::parse(&coin.amount)?;
            if amount.is_zero() {
                return Err(invalid(format!("coin 0{} amount is not positive", coin.denom)));
            }
            match checked.last() {
                Some(last) if last.denom == coin.denom => {
                    return Err(invalid(format!("duplicate denomination {}", coin.denom)))
                }
                Some(last) if last.denom > coin.denom => {
                    return Err(invalid(format!("denomination {} is not sorted", coin.denom)))
                }
                _ => checked.push(Coin { denom: coin.denom.clone(), amount }),
            }
        }
        Ok(Self(checked))
    }

    /// The coins as wallets send them.
    pub fn to_proto(&self) -> Vec<ProtoCoin> {
        self.0.iter().map(Coin::to_proto).collect()
    }

    /// Adds one coin, keeping the order; an amount of zero changes nothing.
    pub fn add(&mut self, coin: Coin) -> Result<()> {
        if coin.amount.is_zero() {
            return Ok(());
        }
        match self.0.binary_search_by(|have| have.denom.cmp(&coin.denom)) {
            Ok(at) => {
                if let Some(have) = self.0.get_mut(at) {
                    have.amount = have.amount.plus(coin.amount)?;
                }
            }
            Err(at) => self.0.insert(at, coin),
        }
        Ok(())
    }

    /// The amount of `denom`, zero when it is not there.
    pub fn amount(&self, denom: &str) -> Amount {
        self.0.iter().find(|coin| coin.denom == denom).map_or(Amount::ZERO, |coin| coin.amount)
    }

    /// Whether there are no coins.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The coins in order of denomination.
    pub fn iter(&self) -> std::slice::Iter<'_, Coin> {
        self.0.iter()
    }
}

impl fmt::Display for Coins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, coin) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(f, "{comma}{coin}")?;
        }
        Ok(())
    }
}

/// Checks a denomination as Cosmos chains do: a letter, then 2 to 127 letters, digits or `/ : . _ -`.
pub fn validate_denom(denom: &str) -> Result<()> {
    let bytes = denom.as_bytes();
    let first = bytes.first().is_some_and(u8::is_ascii_alphabetic);
    let rest = bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b"/:._-".contains(byte));
    if first && rest && (3..=128).contains(&bytes.len()) {
        return Ok(());
    }
    let shown: String = denom.chars().take(128).collect();
    Err(invalid(format!("invalid denom: {shown}")))
}

fn invalid(why: String) -> Error {
    Error::sdk(codes::INVALID_COINS, why)
}
