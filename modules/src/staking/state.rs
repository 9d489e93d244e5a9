//! Every key of the store `staking`, and the history in the store `consensus`.

use super::history::{HistorySpan, Member, StoredHeader};
use super::{RedelegationEntry, Slash, UnbondingEntry, Validator};
use crate::kernel::{proto_value, Address, Amount, ConsensusAddress, Item, Key, Map, Value};
use crate::{CONSENSUS, STAKING};
use cosmos_sdk_proto::cosmos::staking::v1beta1::Params;

/// `01` → the parameters.
pub const PARAMS: Item<Params> = Item::new(STAKING, 1);
/// `02 ‖ operator` → the validator. Never deleted (§6).
pub const VALIDATORS: Map<Address, Validator> = Map::new(STAKING, 2);
/// `03 ‖ consensus address` → the validator that has, or had, this key; never reused (§6).
pub const BY_CONSENSUS: Map<ConsensusAddress, Address> = Map::new(STAKING, 3);
/// `04` → the number of validators ever created: the id of the last one.
pub const LAST_ID: Item<u64> = Item::new(STAKING, 4);
/// `05 ‖ 2^64 − 1 − Nils bonded ‖ id` → operator, of every validator that has a key, is not jailed and has at least 1 JMES
/// bonded: by bond, then earlier creation (§6).
pub const RANKED: Map<(u64, u64), Address> = Map::new(STAKING, 5);
/// `06` → the sum of all validators' tokens, in Nils.
pub const TOTAL_BONDED: Item<Amount> = Item::new(STAKING, 6);
/// `07` → the sum of all unbonding entries, before the slashes that they are settled against (§8), in Nils.
pub const TOTAL_UNBONDING: Item<Amount> = Item::new(STAKING, 7);
/// `08 ‖ delegator ‖ operator` → the bond's shares; no zeros.
pub const BONDS: Map<Pair, Shares> = Map::new(STAKING, 8);
/// `09 ‖ operator ‖ delegator` → 1: the bonds by validator.
pub const BONDS_TO: Map<Pair, ()> = Map::new(STAKING, 9);
/// `0a ‖ delegator ‖ operator` → what the delegator is taking back from the validator, by age; never an empty list.
pub const UNBONDING: Map<Pair, Vec<UnbondingEntry>> = Map::new(STAKING, 10);
/// `0b ‖ operator ‖ delegator` → 1: the unbonding entries by validator.
pub const UNBONDING_FROM: Map<Pair, ()> = Map::new(STAKING, 11);
/// `0c ‖ completion in ns ‖ entry id` → delegator and operator of an unbonding entry.
pub const UNBONDING_QUEUE: Map<(u64, u64), Keyed<Pair>> = Map::new(STAKING, 12);
/// `0d ‖ delegator ‖ source ‖ destination` → the redelegations of the last 21 days, by age; never an empty list.
pub const REDELEGATIONS: Map<Route, Vec<RedelegationEntry>> = Map::new(STAKING, 13);
/// `0e ‖ source ‖ delegator ‖ destination` → 1: the redelegations by source.
pub const REDELEGATIONS_FROM: Map<Route, ()> = Map::new(STAKING, 14);
/// `0f ‖ delegator ‖ destination ‖ source` → 1: the redelegations by destination.
pub const REDELEGATIONS_TO: Map<Route, ()> = Map::new(STAKING, 15);
/// `10 ‖ completion in ns ‖ entry id` → delegator, source and destination of a redelegation.
pub const REDELEGATION_QUEUE: Map<(u64, u64), Keyed<Route>> = Map::new(STAKING, 16);
/// `11` → the id of the last unbonding entry or redelegation.
pub const LAST_ENTRY: Item<u64> = Item::new(STAKING, 17);
/// `12 ‖ operator ‖ number from 0` → a slash of the validator.
pub const SLASHES: Map<(Address, u64), Slash> = Map::new(STAKING, 18);
/// `13 ‖ operator` → of a slashed validator, delegator and destination of the first redelegation from it that may not be settled.
pub const SETTLING: Map<Address, Keyed<Pair>> = Map::new(STAKING, 19);

/// `04 ‖ height` in the store `consensus` → the header of a block, as far as the state machine knows it. Every block writes one and
/// removes one, so they are where the tree is small.
pub const HISTORY: Map<u64, StoredHeader> = Map::new(CONSENSUS, 4);
/// `05 ‖ number` in the store `consensus` → the engine's set of the blocks whose headers name the number.
pub const HISTORY_SETS: Map<u64, Vec<Member>> = Map::new(CONSENSUS, 5);
/// `06` in the store `consensus` → which of them are kept.
pub const HISTORY_SPAN: Item<HistorySpan> = Item::new(CONSENSUS, 6);

/// Delegator and operator; in the indices by validator the other way round.
pub type Pair = (Address, Address);

/// Delegator, source and destination of a redelegation; in the indices in the index's order.
pub type Route = (Address, (Address, Address));

/// Shares of a validator: 1 to 10^30.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shares(pub u128);

impl Value for Shares {
    fn encode(&self) -> Vec<u8> {
        self.0.to_be_bytes().to_vec()
    }
    fn decode(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(|raw| Self(u128::from_be_bytes(raw)))
    }
}

/// A value made like a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keyed<K>(pub K);

impl<K: Key> Value for Keyed<K> {
    fn encode(&self) -> Vec<u8> {
        self.0.encoded()
    }
    fn decode(mut bytes: &[u8]) -> Option<Self> {
        let key = K::read(&mut bytes)?;
        bytes.is_empty().then_some(Self(key))
    }
}

/// A record of fixed length in a stored list.
pub(super) trait Record: Sized {
    fn write(&self, out: &mut Vec<u8>);
    fn read(bytes: &mut &[u8]) -> Option<Self>;
}

/// The records one after the other.
impl<R: Record> Value for Vec<R> {
    fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.iter().for_each(|record| record.write(&mut out));
        out
    }
    fn decode(mut bytes: &[u8]) -> Option<Self> {
        let mut records = Self::new();
        while !bytes.is_empty() {
            records.push(R::read(&mut bytes)?);
        }
        Some(records)
    }
}

/// Takes a number of 16 bytes off the front of `bytes`.
pub(super) fn read_u128(bytes: &mut &[u8]) -> Option<u128> {
    let (head, tail) = bytes.split_at_checked(16)?;
    *bytes = tail;
    head.try_into().ok().map(u128::from_be_bytes)
}

proto_value!(Params);
