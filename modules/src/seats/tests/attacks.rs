//! Attacks on a launch, and why they fail.

use super::chain::{create_with_bond, jail, join, operator, set_bond, small, unjail, Chain};
use crate::seats::defaults;
use crate::staking;
use jmes_proto::jmes::staking::v1::Params;

#[test]
fn ninety_nine_ghosts_beside_one_live_validator_do_not_stop_the_chain() {
    let mut chain = Chain::new(1, 5_000, defaults());
    chain.absent.extend(1..=99);
    chain.block(|ctx| (1..=99).for_each(|number| join(ctx, number)));
    assert_eq!((chain.seats().len(), chain.power(0), chain.total_power()), (100, 1_000, 1_099));
    chain.to(722);
    assert_eq!(chain.seats().len(), 100);
    chain.blocks(1);
    assert_eq!(chain.seated(), [0], "after 720 commits without a signature they are gone");
    assert!((1..=99).all(|number| chain.validator(number).jailed));
}

#[test]
fn a_launcher_alone_for_720_blocks_holds_an_equal_part_once_rivals_are_proven() {
    for rivals in [1, 3, 9] {
        let mut chain = Chain::new(1, 5_000, defaults());
        chain.to(720);
        chain.block(|ctx| (1..=rivals).for_each(|number| join(ctx, number)));
        chain.blocks(68);
        assert_eq!(chain.total_power(), 1_000 + u64::from(rivals), "{rivals} rivals, 66 commits");
        chain.blocks(1);
        assert_eq!((chain.power(0), chain.total_power()), (1_000, 1_000 * (u64::from(rivals) + 1)));
    }
}

/// 67 of 100 commits are those of two proposers in three: the part of the honest that the chain needs anyway.
#[test]
fn a_proven_validator_that_leaves_newcomers_out_of_its_blocks_does_not_keep_them_from_being_proven() {
    for validators in [3, 4] {
        let mut chain = Chain::new(validators, 5_000, defaults());
        chain.block(|ctx| join(ctx, 9));
        while !chain.seat(9).unwrap().proven {
            // Equal powers: each proposes its part of the blocks.
            if chain.height().is_multiple_of(validators.into()) {
                chain.left_out.insert(9);
            } else {
                chain.left_out.clear();
            }
            chain.block(|_| ());
            assert!(
                chain.height() <= 1 + 2 + 100 + 3,
                "every third of 100 commits can be lost, and one phase more"
            );
        }
    }
}

/// The limit of that: one of two leaves out half of the commits, and 50 of 100 do not prove. Half of the power is hostile then,
/// more than any chain of this engine survives.
#[test]
fn one_of_two_proven_validators_that_leaves_newcomers_out_keeps_them_from_being_proven() {
    let mut chain = Chain::new(2, 5_000, defaults());
    chain.block(|ctx| join(ctx, 9));
    // Its first commit is that of height 3, in block 4; the 720th is in block 723.
    while chain.height() < 722 {
        if chain.height().is_multiple_of(2) {
            chain.left_out.insert(9);
        } else {
            chain.left_out.clear();
        }
        chain.block(|_| ());
        assert!(chain.seat(9).is_some_and(|seat| !seat.proven), "height {}", chain.height());
    }
    chain.blocks(1);
    assert_eq!((chain.seated(), chain.validator(9).jailed), (vec![0, 1], true));
}

#[test]
fn the_only_proven_validator_keeps_seat_and_power_when_tombstoned_beside_99_ghosts() {
    let mut chain = Chain::new(1, 5_000, defaults());
    chain.absent.extend(1..=99);
    chain.block(|ctx| (1..=99).for_each(|number| join(ctx, number)));
    chain.block(|ctx| staking::tombstone(ctx, &operator(0)).unwrap());
    assert_eq!((chain.power(0), chain.total_power()), (1_000, 1_099));
    chain.to(800);
    assert_eq!(chain.seated(), [0], "the ghosts are gone, it stays");
    chain.block(|ctx| join(ctx, 200));
    chain.blocks(68);
    assert_eq!(chain.seated(), [0, 200]);
    chain.blocks(1);
    assert_eq!(chain.seated(), [200], "until another one is proven");
}

#[test]
fn the_last_validator_that_signs_twice_goes_on_until_another_is_proven() {
    let mut chain = Chain::new(1, 5_000, small());
    chain.block(|ctx| staking::tombstone(ctx, &operator(0)).unwrap());
    chain.blocks(100);
    assert_eq!((chain.seated(), chain.power(0)), (vec![0], 1_000));
    chain.block(|ctx| join(ctx, 1));
    chain.blocks(5);
    assert_eq!(chain.seated(), [0, 1]);
    chain.blocks(1);
    assert_eq!((chain.seated(), chain.power(1)), (vec![1], 1_000));
}

#[test]
fn a_kept_validator_that_leaves_jail_has_never_lost_its_seat() {
    let mut chain = Chain::new(1, 5_000, small());
    chain.block(|ctx| jail(ctx, 0));
    chain.block(|ctx| unjail(ctx, 0));
    chain.block(|ctx| join(ctx, 1));
    chain.blocks(20);
    assert_eq!((chain.seated(), chain.total_power()), (vec![0, 1], 2_000));
}

#[test]
fn the_first_to_bond_after_the_period_does_not_get_a_third_of_the_power_at_once() {
    for bond in [51, 201] {
        let mut chain = Chain::new(100, 20, defaults());
        chain.to(20);
        chain.block(|ctx| set_bond(ctx, 50, bond));
        assert_eq!((chain.power(50), chain.total_power()), (1_000, 100_000), "{bond} JMES count as one");
    }
    // A shorter clock shows how long the others have: 64 JMES of 51 count after six doublings, half a day each on mainnet.
    let params = Params { bond_doubling_blocks: 10, bond_ramp_blocks: 140, ..defaults() };
    for (bond, third_at) in [(51, 60), (201, 60)] {
        let mut chain = Chain::new(100, 20, params.clone());
        chain.to(20);
        chain.block(|ctx| set_bond(ctx, 50, bond));
        while chain.power(50) * 3 <= chain.total_power() {
            chain.block(|_| ());
        }
        assert_eq!(chain.height() - 20, third_at, "{bond} JMES");
    }
}

#[test]
fn a_third_party_that_bonds_to_a_seat_in_the_period_changes_nothing() {
    let mut chain = Chain::new(4, 100, small());
    chain.to(5);
    chain.block(|ctx| set_bond(ctx, 3, 10_000_000));
    assert_eq!((chain.power(3), chain.total_power()), (1_000, 4_000));
}

#[test]
fn a_newcomer_with_all_the_stake_has_power_1_until_it_has_signed() {
    let mut chain = Chain::new(3, 20, Params { bond_ramp_blocks: 0, ..small() });
    chain.absent.insert(9);
    chain.to(25);
    chain.block(|ctx| create_with_bond(ctx, 9, 50_000_000));
    assert_eq!(chain.power(9), 1);
    chain.to(26 + 31);
    assert_eq!(chain.power(9), 1);
    chain.blocks(1);
    assert_eq!(chain.seated(), [0, 1, 2]);
}
