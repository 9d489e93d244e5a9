//! The actions of improvements (§14).

use super::upgrade_codes::{INVALID_ACTION, NOT_TO_BE_OPENED, STALE, UNCHANGEABLE, WRONG_VERSION};
use super::{error::refused, improvements_open, migration, plan, state, state::Marks, values};
use crate::kernel::{Ctx, Event, Module, Result};
use crate::{emission, governance};
use jmes_proto::jmes::upgrade::v1::action::Action as Kind;
use jmes_proto::jmes::upgrade::v1::{Action, ActivateVersion, Change, ChangeParameter};

/// The most actions of one improvement.
const MAX_ACTIONS: usize = 32;
/// The longest value of a parameter, in bytes of JSON.
const MAX_VALUE: usize = 1_024;

/// The proposal whose actions are done.
#[derive(Clone, Copy)]
pub(super) struct Conclusion {
    pub(super) proposal_id: u64,
    pub(super) tallied_height: u64,
}

/// Tries all but migrations and takes everything back.
pub(super) fn check(ctx: &mut Ctx, modules: &[&dyn Module], actions: &[Action]) -> Result<()> {
    attempt(ctx, false, |ctx| run(ctx, modules, None, actions))
}

pub(super) fn apply(
    ctx: &mut Ctx,
    modules: &[&dyn Module],
    conclusion: Conclusion,
    actions: &[Action],
) -> Result<()> {
    attempt(ctx, true, |ctx| run(ctx, modules, Some(conclusion), actions))
}

/// What `work` wrote and told stays if it succeeded and is to be kept.
fn attempt(ctx: &mut Ctx, keep: bool, work: impl FnOnce(&mut Ctx) -> Result<()>) -> Result<()> {
    let (start, before) = (ctx.checkpoint(), ctx.take_events());
    let done = work(ctx);
    let mut after = ctx.take_events();
    if done.is_err() || !keep {
        ctx.revert(start);
        after.clear();
    }
    before.into_iter().chain(after).for_each(|event| ctx.emit(event));
    done
}

fn run(
    ctx: &mut Ctx,
    modules: &[&dyn Module],
    conclusion: Option<Conclusion>,
    actions: &[Action],
) -> Result<()> {
    if actions.is_empty() || actions.len() > MAX_ACTIONS {
        let why = format!("an improvement has 1 to {MAX_ACTIONS} actions, not {}", actions.len());
        return Err(refused(INVALID_ACTION, why));
    }
    check_distinct(actions)?;
    // An improvement can't shorten the notice that it gives itself.
    let notice = governance::params(ctx)?.min_upgrade_notice;
    for (number, action) in actions.iter().enumerate() {
        let done = match &action.action {
            None => Err(refused(INVALID_ACTION, "it is empty, or of a kind that this version does not know")),
            Some(Kind::ChangeParameter(change)) => change_parameter(ctx, modules, conclusion, change),
            Some(Kind::ActivateVersion(next)) => activate_version(ctx, modules, conclusion, next),
            Some(Kind::ScheduleUpgrade(upgrade)) => plan::schedule(ctx, upgrade, notice),
            Some(Kind::OpenImprovements(_)) => open_improvements(ctx),
        };
        done.map_err(|error| error.context(format!("action {number}")))?;
    }
    Ok(())
}

/// No parameter is changed twice: which of two values was meant could not be told.
fn check_distinct(actions: &[Action]) -> Result<()> {
    let mut seen = std::collections::BTreeSet::new();
    for action in actions {
        if let Some(Kind::ChangeParameter(ChangeParameter { module, parameter, .. })) = &action.action {
            if !seen.insert((module, parameter)) {
                let why = format!("{} is changed twice", shown(module, parameter));
                return Err(refused(INVALID_ACTION, why));
            }
        }
    }
    Ok(())
}

fn change_parameter(
    ctx: &mut Ctx,
    modules: &[&dyn Module],
    conclusion: Option<Conclusion>,
    change: &ChangeParameter,
) -> Result<()> {
    let ChangeParameter { module: name, parameter, value } = change;
    let module = find(modules, name)?;
    let mut params = module.params(ctx)?;
    let Some(before) = values::leaf(&params, parameter).cloned() else {
        return Err(refused(UNCHANGEABLE, format!("there is no parameter {}", shown(name, parameter))));
    };
    if is_immutable(module, parameter) {
        let why = format!("{} never changes after genesis", shown(name, parameter));
        return Err(refused(UNCHANGEABLE, why));
    }
    let new = if value.len() > MAX_VALUE { None } else { values::parse(value) };
    let new = new.filter(|new| values::same_type(&before, new)).ok_or_else(|| {
        let why = format!(
            "the value of {} must be JSON of the same type as {before}, at most {MAX_VALUE} bytes long",
            shown(name, parameter)
        );
        refused(INVALID_ACTION, why)
    })?;
    values::set_leaf(&mut params, parameter, new);
    match conclusion {
        None => module.set_params(ctx, &params),
        Some(conclusion) => {
            check_fresh(ctx, conclusion, change)?;
            module.set_params(ctx, &params)?;
            note_change(ctx, conclusion, change, before.to_string())
        }
    }
}

