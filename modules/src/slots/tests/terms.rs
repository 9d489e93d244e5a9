//! Terms: to the block.

use super::{block, blocks, brand, chain, conclude, funded, give, held, in_brand, BRAND, DEALER, OFFICIAL};
use crate::funding::{self, Grant, Request};
use crate::kernel::{Amount, Ctx, Event, Module};
use crate::slots::{held_at, minting_right, resign, state, Feature, Role, Slot, Slots, FUTURE_HEIGHT};
use crate::test_support::{address, assert_refused};

#[test]
fn a_term_holds_while_n_is_at_most_its_conclusion_and_its_period_unpaced_blocks_included() {
    let mut ctx = chain();
    give(&mut ctx, 1, Feature::ArtDealer, 5, 3);
    let start = ctx.block().height;
    assert_eq!(held(&ctx, 1, DEALER, start), Some(5), "from its conclusion");
    assert_eq!(held(&ctx, 1, DEALER, start - 1), None);
    // Concluded at n = 1 for 3: until 4. The credit is used up at n = 3.
    let life: Vec<_> =
        (0..7).map(|_| (block(&mut ctx, 0), held(&ctx, 1, DEALER, ctx.block().height))).collect();
    assert_eq!(life[..2], [(2, Some(5)), (3, Some(5))]);
    assert_eq!(life[6], (3, Some(5)), "n stands still, the term holds");
    assert_eq!((block(&mut ctx, 1), held(&ctx, 1, DEALER, ctx.block().height)), (4, Some(5)));
    assert_eq!((block(&mut ctx, 0), held(&ctx, 1, DEALER, ctx.block().height)), (4, Some(5)));
    let last = ctx.block().height;
    assert_eq!((block(&mut ctx, 1), held(&ctx, 1, DEALER, ctx.block().height)), (5, None), "and no longer");
    assert_eq!((held(&ctx, 1, DEALER, last), held(&ctx, 1, DEALER, last + 1)), (Some(5), None));
    Slots.check_invariants(&ctx).unwrap();
}

#[test]
fn a_seat_expires_with_its_funding() {
    let mut ctx = chain();
    conclude(&mut ctx, &brand(1, 10, 3, 500)).unwrap();
    blocks(&mut ctx, 10);
    assert!(in_brand(&ctx, 1) && funded(&ctx, 10) == (11, true));
    assert_eq!(crate::bank::balance(&ctx, &address(1), "ujmes"), Ok(Amount(10)));
    ctx.take_events();
    blocks(&mut ctx, 1);
    assert!(!in_brand(&ctx, 1) && funded(&ctx, 10) == (11, false));
    assert_eq!(crate::bank::balance(&ctx, &address(1), "ujmes"), Ok(Amount(10)));
    let ended = Event::new("term_ended").with("dao", address(1)).with("feature", "brand");
    assert_eq!(ctx.take_events()[0], ended.with("proposal_id", 10).with("why", "expired"));
}

#[test]
fn leaving_a_slot_ends_the_slot_proposals_funding_only_and_other_funding_is_no_longer_core() {
    let mut ctx = chain();
    conclude(&mut ctx, &brand(1, 10, 3, 500)).unwrap();
    let request = Request { rate: Amount(1_125_000), blocks: 50 };
    let other = Grant { proposal_id: 11, dao: address(1), request, net_yes: Amount(1) };
    funding::start(&mut ctx, &other).unwrap();
    let paid = |ctx: &Ctx| funding::state::STREAMS.load(ctx, &11).unwrap().unwrap().paid_until(u64::MAX);
    block(&mut ctx, 1);
    assert_eq!(paid(&ctx), 0, "1 Nil is taken of the slot's share");
    resign(&mut ctx, &address(1)).unwrap();
    block(&mut ctx, 1);
    let stream = funding::state::STREAMS.load(&ctx, &11).unwrap().unwrap();
    assert_eq!((stream.missed(3), stream.total_paid(3).unwrap()), (1, Amount(1_125_000)));
    assert_eq!(funded(&ctx, 10), (2, false));
}

#[test]
fn a_core_dao_has_official_status() {
    let mut ctx = chain();
    conclude(&mut ctx, &brand(1, 10, 3, 500)).unwrap();
    let seated = ctx.block().height;
    assert_eq!(held(&ctx, 1, OFFICIAL, seated), Some(10));
    blocks(&mut ctx, 2);
    give(&mut ctx, 1, Feature::OfficialStatus, 12, 2);
    assert_eq!(held(&ctx, 1, OFFICIAL, ctx.block().height), Some(12), "its own first");
    resign(&mut ctx, &address(1)).unwrap();
    blocks(&mut ctx, 3);
    let now = ctx.block().height;
    assert_eq!((held(&ctx, 1, OFFICIAL, now), held(&ctx, 1, OFFICIAL, seated + 1)), (None, Some(10)));
    assert_eq!(held(&ctx, 1, DEALER, seated), None, "and nothing else");
}

