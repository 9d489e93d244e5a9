//! Who is seated by which claim (§13), and the whitepaper's story of two proposals for one slot.

use super::{block, blocks, brand, chain, conclude, found, funded, held, in_brand, BRAND};
use crate::dao;
use crate::kernel::{codes, Address, Ctx, Module, Result};
use crate::slots::{
    check_revoke, check_seat, resign, slot_of, vote_out, Claim, Slot, Slots, IN_OTHER_SLOT, NOT_SEATED,
};
use crate::test_support::{address, assert_refused};

/// A proposal of `cycle` to revoke a slot passes and is concluded.
fn revoke(ctx: &mut Ctx, slot: Slot, dao: &Address, cycle: u64) -> Result<()> {
    vote_out(ctx, slot, dao, cycle)?;
    crate::slots::revoke(ctx, slot, dao)
}

#[test]
fn the_winner_concluded_first_stays_and_the_loser_only_lapses() {
    let mut ctx = chain();
    assert_eq!(conclude(&mut ctx, &brand(1, 10, 3, 500)), Ok(true));
    let before = ctx.overlay().changes();
    assert_eq!(conclude(&mut ctx, &brand(2, 11, 3, 400)), Ok(false));
    assert_eq!(ctx.overlay().changes(), before, "no seat, no funding");
    assert!(in_brand(&ctx, 1));
}

#[test]
fn the_lower_one_concluded_first_sits_until_the_winner_is_concluded() {
    let mut ctx = chain();
    assert_eq!(conclude(&mut ctx, &brand(2, 11, 3, 400)), Ok(true));
    blocks(&mut ctx, 4);
    assert!(in_brand(&ctx, 2) && funded(&ctx, 11) == (11, true));
    assert_eq!(conclude(&mut ctx, &brand(1, 10, 3, 500)), Ok(true));
    assert!(in_brand(&ctx, 1) && !in_brand(&ctx, 2));
    assert_eq!(funded(&ctx, 11), (5, false), "its funding ended with its seat");
    assert_eq!(funded(&ctx, 10), (15, true));
    let height = ctx.block().height;
    assert_eq!((held(&ctx, 2, BRAND, height - 1), held(&ctx, 2, BRAND, height)), (Some(11), None));
    assert_eq!(held(&ctx, 1, BRAND, height), Some(10));
    Slots.check_invariants(&ctx).unwrap();
}

#[test]
fn of_equals_the_first_to_be_concluded_keeps_the_slot() {
    let mut ctx = chain();
    assert_eq!(conclude(&mut ctx, &brand(2, 11, 3, 400)), Ok(true));
    assert_eq!(conclude(&mut ctx, &brand(1, 10, 3, 400)), Ok(false));
    assert!(in_brand(&ctx, 2));
}

#[test]
fn a_later_cycle_beats_more_votes_of_an_earlier_one() {
    let mut ctx = chain();
    assert_eq!(conclude(&mut ctx, &brand(1, 10, 3, 500)), Ok(true));
    assert_eq!(conclude(&mut ctx, &brand(2, 12, 4, 1)), Ok(true));
    assert_eq!(conclude(&mut ctx, &brand(3, 9, 3, 900)), Ok(false), "a losing one concluded a cycle later");
    assert!(in_brand(&ctx, 2));
}

#[test]
fn what_was_concluded_counts_when_the_slot_is_empty_again() {
    let mut ctx = chain();
    conclude(&mut ctx, &brand(1, 10, 3, 500)).unwrap();
    resign(&mut ctx, &address(1)).unwrap();
    assert_eq!(slot_of(&ctx, &address(1)), Ok(None));
    assert_eq!(conclude(&mut ctx, &brand(2, 11, 3, 400)), Ok(false));
    assert_eq!(conclude(&mut ctx, &brand(1, 12, 3, 500)), Ok(false));
    assert_eq!(conclude(&mut ctx, &brand(2, 13, 3, 501)), Ok(true));
}

#[test]
fn an_incumbent_that_wins_again_has_a_new_term_and_new_funding() {
    let mut ctx = chain();
    conclude(&mut ctx, &brand(1, 10, 3, 500)).unwrap();
    let version = dao::require(&ctx, &address(1)).unwrap().version;
    blocks(&mut ctx, 2);
    assert_eq!(conclude(&mut ctx, &brand(1, 20, 4, 1)), Ok(true));
    assert_eq!((funded(&ctx, 10), funded(&ctx, 20)), ((3, false), (13, true)));
    assert_eq!(dao::require(&ctx, &address(1)).unwrap().version, version + 1, "seated, so superseded");
    let height = ctx.block().height;
    assert_eq!((held(&ctx, 1, BRAND, height - 1), held(&ctx, 1, BRAND, height)), (Some(10), Some(20)));
    Slots.check_invariants(&ctx).unwrap();
}

#[test]
fn a_spare_proposal_does_not_undo_a_revocation() {
    let mut ctx = chain();
    conclude(&mut ctx, &brand(1, 10, 3, 500)).unwrap();
    revoke(&mut ctx, Slot::Brand, &address(1), 4).unwrap();
    assert!(!in_brand(&ctx, 1) && funded(&ctx, 10) == (1, false));
    for cycle in [3, 4] {
        assert_eq!(conclude(&mut ctx, &brand(1, 11, cycle, 900)), Ok(false), "cycle {cycle}");
    }
    assert_eq!(conclude(&mut ctx, &brand(2, 12, 4, 2)), Ok(true), "others' are not touched");
    assert_eq!(conclude(&mut ctx, &brand(1, 13, 5, 1)), Ok(true), "nor those of later cycles");
}

