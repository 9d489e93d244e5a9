//! Paths of hierarchical deterministic keys (BIP-32, BIP-44).

use std::fmt;
use std::str::FromStr;

use anyhow::{Context, Error, Result};
use bip32::DerivationPath;

/// The coin type of JMES in BIP-44 paths (§1).
pub const COIN_TYPE: u32 = 6280;

/// Numbers in a path are below 2^31: the highest bit marks the hardened ones.
const NUMBER_BITS: u32 = 31;

/// The way from a mnemonic's seed to one key, as `m/44'/6280'/0'/0/0`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HdPath(DerivationPath);

impl HdPath {
    /// The BIP-44 path `m/44'/coin'/account'/0/index`.
    ///
    /// # Errors
    /// A number is 2^31 or more.
    pub fn bip44(coin: u32, account: u32, index: u32) -> Result<Self> {
        for (what, number) in [("coin type", coin), ("account", account), ("index", index)] {
            if number >> NUMBER_BITS != 0 {
                anyhow::bail!("the {what} {number} is too large: it must be below 2147483648");
            }
        }
        format!("m/44'/{coin}'/{account}'/0/{index}").parse()
    }

    pub(super) const fn derivation(&self) -> &DerivationPath {
        &self.0
    }
}

/// `m/44'/6280'/0'/0/0`, the path of §1.
impl Default for HdPath {
    fn default() -> Self {
        Self::bip44(COIN_TYPE, 0, 0).expect("the standard path is valid")
    }
}

impl FromStr for HdPath {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let path = text.parse().ok().filter(|path: &DerivationPath| !path.is_empty());
        path.map(Self).with_context(|| {
            format!("\"{text}\" is not a derivation path: write it like m/44'/{COIN_TYPE}'/0'/0/0")
        })
    }
}

impl fmt::Display for HdPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}
