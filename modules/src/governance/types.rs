//! What the module stores: proposals, ballots, sums of votes.

use crate::kernel::{mul_div, proto_value, Address, Amount, Key, Result, Value};
use crate::slots::{Feature, Role, Slot};
use jmes_proto::jmes::governance::v1::proposal::Status;
use jmes_proto::jmes::governance::v1::Kind;
use jmes_proto::jmes::upgrade::v1::Action;
use prost::Message;
use std::collections::BTreeMap;

/// A proposal without its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// Who raised it.
    pub dao: Address,
    /// In which cycle.
    pub cycle: u64,
    /// What it is about.
    pub kind: Kind,
    /// What is requested, and for how long.
    pub funding: Option<FundingRequest>,
    /// As stored: `Raised` until it is tallied or withdrawn, `Passed` also when it has lapsed for want of a conclusion.
    pub status: Status,
    /// The result; zeros before the tally.
    pub tally: Tally,
    /// When it was raised.
    pub raised_height: u64,
    /// When it was tallied; 0 before.
    pub tallied_height: u64,
    /// When it was concluded; 0 if it was not.
    pub concluded_height: u64,
}

/// What a DAO requests (§12).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FundingRequest {
    /// In Nils over the whole period; 0 when the request only carries the period.
    pub amount: Amount,
    /// The length of the period, 1 to 120.
    pub months: u32,
}

/// The result of a vote, in Nils.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// The weight of yes votes.
    pub yes: Amount,
    /// The weight of no votes.
    pub no: Amount,
    /// The weight of all who could have voted.
    pub possible: Amount,
}

impl Tally {
    /// Whether yes > no and yes exceeds no by `percent` hundredths of the possible votes (§11).
    pub fn has_passed(&self, percent: u32) -> bool {
        let Some(net) = self.yes.minus(self.no).filter(|net| !net.is_zero()) else { return false };
        let (reached, needed) = (net.0.checked_mul(100), self.possible.0.checked_mul(percent.into()));
        match (reached, needed) {
            (Some(reached), Some(needed)) => reached >= needed,
            // Nobody has 2^121 Nils.
            _ => false,
        }
    }

    /// Yes minus no, in Nils; nothing when no prevails.
    pub fn net_yes(&self) -> Amount {
        self.yes.minus(self.no).unwrap_or_default()
    }
}

/// The text of a proposal, and what shall happen.
#[derive(Clone, Debug, PartialEq)]
pub struct Body {
    /// 4 to 64 characters.
    pub title: String,
    /// 4 to 10,000 characters.
    pub description: String,
    /// What shall happen.
    pub content: Content,
}

/// What shall happen when a proposal is concluded.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// Nothing but funding, if any.
    Text,
    /// The DAO gets a feature.
    RequestFeature(Feature),
    /// The DAO gets a core slot.
    CoreSlot(Slot),
    /// The protocol is changed; at least one action.
    Improvement(Vec<Action>),
    /// That DAO loses its core slot.
    RevokeCoreSlot(Slot, Address),
}

impl Content {
    /// Its kind.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Text => Kind::Text,
            Self::RequestFeature(_) => Kind::RequestFeature,
            Self::CoreSlot(_) => Kind::CoreSlot,
            Self::Improvement(_) => Kind::Improvement,
            Self::RevokeCoreSlot(..) => Kind::RevokeCoreSlot,
        }
    }
}

/// A vote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// For it.
    Yes,
    /// Against it.
    No,
}

/// The votes of one voter in one cycle.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ballot {
    /// Whether they are in the sums: the voter's bonds were worth the minimum when they changed last. Of a premint wallet
    /// it says whether the tally counted them.
    pub counted: bool,
    /// By proposal.
    pub votes: BTreeMap<u64, Choice>,
}

/// Something for each side: shares of a validator in a row, Nils in totals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sides {
    /// Of yes votes.
    pub yes: u128,
    /// Of no votes.
    pub no: u128,
}

impl Sides {
    /// Of votes of this choice.
    pub const fn of(&self, choice: Choice) -> u128 {
        match choice {
            Choice::Yes => self.yes,
            Choice::No => self.no,
        }
    }

