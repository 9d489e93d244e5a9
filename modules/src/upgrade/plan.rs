//! Scheduled upgrades (§14, §15 step 1): all nodes stop at one height, and go on with a binary that knows the upgrade's name.
//!
//! Names and files are those that upgrade managers of Cosmos chains work with.

use super::upgrade_codes::{INVALID_PLAN, UPGRADED_TOO_EARLY, UPGRADE_NEEDED};
use super::{error::refused, state};
use crate::kernel::{Ctx, Event, Result, View};
use jmes_proto::jmes::upgrade::v1::{Checksum, ScheduleUpgrade};
use serde_json::{json, Map, Value};
use std::sync::OnceLock;

/// The longest name of an upgrade, in characters: upgrade managers make a directory of it.
const MAX_NAME: usize = 64;
/// The most binaries of one upgrade.
const MAX_CHECKSUMS: usize = 16;
/// The longest address of a binary, in bytes.
const MAX_URL: usize = 1_024;
/// The highest height that the engine can count to.
const MAX_HEIGHT: u64 = i64::MAX.cast_unsigned();

/// An upgrade that this binary is made for.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// The name under which it is scheduled.
    pub name: &'static str,
    /// What it does to state before the first block of the new binary.
    pub run: fn(&mut Ctx) -> Result<()>,
}

/// The upgrades that this binary is made for, past ones included: a node that replays the chain needs them. A binary that is
/// built with `JMES_UPGRADE=NAME` in the environment knows that one, too; it changes nothing in state.
pub const KNOWN_UPGRADES: &[Known] = match option_env!("JMES_UPGRADE") {
    Some(name) => &[Known { name, run: |_| Ok(()) }],
    None => &[],
};

/// What [`know`] has said.
static MADE_FOR: OnceLock<&'static [Known]> = OnceLock::new();

/// The upgrades that this process is made for: [`KNOWN_UPGRADES`], unless its `main` has called [`know`].
pub fn known() -> &'static [Known] {
    MADE_FOR.get().copied().unwrap_or(KNOWN_UPGRADES)
}

/// For another program than `jmesd` that is built from these crates, such as the next version in the tests of the swap: it is
/// made for `upgrades` instead of [`KNOWN_UPGRADES`]. It says so once, before it does anything else; `jmesd` never does.
pub fn know(upgrades: &'static [Known]) {
    MADE_FOR.get_or_init(|| upgrades);
}

/// The scheduled upgrade.
pub fn plan(view: &View) -> Result<Option<ScheduleUpgrade>> {
    state::PLAN.load(view)
}

/// Makes the scheduled upgrade of this height (§15 step 1). An error for which [`super::stops_node`] is true stops the node: it
/// must not commit the block, which is the first of a binary that knows the upgrade; or this binary knows the upgrade before
/// its time and would make blocks of its own.
pub fn begin_block(ctx: &mut Ctx) -> Result<()> {
    begin_block_with(ctx, known())
}

pub(super) fn begin_block_with(ctx: &mut Ctx, known: &[Known]) -> Result<()> {
    let Some(plan) = plan(ctx)? else { return Ok(()) };
    let ScheduleUpgrade { name, height, .. } = &plan;
    let known = known.iter().find(|known| known.name == name);
    if ctx.block().height < *height {
        return match known {
            None => Ok(()),
            Some(_) => Err(refused(
                UPGRADED_TOO_EARLY,
                format!(
                    "BINARY UPDATED BEFORE TRIGGER! UPGRADE \"{name}\" - in binary but not executed on chain; run the binary of before until height {height}"
                ),
            )),
        };
    }
    let Some(known) = known else {
        let why = format!("UPGRADE \"{name}\" NEEDED at height: {height}: {}", info(&plan));
        return Err(refused(UPGRADE_NEEDED, why));
    };
    (known.run)(ctx).map_err(|error| error.context(format!("upgrade \"{name}\"")))?;
    let now = ctx.block().height;
    state::PLAN.remove(ctx)?;
    state::DONE.save(ctx, name, &now)?;
    ctx.emit(Event::new("upgrade_made").with("name", name).with("height", now));
    Ok(())
}

