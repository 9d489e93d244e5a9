//! The clock of cycles, and the one tally of each (§11).

use super::{
    at, begin, bond, cast, chain, election, raised, raising, result, store, voting, GENESIS, JMES, MINIMUM,
    PHASE,
};
use crate::governance::types::Choice;
use crate::governance::{begin_block, cycle, proposal, status, Cycle, Phase};
use crate::kernel::Event;
use crate::test_support::assert_refused;
use jmes_proto::jmes::governance::v1::proposal::Status;

#[test]
fn a_cycle_raises_for_two_weeks_and_votes_for_two_to_the_nanosecond() {
    let mut ctx = chain();
    let first = Cycle {
        index: 0,
        phase: Phase::Raising,
        start: GENESIS,
        voting_start: GENESIS + PHASE,
        end: GENESIS + 2 * PHASE,
    };
    let mut cycle_at = |time| {
        at(&mut ctx, time);
        cycle(&ctx).unwrap()
    };
    assert_eq!(cycle_at(GENESIS), first);
    assert_eq!(cycle_at(GENESIS + PHASE - 1), first);
    assert_eq!(cycle_at(GENESIS + PHASE), Cycle { phase: Phase::Voting, ..first });
    assert_eq!(cycle_at(GENESIS + 2 * PHASE - 1), Cycle { phase: Phase::Voting, ..first });
    let second = Cycle {
        index: 1,
        phase: Phase::Raising,
        start: GENESIS + 2 * PHASE,
        voting_start: GENESIS + 3 * PHASE,
        end: GENESIS + 4 * PHASE,
    };
    assert_eq!(cycle_at(GENESIS + 2 * PHASE), second);
    // Thirteen cycles are a year of 52 weeks of 607,126.1538 s.
    assert_eq!(cycle_at(GENESIS + 52 * 607_126_153_800_000).index, 13);
    assert_eq!(cycle_at(GENESIS + 52 * 607_126_153_800_000 - 1).index, 12);
}

#[test]
fn votes_are_taken_from_the_first_to_the_last_nanosecond_of_the_voting_phase() {
    let mut ctx = chain();
    bond(&mut ctx, 1, 101, MINIMUM).unwrap();
    let id = raised(&mut ctx);
    begin(&mut ctx, voting(0) - 1);
    let why = "voting on proposal 1 begins at 2020-09-27T13:44:12.307600Z";
    assert_refused(cast(&mut ctx, 1, id, Choice::Yes), "governance", 4, why);
    begin(&mut ctx, voting(0));
    cast(&mut ctx, 1, id, Choice::Yes).unwrap();
    begin(&mut ctx, raising(1) - 1);
    cast(&mut ctx, 1, id, Choice::No).unwrap();
    begin(&mut ctx, raising(1));
    let why = "the vote on proposal 1 ended with cycle 0; this is cycle 1";
    assert_refused(cast(&mut ctx, 1, id, Choice::Yes), "governance", 4, why);
    assert_eq!(result(&ctx, id).2, MINIMUM);
}

#[test]
fn the_tally_is_in_the_first_block_of_the_next_cycle_and_only_there() {
    let mut ctx = election(1);
    bond(&mut ctx, 1, 101, MINIMUM).unwrap();
    cast(&mut ctx, 1, 1, Choice::Yes).unwrap();
    begin(&mut ctx, raising(1) - 1);
    assert_eq!(proposal(&ctx, 1).unwrap().unwrap().status, Status::Raised);
    ctx.take_events();
    begin(&mut ctx, raising(1));
    let height = ctx.block().height;
    assert_eq!(result(&ctx, 1), (Status::Passed, MINIMUM, 0, MINIMUM));
    assert_eq!(proposal(&ctx, 1).unwrap().unwrap().tallied_height, height);
    let tallied = Event::new("governance_proposal_tallied")
        .with("proposal_id", 1)
        .with("dao", super::dao())
        .with("status", "PASSED")
        .with("yes", MINIMUM)
        .with("no", 0)
        .with("possible", MINIMUM);
    let started = Event::new("governance_cycle_started").with("cycle", 1);
    assert_eq!(ctx.take_events(), [tallied, started]);
    let after = store(&ctx);
    bond(&mut ctx, 2, 101, 7 * MINIMUM).unwrap();
    begin(&mut ctx, raising(1) + 1);
    assert_eq!(store(&ctx), after);
    assert_eq!(ctx.take_events().iter().filter(|event| event.kind.starts_with("governance")).count(), 0);
}

#[test]
fn a_halt_over_several_cycles_extends_nothing_and_skips_them() {
    let mut ctx = chain();
    bond(&mut ctx, 1, 101, MINIMUM).unwrap();
    let early = raised(&mut ctx);
    // Nobody could vote: the chain stood still from raising to the fifth cycle's voting.
    begin(&mut ctx, voting(4) + 5);
    assert_eq!(result(&ctx, early), (Status::Failed, 0, 0, MINIMUM));
    let why = "the vote on proposal 1 ended with cycle 0; this is cycle 4";
    assert_refused(cast(&mut ctx, 1, early, Choice::Yes), "governance", 4, why);
    begin(&mut ctx, raising(5));
    let late = raised(&mut ctx);
    assert_eq!(proposal(&ctx, late).unwrap().unwrap().cycle, 5);
}

#[test]
fn a_proposal_that_passed_before_a_halt_over_its_next_cycle_has_lapsed() {
    let mut ctx = election(1);
    bond(&mut ctx, 1, 101, MINIMUM).unwrap();
    cast(&mut ctx, 1, 1, Choice::Yes).unwrap();
    let becomes = |ctx: &_| status(&proposal(ctx, 1).unwrap().unwrap(), &cycle(ctx).unwrap());
    let mut halted = crate::test_support::committed(ctx);
    begin(&mut halted, raising(2) - 1);
    assert_eq!(becomes(&halted), Status::Passed);
    at(&mut halted, raising(2));
    begin_block(&mut halted).unwrap();
    assert_eq!(becomes(&halted), Status::Lapsed);
    assert_eq!(result(&halted, 1).0, Status::Passed);
}

#[test]
fn what_happens_in_the_turning_block_before_the_tally_counts() {
    let mut ctx = election(1);
    bond(&mut ctx, 1, 101, 2 * MINIMUM).unwrap();
    cast(&mut ctx, 1, 1, Choice::Yes).unwrap();
    at(&mut ctx, raising(1));
    // Step 2 of the block: evidence.
    super::slash(&mut ctx, 101, 500);
    begin_block(&mut ctx).unwrap();
    assert_eq!(result(&ctx, 1), (Status::Passed, MINIMUM, 0, MINIMUM));
    bond(&mut ctx, 1, 101, 5 * JMES).unwrap();
    assert_eq!(result(&ctx, 1).1, MINIMUM);
}
