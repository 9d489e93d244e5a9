//! Official artworks: NFTs with their provenance (§13).
//!
//! A DAO that is an art dealer or sits in a core slot mints them; each DAO has one class. What wallets need, sending and the
//! usual questions, is `cosmos.nft.v1beta1`. The record says what allowed the minting, and every transfer is kept, so that
//! whoever has a header of the chain can check where an artwork comes from.

mod error;
mod genesis;
mod invariants;
mod msgs;
mod queries;
mod record;
pub mod state;
#[cfg(test)]
mod tests;

pub use error::artwork_codes;
pub use record::{class_id, Mint};

use crate::kernel::{Address, Ctx, Event, Module, QueryRoutes, Result, Routes, View};
use crate::{dao, slots};
use error::{no_such_artwork, refused};
use jmes_proto::cosmos::nft::v1beta1::{MsgSend, Nft};
use jmes_proto::jmes::artwork::v1::{Artwork, MsgMint};
use state::StoredTransfer;

/// The module.
pub struct ArtworkModule;

impl Module for ArtworkModule {
    fn name(&self) -> &'static str {
        "artwork"
    }
    fn messages(&self, routes: &mut Routes) {
        routes.add::<MsgMint>("/jmes.artwork.v1.MsgMint");
        routes.add::<MsgSend>("/cosmos.nft.v1beta1.MsgSend");
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
    fn check_invariants(&self, view: &View) -> Result<()> {
        invariants::check(view)
    }
}

/// Mints an artwork of a DAO that may do so now: `artwork/2` when it may not, `nft/5` when there is one with that id. Gives the
/// id of the DAO's class, which is made with its first artwork.
pub fn mint(ctx: &mut Ctx, mint: &Mint) -> Result<String> {
    mint.check()?;
    let dao = dao::require(ctx, &mint.dao)?;
    let Some((role, proposal_id)) = slots::minting_right(ctx, &mint.dao)? else {
        let why = format!("DAO {} is neither an art dealer nor in a core slot", dao.name);
        return Err(refused(artwork_codes::NO_MINTING_RIGHT, why));
    };
    let class = class_id(&dao.name);
    let height = ctx.block().height;
    let artwork = Artwork {
        dao: mint.dao.to_string(),
        title: mint.title.clone(),
        artist: mint.artist.clone(),
        royalty_bps: mint.royalty_bps,
        data: mint.data.clone(),
        feature: role.name().into(),
        proposal_id,
        minted_height: height,
    };
    let nft = record::nft(&class, &mint.id, &mint.uri, &mint.uri_hash, &artwork);
    add(ctx, &nft, &mint.owner)?;
    record_transfer(ctx, &nft.class_id, &nft.id, &StoredTransfer::new(None, &mint.owner, height))?;
    ctx.emit(
        Event::new("artwork_minted")
            .with("class_id", &class)
            .with("id", &mint.id)
            .with("dao", mint.dao)
            .with("owner", mint.owner)
            .with("feature", role.name())
            .with("proposal_id", proposal_id),
    );
    // The Cosmos SDK writes the values of this event as JSON texts.
    ctx.emit(
        Event::new("cosmos.nft.v1beta1.EventMint")
            .with("class_id", quoted(&class))
            .with("id", quoted(&mint.id))
            .with("owner", quoted(&mint.owner.to_string())),
    );
    Ok(class)
}

/// Gives an artwork to `receiver`. `nft/6` when there is none, `sdk/4` when it is not `sender`'s.
pub fn send(ctx: &mut Ctx, class: &str, id: &str, sender: &Address, receiver: &Address) -> Result<()> {
    let owner = owner(ctx, class, id)?.ok_or_else(|| no_such_artwork(class, id))?;
    if owner != *sender {
        return Err(error::not_owner(class, id, sender, &owner));
    }
    let height = ctx.block().height;
    take_from(ctx, class, id, sender)?;
    give_to(ctx, class, id, receiver)?;
    record_transfer(ctx, class, id, &StoredTransfer::new(Some(sender), receiver, height))?;
    ctx.emit(
        Event::new("cosmos.nft.v1beta1.EventSend")
            .with("class_id", quoted(class))
            .with("id", quoted(id))
            .with("sender", quoted(&sender.to_string()))
            .with("receiver", quoted(&receiver.to_string())),
    );
    Ok(())
}

/// The artwork's NFT, if there is one.
pub fn nft(view: &View, class: &str, id: &str) -> Result<Option<Nft>> {
    let found = state::NFTS.load(view, &state::key(class, id))?;
    Ok(found.filter(|nft| nft.class_id == class && nft.id == id))
}

/// Whose an artwork is. Keys end at a zero byte of their texts, which no class and no id has.
pub fn owner(view: &View, class: &str, id: &str) -> Result<Option<Address>> {
    if class.contains('\0') || id.contains('\0') {
        return Ok(None);
    }
    state::OWNERS.load(view, &state::key(class, id))
}

/// How many artworks of a class there are.
pub fn supply(view: &View, class: &str) -> Result<u64> {
    Ok(state::SUPPLY.load(view, &class.into())?.unwrap_or(0))
}

/// How many artworks of a class `owner` has.
pub fn balance(view: &View, class: &str, owner: &Address) -> Result<u64> {
    Ok(state::BALANCES.load(view, &(class.into(), *owner))?.unwrap_or(0))
}

/// Adds an artwork, and its class if it is the first.
fn add(ctx: &mut Ctx, nft: &Nft, owner: &Address) -> Result<()> {
    let (class, id) = (&nft.class_id, &nft.id);
    let key = state::key(class, id);
    if state::NFTS.has(ctx, &key)? {
        return Err(error::nft_exists(class, id));
    }
    if !state::CLASSES.has(ctx, class)? {
        state::CLASSES.save(ctx, class, &record::class(class))?;
    }
    let supply = supply(ctx, class)?.saturating_add(1);
    state::SUPPLY.save(ctx, class, &supply)?;
    state::NFTS.save(ctx, &key, nft)?;
    give_to(ctx, class, id, owner)
}

fn give_to(ctx: &mut Ctx, class: &str, id: &str, owner: &Address) -> Result<()> {
    state::OWNERS.save(ctx, &state::key(class, id), owner)?;
    state::BY_OWNER.save(ctx, &(*owner, state::key(class, id)), &())?;
    let count = balance(ctx, class, owner)?.saturating_add(1);
    state::BALANCES.save(ctx, &(class.into(), *owner), &count)
}

fn take_from(ctx: &mut Ctx, class: &str, id: &str, owner: &Address) -> Result<()> {
    state::BY_OWNER.remove(ctx, &(*owner, state::key(class, id)))?;
    let key = (class.into(), *owner);
    match balance(ctx, class, owner)?.saturating_sub(1) {
        0 => state::BALANCES.remove(ctx, &key),
        count => state::BALANCES.save(ctx, &key, &count),
    }
}

fn record_transfer(ctx: &mut Ctx, class: &str, id: &str, transfer: &StoredTransfer) -> Result<()> {
    let last = state::TRANSFERS.scan(ctx, &state::group(class, id), None, true, 1)?;
    let number = last.first().map_or(0, |((_, (_, number)), _)| number.saturating_add(1));
    state::TRANSFERS.save(ctx, &(class.into(), (id.into(), number)), transfer)
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
