//! Redelegations from a slashed validator, of which a block settles 1,000 (§8): what a voter does before its turn saves nothing.

use super::{
    at, attempt, bond, cast, election, redelegate, result, run, totals, unbond, voter, voting, MINIMUM,
};
use crate::bank::{self, Bank};
use crate::emission::Emission;
use crate::governance::types::Choice::{No, Yes};
use crate::governance::Governance;
use crate::kernel::{Address, Amount, Ctx, Decimal, Module, Msg};
use crate::order;
use crate::rewards::Rewards;
use crate::staking::{self, Staking};
use crate::test_support::address;
use cosmos_sdk_proto::cosmos::distribution::v1beta1::MsgWithdrawDelegatorReward;
use cosmos_sdk_proto::cosmos::staking::v1beta1::{MsgBeginRedelegate, MsgCancelUnbondingDelegation};
use jmes_proto::jmes::governance::v1::proposal::Status;

/// So many redelegations are settled in a block.
const IN_A_BLOCK: u64 = 1_000;

/// Voter 1 has moved 3,000 JMES from 101 to 102, of which 1,000 unbond, and voted with the rest. Before it in order of address
/// as many others have redelegated as a block settles. Then 101 loses a tenth, and the next block has settled the others.
/// Gives the height at which voter 1 began to unbond.
fn slashed() -> (Ctx, u64) {
    let mut ctx = election(1);
    bond(&mut ctx, 1, 101, 3 * MINIMUM).unwrap();
    redelegate(&mut ctx, 1, 101, 102, 3 * MINIMUM).unwrap();
    unbond(&mut ctx, 1, 102, MINIMUM).unwrap();
    cast(&mut ctx, 1, 1, Yes).unwrap();
    for number in 0..IN_A_BLOCK {
        let other = Address::new(&[[0; 12].as_slice(), &number.to_be_bytes()].concat()).unwrap();
        bank::mint(&mut ctx, &other, Amount(1_000)).unwrap();
        staking::bond(&mut ctx, &other, &address(101), Amount(1_000)).unwrap();
        let msg = MsgBeginRedelegate {
            delegator_address: other.to_string(),
            validator_src_address: address(101).operator(),
            validator_dst_address: address(103).operator(),
            amount: super::nils(1_000),
        };
        msg.execute(&mut ctx).unwrap();
    }
    let height = ctx.block().height;
    slash(&mut ctx, 101, 10);
    begin(&mut ctx, voting(0) + 1);
    assert_eq!(tokens(&ctx, 103), u128::from(IN_A_BLOCK) * 900, "the others have paid");
    assert_eq!((tokens(&ctx, 102), totals(&ctx, 1)), (2 * MINIMUM, (2 * MINIMUM, 0)), "voter 1 has not");
    (ctx, height)
}

/// Makes the beginning of the next block.
fn begin(ctx: &mut Ctx, time: u64) {
    at(ctx, time);
    order::BEGIN_BLOCK.into_iter().for_each(|step| step(ctx).unwrap());
    assert_sound(ctx);
}

/// Slashes; what redelegations owe for it is the next blocks' business.
fn slash(ctx: &mut Ctx, operator: u8, percent: u32) {
    let height = ctx.block().height;
    attempt(ctx, |ctx| staking::slash(ctx, &address(operator), Decimal::percent(percent), height)).unwrap();
}

fn tokens(ctx: &Ctx, operator: u8) -> u128 {
    staking::require(ctx, &address(operator)).unwrap().tokens.0
}

/// What voter 1 has in any form, in Nils.
fn wealth(ctx: &Ctx) -> u128 {
    let owner = voter(1);
    let liquid = bank::balance(ctx, &owner, "ujmes").unwrap();
    let (bonded, unbonding) =
        (staking::bonded(ctx, &owner).unwrap(), staking::unbonding(ctx, &owner).unwrap());
    liquid.0 + bonded.0 + unbonding.0
}

#[track_caller]
fn assert_sound(ctx: &Ctx) {
    for module in [&Emission as &dyn Module, &Staking, &Bank, &Rewards, &Governance] {
        assert_eq!(module.check_invariants(ctx), Ok(()), "{}", module.name());
    }
}

/// Votes the other way, redeems, and has 102 slashed by half.
fn before_its_turn(ctx: &mut Ctx) {
    cast(ctx, 1, 1, No).unwrap();
    let redeem = MsgWithdrawDelegatorReward {
        delegator_address: voter(1).to_string(),
        validator_address: address(102).operator(),
    };
    run(ctx, &redeem).unwrap();
    slash(ctx, 102, 50);
    assert_sound(ctx);
}

#[test]
fn who_votes_redeems_and_takes_back_what_unbonds_before_its_turn_pays_all() {
    let (mut ctx, height) = slashed();
    let cancel = MsgCancelUnbondingDelegation {
        delegator_address: voter(1).to_string(),
        validator_address: address(102).operator(),
        amount: super::nils(MINIMUM),
        creation_height: i64::try_from(height).unwrap(),
    };
    run(&mut ctx, &cancel).unwrap();
    before_its_turn(&mut ctx);
    assert_eq!(totals(&ctx, 1), (0, 3 * MINIMUM / 2));
    begin(&mut ctx, voting(0) + 2);
    // A tenth of the 3,000 JMES that went over, at what 102 was worth then.
    let left = 3 * MINIMUM / 2 * 9 / 10;
    assert_eq!((tokens(&ctx, 102), totals(&ctx, 1)), (left, (0, left)));
    let before = wealth(&ctx);
    begin(&mut ctx, voting(0) + 3);
    assert_eq!(wealth(&ctx), before, "once");
}

#[test]
fn who_leaves_what_unbonds_pays_from_the_bond() {
    let (mut ctx, _) = slashed();
    before_its_turn(&mut ctx);
    begin(&mut ctx, voting(0) + 2);
    // 300 JMES of 2,000, all of them worth half. What is left is less than it takes to vote. The other 1,000 unbond and lose
    // their half when they are settled.
    let left = (2 * MINIMUM - 3 * MINIMUM / 10) / 2;
    assert_eq!((tokens(&ctx, 102), totals(&ctx, 1)), (left, (0, 0)));
    assert_eq!(staking::unbonding(&ctx, &voter(1)), Ok(Amount(MINIMUM / 2)));
}

#[test]
fn who_unbonds_the_rest_before_its_turn_pays_from_what_unbonds_and_votes_no_more() {
    let (mut ctx, _) = slashed();
    unbond(&mut ctx, 1, 102, 2 * MINIMUM).unwrap();
    assert_eq!(totals(&ctx, 1), (0, 0));
    assert_eq!(cast(&mut ctx, 1, 1, No).unwrap_err().code, 5);
    slash(&mut ctx, 102, 50);
    let before = wealth(&ctx);
    begin(&mut ctx, voting(0) + 2);
    // Nothing is bonded that a share of it could be cut of: what is owed is a tenth of what went over.
    assert_eq!(wealth(&ctx), before - 3 * MINIMUM / 10);
    let month = voting(0) + 30 * 86_400_000_000_000;
    begin(&mut ctx, month);
    assert_eq!(wealth(&ctx), before - 3 * MINIMUM / 10);
    assert_eq!(staking::unbonding(&ctx, &voter(1)), Ok(Amount::ZERO));
    assert_eq!(result(&ctx, 1).0, Status::Failed);
}