    /// With another number for votes of this choice.
    #[must_use]
    pub const fn with(self, choice: Choice, number: u128) -> Self {
        match choice {
            Choice::Yes => Self { yes: number, ..self },
            Choice::No => Self { no: number, ..self },
        }
    }
}

/// What the shares of a validator were worth at one time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// In Nils.
    pub tokens: u128,
    /// At least 1.
    pub shares: u128,
}

impl Rate {
    /// Before any slash a share counts as 1 Nil.
    pub const ONE: Self = Self { tokens: 1, shares: 1 };

    /// floor(`shares` × tokens / shares), in Nils.
    pub fn value_of(&self, shares: u128) -> Result<u128> {
        mul_div(shares, self.tokens, self.shares)
    }
}

/// The stored cycle, and what there is of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clock {
    /// The cycle whose proposals are not tallied yet.
    pub cycle: u64,
    /// Whether anyone has voted in it.
    pub voted: bool,
    /// Whether there are rows of past cycles still to be removed.
    pub old_rows: bool,
}

#[derive(Clone, PartialEq, Message)]
struct StoredProposal {
    #[prost(bytes = "vec", tag = "1")]
    dao: Vec<u8>,
    #[prost(uint64, tag = "2")]
    cycle: u64,
    #[prost(enumeration = "Kind", tag = "3")]
    kind: i32,
    #[prost(bytes = "vec", tag = "4")]
    amount: Vec<u8>,
    #[prost(uint32, tag = "5")]
    months: u32,
    #[prost(enumeration = "Status", tag = "6")]
    status: i32,
    #[prost(bytes = "vec", tag = "7")]
    yes: Vec<u8>,
    #[prost(bytes = "vec", tag = "8")]
    no: Vec<u8>,
    #[prost(bytes = "vec", tag = "9")]
    possible: Vec<u8>,
    #[prost(uint64, tag = "10")]
    raised_height: u64,
    #[prost(uint64, tag = "11")]
    tallied_height: u64,
    #[prost(uint64, tag = "12")]
    concluded_height: u64,
}

#[derive(Clone, PartialEq, Message)]
struct StoredBody {
    #[prost(string, tag = "1")]
    title: String,
    #[prost(string, tag = "2")]
    description: String,
    #[prost(string, tag = "3")]
    role: String,
    #[prost(bytes = "vec", tag = "4")]
    sitting: Vec<u8>,
    #[prost(message, repeated, tag = "5")]
    actions: Vec<Action>,
}
proto_value!(StoredProposal, StoredBody);

/// An amount that is 0 takes no bytes.
fn number(amount: Amount) -> Vec<u8> {
    if amount.is_zero() {
        Vec::new()
    } else {
        amount.encode()
    }
}

fn read_number(bytes: &[u8]) -> Option<Amount> {
    if bytes.is_empty() {
        Some(Amount::ZERO)
    } else {
        Amount::decode(bytes)
    }
}

impl Value for Proposal {
    fn encode(&self) -> Vec<u8> {
        Value::encode(&StoredProposal {
            dao: self.dao.as_bytes().to_vec(),
            cycle: self.cycle,
            kind: self.kind.into(),
            amount: number(self.funding.map_or(Amount::ZERO, |request| request.amount)),
            months: self.funding.map_or(0, |request| request.months),
            status: self.status.into(),
            yes: number(self.tally.yes),
            no: number(self.tally.no),
            possible: number(self.tally.possible),
            raised_height: self.raised_height,
            tallied_height: self.tallied_height,
            concluded_height: self.concluded_height,
        })
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let stored: StoredProposal = Value::decode(bytes)?;
        let request = FundingRequest { amount: read_number(&stored.amount)?, months: stored.months };
        Some(Self {
            dao: Address::new(&stored.dao).ok()?,
            cycle: stored.cycle,
            kind: Kind::try_from(stored.kind).ok()?,
            funding: (stored.months > 0).then_some(request),
            status: Status::try_from(stored.status).ok()?,
            tally: Tally {
                yes: read_number(&stored.yes)?,
                no: read_number(&stored.no)?,
                possible: read_number(&stored.possible)?,
            },
            raised_height: stored.raised_height,
            tallied_height: stored.tallied_height,
            concluded_height: stored.concluded_height,
        })
    }
}

