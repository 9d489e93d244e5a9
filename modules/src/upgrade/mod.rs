//! What improvements change: parameters, versions of modules, the binary (§14).

use crate::kernel::{codes, Ctx, Error, Module, Result, View};
use jmes_proto::jmes::upgrade::v1::Action;

/// The module.
pub struct Upgrade;

impl Module for Upgrade {
    fn name(&self) -> &'static str {
        "upgrade"
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

/// Refuses actions that could not be done now, as far as can be told when they are proposed (§14).
pub fn check(_view: &View, _actions: &[Action]) -> Result<()> {
    unbuilt()
}

/// Does all the actions of an improvement, or none (§14). A parameter that was changed at or after `tallied_height` is refused;
/// a panicking migration is an error.
pub fn apply(_ctx: &mut Ctx, _proposal_id: u64, _actions: &[Action], _tallied_height: u64) -> Result<()> {
    unbuilt()
}

/// Whether every DAO may raise improvements, not only core DAOs (§14).
pub fn improvements_open(_view: &View) -> Result<bool> {
    unbuilt()
}

/// Makes the scheduled upgrade of this height, or stops the node for it (§15 step 1).
pub fn begin_block(_: &mut Ctx) -> Result<()> {
    Ok(())
}
