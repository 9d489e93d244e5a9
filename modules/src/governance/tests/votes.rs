//! Votes and what becomes of them when bonds change (§11).

use super::{
    begin, bond, cast, chain, election, raised, raising, redelegate, result, run, slash, totals, unbond,
    voter, JMES, MINIMUM,
};
use crate::bank;
use crate::governance::types::Choice::{No, Yes};
use crate::governance::types::{Ballot, Rate};
use crate::governance::{state, voting_weight, Governance};
use crate::kernel::{Address, Amount, Ctx, Decimal, Event, Module, Msg};
use crate::staking::{self, bonded};
use crate::test_support::{address, assert_refused, at_issuance, coins};
use cosmos_sdk_proto::cosmos::staking::v1beta1::{MsgBeginRedelegate, MsgCancelUnbondingDelegation};
use jmes_proto::jmes::governance::v1::proposal::Status;
use jmes_proto::jmes::governance::v1::{MsgVote, VoteOption};

fn ballot(ctx: &Ctx, byte: u8) -> Ballot {
    state::BALLOTS.load(ctx, &(0, voter(byte))).unwrap().unwrap()
}

/// A voter with that many Nils bonded to 101 has voted yes on one proposal of two.
fn voted(amount: u128) -> Ctx {
    let mut ctx = election(2);
    bond(&mut ctx, 1, 101, amount).unwrap();
    cast(&mut ctx, 1, 1, Yes).unwrap();
    ctx
}

#[test]
fn a_vote_weighs_what_its_voter_has_bonded_to_any_validators() {
    let mut ctx = election(1);
    bond(&mut ctx, 1, 101, 400 * JMES).unwrap();
    bond(&mut ctx, 1, 102, 700 * JMES).unwrap();
    cast(&mut ctx, 1, 1, Yes).unwrap();
    assert_eq!(totals(&ctx, 1), (1_100 * JMES, 0));
    bond(&mut ctx, 2, 101, 5_000 * JMES).unwrap();
    assert_eq!(totals(&ctx, 1), (1_100 * JMES, 0), "a bond does not vote by itself");
    cast(&mut ctx, 2, 1, No).unwrap();
    assert_eq!(totals(&ctx, 1), (1_100 * JMES, 5_000 * JMES));
}

#[test]
fn a_message_votes_and_says_so() {
    let mut ctx = election(1);
    bond(&mut ctx, 1, 101, MINIMUM).unwrap();
    ctx.take_events();
    let vote = |option| MsgVote { voter: voter(1).to_string(), proposal_id: 1, option };
    assert_eq!(vote(2).signers(), Ok(vec![voter(1)]));
    run(&mut ctx, &vote(2)).unwrap();
    let cast = Event::new("governance_vote_cast")
        .with("proposal_id", 1)
        .with("voter", voter(1))
        .with("option", "NO");
    assert_eq!(ctx.take_events(), [cast]);
    assert_eq!(totals(&ctx, 1), (0, MINIMUM));
    for option in [0, 3, -1] {
        let why = format!("option is {option}; it must be YES (1) or NO (2)");
        assert_refused(run(&mut ctx, &vote(option)), "sdk", 18, &why);
    }
    let unknown = MsgVote { proposal_id: 2, ..vote(1) };
    assert_refused(run(&mut ctx, &unknown), "sdk", 38, "there is no governance proposal 2");
}

#[test]
fn below_the_minimum_is_refused_and_at_the_minimum_is_not() {
    let mut ctx = election(1);
    bond(&mut ctx, 1, 101, MINIMUM - 1).unwrap();
    let why = |weight: u128| {
        format!(
            "{} has a weight of {weight}ujmes, less than 1000000000ujmes that it takes to vote; bond more",
            voter(1)
        )
    };
    assert_refused(cast(&mut ctx, 1, 1, Yes), "governance", 5, &why(MINIMUM - 1));
    bond(&mut ctx, 1, 102, 1).unwrap();
    cast(&mut ctx, 1, 1, Yes).unwrap();
    assert_eq!(totals(&ctx, 1), (MINIMUM, 0));
    slash(&mut ctx, 101, 1);
    let weight = bonded(&ctx, &voter(1)).unwrap().0;
    assert!(weight < MINIMUM);
    assert_refused(cast(&mut ctx, 1, 1, No), "governance", 5, &why(weight));
}

#[test]
fn a_vote_can_be_changed_and_counts_once() {
    let mut ctx = voted(MINIMUM);
    for (choice, expected) in
        [(Yes, (MINIMUM, 0)), (No, (0, MINIMUM)), (No, (0, MINIMUM)), (Yes, (MINIMUM, 0))]
    {
        cast(&mut ctx, 1, 1, choice).unwrap();
        assert_eq!(totals(&ctx, 1), expected);
    }
    cast(&mut ctx, 1, 2, No).unwrap();
    assert_eq!((totals(&ctx, 1), totals(&ctx, 2)), ((MINIMUM, 0), (0, MINIMUM)));
}