/// What an upgrade manager is told of the binaries: JSON with their addresses (with the checksum behind them) and checksums by
/// platform.
pub fn info(plan: &ScheduleUpgrade) -> String {
    let (mut binaries, mut checksums) = (Map::new(), Map::new());
    for Checksum { platform, sha256, url } in &plan.checksums {
        checksums.insert(platform.clone(), sha256.clone().into());
        if !url.is_empty() {
            let separator = if url.contains('?') { '&' } else { '?' };
            binaries.insert(platform.clone(), format!("{url}{separator}checksum=sha256:{sha256}").into());
        }
    }
    json!({ "binaries": binaries, "checksums": checksums }).to_string()
}

/// What stands in `upgrade-info.json`, by which upgrade managers know that a node has stopped for an upgrade.
pub fn info_file(plan: &ScheduleUpgrade) -> Value {
    json!({ "name": plan.name, "height": plan.height, "info": info(plan) })
}

/// Schedules an upgrade, in place of the one that was scheduled. `notice` is how many heights after this one it is at least.
pub(super) fn schedule(ctx: &mut Ctx, upgrade: &ScheduleUpgrade, notice: u64) -> Result<()> {
    check(upgrade)?;
    let now = ctx.block().height;
    let least = now.saturating_add(notice);
    if !(least..=MAX_HEIGHT).contains(&upgrade.height) {
        let why = format!(
            "upgrade \"{}\" is at height {}; at height {now} it must be from {least} to {MAX_HEIGHT}",
            upgrade.name, upgrade.height
        );
        return Err(refused(INVALID_PLAN, why));
    }
    if let Some(height) = state::DONE.load(ctx, &upgrade.name)? {
        let why = format!("upgrade \"{}\" was made at height {height}; choose another name", upgrade.name);
        return Err(refused(INVALID_PLAN, why));
    }
    let event = Event::new("upgrade_scheduled").with("name", &upgrade.name).with("height", upgrade.height);
    ctx.emit(event.with("info", info(upgrade)));
    state::PLAN.save(ctx, upgrade)
}

/// What the upgrade alone can show.
pub(super) fn check(upgrade: &ScheduleUpgrade) -> Result<()> {
    let ScheduleUpgrade { name, checksums, .. } = upgrade;
    let sound = |letter: char| letter.is_ascii_alphanumeric() || "-._".contains(letter);
    if name.is_empty() || name.len() > MAX_NAME || name.starts_with(['.', '-']) || !name.chars().all(sound) {
        let why = format!(
            "an upgrade's name has 1 to {MAX_NAME} letters, digits, points, dashes and underscores, neither a point nor a dash first"
        );
        return Err(refused(INVALID_PLAN, why));
    }
    if checksums.is_empty() || checksums.len() > MAX_CHECKSUMS {
        let why = format!("an upgrade has 1 to {MAX_CHECKSUMS} checksums, not {}", checksums.len());
        return Err(refused(INVALID_PLAN, why));
    }
    let mut platforms = std::collections::BTreeSet::new();
    for checksum in checksums {
        check_checksum(checksum)?;
        if !platforms.insert(&checksum.platform) {
            let why = format!("there are two checksums for {}", checksum.platform);
            return Err(refused(INVALID_PLAN, why));
        }
    }
    Ok(())
}

fn check_checksum(checksum: &Checksum) -> Result<()> {
    let Checksum { platform, sha256, url } = checksum;
    let word = |word: &str| {
        (1..=16).contains(&word.len())
            && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    if !platform.split_once('/').is_some_and(|(system, machine)| word(system) && word(machine)) {
        let why = "a platform is such as linux/amd64: small letters and digits, at most 16 on each side";
        return Err(refused(INVALID_PLAN, why));
    }
    if sha256.len() != 64 || !sha256.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        let why = format!("the checksum for {platform} must have 64 hexadecimal digits in small letters");
        return Err(refused(INVALID_PLAN, why));
    }
    if url.len() > MAX_URL || !url.bytes().all(|byte| byte.is_ascii_graphic()) {
        let why =
            format!("the address for {platform} must be at most {MAX_URL} ASCII characters without spaces");
        return Err(refused(INVALID_PLAN, why));
    }
    Ok(())
}
