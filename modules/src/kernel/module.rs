//! What a module offers to the node.

use super::context::{Ctx, View};
use super::error::{codes, Error, Result};
use super::router::{QueryRoutes, Routes};
use serde_json::Value;

/// A module: its name, routes, genesis and invariants. Steps of a block are functions that the node's
/// order table names (§15).
pub trait Module: Sync {
    /// The module's name: its key in genesis and its codespace.
    fn name(&self) -> &'static str;

    /// Adds its messages.
    fn messages(&self, _: &mut Routes) {}

    /// Adds its queries.
    fn queries(&self, _: &mut QueryRoutes) {}

    /// Imports its part of genesis (`Null` when there is none: defaults hold). Refused with a sentence
    /// that names the field.
    fn import(&self, ctx: &mut Ctx, genesis: &Value) -> Result<()>;

    /// Exports its state so that importing it gives the same state.
    fn export(&self, view: &View) -> Result<Value>;

    /// Its parameters as JSON, in the shape of its `Params` query; `Null` when it has none.
    fn params(&self, _: &View) -> Result<Value> {
        Ok(Value::Null)
    }

    /// Sets its parameters, all of them, in the shape of [`Self::params`]. Refused when one is out of its hard bounds (§1):
    /// no accepted value may stop the chain, or make a later change impossible. Emits nothing.
    fn set_params(&self, _: &mut Ctx, _: &Value) -> Result<()> {
        Err(Error::sdk(codes::NOT_SUPPORTED, format!("{} has no parameters", self.name())))
    }

    /// Parameters that never change after genesis (§1): names of fields, those of nested ones joined by dots. The name of a
    /// field that has fields of its own stands for all of them.
    fn immutable_params(&self) -> &'static [&'static str] {
        &[]
    }

    /// The latest version that it ships (§14). Later ones than 1 are dormant until an improvement activates them.
    fn latest_version(&self) -> u64 {
        1
    }

    /// Turns its state of version `to` - 1 into that of version `to`, with work that has a bound. Whatever goes wrong in here,
    /// a panic included, is a refusal that leaves no trace. Does not change the engine's validator set.
    fn migrate(&self, _: &mut Ctx, to: u64) -> Result<()> {
        Err(Error::sdk(codes::NOT_SUPPORTED, format!("{} has no version {to}", self.name())))
    }

    /// What must always hold; an error says what is broken. Reads everything: for tests and audits.
    fn check_invariants(&self, _: &View) -> Result<()> {
        Ok(())
    }
}