/// The holders voted on the value that was in force at the tally (§14).
fn check_fresh(ctx: &Ctx, conclusion: Conclusion, change: &ChangeParameter) -> Result<()> {
    let key = (change.module.clone(), change.parameter.clone());
    match state::MARKS.load(ctx, &key)? {
        Some(marks) if marks.last_height >= conclusion.tallied_height => {
            let why = format!(
                "{} was changed at height {}, after the tally at height {}",
                shown(&change.module, &change.parameter),
                marks.last_height,
                conclusion.tallied_height
            );
            Err(refused(STALE, why))
        }
        _ => Ok(()),
    }
}

fn note_change(
    ctx: &mut Ctx,
    conclusion: Conclusion,
    change: &ChangeParameter,
    before: String,
) -> Result<()> {
    let Conclusion { proposal_id, .. } = conclusion;
    ctx.emit(
        Event::new("parameter_changed")
            .with("module", &change.module)
            .with("parameter", &change.parameter)
            .with("before", &before)
            .with("value", &change.value)
            .with("proposal_id", proposal_id),
    );
    let height = ctx.block().height;
    record(ctx, &Change { change: Some(change.clone()), height, proposal_id, before })
}

/// Adds a change to the list of all, and marks its parameter.
pub(super) fn record(ctx: &mut Ctx, change: &Change) -> Result<()> {
    let last = state::CHANGES.scan(ctx, &[], None, true, 1)?;
    let number = last.first().map_or(0, |(number, _)| *number).saturating_add(1);
    let ChangeParameter { module, parameter, .. } = change.change.clone().unwrap_or_default();
    let key = (module, parameter);
    let first = state::MARKS.load(ctx, &key)?.map_or(number, |marks| marks.first);
    state::MARKS.save(ctx, &key, &Marks { first, last_height: change.height })?;
    state::CHANGES.save(ctx, &number, change)
}

fn activate_version(
    ctx: &mut Ctx,
    modules: &[&dyn Module],
    conclusion: Option<Conclusion>,
    next: &ActivateVersion,
) -> Result<()> {
    let ActivateVersion { module: name, version } = next;
    let module = find(modules, name)?;
    let (active, latest) = (super::active_version(ctx, name)?, module.latest_version());
    if active.checked_add(1) != Some(*version) || *version > latest {
        let why = format!(
            "{name} is at version {active} and this binary ships versions up to {latest}: version {version} can't be activated"
        );
        return Err(refused(WRONG_VERSION, why));
    }
    if let Some(conclusion) = conclusion {
        migration::run(ctx, module, *version)?;
        ctx.emit(
            Event::new("version_activated")
                .with("module", name)
                .with("version", version)
                .with("proposal_id", conclusion.proposal_id),
        );
    }
    state::VERSIONS.save(ctx, name, version)
}

fn open_improvements(ctx: &mut Ctx) -> Result<()> {
    let (n, after) = (emission::issuance_height(ctx)?, governance::params(ctx)?.improvements_open_after);
    if n <= after {
        let why =
            format!("raising improvements can be opened after issuance height {after}; this block has {n}");
        return Err(refused(NOT_TO_BE_OPENED, why));
    }
    if improvements_open(ctx)? {
        return Err(refused(NOT_TO_BE_OPENED, "every DAO can raise improvements already"));
    }
    ctx.emit(Event::new("improvements_opened"));
    state::IMPROVEMENTS_OPEN.save(ctx, &())
}

fn find<'a>(modules: &[&'a dyn Module], name: &str) -> Result<&'a dyn Module> {
    modules
        .iter()
        .copied()
        .find(|module| module.name() == name)
        .ok_or_else(|| refused(INVALID_ACTION, format!("there is no module {}", clipped(name))))
}

fn is_immutable(module: &dyn Module, parameter: &str) -> bool {
    module.immutable_params().iter().any(|fixed| {
        parameter.strip_prefix(fixed).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    })
}

fn shown(module: &str, parameter: &str) -> String {
    format!("{}.{}", clipped(module), clipped(parameter))
}

fn clipped(text: &str) -> String {
    text.chars().take(64).collect()
}
