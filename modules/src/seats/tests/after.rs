//! Tests of seats after the Initial Distribution Period.

use super::chain::{create_with_bond, jail, join, set_bond, small, Chain};
use crate::seats::{defaults, state};
use jmes_proto::jmes::staking::v1::Params;

/// Four incumbents after a period of 20 blocks, at the end of its last.
fn ended(params: Params) -> Chain {
    let mut chain = Chain::new(4, 20, params);
    chain.to(20);
    chain
}

#[test]
fn those_seated_before_the_periods_last_block_are_incumbents() {
    let mut chain = Chain::new(2, 20, small());
    chain.block(|ctx| join(ctx, 7));
    chain.to(19);
    assert!(chain.seats().iter().all(|seat| !seat.incumbent));
    chain.block(|ctx| create_with_bond(ctx, 8, 5));
    let seats: Vec<_> = chain.seats().iter().map(|seat| (seat.incumbent, seat.seated_height)).collect();
    assert_eq!(
        seats,
        [(true, 0), (true, 0), (true, 1), (false, 20)],
        "the wanted come from that block's end on"
    );
}

#[test]
fn who_loses_the_seat_in_the_periods_last_block_is_no_incumbent() {
    let mut chain = Chain::new(4, 20, small());
    chain.to(19);
    chain.block(|ctx| jail(ctx, 3));
    chain.block(|ctx| super::chain::unjail(ctx, 3));
    chain.blocks(200);
    assert_eq!(chain.seated(), [0, 1, 2], "and without stake it takes no seat again");
    chain.block(|ctx| set_bond(ctx, 3, 1));
    let seat = chain.seat(3).unwrap();
    assert_eq!((seat.incumbent, seat.power), (false, 1));
}

#[test]
fn there_are_no_draws_from_the_end_on() {
    let mut chain = Chain::new(4, 70, small());
    chain.block(|ctx| (100..110).for_each(|number| join(ctx, number)));
    chain.to(40);
    chain.block(|ctx| jail(ctx, 1));
    chain.to(69);
    assert!(state::VACANCIES.load(&chain.ctx).unwrap().is_some());
    chain.to(200);
    assert_eq!(chain.seated(), [0, 2, 3]);
    assert_eq!(state::VACANCIES.load(&chain.ctx), Ok(None));
}

#[test]
fn the_list_of_those_who_wait_is_forgotten_a_hundred_a_block() {
    let mut chain = Chain::new(4, 20, small());
    chain.block(|ctx| (100..350).for_each(|number| join(ctx, number)));
    chain.to(19);
    let waiting =
        |chain: &Chain| state::WAITING.scan(&chain.ctx, &[], None, false, usize::MAX).unwrap().len();
    let mut left = vec![waiting(&chain)];
    for _ in 0..4 {
        chain.block(|_| ());
        left.push(waiting(&chain));
    }
    assert_eq!(left, [250, 150, 50, 0, 0]);
    for prefix in [
        state::LIST.load(&chain.ctx).unwrap().is_none(),
        state::COUNTS.scan(&chain.ctx, &[], None, false, 1).unwrap().is_empty(),
    ] {
        assert!(prefix, "nothing of it is left");
    }
    chain.block(|ctx| create_with_bond(ctx, 50, 0));
    assert_eq!(waiting(&chain), 0, "nobody waits any more");
}

#[test]
fn newcomers_take_free_seats_at_heights_at_least_10_apart_best_bond_first() {
    let mut chain = Chain::new(1, 20, small());
    chain.to(19);
    chain.block(|ctx| {
        [(5, 3), (6, 9), (7, 3), (8, 1)].into_iter().for_each(|(n, jmes)| create_with_bond(ctx, n, jmes))
    });
    assert_eq!(chain.seated(), [0, 6]);
    chain.to(29);
    assert_eq!(chain.seated(), [0, 6]);
    chain.to(30);
    assert_eq!(chain.seated(), [0, 6, 5], "of equal bonds the one created earlier");
    chain.to(40);
    assert_eq!(chain.seated(), [0, 6, 5, 7], "8 finds no free seat");
}

#[test]
fn a_bond_below_1_jmes_is_not_wanted() {
    let mut chain = Chain::new(1, 20, small());
    chain.to(20);
    chain.block(|ctx| {
        create_with_bond(ctx, 5, 1);
        let validator = crate::staking::require(ctx, &super::chain::operator(5)).unwrap();
        let tokens = crate::kernel::Amount(999_999);
        crate::staking::save(ctx, &crate::staking::Validator { tokens, ..validator }).unwrap();
    });
    chain.blocks(20);
    assert_eq!(chain.seated(), [0]);
}

