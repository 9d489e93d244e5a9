//! Tests of seats during the Initial Distribution Period.

use super::chain::{app_hash, create_with_bond, jail, join, operator, set_bond, small, unjail, Chain};
use crate::kernel::U256;
use crate::seats::{defaults, state};
use jmes_proto::jmes::staking::v1::Params;
use sha2::{Digest, Sha256};

/// Whom the draw picks of `candidates`, by the words of §6.
fn drawn(vacated: u64, number: u32, candidates: usize) -> usize {
    let mut bits = [0_u8; 8];
    for (place, height) in (vacated + 1..=vacated + 64).enumerate() {
        let bit = app_hash(height)[31] & 1;
        bits[place / 8] |= bit << (7 - place % 8);
    }
    let text = [bits.as_slice(), &vacated.to_be_bytes(), &number.to_be_bytes()].concat();
    let number = U256::from_big_endian(&Sha256::digest(text));
    (number % U256::from(candidates)).as_usize()
}

#[test]
fn new_seats_go_to_the_oldest_waiting_in_the_order_of_transactions() {
    let mut chain = Chain::new(1, 1_000, small());
    chain.block(|ctx| [9, 5, 7, 3, 8].into_iter().for_each(|number| join(ctx, number)));
    assert_eq!(chain.seated(), [0, 9, 5, 7]);
    let newcomer = chain.seat(9).unwrap();
    assert_eq!(
        (newcomer.power, newcomer.proven, newcomer.seated_height, newcomer.incumbent),
        (1, false, 1, false)
    );
    assert!(chain.validator(9).ever_seated && !chain.validator(3).ever_seated);
    chain.blocks(5);
    assert_eq!(chain.seated(), [0, 9, 5, 7], "the others wait");
}

#[test]
fn a_new_validator_is_proven_by_the_commits_of_sets_that_it_is_in() {
    let mut chain = Chain::new(1, 1_000, small());
    chain.block(|ctx| join(ctx, 1));
    // Seated at the end of 1, in the set of 3, whose commit is in 4; the fourth is in 7.
    chain.to(6);
    assert_eq!(chain.power(1), 1);
    chain.to(7);
    assert_eq!((chain.power(1), chain.seat(1).unwrap().proven), (1_000, true));
    assert_eq!(state::PROOFS.load(&chain.ctx), Ok(None), "there is nothing more to count");
}

#[test]
fn who_is_not_proven_in_time_loses_the_seat_and_is_jailed_for_10_minutes_without_a_slash() {
    let mut chain = Chain::new(1, 1_000, small());
    chain.absent.insert(1);
    chain.block(|ctx| {
        join(ctx, 1);
        set_bond(ctx, 1, 50);
    });
    chain.to(32);
    assert_eq!(chain.power(1), 1, "29 commits: those in the blocks 4 to 32");
    chain.to(33);
    let validator = chain.validator(1);
    assert_eq!((chain.seat(1), validator.jailed), (None, true));
    assert_eq!(validator.jailed_until, chain.ctx.block().time + 600_000_000_000);
    assert_eq!(validator.tokens.0, 50_000_000);
}

#[test]
fn seated_again_means_unproven_again() {
    let mut chain = Chain::new(4, 1_000, small());
    chain.block(|ctx| jail(ctx, 2));
    assert_eq!(chain.seat(2), None);
    chain.block(|ctx| unjail(ctx, 2));
    chain.to(67);
    let seat = chain.seat(2).unwrap();
    assert_eq!(
        (seat.power, seat.proven, seat.seated_height),
        (1, false, 67),
        "nobody else waited for the seat"
    );
    chain.to(72);
    assert_eq!(chain.power(2), 1);
    chain.to(73);
    assert_eq!(chain.power(2), 1_000);
}

