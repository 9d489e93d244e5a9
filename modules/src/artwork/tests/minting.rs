//! Who may mint what (§13).

use super::super::artwork_codes::{
    ARTWORK, INVALID_ID, INVALID_ROYALTY, INVALID_TEXT, NFT, NFT_EXISTS, NO_MINTING_RIGHT,
};
use super::super::{mint, nft, owner, supply};
use super::*;
use crate::kernel::{codes, Amount};
use crate::slots::{Claim, Role, Slot};
use crate::{emission, order};
use jmes_proto::jmes::artwork::v1::{Artwork, MsgMint};
use prost::Message;

#[track_caller]
fn assert_code<T: std::fmt::Debug>(result: crate::kernel::Result<T>, codespace: &str, code: u32) {
    let error = result.expect_err("it is refused");
    assert_eq!((error.codespace, error.code), (codespace, code), "{error}");
}

#[test]
fn an_art_dealer_mints_and_the_record_says_by_which_right() {
    let (mut ctx, dao) = dealer();
    assert_eq!(mint(&mut ctx, &asked(dao, "blue:1")), Ok(CLASS.into()));
    let nft = nft(&ctx, CLASS, "blue:1").unwrap().unwrap();
    assert_eq!((nft.uri.as_str(), nft.uri_hash.as_str()), ("ipfs://picture", "abcd"));
    let data = nft.data.unwrap();
    assert_eq!(data.type_url, "/jmes.artwork.v1.Artwork");
    let artwork = Artwork::decode(data.value.as_slice()).unwrap();
    assert_eq!((artwork.feature.as_str(), artwork.proposal_id, artwork.minted_height), ("art_dealer", 7, 7));
    assert_eq!((artwork.dao, artwork.royalty_bps), (dao.to_string(), 750));
    assert_eq!(owner(&ctx, CLASS, "blue:1"), Ok(Some(address(5))));
    assert_eq!(supply(&ctx, CLASS), Ok(1));
    assert_eq!(ArtworkModule.check_invariants(&ctx), Ok(()));
    let events = ctx.take_events();
    let kinds: Vec<&str> = events.iter().map(|event| event.kind).collect();
    assert_eq!(kinds, ["artwork_minted", "cosmos.nft.v1beta1.EventMint"]);
    assert_eq!(events[1].attributes[0], ("class_id", format!("\"{CLASS}\"")));
}

#[test]
fn only_dealers_and_core_daos_mint() {
    let mut ctx = users();
    let dao = register_dao(&mut ctx, "artbasel");
    assert_code(mint(&mut ctx, &asked(dao, "blue")), ARTWORK, NO_MINTING_RIGHT);
    slots::grant(&mut ctx, &dao, Feature::OfficialStatus, 6, 10).unwrap();
    assert_code(mint(&mut ctx, &asked(dao, "blue")), ARTWORK, NO_MINTING_RIGHT);
    assert_code(mint(&mut ctx, &asked(address(1), "blue")), "sdk", codes::NOT_FOUND);
    let claim = Claim { dao, slot: Slot::Brand, proposal_id: 8, cycle: 1, net_yes: Amount(5), blocks: 10 };
    assert_eq!(slots::seat(&mut ctx, &claim), Ok(true));
    mint(&mut ctx, &asked(dao, "blue")).unwrap();
    let message = MsgMint { dao: dao.to_string(), ..MsgMint::default() };
    assert_eq!(message.signers(), Ok(vec![dao]));
}

/// What was minted before in the block in which the seat is given up is no forgery.
#[test]
fn an_artwork_of_the_block_in_which_the_term_ends_keeps_its_provenance() {
    let mut ctx = users();
    let dao = register_dao(&mut ctx, "artbasel");
    let claim = Claim { dao, slot: Slot::Brand, proposal_id: 8, cycle: 1, net_yes: Amount(5), blocks: 10 };
    assert_eq!(slots::seat(&mut ctx, &claim), Ok(true));
    mint(&mut ctx, &asked(dao, "blue")).unwrap();
    slots::resign(&mut ctx, &dao).unwrap();
    assert_code(mint(&mut ctx, &asked(dao, "red")), ARTWORK, NO_MINTING_RIGHT);
    assert_eq!(ArtworkModule.check_invariants(&ctx), Ok(()));
}