#[test]
fn no_newcomer_displaces_an_incumbent_in_the_first_120960_blocks_then_the_lowest_ranked_goes() {
    let params = Params { seniority_blocks: 30, bond_ramp_blocks: 30, ..small() };
    let mut chain = ended(params);
    chain.block(|ctx| {
        set_bond(ctx, 3, 2);
        create_with_bond(ctx, 9, 1_000_000);
    });
    chain.to(20 + 30);
    assert_eq!(chain.seated(), [0, 1, 2, 3]);
    chain.block(|_| ());
    assert_eq!(chain.seated(), [0, 1, 3, 9], "of the incumbents without stake the one seated last");
    assert_eq!((chain.power(9), chain.power(3)), (1, 2_000));
}

#[test]
fn only_wanted_validators_come_in_and_only_who_is_not_wanted_is_displaced() {
    let mut chain = ended(Params { seniority_blocks: 0, bond_ramp_blocks: 0, ..small() });
    chain.block(|ctx| (0..4).for_each(|number| set_bond(ctx, number, 10 + u128::from(number))));
    chain.block(|ctx| create_with_bond(ctx, 9, 10));
    chain.blocks(50);
    assert_eq!(chain.seated(), [0, 1, 2, 3], "9 is the fifth: 0 has the same bond and was created earlier");
    chain.block(|ctx| set_bond(ctx, 9, 11));
    assert_eq!(chain.seated(), [1, 2, 3, 9], "0 is the fifth now");
}

#[test]
fn non_incumbents_lose_the_seat_with_a_bond_below_1_jmes_and_incumbents_keep_it() {
    let mut chain = Chain::new(3, 20, small());
    chain.to(19);
    chain.block(|ctx| {
        set_bond(ctx, 2, 7);
        create_with_bond(ctx, 9, 5);
    });
    assert_eq!(chain.seated(), [0, 1, 2, 9]);
    chain.to(40);
    chain.block(|ctx| {
        set_bond(ctx, 2, 0);
        set_bond(ctx, 9, 0);
    });
    assert_eq!(chain.seated(), [0, 1, 2]);
    assert_eq!(chain.power(2), 1_000);
}

#[test]
fn what_counts_of_a_bond_grows_after_the_period() {
    let params = Params { bond_ramp_blocks: 20, bond_doubling_blocks: 5, ..small() };
    let mut chain = ended(params);
    chain.block(|ctx| set_bond(ctx, 1, 100));
    let powers: Vec<u64> = (22..=41)
        .map(|height| {
            chain.to(height);
            chain.power(1)
        })
        .collect();
    let expected = [[1_000; 5].as_slice(), &[2_000; 5], &[4_000; 5], &[8_000; 5], &[16_000]].concat();
    assert_eq!([1_000; 2].iter().chain(&powers[..19]).copied().collect::<Vec<_>>(), expected);
    assert_eq!(powers[19], 100_000, "everything counts once the first blocks are over");
}

#[test]
fn of_fewer_seats_the_lowest_ranked_go_at_once() {
    let mut chain = Chain::new(8, 20, Params { seats: 8, ..small() });
    chain.to(25);
    chain.block(|ctx| {
        set_bond(ctx, 5, 3);
        set_bond(ctx, 7, 4);
        state::PARAMS.save(ctx, &small()).unwrap();
    });
    assert_eq!(chain.seated(), [0, 1, 5, 7]);
}

#[test]
fn a_chain_where_nobody_ever_stakes_goes_on_with_its_incumbents() {
    let mut chain = Chain::new(1, 60, small());
    chain.block(|ctx| (5..9).for_each(|number| join(ctx, number)));
    chain.to(600);
    let seats: Vec<_> = chain.seats().iter().map(|seat| (seat.power, seat.incumbent)).collect();
    assert_eq!(chain.seated(), [0, 5, 6, 7]);
    assert_eq!(seats, [(1_000, true); 4]);
}

#[test]
fn a_chain_without_the_period_has_incumbents_from_genesis() {
    let mut chain = Chain::new(4, 0, defaults());
    chain.block(|ctx| create_with_bond(ctx, 9, 5));
    assert_eq!(chain.seated(), [0, 1, 2, 3, 9]);
    let incumbents: Vec<bool> = chain.seats().iter().map(|seat| seat.incumbent).collect();
    assert_eq!(incumbents, [true, true, true, true, false]);
}
