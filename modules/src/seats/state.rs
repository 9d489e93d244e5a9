//! Every key of the store `seats`.

use super::proving::Proof;
use super::waiting::Work;
use crate::kernel::{proto_value, Address, Item, Map, Value};
use crate::SEATS;
use jmes_proto::jmes::staking::v1::Params;
use prost::Message;

/// `01` → the parameters.
pub const PARAMS: Item<Params> = Item::new(SEATS, 1);
/// `02` → all seats, in order of seating.
pub const MEMBERS: Item<StoredMembers> = Item::new(SEATS, 2);
/// `03` → the commits of the unproven ones, in order of seating; absent when all are proven. Apart from the seats, because
/// it changes in every block.
pub const PROOFS: Item<Vec<Proof>> = Item::new(SEATS, 3);
/// `04 ‖ position` → who waits, in the order of waiting: since (8 bytes) ‖ work (32) ‖ operator.
pub const WAITING: Map<u64, Candidate> = Map::new(SEATS, 4);
/// `05 ‖ operator` → its position.
pub const POSITIONS: Map<Address, u64> = Map::new(SEATS, 5);
/// `06 ‖ work ‖ position` → nothing; for every one that waits and was never seated.
pub const BY_WORK: Map<(Work, u64), ()> = Map::new(SEATS, 6);
/// `07 ‖ n ‖ b` → how many wait at positions p with floor(p / 2^n) = b, for n = 8, 16, 24; no zeros.
pub const COUNTS: Map<(u64, u64), u64> = Map::new(SEATS, 7);
/// `08` → the size of the list.
pub const LIST: Item<StoredList> = Item::new(SEATS, 8);
/// `09` → the vacated seats whose draw is to come; absent when there are none.
pub const VACANCIES: Item<StoredVacancies> = Item::new(SEATS, 9);
/// `0a` → the height of the last newcomer, 0 for none; absent until the Initial Distribution Period has ended.
pub const LAST_NEWCOMER: Item<u64> = Item::new(SEATS, 10);

/// All seats.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct StoredMembers {
    /// In order of seating.
    #[prost(message, repeated, tag = "1")]
    pub members: Vec<StoredMember>,
}

/// One seat.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct StoredMember {
    /// The validator.
    #[prost(bytes = "vec", tag = "1")]
    pub operator: Vec<u8>,
    /// Its ed25519 consensus key.
    #[prost(bytes = "vec", tag = "2")]
    pub key: Vec<u8>,
    /// The power last told to the engine.
    #[prost(uint64, tag = "3")]
    pub power: u64,
    /// Whether it has shown that it signs.
    #[prost(bool, tag = "4")]
    pub proven: bool,
    /// The height at whose end it was seated.
    #[prost(uint64, tag = "5")]
    pub seated_height: u64,
    /// Whether it has been seated since before the end of the Initial Distribution Period.
    #[prost(bool, tag = "6")]
    pub incumbent: bool,
}

/// The size of the waiting list.
#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub struct StoredList {
    /// How many wait.
    #[prost(uint64, tag = "1")]
    pub count: u64,
    /// The position of the next one.
    #[prost(uint64, tag = "2")]
    pub next: u64,
}

/// Vacated seats.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct StoredVacancies {
    /// Those whose draw is to come, the oldest first.
    #[prost(message, repeated, tag = "1")]
    pub pending: Vec<StoredVacancy>,
    /// The lowest bits of the latest app hashes, the newest in the lowest bit.
    #[prost(uint64, tag = "2")]
    pub bits: u64,
}

/// Seats vacated at one height.
#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub struct StoredVacancy {
    /// The height at whose end they were vacated.
    #[prost(uint64, tag = "1")]
    pub height: u64,
    /// How many.
    #[prost(uint64, tag = "2")]
    pub seats: u64,
}

proto_value!(Params, StoredMembers, StoredList, StoredVacancies);

/// Who waits for a seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The validator.
    pub operator: Address,
    /// The height since which it waits.
    pub since: u64,
    /// By which it waits.
    pub work: Work,
}

/// since (8 bytes) ‖ work (32) ‖ operator.
impl Value for Candidate {
    fn encode(&self) -> Vec<u8> {
        [self.since.to_be_bytes().as_slice(), &self.work.0, self.operator.as_bytes()].concat()
    }
    fn decode(bytes: &[u8]) -> Option<Self> {
        let (since, rest) = bytes.split_first_chunk()?;
        let (work, operator) = rest.split_first_chunk()?;
        let operator = Address::new(operator).ok()?;
        Some(Self { operator, since: u64::from_be_bytes(*since), work: Work(*work) })
    }
}
