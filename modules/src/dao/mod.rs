//! DAOs: organisations whose members decide by power what the address of the DAO does (§10).

use crate::kernel::{codes, Address, Ctx, Error, Module, Result, View};

/// The module.
pub struct DaoModule;

impl Module for DaoModule {
    fn name(&self) -> &'static str {
        "dao"
    }
    fn import(&self, _: &mut Ctx, _: &serde_json::Value) -> Result<()> {
        Ok(())
    }
    fn export(&self, _: &View) -> Result<serde_json::Value> {
        Ok(serde_json::Value::Null)
    }
}

fn unbuilt<T>() -> Result<T> {
    Err(Error::sdk(codes::NOT_SUPPORTED, "not built yet"))
}

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
    /// What it signs with, see [`address_of`].
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

/// The DAO at `address`.
pub fn dao(_view: &View, _address: &Address) -> Result<Option<Dao>> {
    unbuilt()
}

/// The DAO at `address`; `sdk/38` when there is none.
pub fn require(_view: &View, _address: &Address) -> Result<Dao> {
    unbuilt()
}

/// Refused unless the DAO meets what a sitting core DAO must: 3–9 members, no member whose power alone reaches the threshold
/// (§10).
pub fn check_core(_view: &View, _dao: &Dao) -> Result<()> {
    unbuilt()
}

/// Raises the DAO's version, which supersedes its proposals (§10): it was seated in a core slot.
pub fn raise_version(_ctx: &mut Ctx, _address: &Address) -> Result<()> {
    unbuilt()
}