#[test]
fn a_seat_vacated_at_h_is_filled_at_h_plus_65_by_a_draw_among_those_who_waited_since_before_h_minus_720() {
    let mut chain = Chain::new(4, 2_000, Params { seats: 4, ..defaults() });
    chain.to(9);
    chain.block(|ctx| (100..107).for_each(|number| join(ctx, number)));
    chain.block(|ctx| (200..220).for_each(|number| join(ctx, number)));
    chain.to(730);
    chain.block(|ctx| jail(ctx, 1));
    assert_eq!(chain.seated(), [0, 2, 3]);
    chain.to(731 + 64);
    assert_eq!(chain.seated(), [0, 2, 3], "the seat stays free until the draw");
    chain.block(|_| ());
    let winner = 100 + drawn(731, 0, 7) as u16;
    assert_eq!(
        chain.seated(),
        [0, 2, 3, winner],
        "of those who joined at 10 = 731 - 721, not at 11 = 731 - 720"
    );
    assert_eq!(state::VACANCIES.load(&chain.ctx), Ok(None));
}

#[test]
fn seats_vacated_together_are_drawn_with_the_shrunken_list() {
    let mut chain = Chain::new(4, 1_000, small());
    chain.block(|ctx| (100..111).for_each(|number| join(ctx, number)));
    chain.to(49);
    chain.block(|ctx| (1..4).for_each(|number| jail(ctx, number)));
    chain.block(|ctx| jail(ctx, 104));
    chain.to(115);
    let mut list: Vec<u16> = (100..111).filter(|number| *number != 104).collect();
    let mut expected = vec![0];
    for number in 0..3 {
        expected.push(list.remove(drawn(50, number, list.len())));
    }
    assert_eq!(chain.seated(), expected);
}

#[test]
fn seats_vacated_one_after_the_other_are_drawn_each_in_its_block() {
    let mut chain = Chain::new(4, 1_000, small());
    chain.block(|ctx| (100..111).for_each(|number| join(ctx, number)));
    chain.to(49);
    for number in [1, 2] {
        chain.block(|ctx| jail(ctx, number));
        chain.blocks(9);
    }
    let mut list: Vec<u16> = (100..111).collect();
    let mut expected = vec![0, 3];
    for vacated in [50, 60] {
        chain.to(vacated + 64);
        assert_eq!(chain.seated(), expected);
        chain.block(|_| ());
        expected.push(list.remove(drawn(vacated, 0, list.len())));
        assert_eq!(chain.seated(), expected);
    }
}

#[test]
fn candidates_of_one_block_stand_in_the_order_of_transactions_in_a_draw() {
    let order = [130, 101, 115, 108, 122];
    let mut chain = Chain::new(4, 1_000, small());
    chain.block(|ctx| order.into_iter().for_each(|number| join(ctx, number)));
    chain.to(30);
    chain.block(|ctx| jail(ctx, 0));
    chain.to(31 + 65);
    assert_eq!(chain.seated(), [1, 2, 3, order[drawn(31, 0, 5)]]);
}

#[test]
fn a_draw_without_candidates_leaves_its_seat_to_the_oldest_at_any_later_blocks_end() {
    let mut chain = Chain::new(4, 1_000, small());
    chain.block(|_| ());
    chain.block(|ctx| jail(ctx, 1));
    chain.block(|ctx| [7, 6].into_iter().for_each(|number| join(ctx, number)));
    chain.to(2 + 65);
    assert_eq!(chain.seated(), [0, 2, 3], "the draw has no candidates");
    chain.block(|_| ());
    assert_eq!(chain.seated(), [0, 2, 3, 7], "the oldest takes the seat in the next block");

    let mut empty = Chain::new(4, 1_000, small());
    empty.block(|ctx| jail(ctx, 1));
    empty.to(99);
    empty.block(|ctx| join(ctx, 7));
    assert_eq!(empty.seated(), [0, 2, 3, 7], "or whenever someone comes");
}

#[test]
fn draws_come_first_then_new_seats() {
    let mut chain = Chain::new(4, 1_000, Params { seats: 5, ..small() });
    // Four candidates, for whom there is one new seat; then the seat of 1 is to be drawn among the other three.
    chain.block(|ctx| (100..104).for_each(|number| join(ctx, number)));
    assert_eq!(chain.seated(), [0, 1, 2, 3, 100]);
    chain.to(29);
    chain.block(|ctx| jail(ctx, 1));
    chain.to(30 + 64);
    // In the block of the draw there is a new seat, too.
    chain.block(|ctx| state::PARAMS.save(ctx, &Params { seats: 6, ..small() }).unwrap());
    let mut list = vec![101, 102, 103];
    let winner = list.remove(drawn(30, 0, 3));
    assert_eq!(chain.seated(), [0, 2, 3, 100, winner, list[0]]);
}

