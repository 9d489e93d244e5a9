//! Genesis of upgrades: `app_state.upgrade`, the JSON of `jmes.upgrade.v1.GenesisState`. A chain that begins needs none of it.

use super::{actions, active_version, improvements_open, plan, state, values};
use crate::kernel::{codes, message_from_json, message_to_json, Ctx, Error, Result, View};
use crate::order;
use jmes_proto::jmes::upgrade::v1::{Change, Done, GenesisState, Version};
use serde_json::Value;

pub(super) fn import(ctx: &mut Ctx, genesis: &Value) -> Result<()> {
    let genesis: GenesisState =
        if genesis.is_null() { GenesisState::default() } else { message_from_json(genesis)? };
    for version in &genesis.versions {
        import_version(ctx, version).map_err(|error| error.context("genesis: upgrade: versions"))?;
    }
    if let Some(upgrade) = &genesis.plan {
        plan::check(upgrade).map_err(|error| error.context("genesis: upgrade: plan"))?;
        state::PLAN.save(ctx, upgrade)?;
    }
    if genesis.improvements_open {
        state::IMPROVEMENTS_OPEN.save(ctx, &())?;
    }
    for change in &genesis.changes {
        import_change(ctx, change).map_err(|error| error.context("genesis: upgrade: changes"))?;
    }
    for Done { name, height } in &genesis.done {
        if state::DONE.has(ctx, name)? {
            return Err(invalid(format!("genesis: upgrade: done: \"{name}\" is listed twice")));
        }
        state::DONE.save(ctx, name, height)?;
    }
    Ok(())
}

pub(super) fn export(view: &View) -> Result<Value> {
    let mut genesis = GenesisState {
        plan: plan(view)?,
        improvements_open: improvements_open(view)?,
        ..GenesisState::default()
    };
    for (module, active) in state::VERSIONS.scan(view, &[], None, false, usize::MAX)? {
        genesis.versions.push(Version { module, active, latest: 0 });
    }
    for (_, change) in state::CHANGES.scan(view, &[], None, false, usize::MAX)? {
        genesis.changes.push(change);
    }
    for (name, height) in state::DONE.scan(view, &[], None, false, usize::MAX)? {
        genesis.done.push(Done { name, height });
    }
    message_to_json(&genesis)
}

pub(super) fn check_invariants(view: &View) -> Result<()> {
    for module in order::MODULES {
        let (name, latest) = (module.name(), module.latest_version());
        let active = active_version(view, name)?;
        if active > latest || active == 0 {
            let why = format!("{name} is at version {active}, this binary ships versions 1 to {latest}");
            return Err(Error::sdk(codes::LOGIC, why));
        }
    }
    for (number, change) in state::CHANGES.scan(view, &[], None, false, usize::MAX)? {
        let what = change.change.unwrap_or_default();
        let marks = state::MARKS.load(view, &(what.module, what.parameter))?;
        if !marks.is_some_and(|marks| marks.first <= number && marks.last_height >= change.height) {
            return Err(Error::sdk(codes::LOGIC, format!("change {number} of a parameter is not marked")));
        }
    }
    Ok(())
}

/// The modules' parts of genesis have the form of these versions.
fn import_version(ctx: &mut Ctx, version: &Version) -> Result<()> {
    let Version { module: name, active, .. } = version;
    let module = order::MODULES.iter().find(|module| module.name() == name);
    let latest = module.map(|module| module.latest_version());
    if !latest.is_some_and(|latest| (2..=latest).contains(active)) {
        let why = format!("\"{name}\" is listed with version {active}, which this binary does not ship as a later one than 1");
        return Err(invalid(why));
    }
    if state::VERSIONS.has(ctx, name)? {
        return Err(invalid(format!("\"{name}\" is listed twice")));
    }
    state::VERSIONS.save(ctx, name, active)
}

fn import_change(ctx: &mut Ctx, change: &Change) -> Result<()> {
    let readable = change.change.as_ref().is_some_and(|what| values::parse(&what.value).is_some())
        && values::parse(&change.before).is_some();
    if !readable {
        return Err(invalid("a change names a parameter, its value and the one before as JSON".into()));
    }
    actions::record(ctx, change)
}

fn invalid(why: String) -> Error {
    Error::sdk(codes::INVALID_REQUEST, why)
}