#[test]
fn a_spare_proposal_of_who_left_before_its_revocation_does_not_undo_that() {
    let leave: [fn(&mut Ctx); 2] = [|ctx| resign(ctx, &address(1)).unwrap(), |ctx| blocks(ctx, 11)];
    for leave in leave {
        let mut ctx = chain();
        conclude(&mut ctx, &brand(1, 10, 3, 500)).unwrap();
        vote_out(&mut ctx, Slot::Brand, &address(1), 4).unwrap();
        leave(&mut ctx);
        assert!(!in_brand(&ctx, 1));
        assert_eq!(conclude(&mut ctx, &brand(1, 11, 4, 900)), Ok(false));
        assert_eq!(conclude(&mut ctx, &brand(1, 12, 5, 1)), Ok(true), "of a later cycle");
    }
    let mut ctx = chain();
    conclude(&mut ctx, &brand(1, 10, 3, 500)).unwrap();
    vote_out(&mut ctx, Slot::Brand, &address(1), 4).unwrap();
    assert_eq!(conclude(&mut ctx, &brand(1, 11, 4, 900)), Ok(true), "it still sits");
}

#[test]
fn a_revocation_names_one_slot_and_a_dao_that_sits_there() {
    let mut ctx = chain();
    conclude(&mut ctx, &brand(1, 10, 3, 500)).unwrap();
    let why = format!("{} does not sit in the community slot", address(1));
    assert_refused(check_revoke(&ctx, Slot::Community, &address(1)), "slots", NOT_SEATED, &why);
    assert_refused(crate::slots::revoke(&mut ctx, Slot::Community, &address(1)), "slots", NOT_SEATED, &why);
    let why = format!("{} does not sit in the brand slot", address(2));
    assert_refused(check_revoke(&ctx, Slot::Brand, &address(2)), "slots", NOT_SEATED, &why);
    revoke(&mut ctx, Slot::Brand, &address(1), 4).unwrap();
    let other = Claim { slot: Slot::Community, ..brand(1, 14, 4, 500) };
    assert_eq!(conclude(&mut ctx, &other), Ok(true));
    let why = format!("{} sits in no core slot", address(2));
    assert_refused(resign(&mut ctx, &address(2)), "slots", NOT_SEATED, &why);
}

#[test]
fn an_older_revocation_does_not_replace_a_newer_one() {
    let mut ctx = chain();
    conclude(&mut ctx, &brand(1, 10, 3, 500)).unwrap();
    revoke(&mut ctx, Slot::Brand, &address(1), 6).unwrap();
    conclude(&mut ctx, &brand(1, 11, 7, 500)).unwrap();
    revoke(&mut ctx, Slot::Brand, &address(1), 5).unwrap();
    assert_eq!(conclude(&mut ctx, &brand(1, 12, 6, 900)), Ok(false));
}

#[test]
fn a_dao_sits_in_one_slot_only() {
    let mut ctx = chain();
    conclude(&mut ctx, &brand(1, 10, 3, 500)).unwrap();
    check_seat(&ctx, &address(1), Slot::Brand).unwrap();
    let why = format!(
        "{} sits in the brand slot; it must resign that before it can take the community slot",
        address(1)
    );
    let other = Claim { slot: Slot::Community, ..brand(1, 11, 3, 500) };
    assert_refused(check_seat(&ctx, &address(1), Slot::Community), "slots", IN_OTHER_SLOT, &why);
    assert_refused(conclude(&mut ctx, &other), "slots", IN_OTHER_SLOT, &why);
    resign(&mut ctx, &address(1)).unwrap();
    assert_eq!(conclude(&mut ctx, &other), Ok(true));
    assert_eq!(slot_of(&ctx, &address(1)), Ok(Some(Slot::Community)));
}

#[test]
fn a_core_dao_meets_what_section_10_asks() {
    let mut ctx = chain();
    found(&mut ctx, 7, 2);
    let error = check_seat(&ctx, &address(7), Slot::Brand).unwrap_err();
    assert_eq!((error.codespace, error.code), ("dao", dao::dao_codes::NOT_CORE));
    assert_eq!(conclude(&mut ctx, &brand(7, 10, 3, 500)), Err(error));
    let nobody = check_seat(&ctx, &address(99), Slot::Brand).unwrap_err();
    assert_eq!((nobody.codespace, nobody.code), ("sdk", codes::NOT_FOUND));
}

#[test]
fn claims_of_different_slots_do_not_meet() {
    let mut ctx = chain();
    for (dao, slot) in (1..).zip(Slot::ALL) {
        assert_eq!(conclude(&mut ctx, &Claim { slot, ..brand(dao, dao.into(), 3, 500) }), Ok(true));
        block(&mut ctx, 1);
    }
    let slots: Vec<_> = (1..=3).map(|dao| slot_of(&ctx, &address(dao)).unwrap().unwrap()).collect();
    assert_eq!(slots, Slot::ALL);
    Slots.check_invariants(&ctx).unwrap();
}