#[test]
fn waiting_starts_at_the_last_unjail() {
    let mut chain = Chain::new(4, 1_000, small());
    chain.block(|ctx| (100..103).for_each(|number| join(ctx, number)));
    chain.to(29);
    chain.block(|ctx| {
        jail(ctx, 100);
        unjail(ctx, 100);
        jail(ctx, 101);
    });
    chain.block(|ctx| jail(ctx, 0));
    chain.to(31 + 65);
    assert_eq!(chain.seated(), [1, 2, 3, 102], "100 has waited since block 30, and 101 is jailed");
}

#[test]
fn stake_displaces_nobody_and_gets_no_seat_earlier() {
    let mut chain = Chain::new(4, 1_000, small());
    chain.block(|ctx| (100..103).for_each(|number| join(ctx, number)));
    chain.block(|ctx| create_with_bond(ctx, 50, 1_000_000));
    chain.blocks(50);
    assert_eq!(chain.seated(), [0, 1, 2, 3]);
    chain.block(|ctx| set_bond(ctx, 2, 500_000));
    assert!(chain.seats().iter().all(|seat| seat.power == 1_000), "nor does it give power");
    chain.block(|ctx| state::PARAMS.save(ctx, &Params { seats: 5, ..small() }).unwrap());
    assert_eq!(chain.seated(), [0, 1, 2, 3, 100], "the oldest comes before the one with stake");
}

#[test]
fn who_waits_and_is_jailed_is_off_the_list() {
    let mut chain = Chain::new(4, 1_000, small());
    chain.block(|ctx| (100..103).for_each(|number| join(ctx, number)));
    chain.block(|ctx| {
        jail(ctx, 100);
        state::PARAMS.save(ctx, &Params { seats: 5, ..small() }).unwrap();
    });
    assert_eq!(chain.seated(), [0, 1, 2, 3, 101]);
}

#[test]
fn whoever_waits_or_is_seated_does_not_wait_twice() {
    let mut chain = Chain::new(4, 1_000, small());
    chain.block(|ctx| {
        join(ctx, 100);
        crate::seats::wait(ctx, &operator(100)).unwrap();
        crate::seats::wait(ctx, &operator(0)).unwrap();
    });
    assert_eq!(state::LIST.load(&chain.ctx).unwrap().unwrap().count, 1);
}

#[test]
fn when_the_list_is_full_lower_work_replaces_the_highest_and_first_who_has_done_none() {
    let mut chain = Chain::new(4, 1_000, Params { max_waiting: 3, ..small() });
    let join_with = |ctx: &mut crate::kernel::Ctx, number, work| {
        crate::staking::create(ctx, super::chain::candidate(number, work)).unwrap();
        crate::seats::wait(ctx, &operator(number))
    };
    let waiting = |ctx: &crate::kernel::Ctx| -> Vec<u16> {
        let list = crate::seats::waiting::oldest(ctx, 10).unwrap();
        list.iter().map(|candidate| super::chain::number(&candidate.operator)).collect()
    };
    chain.block(|ctx| {
        create_with_bond(ctx, 10, 1);
        join_with(ctx, 20, 50).unwrap();
        join_with(ctx, 21, 90).unwrap();
        join_with(ctx, 22, 90).unwrap();
        assert_eq!(waiting(ctx), [20, 21, 22]);
        let why = "3 validators wait for a seat already, which is the most, and none has a higher work hash: join (MsgJoin) with more work";
        crate::test_support::assert_refused(join_with(ctx, 23, 90), "seats", 5, why);
        join_with(ctx, 24, 60).unwrap();
        assert_eq!(waiting(ctx), [20, 21, 24], "of equals the latest goes");
        crate::test_support::assert_refused(join_with(ctx, 25, 0), "seats", 5, why);
    });
}