/// The role tells a feature from a slot, and who sits there is named only to be removed.
impl Value for Body {
    fn encode(&self) -> Vec<u8> {
        let (mut role, mut sitting, mut actions) = ("", Vec::new(), Vec::new());
        match &self.content {
            Content::Text => {}
            Content::RequestFeature(feature) => role = Role::Feature(*feature).name(),
            Content::CoreSlot(slot) => role = Role::Slot(*slot).name(),
            Content::Improvement(all) => actions.clone_from(all),
            Content::RevokeCoreSlot(slot, dao) => {
                role = Role::Slot(*slot).name();
                sitting = dao.as_bytes().to_vec();
            }
        }
        let (title, description) = (self.title.clone(), self.description.clone());
        Value::encode(&StoredBody { title, description, role: role.into(), sitting, actions })
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let StoredBody { title, description, role, sitting, actions } = Value::decode(bytes)?;
        let content = match (role.as_str(), sitting.is_empty(), actions.is_empty()) {
            ("", true, true) => Content::Text,
            ("", true, false) => Content::Improvement(actions),
            (role, empty, true) => match (Role::parse(role)?, empty) {
                (Role::Feature(feature), true) => Content::RequestFeature(feature),
                (Role::Slot(slot), true) => Content::CoreSlot(slot),
                (Role::Slot(slot), false) => Content::RevokeCoreSlot(slot, Address::new(&sitting).ok()?),
                (Role::Feature(_), false) => return None,
            },
            _ => return None,
        };
        Some(Self { title, description, content })
    }
}

/// Whether counted (1 byte), then for each vote proposal id (8) ‖ `01` for yes, `02` for no.
impl Value for Ballot {
    fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![u8::from(self.counted)];
        for (id, choice) in &self.votes {
            bytes.extend(id.to_be_bytes());
            bytes.push(match choice {
                Choice::Yes => 1,
                Choice::No => 2,
            });
        }
        bytes
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (counted, mut rest) = bytes.split_first()?;
        let mut ballot = Self { counted: *counted == 1, votes: BTreeMap::new() };
        while !rest.is_empty() {
            let id = Key::read(&mut rest)?;
            let (choice, tail) = rest.split_first()?;
            let choice = match choice {
                1 => Choice::Yes,
                2 => Choice::No,
                _ => return None,
            };
            ballot.votes.insert(id, choice);
            rest = tail;
        }
        (*counted <= 1).then_some(ballot)
    }
}

fn two(first: u128, second: u128) -> Vec<u8> {
    [first.to_be_bytes(), second.to_be_bytes()].concat()
}

fn read_two(bytes: &[u8]) -> Option<(u128, u128)> {
    let (first, second) = bytes.split_at_checked(16)?;
    let read = |bytes: &[u8]| bytes.try_into().ok().map(u128::from_be_bytes);
    Some((read(first)?, read(second)?))
}

/// Yes ‖ no (16 bytes each).
impl Value for Sides {
    fn encode(&self) -> Vec<u8> {
        two(self.yes, self.no)
    }
    fn decode(bytes: &[u8]) -> Option<Self> {
        read_two(bytes).map(|(yes, no)| Self { yes, no })
    }
}

/// Tokens ‖ shares (16 bytes each).
impl Value for Rate {
    fn encode(&self) -> Vec<u8> {
        two(self.tokens, self.shares)
    }
    fn decode(bytes: &[u8]) -> Option<Self> {
        read_two(bytes).map(|(tokens, shares)| Self { tokens, shares })
    }
}

/// Cycle (8 bytes) ‖ one byte: 1 if anyone has voted, 2 if there are old rows, or their sum.
impl Value for Clock {
    fn encode(&self) -> Vec<u8> {
        let mut bytes = self.cycle.to_be_bytes().to_vec();
        bytes.push(u8::from(self.voted) | (u8::from(self.old_rows) << 1));
        bytes
    }
    fn decode(mut bytes: &[u8]) -> Option<Self> {
        let cycle = Key::read(&mut bytes)?;
        match bytes {
            [flags @ 0..=3] => Some(Self { cycle, voted: flags & 1 != 0, old_rows: flags & 2 != 0 }),
            _ => None,
        }
    }
}