#[test]
fn bonding_more_counts_at_once_and_unbonding_coins_do_not_vote() {
    let mut ctx = voted(3 * MINIMUM);
    bond(&mut ctx, 1, 102, MINIMUM).unwrap();
    assert_eq!(totals(&ctx, 1), (4 * MINIMUM, 0));
    unbond(&mut ctx, 1, 101, MINIMUM / 2).unwrap();
    assert_eq!(totals(&ctx, 1), (4 * MINIMUM - MINIMUM / 2, 0));
    let cancel = MsgCancelUnbondingDelegation {
        delegator_address: voter(1).to_string(),
        validator_address: address(101).operator(),
        amount: super::nils(MINIMUM / 4),
        creation_height: i64::try_from(ctx.block().height).unwrap(),
    };
    run(&mut ctx, &cancel).unwrap();
    assert_eq!(totals(&ctx, 1), (4 * MINIMUM - MINIMUM / 4, 0));
}

#[test]
fn votes_leave_the_sums_below_the_minimum_and_come_back_with_it() {
    let mut ctx = voted(MINIMUM + 5);
    cast(&mut ctx, 1, 2, No).unwrap();
    unbond(&mut ctx, 1, 101, 6).unwrap();
    assert_eq!((totals(&ctx, 1), totals(&ctx, 2)), ((0, 0), (0, 0)));
    assert!(!ballot(&ctx, 1).counted);
    unbond(&mut ctx, 1, 101, 10).unwrap();
    bond(&mut ctx, 1, 102, 10).unwrap();
    assert_eq!(totals(&ctx, 1), (0, 0));
    bond(&mut ctx, 1, 102, 1).unwrap();
    assert!(ballot(&ctx, 1).counted);
    assert_eq!((totals(&ctx, 1), totals(&ctx, 2)), ((MINIMUM, 0), (0, MINIMUM)));
}

#[test]
fn a_vote_after_everything_was_unbonded_is_refused_and_the_old_one_is_gone() {
    let mut ctx = voted(MINIMUM);
    unbond(&mut ctx, 1, 101, MINIMUM).unwrap();
    assert_eq!(totals(&ctx, 1), (0, 0));
    assert_eq!(cast(&mut ctx, 1, 1, Yes).unwrap_err().code, 5);
}

#[test]
fn stake_that_moves_does_not_vote_twice() {
    let mut ctx = voted(2 * MINIMUM);
    redelegate(&mut ctx, 1, 101, 102, 2 * MINIMUM).unwrap();
    assert_eq!(totals(&ctx, 1), (2 * MINIMUM, 0));
    // What is sent on has to be unbonded first, which takes longer than the vote.
    unbond(&mut ctx, 1, 102, 2 * MINIMUM).unwrap();
    bond(&mut ctx, 2, 101, MINIMUM).unwrap();
    cast(&mut ctx, 2, 1, Yes).unwrap();
    assert_eq!(totals(&ctx, 1), (MINIMUM, 0));
}

/// With the shortest unbonding the same coins could be bonded and voted with by one after the other within a voting phase.
#[test]
fn coins_that_go_from_voter_to_voter_count_once() {
    let mut ctx = election(1);
    let hour = jmes_proto::Duration { seconds: 3_600, nanos: 0 };
    let mut params = staking::params(&ctx).unwrap();
    params.unbonding_time = Some(hour);
    staking::state::PARAMS.save(&mut ctx, &params).unwrap();
    bond(&mut ctx, 5, 103, MINIMUM).unwrap();
    let moving = coins(&format!("{}ujmes", 2 * MINIMUM));
    for (voter_number, operator) in [(1, 101), (2, 102), (3, 101), (4, 103)] {
        bond(&mut ctx, voter_number, operator, 2 * MINIMUM).unwrap();
        cast(&mut ctx, voter_number, 1, Yes).unwrap();
        assert_eq!(totals(&ctx, 1), (2 * MINIMUM, 0), "those of {voter_number} alone");
        assert_eq!(staking::total_bonded(&ctx), Ok(Amount(3 * MINIMUM)));
        unbond(&mut ctx, voter_number, operator, 2 * MINIMUM).unwrap();
        assert_eq!(totals(&ctx, 1), (0, 0));
        let matured = ctx.block().time + 3_600_000_000_000;
        begin(&mut ctx, matured);
        assert_eq!(totals(&ctx, 1), (0, 0));
        bank::transfer(&mut ctx, &voter(voter_number), &voter(voter_number + 1), &moving).unwrap();
    }
    bond(&mut ctx, 5, 101, 2 * MINIMUM).unwrap();
    cast(&mut ctx, 5, 1, Yes).unwrap();
    begin(&mut ctx, raising(1));
    assert_eq!(result(&ctx, 1), (Status::Passed, 3 * MINIMUM, 0, 3 * MINIMUM));
}

