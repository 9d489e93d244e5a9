//! What improvements change: parameters, versions of modules, the binary (§14).
//!
//! Parameters are changed through [`Module::params`] and [`Module::set_params`], one value at a time by its path. Dormant
//! versions are in the binary already and are switched on in the concluding block; another binary takes over at a scheduled
//! height ([`begin_block`]).

mod actions;
mod error;
mod genesis;
mod migration;
mod plan;
mod queries;
pub mod state;
#[cfg(test)]
mod tests;
mod values;

pub use error::*;
pub use migration::is_migrating;
pub use plan::{begin_block, info, info_file, know, known, plan, Known, KNOWN_UPGRADES};

use crate::kernel::{Ctx, Module, QueryRoutes, Result, View};
use crate::order;
use jmes_proto::jmes::upgrade::v1::Action;

/// The module. It has no parameters and no messages: governance calls it.
pub struct Upgrade;

impl Module for Upgrade {
    fn name(&self) -> &'static str {
        "upgrade"
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
    /// No module is ahead of what this binary ships, and every change of a parameter is marked.
    fn check_invariants(&self, view: &View) -> Result<()> {
        genesis::check_invariants(view)
    }
}

/// Refuses actions that could not be done if the proposal were concluded now: unknown or immutable parameters, values out of
/// bounds, versions that don't come next, upgrades that come too soon. Nothing changes.
pub fn check(ctx: &mut Ctx, actions: &[Action]) -> Result<()> {
    actions::check(ctx, &order::MODULES, actions)
}

/// Does all the actions of an improvement in their order, or none (§14). A parameter that was changed at or after
/// `tallied_height` is refused (`upgrade/4`); a failing or panicking migration is `upgrade/6`.
pub fn apply(ctx: &mut Ctx, proposal_id: u64, actions: &[Action], tallied_height: u64) -> Result<()> {
    let conclusion = actions::Conclusion { proposal_id, tallied_height };
    actions::apply(ctx, &order::MODULES, conclusion, actions)
}

/// Whether every DAO may raise improvements, not only core DAOs (§14).
pub fn improvements_open(view: &View) -> Result<bool> {
    Ok(state::IMPROVEMENTS_OPEN.load(view)?.is_some())
}

/// The version of `module` (by its name) that is in force; 1 until an improvement activates another (§14).
pub fn active_version(view: &View, module: &str) -> Result<u64> {
    Ok(state::VERSIONS.load(view, &module.into())?.unwrap_or(1))
}

/// What a parameter was at genesis: a whole number, or a duration in nanoseconds; `None` when it is neither. For bounds that
/// genesis states (§1).
pub fn at_genesis(view: &View, module: &dyn Module, parameter: &str) -> Result<Option<i128>> {
    let key = (module.name().to_owned(), parameter.to_owned());
    let first = match state::MARKS.load(view, &key)? {
        Some(marks) => state::CHANGES.load(view, &marks.first)?,
        None => None,
    };
    match first {
        Some(change) => Ok(values::parse(&change.before).as_ref().and_then(values::number)),
        None => Ok(values::leaf(&module.params(view)?, parameter).and_then(values::number)),
    }
}