#[test]
fn each_grant_ends_by_itself() {
    let mut ctx = chain();
    give(&mut ctx, 1, Feature::ArtDealer, 5, 6);
    blocks(&mut ctx, 2);
    give(&mut ctx, 1, Feature::ArtDealer, 6, 2);
    let both = ctx.block().height;
    assert_eq!(held(&ctx, 1, DEALER, both), Some(6), "the latest answers");
    blocks(&mut ctx, 3);
    assert_eq!(held(&ctx, 1, DEALER, ctx.block().height), Some(5), "the first one lasts longer");
    blocks(&mut ctx, 2);
    assert_eq!(held(&ctx, 1, DEALER, ctx.block().height), None);
    assert_eq!(held(&ctx, 1, DEALER, both), Some(6), "for ever");
}

#[test]
fn a_term_that_held_is_found_behind_many_that_ended() {
    let mut ctx = chain();
    give(&mut ctx, 1, Feature::ArtDealer, 1, 500);
    (2..=40).for_each(|id| give(&mut ctx, 1, Feature::ArtDealer, id, 1));
    blocks(&mut ctx, 3);
    assert_eq!(held(&ctx, 1, DEALER, ctx.block().height), Some(1));
    assert_eq!(minting_right(&ctx, &address(1)), Ok(Some((DEALER, 1))));
    assert_eq!(held(&ctx, 2, DEALER, ctx.block().height), None);
}

#[test]
fn dealers_and_core_daos_mint() {
    let mut ctx = chain();
    assert_eq!(minting_right(&ctx, &address(1)), Ok(None));
    give(&mut ctx, 1, Feature::OfficialStatus, 4, 9);
    assert_eq!(minting_right(&ctx, &address(1)), Ok(None));
    conclude(&mut ctx, &brand(1, 10, 3, 500)).unwrap();
    assert_eq!(minting_right(&ctx, &address(1)), Ok(Some((BRAND, 10))));
    give(&mut ctx, 1, Feature::ArtDealer, 11, 2);
    assert_eq!(minting_right(&ctx, &address(1)), Ok(Some((DEALER, 11))));
    blocks(&mut ctx, 3);
    assert_eq!(minting_right(&ctx, &address(1)), Ok(Some((BRAND, 10))));
    resign(&mut ctx, &address(1)).unwrap();
    assert_eq!(minting_right(&ctx, &address(1)), Ok(None), "in the same block");
}

#[test]
fn questions_about_heights_to_come_are_refused() {
    let ctx = chain();
    let why = "height 9 is still to come; the latest is 8";
    assert_refused(held_at(&ctx, &address(1), DEALER, 9), "slots", FUTURE_HEIGHT, why);
    assert_eq!(held_at(&ctx, &address(1), DEALER, 0), Ok(None));
}

#[test]
fn every_role_has_its_name_and_byte() {
    let names = ["brand", "community", "engineering", "art_dealer", "official_status"];
    for (byte, name) in (1..).zip(names) {
        let role = Role::parse(name).unwrap();
        assert_eq!((role.name(), role.byte(), Role::of_byte(byte)), (name, byte, Some(role)));
    }
    assert_eq!((Role::parse("dealer"), Role::of_byte(0), Role::of_byte(6)), (None, None, None));
    assert_eq!((Feature::parse("art_dealer"), Feature::parse("brand")), (Some(Feature::ArtDealer), None));
    assert_eq!(Feature::OfficialStatus.name(), "official_status");
    for (number, slot) in (1..).zip(Slot::ALL) {
        assert_eq!((slot.to_proto(), Slot::from_proto(number)), (number, Some(slot)));
    }
    assert_eq!((Slot::from_proto(0), Slot::from_proto(4)), (None, None));
}

#[test]
fn the_invariants_find_what_is_broken() {
    let broken = |change: &dyn Fn(&mut Ctx), why: &str| {
        let mut ctx = chain();
        conclude(&mut ctx, &brand(1, 10, 3, 500)).unwrap();
        give(&mut ctx, 2, Feature::ArtDealer, 11, 2);
        Slots.check_invariants(&ctx).unwrap();
        change(&mut ctx);
        let error = Slots.check_invariants(&ctx).unwrap_err().message;
        assert!(error.contains(why), "{error}");
    };
    broken(&|ctx| state::OPEN.remove(ctx, &(3, 2)).unwrap(), "is not listed, or has not ended in time");
    broken(&|ctx| state::OF_DAO.remove(ctx, &(address(2), 2)).unwrap(), "is not listed");
    broken(
        &|ctx| state::SEATS.remove(ctx, &Slot::Brand).unwrap(),
        "is open, but its DAO is not in the brand slot",
    );
    broken(&|ctx| state::SEATED.save(ctx, &address(3), &BRAND).unwrap(), "1 slots are taken by 2 DAOs");
    broken(&|ctx| state::SEATED.remove(ctx, &address(1)).unwrap(), "by a term that is not of it");
    broken(&|ctx| state::BEST.remove(ctx, &Slot::Brand).unwrap(), "nothing was concluded for it");
    broken(
        &|ctx| state::IN_ROLE.save(ctx, &(address(9), (BRAND, 9)), &()).unwrap(),
        "their lists have 2, 3 and 2",
    );
    broken(&|ctx| crate::test_support::at_issuance(ctx, 9), "has not ended in time");
}
