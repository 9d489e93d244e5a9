//! Between the module's types and those of `cosmos.staking.v1beta1`.

use super::error::{invalid, refused, EMPTY_KEY, KEY_TYPE};
use super::{Commission, RedelegationEntry, UnbondingEntry, Validator};
use crate::kernel::{codes, Amount, Coin, Decimal, Error, Result};
use crate::BASE_DENOM;
use cosmos_sdk_proto::cosmos::base::v1beta1::Coin as ProtoCoin;
use cosmos_sdk_proto::cosmos::crypto::ed25519::PubKey;
use cosmos_sdk_proto::cosmos::staking::v1beta1 as proto;
use prost::Message;
use tendermint_proto::google::protobuf::{Any, Timestamp};

/// The type of consensus keys in messages.
pub const ED25519_TYPE: &str = "/cosmos.crypto.ed25519.PubKey";

const SECOND: u64 = 1_000_000_000;

/// Reads a consensus key. `staking/39` without one, `staking/6` when it is of another type, `sdk/8` when it has no 32 bytes.
pub fn consensus_key(key: Option<&Any>) -> Result<[u8; 32]> {
    let Some(any) = key else { return Err(refused(EMPTY_KEY, "empty validator public key")) };
    if any.type_url != ED25519_TYPE {
        let shown: String = any.type_url.chars().take(128).collect();
        let why = "validator pubkey type is not supported";
        return Err(refused(KEY_TYPE, format!("got: {shown}, expected: {ED25519_TYPE}: {why}")));
    }
    let key = PubKey::decode(any.value.as_slice()).ok().and_then(|key| key.key.try_into().ok());
    key.ok_or_else(|| Error::sdk(codes::INVALID_PUBKEY, "a consensus key has 32 bytes: invalid pubkey"))
}

/// Writes a consensus key.
pub fn consensus_key_to_proto(key: &[u8; 32]) -> Any {
    Any { type_url: ED25519_TYPE.into(), value: PubKey { key: key.to_vec() }.encode_to_vec() }
}

/// Reads rates of commission, which are checked when the validator is created. `sdk/18` when there are none or one is no
/// number.
pub fn commission(rates: Option<&proto::CommissionRates>) -> Result<Commission> {
    let rates = rates.ok_or_else(|| invalid("empty commission: invalid request"))?;
    Ok(Commission {
        rate: Decimal::from_proto(&rates.rate)?,
        max_rate: Decimal::from_proto(&rates.max_rate)?,
        max_change_rate: Decimal::from_proto(&rates.max_change_rate)?,
        updated: 0,
    })
}

/// A time given in nanoseconds since 1970.
pub(super) fn timestamp(time: u64) -> Timestamp {
    let part = |number: Option<u64>| i64::try_from(number.unwrap_or(0)).unwrap_or(i64::MAX);
    let nanos = i32::try_from(part(time.checked_rem(SECOND))).unwrap_or(0);
    Timestamp { seconds: part(time.checked_div(SECOND)), nanos }
}

/// The nanoseconds since 1970 of a time; `None` before 1970 or after 2554.
pub(super) fn nanoseconds(time: &Timestamp) -> Option<u64> {
    let seconds = u64::try_from(time.seconds).ok()?.checked_mul(SECOND)?;
    seconds.checked_add(u64::try_from(time.nanos).ok().filter(|nanos| *nanos < SECOND)?)
}

/// A time in events, in whole seconds as the Cosmos SDK has it.
pub(super) fn event_time(time: u64) -> String {
    jmes_proto::rfc3339(&Timestamp { nanos: 0, ..timestamp(time) }).unwrap_or_default()
}

/// Shares as messages carry decimals: in units of 10^-18.
pub(super) fn shares_to_proto(shares: u128) -> String {
    if shares == 0 {
        return "0".into();
    }
    format!("{shares}000000000000000000")
}

/// Reads whole shares.
pub(super) fn shares_from_proto(text: &str) -> Option<u128> {
    match text {
        "0" => Some(0),
        _ => Amount::parse(text.strip_suffix("000000000000000000")?).ok().map(|shares| shares.0),
    }
}

/// Nils as a coin.
pub(super) fn nils(amount: Amount) -> ProtoCoin {
    Coin::new(BASE_DENOM, amount).to_proto()
}

/// A height as messages carry it.
pub(super) fn height_to_proto(height: u64) -> i64 {
    i64::try_from(height).unwrap_or(i64::MAX)
}

impl Commission {
    /// The form of `cosmos.staking`.
    pub(super) fn to_proto(self) -> proto::Commission {
        proto::Commission {
            commission_rates: Some(proto::CommissionRates {
                rate: self.rate.to_proto(),
                max_rate: self.max_rate.to_proto(),
                max_change_rate: self.max_change_rate.to_proto(),
            }),
            update_time: Some(timestamp(self.updated)),
        }
    }
}

impl Validator {
    /// The form of `cosmos.staking`: seated validators are bonded, all others unbonded.
    pub(super) fn to_proto(&self, seated: bool) -> proto::Validator {
        let status = if seated { proto::BondStatus::Bonded } else { proto::BondStatus::Unbonded };
        proto::Validator {
            operator_address: self.operator.operator(),
            consensus_pubkey: self.key.as_ref().map(consensus_key_to_proto),
            jailed: self.jailed,
            status: status.into(),
            tokens: self.tokens.to_string(),
            delegator_shares: shares_to_proto(self.shares),
            description: Some(self.description.clone()),
            unbonding_height: 0,
            unbonding_time: Some(timestamp(0)),
            commission: Some(self.commission.to_proto()),
            min_self_delegation: self.min_self_delegation.to_string(),
            unbonding_on_hold_ref_count: 0,
            unbonding_ids: Vec::new(),
        }
    }
}

impl UnbondingEntry {
    /// The form of `cosmos.staking`, with what is left of it as its balance.
    pub(super) fn to_proto(&self, balance: Amount) -> proto::UnbondingDelegationEntry {
        proto::UnbondingDelegationEntry {
            creation_height: height_to_proto(self.height),
            completion_time: Some(timestamp(self.completion)),
            initial_balance: self.initial.to_string(),
            balance: balance.to_string(),
            unbonding_id: self.id,
            unbonding_on_hold_ref_count: 0,
        }
    }
}

impl RedelegationEntry {
    /// The form of `cosmos.staking`.
    pub(super) fn to_proto(&self) -> proto::RedelegationEntry {
        proto::RedelegationEntry {
            creation_height: height_to_proto(self.height),
            completion_time: Some(timestamp(self.completion)),
            initial_balance: self.initial.to_string(),
            shares_dst: shares_to_proto(self.shares),
            unbonding_id: self.id,
            unbonding_on_hold_ref_count: 0,
        }
    }
}
