//! Slots, features, and who claims them.

use crate::kernel::{Address, Amount, Key};
use jmes_proto::jmes::slots::v1 as proto;

/// A core slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slot {
    /// The brand slot.
    Brand,
    /// The community slot.
    Community,
    /// The engineering slot.
    Engineering,
}

impl Slot {
    /// All three.
    pub const ALL: [Self; 3] = [Self::Brand, Self::Community, Self::Engineering];

    /// Its name: `brand`, `community`, `engineering`.
    pub const fn name(self) -> &'static str {
        Role::Slot(self).name()
    }

    /// The slot of a number in messages; none for the unspecified and for unknown ones.
    pub fn from_proto(number: i32) -> Option<Self> {
        Self::ALL.into_iter().find(|slot| slot.to_proto() == number)
    }

    /// The slot's number in messages.
    pub const fn to_proto(self) -> i32 {
        match self {
            Self::Brand => proto::Slot::Brand as i32,
            Self::Community => proto::Slot::Community as i32,
            Self::Engineering => proto::Slot::Engineering as i32,
        }
    }
}

/// A feature that can be requested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Feature {
    /// May mint artworks.
    ArtDealer,
    /// Is official.
    OfficialStatus,
}

impl Feature {
    /// The feature of this name.
    pub fn parse(name: &str) -> Option<Self> {
        match Role::parse(name) {
            Some(Role::Feature(feature)) => Some(feature),
            _ => None,
        }
    }

    /// Its name: `art_dealer`, `official_status`.
    pub const fn name(self) -> &'static str {
        Role::Feature(self).name()
    }
}

/// What a DAO can hold for a term.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// A feature.
    Feature(Feature),
    /// A core slot.
    Slot(Slot),
}

impl Role {
    /// All of them, with the byte of each in keys and values.
    const ALL: [(Self, u8); 5] = [
        (Self::Slot(Slot::Brand), 1),
        (Self::Slot(Slot::Community), 2),
        (Self::Slot(Slot::Engineering), 3),
        (Self::Feature(Feature::ArtDealer), 4),
        (Self::Feature(Feature::OfficialStatus), 5),
    ];

    /// Its name: `art_dealer`, `official_status`, `brand`, `community`, `engineering`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Feature(Feature::ArtDealer) => "art_dealer",
            Self::Feature(Feature::OfficialStatus) => "official_status",
            Self::Slot(Slot::Brand) => "brand",
            Self::Slot(Slot::Community) => "community",
            Self::Slot(Slot::Engineering) => "engineering",
        }
    }

    /// The role of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().map(|(role, _)| role).find(|role| role.name() == name)
    }

    /// Its byte in keys and values.
    pub(crate) fn byte(self) -> u8 {
        Self::ALL.into_iter().find(|(role, _)| *role == self).map_or(0, |(_, byte)| byte)
    }

    /// The role of a byte.
    pub(crate) fn of_byte(byte: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, other)| *other == byte).map(|(role, _)| role)
    }
}

/// One byte.
impl Key for Role {
    fn write(&self, out: &mut Vec<u8>) {
        out.push(self.byte());
    }
    fn read(bytes: &mut &[u8]) -> Option<Self> {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        Self::of_byte(*byte)
    }
}

/// One byte, that of the role.
impl Key for Slot {
    fn write(&self, out: &mut Vec<u8>) {
        Role::Slot(*self).write(out);
    }
    fn read(bytes: &mut &[u8]) -> Option<Self> {
        match Role::read(bytes)? {
            Role::Slot(slot) => Some(slot),
            Role::Feature(_) => None,
        }
    }
}

/// A passed proposal for a core slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Who wants it.
    pub dao: Address,
    /// The slot.
    pub slot: Slot,
    /// The governance proposal.
    pub proposal_id: u64,
    /// Its cycle.
    pub cycle: u64,
    /// Yes minus no at its tally, in Nils.
    pub net_yes: Amount,
    /// The length of the term in issuance heights.
    pub blocks: u64,
}
