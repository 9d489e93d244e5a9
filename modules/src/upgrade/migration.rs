//! The switch of a module to its next version (§14).

use super::error::refused;
use super::upgrade_codes::MIGRATION_FAILED;
use crate::kernel::{Ctx, Error, GasMeter, Module, Result};
use std::any::Any;
use std::cell::Cell;
use std::panic::{catch_unwind, resume_unwind, AssertUnwindSafe};

/// How a panic over damaged state begins: no migration is to blame for it, and only this node has it.
const CORRUPT: &str = "state is corrupt";

thread_local! {
    static MIGRATING: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread runs a migration: a panic in there is caught and makes the conclusion fail, so that it must not end
/// the process. A panic hook asks for it.
pub fn is_migrating() -> bool {
    MIGRATING.get()
}

/// The gas of a migration, whatever it does: one that was voted for must not become impossible by a price, and nobody may
/// repeat it for nothing in a transaction that fails afterwards.
const GAS: u64 = 10_000_000;

/// Runs the migration of `module` to version `to`. The caller takes back what a failed one wrote.
pub(super) fn run(ctx: &mut Ctx, module: &dyn Module, to: u64) -> Result<()> {
    ctx.gas().consume(GAS, "Migration")?;
    let meter = ctx.swap_gas(GasMeter::unlimited());
    MIGRATING.set(true);
    // A context has no invariant that a panic could break: what was written is taken back.
    let done = catch_unwind(AssertUnwindSafe(|| module.migrate(ctx, to)));
    MIGRATING.set(false);
    ctx.swap_gas(meter);
    let failed = |why: String| {
        refused(MIGRATION_FAILED, format!("the migration of {} to version {to} failed: {why}", module.name()))
    };
    match done {
        Ok(done) => done.map_err(|error: Error| failed(error.message)),
        Err(panic) => {
            let why = message(panic.as_ref()).to_owned();
            if why.starts_with(CORRUPT) {
                resume_unwind(panic);
            }
            Err(failed(why))
        }
    }
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("it panicked")
}
