//! DAOs: organisations whose members decide by power what the address of the DAO does (§10).
//!
//! A DAO's address has no key. Whatever a wallet can send a DAO can send: a member proposes messages, members vote, and once
//! enough power says yes any member executes them, all or none. Each change of the membership raises the DAO's version, which
//! ends all its proposals at once without touching them.

mod execution;
mod genesis;
mod invariants;
mod msgs;
mod params;
mod proposals;
mod queries;
mod registry;
mod rules;
pub mod state;
#[cfg(test)]
mod tests;
pub mod types;

pub use params::{check_params, defaults, params, MOST_MEMBERS, MOST_POWER};
pub use registry::raise_version;
pub use rules::check_core;
pub use types::{Dao, Member};

use crate::kernel::{
    codes, message_from_json, message_to_json, Address, Ctx, Error, Module, QueryRoutes, Result, Routes, View,
};
use jmes_proto::jmes::dao::v1::{MsgExecute, MsgRegisterDao, MsgSubmitProposal, MsgUpdateDao, MsgVote};
use sha2::{Digest, Sha256};

/// The module.
pub struct DaoModule;

/// Codes of the codespace `dao`.
pub mod dao_codes {
    /// The codespace.
    pub const DAO: &str = "dao";
    /// DAOs are registered after the Initial Distribution Period.
    pub const IN_IDP: u32 = 2;
    /// A creator or a member has no user identity.
    pub const NO_IDENTITY: u32 = 3;
    /// Too few or too many members, one of them twice, or powers out of range.
    pub const INVALID_MEMBERS: u32 = 4;
    /// The threshold is 0 or can't be reached.
    pub const INVALID_THRESHOLD: u32 = 5;
    /// The voting period is too short or too long.
    pub const INVALID_VOTING_PERIOD: u32 = 6;
    /// The DAO is not what a core DAO must be.
    pub const NOT_CORE: u32 = 7;
    /// The sender is no member of the DAO.
    pub const NOT_MEMBER: u32 = 8;
    /// A title or a summary is too short or too long, or has control characters.
    pub const INVALID_TEXT: u32 = 9;
    /// A message that the DAO can't send.
    pub const INVALID_MESSAGE: u32 = 10;
    /// The member has too many open proposals in the DAO.
    pub const TOO_MANY_OPEN: u32 = 11;
    /// The option is no vote.
    pub const INVALID_OPTION: u32 = 12;
    /// The proposal can't be voted on any more.
    pub const NOT_OPEN: u32 = 13;
    /// The proposal has not passed, has been executed, or can't be any more.
    pub const NOT_EXECUTABLE: u32 = 14;
}

impl Module for DaoModule {
    fn name(&self) -> &'static str {
        "dao"
    }
    fn messages(&self, routes: &mut Routes) {
        routes.add::<MsgRegisterDao>("/jmes.dao.v1.MsgRegisterDao");
        routes.add::<MsgUpdateDao>("/jmes.dao.v1.MsgUpdateDao");
        routes.add::<MsgSubmitProposal>("/jmes.dao.v1.MsgSubmitProposal");
        routes.add::<MsgVote>("/jmes.dao.v1.MsgVote");
        routes.add::<MsgExecute>("/jmes.dao.v1.MsgExecute");
    }
    fn queries(&self, routes: &mut QueryRoutes) {
        queries::add(routes);
    }
    fn import(&self, ctx: &mut Ctx, genesis: &serde_json::Value) -> Result<()> {
        genesis::import(ctx, genesis)
    }
    fn export(&self, view: &View) -> Result<serde_json::Value> {
        genesis::export(view)
    }
    fn params(&self, view: &View) -> Result<serde_json::Value> {
        message_to_json(&params(view)?)
    }
    fn set_params(&self, ctx: &mut Ctx, params: &serde_json::Value) -> Result<()> {
        let params = message_from_json(params)?;
        check_params(&params)?;
        state::PARAMS.save(ctx, &params)
    }
    /// DAOs have their identities and obey §10; every index has what it stands for and nothing else; sums are those of the
    /// votes.
    fn check_invariants(&self, view: &View) -> Result<()> {
        invariants::check(view)
    }
}

/// The address of the DAO with that id: SHA-256(SHA-256("jmes/dao") ‖ id as 8 bytes big-endian) (§10).
pub fn address_of(id: u64) -> Address {
    let space = Sha256::digest("jmes/dao");
    let hash = Sha256::new().chain_update(space).chain_update(id.to_be_bytes()).finalize();
    Address::of_thirty_two(hash.into())
}

/// The DAO at `address`.
pub fn dao(view: &View, address: &Address) -> Result<Option<Dao>> {
    state::DAOS.load(view, address)
}

/// The DAO at `address`; `sdk/38` when there is none.
pub fn require(view: &View, address: &Address) -> Result<Dao> {
    let found = dao(view, address)?;
    found.ok_or_else(|| Error::sdk(codes::NOT_FOUND, format!("there is no DAO at {address}")))
}
