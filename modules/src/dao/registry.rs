//! Registering and updating DAOs (§10).

use super::dao_codes::{DAO, IN_IDP, NO_IDENTITY};
use super::rules::{check_core, Rules};
use super::types::Dao;
use super::{address_of, require, state};
use crate::identity::{self, Kind};
use crate::kernel::{codes, Address, Ctx, Error, Event, Result};
use crate::{auth, emission, slots};

/// Creates a DAO with its identity and its account, and gives it.
pub(super) fn register(ctx: &mut Ctx, creator: &Address, name: &str, rules: Rules) -> Result<Dao> {
    let id = next(state::DAO_COUNT.load(ctx)?)?;
    let Rules { members, threshold, voting_period } = rules;
    let (address, height) = (address_of(id), ctx.block().height);
    let name = name.to_owned();
    let dao = Dao { id, address, name, members, threshold, voting_period, version: 1, height };
    identity::register(ctx, creator, &address, &dao.name, Kind::Dao)?;
    // Coins may have been sent to the address before, and genesis may have made it a premint wallet.
    let account = auth::account_or_new(ctx, &address)?;
    auth::save(ctx, &address, &account)?;
    add(ctx, &dao)?;
    ctx.emit(
        Event::new("dao_registered")
            .with("dao", address)
            .with("id", id)
            .with("name", &dao.name)
            .with("creator", creator),
    );
    Ok(dao)
}

/// Refused in the Initial Distribution Period, and for creators without a user identity.
pub(super) fn check_creator(ctx: &Ctx, creator: &Address) -> Result<()> {
    if emission::is_idp(ctx)? {
        let last = emission::idp_blocks(ctx)?;
        let why = format!(
            "DAOs can be registered after the Initial Distribution Period, from issuance height {} on",
            last.saturating_add(1)
        );
        return Err(Error::new(DAO, IN_IDP, why));
    }
    if !identity::is_user(ctx, creator)? {
        let why = format!("creator {creator} has no user identity; it must register a name first");
        return Err(Error::new(DAO, NO_IDENTITY, why));
    }
    Ok(())
}

/// Replaces members, threshold and voting period, and raises the version.
pub(super) fn update(ctx: &mut Ctx, address: &Address, rules: Rules) -> Result<()> {
    let before = require(ctx, address)?;
    let Rules { members, threshold, voting_period } = rules;
    let version = next(Some(before.version))?;
    let dao = Dao { members, threshold, voting_period, version, ..before.clone() };
    if slots::slot_of(ctx, address)?.is_some() {
        check_core(ctx, &dao)?;
    }
    for gone in before.members.iter().filter(|member| dao.power_of(&member.address).is_none()) {
        state::MEMBERSHIPS.remove(ctx, &(gone.address, dao.id))?;
    }
    for come in dao.members.iter().filter(|member| before.power_of(&member.address).is_none()) {
        state::MEMBERSHIPS.save(ctx, &(come.address, dao.id), &())?;
    }
    state::DAOS.save(ctx, address, &dao)?;
    ctx.emit(Event::new("dao_updated").with("dao", address).with("version", version));
    Ok(())
}

/// Raises the DAO's version, which supersedes its proposals (§10): it was seated in a core slot.
pub fn raise_version(ctx: &mut Ctx, address: &Address) -> Result<()> {
    let before = require(ctx, address)?;
    let version = next(Some(before.version))?;
    state::DAOS.save(ctx, address, &Dao { version, ..before })?;
    ctx.emit(Event::new("dao_version_raised").with("dao", address).with("version", version));
    Ok(())
}

/// Saves a DAO that was not there, and what leads to it.
pub(super) fn add(ctx: &mut Ctx, dao: &Dao) -> Result<()> {
    state::DAO_COUNT.save(ctx, &dao.id)?;
    state::DAOS.save(ctx, &dao.address, dao)?;
    state::BY_ID.save(ctx, &dao.id, &dao.address)?;
    dao.members.iter().try_for_each(|member| state::MEMBERSHIPS.save(ctx, &(member.address, dao.id), &()))
}

/// The number after the last one.
pub(super) fn next(last: Option<u64>) -> Result<u64> {
    let next = last.unwrap_or(0).checked_add(1);
    next.ok_or_else(|| Error::sdk(codes::LOGIC, "2^64 - 1 numbers are used up"))
}
