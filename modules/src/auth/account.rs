//! The account record and its stored form.

use super::key::PublicKey;
use crate::kernel::{Address, Amount, Value};
use cosmos_sdk_proto::cosmos::auth::v1beta1::BaseAccount;

/// An account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its number: the order in which accounts came into being, from 0. Part of what is signed.
    pub number: u64,
    /// How many transactions it has signed.
    pub sequence: u64,
    /// Its balance of `ujmes`, in Nils.
    pub balance: Amount,
    /// Whether it is a premint wallet, whose coins may be locked (§3): only then are there more records to read.
    pub premint: bool,
    /// Its public key, known since its first transaction.
    pub key: Option<PublicKey>,
}

/// Stands before the public key of a premint wallet; keys begin with another byte.
const PREMINT: u8 = 0x80;

impl Account {
    /// An account that has done nothing yet.
    pub const fn new(number: u64) -> Self {
        Self { number, sequence: 0, balance: Amount::ZERO, premint: false, key: None }
    }

    /// Whether it has signed nothing yet: it came into being by coins that were sent to it, or in genesis.
    pub const fn is_unused(&self) -> bool {
        self.sequence == 0 && self.key.is_none()
    }

    /// The account as wallets read it.
    pub fn to_proto(&self, address: &Address) -> BaseAccount {
        BaseAccount {
            address: address.to_string(),
            pub_key: self.key.as_ref().map(PublicKey::to_any),
            account_number: self.number,
            sequence: self.sequence,
        }
    }
}

/// Stored as number (8 bytes big-endian) ‖ sequence (8) ‖ balance (16) ‖ `80` for a premint wallet, else nothing ‖
/// public key (nothing, or as [`PublicKey::write`] has it).
impl Value for Account {
    fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(67);
        bytes.extend(self.number.to_be_bytes());
        bytes.extend(self.sequence.to_be_bytes());
        bytes.extend(self.balance.0.to_be_bytes());
        if self.premint {
            bytes.push(PREMINT);
        }
        if let Some(key) = &self.key {
            key.write(&mut bytes);
        }
        bytes
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (number, rest) = bytes.split_first_chunk::<8>()?;
        let (sequence, rest) = rest.split_first_chunk::<8>()?;
        let (balance, rest) = rest.split_first_chunk::<16>()?;
        let (premint, rest) = match rest.split_first() {
            Some((&PREMINT, rest)) => (true, rest),
            _ => (false, rest),
        };
        Some(Self {
            number: u64::from_be_bytes(*number),
            sequence: u64::from_be_bytes(*sequence),
            balance: Amount(u128::from_be_bytes(*balance)),
            premint,
            key: if rest.is_empty() { None } else { Some(PublicKey::read(rest)?) },
        })
    }
}
