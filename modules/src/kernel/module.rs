//! What a module offers to the node.

use super::context::{Ctx, View};
use super::error::Result;
use super::router::{QueryRoutes, Routes};
use serde_json::Value;

/// A module: its name, routes, genesis and invariants. Steps of a block are functions that the node's
/// order table names (§15).
pub trait Module: Sync {
    /// The module's name: its key in genesis and its codespace.
    fn name(&self) -> &'static str;

    /// The version of its state, raised with every migration (§14).
    fn version(&self) -> u64 {
        1
    }

    /// Adds its messages.
    fn messages(&self, _: &mut Routes) {}

    /// Adds its queries.
    fn queries(&self, _: &mut QueryRoutes) {}

    /// Imports its part of genesis (`Null` when there is none: defaults hold). Refused with a sentence
    /// that names the field.
    fn import(&self, ctx: &mut Ctx, genesis: &Value) -> Result<()>;

    /// Exports its state so that importing it gives the same state.
    fn export(&self, view: &View) -> Result<Value>;

    /// What must always hold; an error says what is broken. Reads everything: for tests and audits.
    fn check_invariants(&self, _: &View) -> Result<()> {
        Ok(())
    }
}
