//! Every key of the store `slots`.

use super::types::{Role, Slot};
use crate::kernel::{Address, Amount, Map, Value};
use crate::SLOTS;

/// `01 ‖ id` → the term, for ever. Ids count all terms from 1, in the order in which they began.
pub const TERMS: Map<u64, Term> = Map::new(SLOTS, 1);
/// `02 ‖ DAO ‖ id` → one of its terms.
pub const OF_DAO: Map<(Address, u64), ()> = Map::new(SLOTS, 2);
/// `03 ‖ DAO ‖ role ‖ id` → one of its terms in that role.
pub const IN_ROLE: Map<(Address, (Role, u64)), ()> = Map::new(SLOTS, 3);
/// `04 ‖ last issuance height ‖ id` → a term that has not ended.
pub const OPEN: Map<(u64, u64), ()> = Map::new(SLOTS, 4);
/// `05 ‖ slot` → the term of the DAO that sits there; absent when it is vacant.
pub const SEATS: Map<Slot, u64> = Map::new(SLOTS, 5);
/// `06 ‖ DAO` → the slot in which it sits.
pub const SEATED: Map<Address, Role> = Map::new(SLOTS, 6);
/// `07 ‖ slot` → the latest cycle, and in it the most net votes, of the proposals by which a DAO was seated there.
pub const BEST: Map<Slot, Best> = Map::new(SLOTS, 7);
/// `08 ‖ slot ‖ DAO` → the latest cycle in which a proposal passed to take the slot from the DAO.
pub const REVOKED: Map<(Slot, Address), u64> = Map::new(SLOTS, 8);

/// A time in which a DAO holds a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// Who holds it.
    pub dao: Address,
    /// The role.
    pub role: Role,
    /// The governance proposal that granted it.
    pub proposal_id: u64,
    /// The height from which it holds.
    pub since: u64,
    /// The last issuance height as granted.
    pub until: u64,
    /// The first height at which it does not hold any more; `None` while it holds.
    pub ended: Option<u64>,
}

impl Term {
    /// Whether it held at the engine's height `height`, which is not to come.
    pub const fn held_at(&self, height: u64) -> bool {
        let ended = match self.ended {
            Some(ended) => ended <= height,
            None => false,
        };
        self.since <= height && !ended
    }
}

/// The best that was concluded for a slot. Ordered as §13 does: a later cycle, in the same one more net votes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Best {
    /// The proposal's cycle.
    pub cycle: u64,
    /// Yes minus no at its tally, in Nils.
    pub net_yes: Amount,
}

/// role (1 byte) ‖ proposal ‖ since ‖ until ‖ ended, 0 while it holds (8 bytes each, big-endian) ‖ DAO.
impl Value for Term {
    fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![self.role.byte()];
        for number in [self.proposal_id, self.since, self.until, self.ended.unwrap_or(0)] {
            bytes.extend(number.to_be_bytes());
        }
        bytes.extend(self.dao.as_bytes());
        bytes
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (role, mut bytes) = bytes.split_first()?;
        let mut numbers = [0; 4];
        for number in &mut numbers {
            let (head, rest) = bytes.split_first_chunk()?;
            *number = u64::from_be_bytes(*head);
            bytes = rest;
        }
        let [proposal_id, since, until, ended] = numbers;
        let (dao, role) = (Address::new(bytes).ok()?, Role::of_byte(*role)?);
        Some(Self { dao, role, proposal_id, since, until, ended: (ended > 0).then_some(ended) })
    }
}

/// cycle (8 bytes) ‖ net yes (16), big-endian.
impl Value for Best {
    fn encode(&self) -> Vec<u8> {
        let mut bytes = self.cycle.to_be_bytes().to_vec();
        bytes.extend(self.net_yes.0.to_be_bytes());
        bytes
    }
    fn decode(bytes: &[u8]) -> Option<Self> {
        let (cycle, net_yes) = bytes.split_first_chunk()?;
        Some(Self { cycle: u64::from_be_bytes(*cycle), net_yes: Amount::decode(net_yes)? })
    }
}

/// One byte, as in keys.
impl Value for Role {
    fn encode(&self) -> Vec<u8> {
        vec![self.byte()]
    }
    fn decode(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [byte] => Self::of_byte(*byte),
            _ => None,
        }
    }
}
