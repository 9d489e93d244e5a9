//! Seats: who of the validators is in the engine's set, with what power (§6).
//!
//! A validator waits ([`wait`]), is seated, proves that it signs, and loses its seat again, all at the ends of blocks
//! ([`end_block`]). During the Initial Distribution Period seats go to those who wait, after it to those with the largest
//! bonds. The engine is told differences only.

mod after;
mod draw;
mod error;
mod genesis;
mod idp;
mod invariants;
mod join;
mod members;
mod params;
mod powers;
mod proving;
mod queries;
mod rank;
mod removal;
pub mod state;
#[cfg(test)]
mod tests;
mod waiting;

pub use error::*;
pub use join::{check_work, possession_bytes, work_hash};
pub use members::Member;
pub use params::{
    check_params, defaults, jail_duration, min_free_withdrawal, params, work_target, MAX_POWER,
};
pub use proving::Proof;
pub use waiting::Work;

use crate::kernel::{
    codes, message_from_json, message_to_json, Address, Ctx, Error, Event, Module, QueryRoutes, Result,
    Routes, ValidatorUpdate, View,
};
use crate::{emission, rewards, slashing, staking};
use jmes_proto::jmes::staking::v1::{MsgJoin, Params};
use members::{facts, Facts};
use powers::Stake;
use state::Candidate;

/// The module. Its messages and queries are those of `jmes.staking.v1`.
pub struct Seats;

impl Module for Seats {
    fn name(&self) -> &'static str {
        "seats"
    }
    fn messages(&self, routes: &mut Routes) {
        routes.add::<MsgJoin>("/jmes.staking.v1.MsgJoin");
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
    fn check_invariants(&self, view: &View) -> Result<()> {
        invariants::check(view)
    }
}

/// A member of the engine's set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seat {
    /// The validator.
    pub operator: Address,
    /// The power last told to the engine.
    pub power: u64,
    /// Whether it has shown that it signs.
    pub proven: bool,
    /// The height at whose end it was seated; 0 for genesis.
    pub seated_height: u64,
    /// Whether it has been seated since before the end of the Initial Distribution Period.
    pub incumbent: bool,
}

/// All seats in order of seating.
pub fn seats(view: &View) -> Result<Vec<Seat>> {
    let members = members::load(view)?;
    let seat = |member: Member| Seat {
        operator: member.operator,
        power: member.power,
        proven: member.proven,
        seated_height: member.seated_height,
        incumbent: member.incumbent,
    };
    Ok(members.into_iter().map(seat).collect())
}

/// Whether the validator is in the engine's set as the last block's end decided it.
pub fn is_seated(view: &View, operator: &Address) -> Result<bool> {
    let stored = state::MEMBERS.load(view)?.unwrap_or_default().members;
    Ok(stored.iter().any(|member| member.operator == operator.as_bytes()))
}

/// A validator begins to wait for a seat: it was created, or unjailed (§6). Nothing happens after the Initial Distribution
/// Period or when it is seated or waits already. When as many wait as can, it replaces the one with the highest work hash,
/// before that the latest that did not join with work; `seats/5` when its own is not lower. One that was ever seated waits
/// in any case and is not replaced, so that it can always leave jail.
pub fn wait(ctx: &mut Ctx, operator: &Address) -> Result<()> {
    if !emission::is_idp(ctx)? || is_seated(ctx, operator)? || waiting::has(ctx, operator)? {
        return Ok(());
    }
    let validator = staking::require(ctx, operator)?;
    let work = Work::of(&validator);
    let replaced = if validator.ever_seated { None } else { check_room(ctx, work)? };
    if let Some(replaced) = replaced {
        waiting::remove(ctx, &replaced)?;
        ctx.emit(Event::new("candidate_replaced").with("validator", replaced.operator()));
    }
    let since = ctx.block().height;
    waiting::push(ctx, Candidate { operator: *operator, since, work })
}

/// A validator no longer waits: it was jailed, or its key was taken over.
pub fn leave(ctx: &mut Ctx, operator: &Address) -> Result<()> {
    waiting::remove(ctx, operator)
}

/// Whom one with `work` replaces when it begins to wait; nobody while there is room. `seats/5` when there is none.
fn check_room(view: &View, work: Work) -> Result<Option<Address>> {
    let (count, most) = (waiting::count(view)?, u64::from(params(view)?.max_waiting));
    if count < most {
        return Ok(None);
    }
    match waiting::highest_work(view)?.filter(|highest| work < highest.work) {
        Some(highest) => Ok(Some(highest.operator)),
        None => Err(Error::new(
            SEATS,
            WAITING_FULL,
            format!("{count} validators wait for a seat already, which is the most, and none has a higher work hash: join (MsgJoin) with more work"),
        )),
    }
}

