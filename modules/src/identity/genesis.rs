//! Genesis of identities: `app_state.identity`, the JSON of `jmes.identity.v1.GenesisState`.

use super::queries::{identities, show};
use super::{check_name, check_params, defaults, params, save, state, Identity, Kind};
use crate::kernel::{codes, message_from_json, message_to_json, Address, Ctx, Error, Result, View};
use jmes_proto::jmes::identity::v1 as proto;
use serde_json::Value;

pub(super) fn import(ctx: &mut Ctx, genesis: &Value) -> Result<()> {
    let genesis: proto::GenesisState =
        if genesis.is_null() { proto::GenesisState::default() } else { message_from_json(genesis)? };
    let params = genesis.params.unwrap_or_else(defaults);
    check_params(&params).map_err(|error| error.context("genesis"))?;
    state::PARAMS.save(ctx, &params)?;
    for entry in &genesis.identities {
        let place = || format!("genesis: identity: identities: \"{}\"", entry.name);
        let identity = read(entry).map_err(|error| error.context(place()))?;
        let taken = state::NAMES.has(ctx, &identity.name)? || state::HOLDERS.has(ctx, &identity.address)?;
        if taken {
            return Err(refused("the name or the address is listed twice").context(place()));
        }
        save(ctx, &identity)?;
    }
    Ok(())
}

pub(super) fn export(view: &View) -> Result<Value> {
    let entries = state::NAMES.scan(view, &[], None, false, usize::MAX)?;
    message_to_json(&proto::GenesisState {
        params: Some(params(view)?),
        identities: identities(view, entries)?.into_iter().map(show).collect(),
    })
}

/// Addresses of DAOs, which have 32 bytes, can be foreseen: no user's name may wait at one.
fn read(entry: &proto::Identity) -> Result<Identity> {
    check_name(&entry.name)?;
    let address = Address::parse(&entry.address)?;
    let kind = match (entry.kind(), address.as_bytes().len()) {
        (proto::Kind::User, 20) => Kind::User,
        (proto::Kind::Dao, 32) => Kind::Dao,
        _ => return Err(refused("kind must be USER for an address of 20 bytes and DAO for one of 32")),
    };
    Ok(Identity { name: entry.name.clone(), address, kind, height: entry.height })
}

fn refused(why: &str) -> Error {
    Error::sdk(codes::INVALID_REQUEST, why)
}