/// Premint votes, is sold, and the buyer bonds it and votes: what was sold counts as the buyer's alone.
#[test]
fn premint_that_was_voted_with_and_sold_counts_only_as_its_buyers() {
    let mut ctx = election(1);
    at_issuance(&mut ctx, 100_000);
    let unlocked = 1_800 * JMES;
    for owner in [21, 22] {
        assert_eq!(voting_weight(&ctx, &address(owner)), Ok(Amount(unlocked)));
        cast(&mut ctx, owner, 1, Yes).unwrap();
    }
    // The buyer had nothing else.
    let all = bank::balance(&ctx, &voter(4), "ujmes").unwrap();
    bank::transfer(&mut ctx, &voter(4), &voter(3), &coins(&format!("{all}ujmes"))).unwrap();
    for (sold, owner) in [(unlocked, 21), (MINIMUM / 2, 22)] {
        bank::transfer(&mut ctx, &address(owner), &voter(4), &coins(&format!("{sold}ujmes"))).unwrap();
        bond(&mut ctx, 4, 101, sold).unwrap();
    }
    cast(&mut ctx, 4, 1, Yes).unwrap();
    // 22 keeps 1,300 JMES and votes with those.
    begin(&mut ctx, raising(1));
    let coins_there_are = 2 * unlocked;
    assert_eq!(result(&ctx, 1), (Status::Passed, coins_there_are, 0, coins_there_are));
}

#[test]
fn a_validators_slash_only_changes_the_value_of_shares() {
    let mut ctx = voted(MINIMUM);
    bond(&mut ctx, 2, 101, 3 * MINIMUM).unwrap();
    cast(&mut ctx, 2, 1, No).unwrap();
    slash(&mut ctx, 101, 50);
    assert_eq!(totals(&ctx, 1), (MINIMUM * 95 / 100, 3 * MINIMUM * 95 / 100));
    assert!(ballot(&ctx, 1).counted, "950 JMES stay in the sums");
    // The owner's own change values the bonds.
    unbond(&mut ctx, 1, 101, 1).unwrap();
    assert!(!ballot(&ctx, 1).counted);
    assert_eq!(totals(&ctx, 1), (0, 3 * MINIMUM * 95 / 100));
}

#[test]
fn sums_are_rounded_per_validator_and_never_per_voter() {
    let mut ctx = election(1);
    for (byte, more) in [(1, 1), (2, 2), (3, 4)] {
        bond(&mut ctx, byte, 101, MINIMUM + more).unwrap();
    }
    // 3,000,000,007 Nils lose floor(0.333 × 3,000,000,007) = 999,000,002.
    slash(&mut ctx, 101, 333);
    for byte in 1..=3 {
        bond(&mut ctx, byte, 102, MINIMUM).unwrap();
        cast(&mut ctx, byte, 1, Yes).unwrap();
    }
    let each: u128 = (1..=3).map(|byte| bonded(&ctx, &voter(byte)).unwrap().0).sum();
    assert!(each < 2_001_000_005 + 3 * MINIMUM);
    assert_eq!(totals(&ctx, 1), (2_001_000_005 + 3 * MINIMUM, 0));
}

#[test]
fn a_slash_of_what_was_redelegated_is_the_owners_change() {
    let mut ctx = election(1);
    bond(&mut ctx, 1, 101, MINIMUM + 50).unwrap();
    cast(&mut ctx, 1, 1, Yes).unwrap();
    redelegate(&mut ctx, 1, 101, 102, MINIMUM + 50).unwrap();
    bond(&mut ctx, 2, 101, MINIMUM).unwrap();
    slash(&mut ctx, 101, 50);
    let left = bonded(&ctx, &voter(1)).unwrap().0;
    assert!(left < MINIMUM);
    assert!(!ballot(&ctx, 1).counted);
    assert_eq!(totals(&ctx, 1), (0, 0));
}

#[test]
fn a_validator_without_shares_begins_anew_at_one_nil_a_share() {
    let mut ctx = voted(2 * MINIMUM);
    slash(&mut ctx, 101, 100);
    let rate = Rate { tokens: 1_800 * JMES, shares: 2_000 * JMES };
    assert_eq!(state::RATES.load(&ctx, &address(101)), Ok(Some(rate)));
    unbond(&mut ctx, 1, 101, 1_800 * JMES).unwrap();
    assert_eq!(state::RATES.load(&ctx, &address(101)), Ok(None));
    bond(&mut ctx, 1, 101, MINIMUM).unwrap();
    assert_eq!(totals(&ctx, 1), (MINIMUM, 0));
    slash(&mut ctx, 103, 100);
    assert_eq!(state::RATES.load(&ctx, &address(103)), Ok(None), "nobody has bonded to it");
}