/// Seats a validator of genesis, proven (§6). Called in the order of seating, before [`finish_genesis`].
pub fn seat_at_genesis(ctx: &mut Ctx, operator: &Address) -> Result<()> {
    let before = members::load(ctx)?;
    if before.iter().any(|member| member.operator == *operator) {
        return Err(invalid_genesis(format!("validator {} is seated twice", operator.operator())));
    }
    let (mut member, facts) = seat(ctx, operator)?.ok_or_else(|| {
        invalid_genesis(format!("validator {} is jailed or has no key", operator.operator()))
    })?;
    let params = params(ctx)?;
    member.proven = true;
    member.power = powers::power(&member, &facts, Stake::counted(ctx, &params)?, &params);
    rewards::set_power(ctx, operator, member.power)?;
    let mut after = before.clone();
    after.push(member);
    members::save(ctx, &before, &after)
}

/// Checks that there are validators, and no more than seats; gives the engine's set, in order of seating.
pub fn finish_genesis(ctx: &mut Ctx) -> Result<Vec<ValidatorUpdate>> {
    let (members, most) = (members::load(ctx)?, params(ctx)?.seats);
    let count = members.len();
    if count == 0 || u32::try_from(count).unwrap_or(u32::MAX) > most {
        return Err(invalid_genesis(format!("{count} validators are seated; there must be 1 to {most}")));
    }
    if !members.iter().any(|member| member.proven) {
        return Err(invalid_genesis("none of the seated validators is proven".into()));
    }
    Ok(members.iter().map(|member| ValidatorUpdate { key: member.key, power: member.power }).collect())
}

fn invalid_genesis(why: String) -> Error {
    Error::sdk(codes::INVALID_REQUEST, format!("genesis: seats: {why}"))
}

/// Proofs, seats, powers, updates (§15 step 9).
pub fn end_block(ctx: &mut Ctx) -> Result<()> {
    let before = members::load(ctx)?;
    let params = params(ctx)?;
    let proven: Vec<Address> =
        before.iter().filter(|member| member.proven).map(|member| member.operator).collect();
    let mut members = prove(ctx, before.clone(), &params)?;
    let idp_ended = emission::idp_ended(ctx)?;
    if idp_ended {
        after::begin(ctx, &mut members)?;
    }
    let mut gone = removal::dismiss(&mut members, &proven, idp_ended);
    if idp_ended {
        gone.extend(after::renew(ctx, &mut members, &proven, &params)?);
    } else {
        idp::fill(ctx, &mut members, gone.len(), &params)?;
    }
    for (member, reason) in gone {
        let operator = member.operator.operator();
        ctx.emit(Event::new("seat_lost").with("validator", operator).with("reason", reason.name()));
    }
    let stake = Stake::counted(ctx, &params)?;
    let set = |(member, facts): (Member, Facts)| {
        let power = powers::power(&member, &facts, stake, &params);
        Member { power, ..member }
    };
    let after: Vec<Member> = members.into_iter().map(set).collect();
    tell(ctx, &before, &after)?;
    members::save(ctx, &before, &after)
}

/// Counts the commit for the unproven, jails those that had their chance, and looks up what staking has of everyone.
fn prove(ctx: &mut Ctx, mut members: Vec<Member>, params: &Params) -> Result<Vec<(Member, Facts)>> {
    let unproven = members.iter().filter(|member| !member.proven).map(|member| member.operator);
    let unproven: Vec<Address> = unproven.collect();
    let late = proving::count(&mut members, &ctx.block().commit, ctx.block().height, params);
    let until = ctx.block().time.saturating_add(jail_duration(params)?);
    for operator in late {
        staking::jail(ctx, &operator, until)?;
    }
    for member in members.iter().filter(|member| member.proven && unproven.contains(&member.operator)) {
        ctx.emit(Event::new("validator_proven").with("validator", member.operator.operator()));
    }
    let mut known = Vec::with_capacity(members.len());
    for member in members {
        let facts = facts(ctx, &member.operator)?;
        known.push((member, facts));
    }
    Ok(known)
}

/// Makes a validator a member, unproven and without power yet, who no longer waits. `None` when it can't be one.
fn seat(ctx: &mut Ctx, operator: &Address) -> Result<Option<(Member, Facts)>> {
    waiting::remove(ctx, operator)?;
    let mut validator = staking::require(ctx, operator)?;
    let Some(key) = validator.key.filter(|_| !validator.jailed && !validator.tombstoned) else {
        return Ok(None);
    };
    if !validator.ever_seated {
        validator.ever_seated = true;
        staking::save(ctx, &validator)?;
    }
    slashing::start_window(ctx, operator)?;
    let height = ctx.block().height;
    ctx.emit(Event::new("validator_seated").with("validator", operator.operator()));
    Ok(Some((Member::new(*operator, key, height), facts(ctx, operator)?)))
}

/// Tells the engine and the rewards of every power that has changed.
fn tell(ctx: &mut Ctx, before: &[Member], after: &[Member]) -> Result<()> {
    for change in powers::changes(before, after) {
        rewards::set_power(ctx, &change.operator, change.update.power)?;
        ctx.update_validator(change.update);
    }
    Ok(())
}
