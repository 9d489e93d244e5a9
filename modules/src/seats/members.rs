//! The members of the engine's set in memory, for the work of a block's end.

use super::proving::Proof;
use super::state::{self, StoredMember, StoredMembers};
use crate::kernel::{codes, Address, Amount, Ctx, Error, Result, View};
use crate::staking;

/// A member of the set, with what staking has of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The validator.
    pub operator: Address,
    /// Its consensus key; a seated validator's never changes.
    pub key: [u8; 32],
    /// The power last told to the engine.
    pub power: u64,
    /// Whether it has shown that it signs.
    pub proven: bool,
    /// The height at whose end it was seated.
    pub seated_height: u64,
    /// Whether it has been seated since before the end of the Initial Distribution Period.
    pub incumbent: bool,
    /// The commits that were counted of an unproven one.
    pub proof: Proof,
}

/// What staking has of a member at the block's end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// What is bonded to it, in Nils.
    pub bond: Amount,
    /// The order of creation.
    pub id: u64,
    /// Whether it is jailed or tombstoned.
    pub jailed: bool,
}

impl Member {
    /// A newly seated validator, unproven. The engine does not know of it yet.
    pub fn new(operator: Address, key: [u8; 32], seated_height: u64) -> Self {
        let proof = Proof::default();
        Self { operator, key, power: 0, proven: false, seated_height, incumbent: false, proof }
    }
}

/// All members in order of seating.
pub fn load(view: &View) -> Result<Vec<Member>> {
    let stored = state::MEMBERS.load(view)?.unwrap_or_default().members;
    let unproven = stored.iter().any(|member| !member.proven);
    let proofs = if unproven { state::PROOFS.load(view)?.unwrap_or_default() } else { Vec::new() };
    let mut proofs = proofs.into_iter();
    stored
        .into_iter()
        .map(|stored| {
            let proof = if stored.proven { None } else { proofs.next() };
            let key = stored.key.try_into().ok();
            Ok(Member {
                operator: Address::new(&stored.operator)?,
                key: key.ok_or_else(|| Error::sdk(codes::LOGIC, "a seat's key has not 32 bytes"))?,
                power: stored.power,
                proven: stored.proven,
                seated_height: stored.seated_height,
                incumbent: stored.incumbent,
                proof: proof.unwrap_or_default(),
            })
        })
        .collect()
}

/// Saves what differs from `before`, the members as they were loaded.
pub fn save(ctx: &mut Ctx, before: &[Member], after: &[Member]) -> Result<()> {
    let stored = |members: &[Member]| StoredMembers { members: members.iter().map(to_stored).collect() };
    let proofs = |members: &[Member]| -> Vec<Proof> {
        members.iter().filter(|member| !member.proven).map(|member| member.proof).collect()
    };
    let (members, counted) = (stored(after), proofs(after));
    if members != stored(before) {
        state::MEMBERS.save(ctx, &members)?;
    }
    if counted == proofs(before) {
        return Ok(());
    }
    if counted.is_empty() {
        state::PROOFS.remove(ctx)
    } else {
        state::PROOFS.save(ctx, &counted)
    }
}

/// What staking has of `operator`.
pub fn facts(view: &View, operator: &Address) -> Result<Facts> {
    let validator = staking::require(view, operator)?;
    let jailed = validator.jailed || validator.tombstoned;
    Ok(Facts { bond: validator.tokens, id: validator.id, jailed })
}

fn to_stored(member: &Member) -> StoredMember {
    StoredMember {
        operator: member.operator.as_bytes().to_vec(),
        key: member.key.to_vec(),
        power: member.power,
        proven: member.proven,
        seated_height: member.seated_height,
        incumbent: member.incumbent,
    }
}
