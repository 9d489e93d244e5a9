//! DAOs, proposals and votes, and their stored forms.

use super::params::{MOST_MEMBERS, MOST_POWER};
use crate::kernel::{Address, Key, Value};
use jmes_proto::Any;

pub use jmes_proto::jmes::dao::v1::proposal::Status;
pub use jmes_proto::jmes::dao::v1::VoteOption;

/// A member of a DAO.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// Has a user's identity.
    pub address: Address,
    /// The weight of its vote, at least 1.
    pub power: u64,
}

/// A DAO.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dao {
    /// Counts the DAOs from 1.
    pub id: u64,
    /// What it signs with, see [`address_of`](super::address_of).
    pub address: Address,
    /// Its identity.
    pub name: String,
    /// In order of their addresses.
    pub members: Vec<Member>,
    /// The power of yes votes that passes a proposal.
    pub threshold: u64,
    /// How long proposals are open, in nanoseconds.
    pub voting_period: u64,
    /// Raised by every update and by being seated in a core slot.
    pub version: u64,
    /// When it was registered.
    pub height: u64,
}

impl Dao {
    /// The power of all members.
    pub fn total_power(&self) -> u64 {
        self.members.iter().fold(0, |sum, member| sum.saturating_add(member.power))
    }

    /// Says what is wrong with a DAO whatever the parameters are or were.
    pub(super) fn check_shape(&self) -> Result<(), String> {
        let most = usize::try_from(MOST_MEMBERS).unwrap_or(usize::MAX);
        if self.members.is_empty() || self.members.len() > most {
            return Err(format!("it has {} members", self.members.len()));
        }
        if !self.members.is_sorted_by(|one, next| one.address < next.address) {
            return Err("its members are not in order of their addresses, or not distinct".into());
        }
        let total = self.total_power();
        if self.members.iter().any(|member| member.power == 0) || total > MOST_POWER {
            return Err(format!("a member has power 0, or all power, {total}, is too much"));
        }
        if self.threshold == 0 || self.threshold > total {
            return Err(format!("the threshold is {}, all power is {total}", self.threshold));
        }
        if self.voting_period == 0 || self.version == 0 {
            return Err("its voting period or its version is 0".into());
        }
        Ok(())
    }

    /// The power of a member; `None` for others.
    pub fn power_of(&self, address: &Address) -> Option<u64> {
        self.members.iter().find(|member| member.address == *address).map(|member| member.power)
    }
}

/// What becomes of a proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// The DAO.
    pub dao: Address,
    /// The member who submitted it.
    pub proposer: Address,
    /// The DAO's version when it was submitted.
    pub version: u64,
    /// As of the last time that anything touched it; see [`Self::status_at`].
    pub status: Status,
    /// Whether it has no messages.
    pub poll: bool,
    /// The power of yes votes.
    pub yes: u64,
    /// The power of no votes.
    pub no: u64,
    /// The power of abstentions.
    pub abstain: u64,
    /// When it was submitted.
    pub height: u64,
    /// Until when it can be voted on, in nanoseconds since 1970.
    pub deadline: u64,
    /// Until when it can be executed, in nanoseconds since 1970; `None` until it has passed, and for polls.
    pub execute_until: Option<u64>,
    /// Why the last attempt to execute it failed, as codespace/code; empty when none did.
    pub failure: String,
}

impl Proposal {
    /// What it is at block time `time` (nanoseconds since 1970) when its DAO has that version (§10). The version is asked
    /// first, of expired ones, too: so it is the same whether that was stored meanwhile or not.
    pub fn status_at(&self, version: u64, time: u64) -> Status {
        match self.status {
            Status::Open | Status::Passed | Status::Expired if self.version != version => Status::Superseded,
            Status::Open if time >= self.deadline => Status::Expired,
            Status::Passed if self.execute_until.is_some_and(|until| time >= until) => Status::Expired,
            status => status,
        }
    }

    /// The sum that a vote counts in; `None` if it is no vote.
    pub const fn sum(&mut self, option: VoteOption) -> Option<&mut u64> {
        match option {
            VoteOption::Yes => Some(&mut self.yes),
            VoteOption::No => Some(&mut self.no),
            VoteOption::Abstain => Some(&mut self.abstain),
            VoteOption::Unspecified => None,
        }
    }
}