/// A term holds while n ≤ c + N: in the block after, it has ended before the transactions.
#[test]
fn in_the_block_in_which_the_term_expires_nothing_is_minted() {
    let (mut ctx, dao) = dealer();
    for number in 1..=10 {
        next_block(&mut ctx);
        mint(&mut ctx, &asked(dao, &format!("blue{number}"))).unwrap();
    }
    assert_eq!(emission::issuance_height(&ctx), Ok(NOW + 10));
    next_block(&mut ctx);
    assert_eq!(emission::issuance_height(&ctx), Ok(NOW + 11));
    assert_code(mint(&mut ctx, &asked(dao, "late")), ARTWORK, NO_MINTING_RIGHT);
    let (dealer, height) = (Role::Feature(Feature::ArtDealer), ctx.block().height);
    assert_eq!(slots::held_at(&ctx, &dao, dealer, height - 1), Ok(Some(7)));
    assert_eq!(slots::held_at(&ctx, &dao, dealer, height), Ok(None));
    // A grant concluded in that block mints in that block.
    slots::grant(&mut ctx, &dao, Feature::ArtDealer, 8, 1).unwrap();
    mint(&mut ctx, &asked(dao, "again")).unwrap();
    assert_eq!(ArtworkModule.check_invariants(&ctx), Ok(()));
}

/// The next block on pace, as the chain begins it.
fn next_block(ctx: &mut Ctx) {
    let before = ctx.block().clone();
    let (height, time) = (before.height + 1, before.time + 5_000_000_000);
    ctx.set_block(Arc::new(Block { height, time, ..before }));
    order::BEGIN_BLOCK.into_iter().for_each(|step| step(ctx).unwrap());
}

#[test]
fn ids_are_unique_in_the_daos_class() {
    let (mut ctx, dao) = dealer();
    let other = register_dao(&mut ctx, "louvre");
    slots::grant(&mut ctx, &other, Feature::ArtDealer, 9, 10).unwrap();
    mint(&mut ctx, &asked(dao, "blue")).unwrap();
    assert_code(mint(&mut ctx, &asked(dao, "blue")), NFT, NFT_EXISTS);
    mint(&mut ctx, &asked(dao, "Blue")).unwrap();
    assert_eq!(mint(&mut ctx, &asked(other, "blue")), Ok("artwork-louvre".into()));
    assert_eq!((supply(&ctx, CLASS), supply(&ctx, "artwork-louvre")), (Ok(2), Ok(1)));
}

#[test]
fn ids_are_one_segment_of_a_path() {
    let (mut ctx, dao) = dealer();
    let long = "a".repeat(102);
    for id in ["", "a", "ab", "1ab", "-ab", "a/b", "a b", "añb", "a.b", "a_b", long.as_str()] {
        assert_code(mint(&mut ctx, &asked(dao, id)), ARTWORK, INVALID_ID);
    }
    for id in ["abc", "A1-:", &long[..101]] {
        mint(&mut ctx, &asked(dao, id)).unwrap();
    }
}

#[test]
fn texts_and_royalty_have_bounds() {
    let (mut ctx, dao) = dealer();
    type Change = fn(&mut Mint);
    let bad: [Change; 9] = [
        |mint| mint.title = String::new(),
        |mint| mint.title = "t".repeat(141),
        |mint| mint.artist = String::new(),
        |mint| mint.artist = "a\u{7}".into(),
        |mint| mint.uri = "u".repeat(2_049),
        |mint| mint.uri = "a\nb".into(),
        |mint| mint.uri_hash = "h".repeat(129),
        |mint| mint.data = "d".repeat(10_001),
        |mint| mint.data = "\u{0}".into(),
    ];
    for change in bad {
        let mut asked = asked(dao, "blue");
        change(&mut asked);
        assert_code(mint(&mut ctx, &asked), ARTWORK, INVALID_TEXT);
    }
    assert_code(
        mint(&mut ctx, &Mint { royalty_bps: 10_001, ..asked(dao, "blue") }),
        ARTWORK,
        INVALID_ROYALTY,
    );
    let most = Mint {
        royalty_bps: 10_000,
        title: "é".repeat(140),
        artist: "é".repeat(140),
        uri: "u".repeat(2_048),
        uri_hash: "h".repeat(128),
        data: "d".repeat(10_000),
        ..asked(dao, "blue")
    };
    mint(&mut ctx, &most).unwrap();
}
