//! The validator's record.

use super::error::{
    refused, CHANGE_RATE_ABOVE_MAX, COMMISSION_ABOVE_MAX, COMMISSION_BELOW_MIN, COMMISSION_HUGE,
};
use crate::kernel::{proto_value, Address, Amount, ConsensusAddress, Decimal, Result, Value};
use cosmos_sdk_proto::cosmos::staking::v1beta1::Description;
use prost::Message;
use sha2::{Digest, Sha256};

/// A validator: a candidate, a member of the engine's set, or a former one.
#[derive(Clone, Debug, PartialEq)]
pub struct Validator {
    /// The order in which validators were created, from 1.
    pub id: u64,
    /// The account that runs it.
    pub operator: Address,
    /// The ed25519 consensus key; `None` once a join with possession took it over (§6).
    pub key: Option<[u8; 32]>,
    /// Whether possession of the key was proven (a join, or genesis).
    pub possession: bool,
    /// What people see.
    pub description: Description,
    /// The rates of commission.
    pub commission: Commission,
    /// The operator's own bond that keeps it out of jail, in Nils.
    pub min_self_delegation: Amount,
    /// What is bonded to it, in Nils.
    pub tokens: Amount,
    /// The shares of that, at most 10^30 (§8).
    pub shares: u128,
    /// Whether it is jailed.
    pub jailed: bool,
    /// Until when it can't unjail, in nanoseconds since 1970.
    pub jailed_until: u64,
    /// Jailed for ever (§8).
    pub tombstoned: bool,
    /// The height of its creation.
    pub created_height: u64,
    /// Whether it was ever seated.
    pub ever_seated: bool,
    /// The work of its join, all zeros for one created with a bond or by genesis (§6).
    pub work: [u8; 32],
    /// How many times it was slashed: the number of its next entry in the slash list.
    pub slashes: u64,
}

/// Rates of commission, each a part from 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Commission {
    /// In force.
    pub rate: Decimal,
    /// The highest it can ever be.
    pub max_rate: Decimal,
    /// The most it can change in 24 hours.
    pub max_change_rate: Decimal,
    /// When it changed last, in nanoseconds since 1970.
    pub updated: u64,
}

impl Commission {
    /// Refuses rates out of their ranges (`staking/10`, `/11`, `/14`) or below the chain's minimum (`/40`).
    pub(super) fn check(&self, minimum: Decimal) -> Result<()> {
        let (rate, max_rate, change) = (self.rate, self.max_rate, self.max_change_rate);
        if max_rate > Decimal::ONE {
            return Err(refused(
                COMMISSION_HUGE,
                format!("commission cannot be more than 100%: max rate {max_rate}"),
            ));
        }
        if rate > max_rate {
            let why = "commission cannot be more than the max rate";
            return Err(refused(COMMISSION_ABOVE_MAX, format!("{why}: {rate} against {max_rate}")));
        }
        if change > max_rate {
            let why = "commission change rate cannot be more than the max rate";
            return Err(refused(CHANGE_RATE_ABOVE_MAX, format!("{why}: {change} against {max_rate}")));
        }
        if rate < minimum {
            let why = "commission cannot be less than min rate";
            return Err(refused(COMMISSION_BELOW_MIN, format!("{why}: {rate} against {minimum}")));
        }
        Ok(())
    }
}

impl Validator {
    /// Its consensus address, if it has a key.
    pub fn consensus_address(&self) -> Option<ConsensusAddress> {
        self.key.as_ref().map(consensus_address)
    }

    /// What `shares` are worth: floor(shares × tokens / shares of all), in Nils.
    pub fn value_of(&self, shares: u128) -> Result<Amount> {
        if self.shares == 0 {
            return Ok(Amount::ZERO);
        }
        self.tokens.times(shares, self.shares)
    }
}

