//! Identities: permanent names of users and DAOs (§9). There is one namespace; a name costs a burn, belongs to one address for
//! ever, and an address has one name.

mod genesis;
mod invariants;
mod msgs;
mod names;
mod params;
mod queries;
pub mod state;
#[cfg(test)]
mod tests;

pub use names::check_name;
pub use params::{check_params, defaults, params};

use crate::bank;
use crate::kernel::{
    message_from_json, message_to_json, Address, Ctx, Error, Event, Module, QueryRoutes, Result, Routes, View,
};
use jmes_proto::jmes::identity::v1::MsgRegisterUser;
use state::Holder;

/// The module.
pub struct IdentityModule;

/// Codes of the codespace `identity`.
pub mod identity_codes {
    /// The codespace.
    pub const IDENTITY: &str = "identity";
    /// The text is no name.
    pub const INVALID_NAME: u32 = 2;
    /// Nobody can have the name.
    pub const RESERVED_NAME: u32 = 3;
    /// Another one has the name.
    pub const NAME_TAKEN: u32 = 4;
    /// The address has a name already.
    pub const HAS_NAME: u32 = 5;
}

use identity_codes::{HAS_NAME, IDENTITY, NAME_TAKEN};

impl Module for IdentityModule {
    fn name(&self) -> &'static str {
        "identity"
    }
    fn messages(&self, routes: &mut Routes) {
        routes.add::<MsgRegisterUser>("/jmes.identity.v1.MsgRegisterUser");
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
    /// Names and addresses belong together one by one, and all names are sound.
    fn check_invariants(&self, view: &View) -> Result<()> {
        invariants::check(view)
    }
}

/// What is behind a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The owner of a key or of several.
    User,
    /// An organisation of the chain.
    Dao,
}

impl Kind {
    /// Its name in events: `user` or `dao`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Dao => "dao",
        }
    }
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
/// or taken, the address has one, or the payer can't pay (`sdk/5`).
pub fn register(ctx: &mut Ctx, payer: &Address, address: &Address, name: &str, kind: Kind) -> Result<()> {
    check_name(name)?;
    if let Some(holder) = state::HOLDERS.load(ctx, address)? {
        let why = format!("{address} has the name \"{}\" already; a name is for ever", holder.name);
        return Err(Error::new(IDENTITY, HAS_NAME, why));
    }
    if let Some(owner) = state::NAMES.load(ctx, &name.to_owned())? {
        let why = format!("the name \"{name}\" is taken by {owner}");
        return Err(Error::new(IDENTITY, NAME_TAKEN, why));
    }
    let price = params::registration_burn(&params(ctx)?)?;
    bank::burn(ctx, payer, price).map_err(|error| error.context(format!("a name costs {price}ujmes")))?;
    save(ctx, &Identity { name: name.to_owned(), address: *address, kind, height: ctx.block().height })?;
    ctx.emit(
        Event::new("identity_registered")
            .with("name", name)
            .with("address", address)
            .with("kind", kind.name())
            .with("payer", payer),
    );
    Ok(())
}

/// The identity of that name.
pub fn by_name(view: &View, name: &str) -> Result<Option<Identity>> {
    match state::NAMES.load(view, &name.to_owned())? {
        Some(address) => of(view, &address),
        None => Ok(None),
    }
}

/// The identity of `address`.
pub fn of(view: &View, address: &Address) -> Result<Option<Identity>> {
    let holder = state::HOLDERS.load(view, address)?;
    Ok(holder.map(|Holder { kind, height, name }| Identity { name, address: *address, kind, height }))
}

/// Whether `address` has a user's identity (§10).
pub fn is_user(view: &View, address: &Address) -> Result<bool> {
    Ok(state::HOLDERS.load(view, address)?.is_some_and(|holder| holder.kind == Kind::User))
}

fn save(ctx: &mut Ctx, identity: &Identity) -> Result<()> {
    let Identity { name, address, kind, height } = identity.clone();
    state::NAMES.save(ctx, &name, &address)?;
    state::HOLDERS.save(ctx, &address, &Holder { kind, height, name })
}