#[test]
fn a_validator_that_loses_everything_counts_nothing() {
    let mut ctx = voted(2 * MINIMUM);
    bond(&mut ctx, 1, 102, MINIMUM).unwrap();
    slash(&mut ctx, 101, 1_000);
    assert_eq!(totals(&ctx, 1), (MINIMUM, 0));
}

#[test]
fn a_dao_votes_as_anyone() {
    let mut ctx = election(1);
    bond(&mut ctx, 6, 101, MINIMUM).unwrap();
    cast(&mut ctx, 6, 1, Yes).unwrap();
    assert_eq!(totals(&ctx, 1), (MINIMUM, 0));
}

#[test]
fn nobody_votes_through_a_validator() {
    let mut ctx = election(1);
    bond(&mut ctx, 1, 101, 5 * MINIMUM).unwrap();
    let operator = address(101);
    assert_eq!(voting_weight(&ctx, &operator), Ok(Amount::ZERO));
    let vote = MsgVote { voter: operator.to_string(), proposal_id: 1, option: 1 };
    assert_eq!(run(&mut ctx, &vote).unwrap_err().code, 5);
}

#[test]
fn a_withdrawn_proposal_takes_no_votes() {
    let mut ctx = chain();
    let id = raised(&mut ctx);
    bond(&mut ctx, 1, 101, MINIMUM).unwrap();
    crate::governance::raise::withdraw(&mut ctx, &super::dao(), id).unwrap();
    begin(&mut ctx, super::voting(0));
    assert_refused(cast(&mut ctx, 1, id, Yes), "governance", 6, "proposal 1 was withdrawn by its DAO");
}

#[test]
fn what_is_bonded_while_nobody_votes_writes_nothing_here() {
    let mut ctx = election(1);
    let before = super::store(&ctx);
    bond(&mut ctx, 1, 101, MINIMUM).unwrap();
    unbond(&mut ctx, 1, 101, 5).unwrap();
    assert_eq!(super::store(&ctx), before);
}

#[test]
fn the_largest_weights_do_not_overflow() {
    let mut ctx = election(1);
    let all = 1_000_000_000_000_000;
    let validator = staking::require(&ctx, &address(101)).unwrap();
    let shares = staking::MAX_SHARES;
    let rich = staking::Validator { tokens: Amount(all), shares, ..validator };
    staking::save(&mut ctx, &rich).unwrap();
    let bond = (voter(1), address(101));
    staking::state::BONDS.save(&mut ctx, &bond, &staking::state::Shares(shares)).unwrap();
    crate::governance::validator_slashed(&mut ctx, &address(101)).unwrap();
    for choice in [Yes, No, Yes] {
        cast(&mut ctx, 1, 1, choice).unwrap();
    }
    assert_eq!(totals(&ctx, 1), (all, 0));
}

/// What the slash of a redelegation costs grows with its owner's votes, so fewer of those are settled in a block.
#[test]
fn slashed_redelegations_of_voters_take_their_part_of_a_blocks_work() {
    let mut ctx = election(90);
    let owners: Vec<Address> = (0..150_u64)
        .map(|number| Address::new(&[[9; 12].as_slice(), &number.to_be_bytes()].concat()).unwrap())
        .collect();
    for owner in &owners {
        bank::mint(&mut ctx, owner, Amount(2 * MINIMUM)).unwrap();
        staking::bond(&mut ctx, owner, &address(101), Amount(2 * MINIMUM)).unwrap();
        let msg = MsgBeginRedelegate {
            delegator_address: owner.to_string(),
            validator_src_address: address(101).operator(),
            validator_dst_address: address(102).operator(),
            amount: super::nils(2 * MINIMUM),
        };
        msg.execute(&mut ctx).unwrap();
        for proposal_id in 1..=90 {
            let option = VoteOption::Yes.into();
            MsgVote { voter: owner.to_string(), proposal_id, option }.execute(&mut ctx).unwrap();
        }
    }
    let height = ctx.block().height;
    staking::slash(&mut ctx, &address(101), Decimal::percent(50), height).unwrap();
    let mut sums = Vec::new();
    for _ in 0..3 {
        staking::settle_slashed(&mut ctx).unwrap();
        assert_eq!(Governance.check_invariants(&ctx), Ok(()));
        sums.push(totals(&ctx, 1).0 / MINIMUM);
    }
    assert_eq!(sums, [200, 150, 150], "100 of 150, then the rest");
}