/// The first 20 bytes of the key's SHA-256.
pub fn consensus_address(key: &[u8; 32]) -> ConsensusAddress {
    let hash = Sha256::digest(key);
    hash.get(..20).and_then(|head| ConsensusAddress::new(head).ok()).unwrap_or_default()
}

/// The stored form.
#[derive(Clone, PartialEq, Message)]
struct Stored {
    #[prost(uint64, tag = "1")]
    id: u64,
    #[prost(bytes = "vec", tag = "2")]
    operator: Vec<u8>,
    #[prost(bytes = "vec", tag = "3")]
    key: Vec<u8>,
    #[prost(bool, tag = "4")]
    possession: bool,
    #[prost(message, optional, tag = "5")]
    description: Option<Description>,
    #[prost(bytes = "vec", tag = "6")]
    rate: Vec<u8>,
    #[prost(bytes = "vec", tag = "7")]
    max_rate: Vec<u8>,
    #[prost(bytes = "vec", tag = "8")]
    max_change_rate: Vec<u8>,
    #[prost(uint64, tag = "9")]
    rate_updated: u64,
    #[prost(bytes = "vec", tag = "10")]
    min_self_delegation: Vec<u8>,
    #[prost(bytes = "vec", tag = "11")]
    tokens: Vec<u8>,
    #[prost(bytes = "vec", tag = "12")]
    shares: Vec<u8>,
    #[prost(bool, tag = "13")]
    jailed: bool,
    #[prost(uint64, tag = "14")]
    jailed_until: u64,
    #[prost(bool, tag = "15")]
    tombstoned: bool,
    #[prost(uint64, tag = "16")]
    created_height: u64,
    #[prost(bool, tag = "17")]
    ever_seated: bool,
    #[prost(bytes = "vec", tag = "18")]
    work: Vec<u8>,
    #[prost(uint64, tag = "19")]
    slashes: u64,
}
proto_value!(Stored);

impl Value for Validator {
    fn encode(&self) -> Vec<u8> {
        let number = |number: u128| number.to_be_bytes().to_vec();
        Value::encode(&Stored {
            id: self.id,
            operator: self.operator.as_bytes().to_vec(),
            key: self.key.map_or_else(Vec::new, Vec::from),
            possession: self.possession,
            description: Some(self.description.clone()),
            rate: number(self.commission.rate.0),
            max_rate: number(self.commission.max_rate.0),
            max_change_rate: number(self.commission.max_change_rate.0),
            rate_updated: self.commission.updated,
            min_self_delegation: number(self.min_self_delegation.0),
            tokens: number(self.tokens.0),
            shares: number(self.shares),
            jailed: self.jailed,
            jailed_until: self.jailed_until,
            tombstoned: self.tombstoned,
            created_height: self.created_height,
            ever_seated: self.ever_seated,
            work: self.work.to_vec(),
            slashes: self.slashes,
        })
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let stored: Stored = Value::decode(bytes)?;
        let number = |bytes: Vec<u8>| bytes.try_into().ok().map(u128::from_be_bytes);
        Some(Self {
            id: stored.id,
            operator: Address::new(&stored.operator).ok()?,
            key: if stored.key.is_empty() { None } else { Some(stored.key.try_into().ok()?) },
            possession: stored.possession,
            description: stored.description?,
            commission: Commission {
                rate: Decimal(number(stored.rate)?),
                max_rate: Decimal(number(stored.max_rate)?),
                max_change_rate: Decimal(number(stored.max_change_rate)?),
                updated: stored.rate_updated,
            },
            min_self_delegation: Amount(number(stored.min_self_delegation)?),
            tokens: Amount(number(stored.tokens)?),
            shares: number(stored.shares)?,
            jailed: stored.jailed,
            jailed_until: stored.jailed_until,
            tombstoned: stored.tombstoned,
            created_height: stored.created_height,
            ever_seated: stored.ever_seated,
            work: stored.work.try_into().ok()?,
            slashes: stored.slashes,
        })
    }
}
