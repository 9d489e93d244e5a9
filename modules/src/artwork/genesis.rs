//! Genesis of artworks: `app_state.artwork`, the JSON of `jmes.artwork.v1.GenesisState`. A chain that begins has none.

use super::queries::show_transfer;
use super::state::{self, StoredTransfer};
use super::{add, class_id, owner, record, record_transfer};
use crate::dao;
use crate::kernel::{codes, message_from_json, message_to_json, Address, Ctx, Error, Result, View};
use crate::slots::Role;
use jmes_proto::jmes::artwork::v1::{GenesisArtwork, GenesisState};
use serde_json::Value;

pub(super) fn import(ctx: &mut Ctx, genesis: &Value) -> Result<()> {
    let genesis: GenesisState =
        if genesis.is_null() { GenesisState::default() } else { message_from_json(genesis)? };
    for artwork in &genesis.artworks {
        import_artwork(ctx, artwork).map_err(|error| {
            error.context(format!("genesis: artwork: {} {}", artwork.class_id, artwork.id))
        })?;
    }
    Ok(())
}

pub(super) fn export(view: &View) -> Result<Value> {
    let mut genesis = GenesisState::default();
    for ((class_id, id), nft) in state::NFTS.scan(view, &[], None, false, usize::MAX)? {
        let owner = owner(view, &class_id, &id)?;
        let transfers =
            state::TRANSFERS.scan(view, &state::group(&class_id, &id), None, false, usize::MAX)?;
        genesis.artworks.push(GenesisArtwork {
            owner: owner.map_or(String::new(), |owner| owner.to_string()),
            artwork: Some(record::artwork(&nft)),
            transfers: transfers.iter().map(|(_, transfer)| show_transfer(transfer)).collect(),
            uri: nft.uri,
            uri_hash: nft.uri_hash,
            class_id,
            id,
        });
    }
    message_to_json(&genesis)
}

/// The DAO's part of genesis is imported before; that what it held was its own is an invariant.
fn import_artwork(ctx: &mut Ctx, given: &GenesisArtwork) -> Result<()> {
    let artwork = given.artwork.clone().ok_or_else(|| invalid("artwork is missing".into()))?;
    let dao = dao::require(ctx, &Address::parse(&artwork.dao)?)?;
    let class = class_id(&dao.name);
    if given.class_id != class {
        return Err(invalid(format!("its DAO {} has the class {class}", dao.name)));
    }
    record::check_id(&given.id)?;
    record::check_texts(&given.uri, &given.uri_hash)?;
    if Role::parse(&artwork.feature).is_none() {
        return Err(invalid(format!("feature \"{}\" is none", artwork.feature)));
    }
    let owner = Address::parse(&given.owner)?;
    let nft = record::nft(&class, &given.id, &given.uri, &given.uri_hash, &artwork);
    add(ctx, &nft, &owner)?;
    let mut holder: Option<Address> = None;
    for transfer in &given.transfers {
        let from = if transfer.from.is_empty() { None } else { Some(Address::parse(&transfer.from)?) };
        if from != holder {
            return Err(invalid("each transfer must be from who got it with the one before".into()));
        }
        let to = Address::parse(&transfer.to)?;
        let stored = StoredTransfer::new(from.as_ref(), &to, transfer.height);
        record_transfer(ctx, &class, &given.id, &stored)?;
        holder = Some(to);
    }
    if holder != Some(owner) {
        return Err(invalid(format!("the last transfer is not to its owner {owner}")));
    }
    Ok(())
}

fn invalid(why: String) -> Error {
    Error::sdk(codes::INVALID_REQUEST, why)
}
