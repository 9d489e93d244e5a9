//! Identities: permanent names of users and DAOs (§9).

use crate::kernel::{codes, Address, Ctx, Error, Module, Result, View};

/// The module.
pub struct IdentityModule;

impl Module for IdentityModule {
    fn name(&self) -> &'static str {
        "identity"
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

/// What is behind a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The owner of a key or of several.
    User,
    /// An organisation of the chain.
    Dao,
}

/// A name and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Unique among users and DAOs.
    pub name: String,
    /// Has this one name.
    pub address: Address,
    /// What is behind the address.
    pub kind: Kind,
    /// When it was registered.
    pub height: u64,
}

/// Gives `address` its name for ever and burns the price of `payer`'s coins (§9). Refused when the name is malformed, reserved
/// or taken, or the address has one.
pub fn register(
    _ctx: &mut Ctx,
    _payer: &Address,
    _address: &Address,
    _name: &str,
    _kind: Kind,
) -> Result<()> {
    unbuilt()
}

/// The identity of that name.
pub fn by_name(_view: &View, _name: &str) -> Result<Option<Identity>> {
    unbuilt()
}

/// The identity of `address`.
pub fn of(_view: &View, _address: &Address) -> Result<Option<Identity>> {
    unbuilt()
}

/// Whether `address` has a user's identity (§10).
pub fn is_user(_view: &View, _address: &Address) -> Result<bool> {
    unbuilt()
}