/// What a proposal says.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Content {
    /// Shown in lists.
    #[prost(string, tag = "1")]
    pub title: String,
    /// What it is about.
    #[prost(string, tag = "2")]
    pub summary: String,
    /// What the DAO would send.
    #[prost(message, repeated, tag = "3")]
    pub messages: Vec<Any>,
}

/// A member's vote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ballot {
    /// What it said last.
    pub option: VoteOption,
    /// The weight of its vote.
    pub power: u64,
}

/// Stored as id ‖ threshold ‖ voting period ‖ version ‖ height (8 bytes each, big-endian) ‖ address (its length and its bytes) ‖
/// number of members (1) ‖ each member's address and power (8) ‖ name (UTF-8).
impl Value for Dao {
    fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(128);
        for number in [self.id, self.threshold, self.voting_period, self.version, self.height] {
            number.write(&mut bytes);
        }
        self.address.write(&mut bytes);
        bytes.push(u8::try_from(self.members.len()).unwrap_or(u8::MAX));
        for member in &self.members {
            member.address.write(&mut bytes);
            member.power.write(&mut bytes);
        }
        bytes.extend(self.name.bytes());
        bytes
    }

    fn decode(mut bytes: &[u8]) -> Option<Self> {
        let [id, threshold, voting_period, version, height] = numbers(&mut bytes)?;
        let address = Address::read(&mut bytes)?;
        let (count, mut bytes) = bytes.split_first()?;
        let mut members = Vec::with_capacity(usize::from(*count));
        for _ in 0..*count {
            let address = Address::read(&mut bytes)?;
            members.push(Member { address, power: u64::read(&mut bytes)? });
        }
        let name = String::from_utf8(bytes.to_vec()).ok()?;
        Some(Self { id, address, name, members, threshold, voting_period, version, height })
    }
}

/// Stored as status (1 byte, as its message numbers it) ‖ `01` for a poll, else `00` ‖ version ‖ yes ‖ no ‖ abstain ‖ height ‖
/// deadline ‖ until when it can be executed, 0 for none (8 each, big-endian) ‖ DAO ‖ proposer (each its length and its bytes) ‖
/// failure (UTF-8).
impl Value for Proposal {
    fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(128);
        bytes.extend([byte(self.status.into()), u8::from(self.poll)]);
        let until = self.execute_until.unwrap_or(0);
        for number in [self.version, self.yes, self.no, self.abstain, self.height, self.deadline, until] {
            number.write(&mut bytes);
        }
        self.dao.write(&mut bytes);
        self.proposer.write(&mut bytes);
        bytes.extend(self.failure.bytes());
        bytes
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let ([status, poll], mut bytes) = bytes.split_first_chunk::<2>()?;
        let [version, yes, no, abstain, height, deadline, until] = numbers(&mut bytes)?;
        Some(Self {
            status: Status::try_from(i32::from(*status)).ok()?,
            poll: match poll {
                0 => false,
                1 => true,
                _ => return None,
            },
            version,
            yes,
            no,
            abstain,
            height,
            deadline,
            execute_until: (until > 0).then_some(until),
            dao: Address::read(&mut bytes)?,
            proposer: Address::read(&mut bytes)?,
            failure: String::from_utf8(bytes.to_vec()).ok()?,
        })
    }
}

/// Stored as option (1 byte, as its message numbers it) ‖ power (8, big-endian).
impl Value for Ballot {
    fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![byte(self.option.into())];
        self.power.write(&mut bytes);
        bytes
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (option, power) = bytes.split_first()?;
        let option = VoteOption::try_from(i32::from(*option)).ok()?;
        Some(Self { option, power: <u64 as Value>::decode(power)? })
    }
}

/// The number of an enumeration with few values.
fn byte(number: i32) -> u8 {
    u8::try_from(number).unwrap_or(0)
}

fn numbers<const COUNT: usize>(bytes: &mut &[u8]) -> Option<[u64; COUNT]> {
    let mut numbers = [0; COUNT];
    for number in &mut numbers {
        *number = u64::read(bytes)?;
    }
    Some(numbers)
}
