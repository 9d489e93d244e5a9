//! Tests of income: who earns what, when it can be redeemed, and what is left over.

mod genesis;
mod messages;
mod model;
mod queries;

use super::{
    charge_fee, end_block, pending_commission, pending_reward, redeem, set_power, settle, state, unredeemed,
    Fixed, Rewards,
};
use crate::bank::{balance, Bank};
use crate::emission::{self, Emission};
use crate::kernel::{codes, Address, Amount, Block, Coin, Ctx, Decimal, Error, Module, Msg, Result, U256};
use crate::staking::{self, Commission, NewValidator};
use crate::test_support::{address, assert_refused, bank_genesis, block, ctx, table};
use crate::BASE_DENOM;
use cosmos_sdk_proto::cosmos::staking::v1beta1::{Description, MsgEditValidator, MsgUndelegate};
use serde_json::{json, Value};
use std::sync::Arc;

/// The reward of a block in the first period: all of it is the validators' during the Initial Distribution Period, half of
/// it afterwards (§2).
const REWARD: u128 = 18_000_000;

/// What wallets have in the beginning: 1,000,000 JMES.
const FUNDS: u128 = 1_000_000_000_000;

/// A bond whose fractions of most amounts here are exact in binary.
const BOND: u128 = 1 << 20;

/// A chain in its first block: validators that addresses 1 to `validators` run, all with a commission of 10%, none with
/// power; the Initial Distribution Period has `idp` blocks; addresses 1 to 9 have [`FUNDS`].
fn chain(idp: u64, validators: u8) -> Ctx {
    let mut ctx = ctx();
    let wallets: Vec<(Address, &str)> = (1..10).map(|byte| (address(byte), "1000000000000ujmes")).collect();
    Emission.import(&mut ctx, &json!({"params": {"idp_blocks": idp.to_string()}})).unwrap();
    Bank.import(&mut ctx, &bank_genesis(&wallets)).unwrap();
    Rewards.import(&mut ctx, &Value::Null).unwrap();
    for byte in 1..=validators {
        new_validator(&mut ctx, byte);
    }
    begin(&mut ctx, 1, 1);
    ctx.take_events();
    ctx
}

fn new_validator(ctx: &mut Ctx, byte: u8) {
    let rates = Commission {
        rate: Decimal::percent(10),
        max_rate: Decimal::ONE,
        max_change_rate: Decimal::ONE,
        updated: 0,
    };
    let new = NewValidator {
        operator: address(byte),
        key: [byte; 32],
        description: Description { moniker: format!("validator {byte}"), ..Description::default() },
        commission: rates,
        min_self_delegation: Amount(1),
        possession: true,
        work: [0; 32],
    };
    staking::create(ctx, new).unwrap();
}

/// Begins the block at `height`, which the validator of address `proposer` proposed.
fn begin(ctx: &mut Ctx, height: u64, proposer: u8) {
    let time = block().time + height * 5_000_000_000;
    let proposer = staking::consensus_address(&[proposer; 32]);
    ctx.set_block(Arc::new(Block { height, time, proposer, ..block() }));
    emission::begin_block(ctx).unwrap();
}

/// Ends the block and begins the next one, with the same proposer as far as validator 1 proposes all.
fn next(ctx: &mut Ctx) {
    end_block(ctx).unwrap();
    assert_sound(ctx);
    begin(ctx, ctx.block().height + 1, 1);
}

/// Sets the powers of the validators of addresses 1, 2, …, as step 9 would.
fn powers(ctx: &mut Ctx, powers: &[u64]) {
    for (byte, power) in (1..).zip(powers) {
        set_power(ctx, &address(byte), *power).unwrap();
    }
}

fn bond(ctx: &mut Ctx, delegator: u8, operator: u8, nils: u128) {
    staking::bond(ctx, &address(delegator), &address(operator), Amount(nils)).unwrap();
}

/// What a delegator redeems of its bond, in Nils.
fn redeemed(ctx: &mut Ctx, delegator: u8, operator: u8) -> u128 {
    settle(ctx, &address(operator)).unwrap();
    redeem(ctx, &address(delegator), &address(operator)).unwrap().0
}

fn reward(ctx: &Ctx, delegator: u8, operator: u8) -> u128 {
    pending_reward(ctx, &address(delegator), &address(operator)).unwrap().0
}

fn commission(ctx: &Ctx, operator: u8) -> u128 {
    pending_commission(ctx, &address(operator)).unwrap().0
}

fn wallet(ctx: &Ctx, byte: u8) -> u128 {
    balance(ctx, &address(byte), "ujmes").unwrap().0
}

#[track_caller]
fn assert_sound(ctx: &Ctx) {
    for module in [&Emission as &dyn Module, &Bank, &Rewards] {
        assert_eq!(module.check_invariants(ctx), Ok(()));
    }
}

#[test]
fn every_key_and_value_of_the_store() {
    let mut ctx = chain(1, 1);
    powers(&mut ctx, &[1_000]);
    next(&mut ctx);
    bond(&mut ctx, 2, 1, 3 * BOND);
    state::WITHDRAW_ADDRESSES.save(&mut ctx, &address(2), &address(3)).unwrap();
    charge_fee(&mut ctx, &address(2), Amount(7)).unwrap();
    next(&mut ctx);
    redeemed(&mut ctx, 2, 1);
    charge_fee(&mut ctx, &address(2), Amount(5)).unwrap();
    next(&mut ctx);
    charge_fee(&mut ctx, &address(2), Amount(3)).unwrap();
    let own: String =
        table(&ctx).lines().filter(|row| row.starts_with("03")).map(|row| format!("{row}\n")).collect();
    insta::assert_snapshot!(own);
}

#[test]
fn a_blocks_reward_is_shared_by_power() {
    let mut ctx = chain(100, 3);
    powers(&mut ctx, &[1_000, 500, 0]);
    next(&mut ctx);
    assert_eq!([1, 2, 3].map(|byte| commission(&ctx, byte)), [12_000_000, 6_000_000, 0]);
    assert_eq!(unredeemed(&ctx), Ok(Amount(REWARD)));
}

#[test]
fn a_power_that_changes_counts_from_the_next_block_on() {
    let mut ctx = chain(100, 2);
    powers(&mut ctx, &[1_000, 1_000]);
    next(&mut ctx);
    end_block(&mut ctx).unwrap();
    powers(&mut ctx, &[1_000, 8_000]);
    begin(&mut ctx, 3, 1);
    assert_eq!([1, 2].map(|byte| commission(&ctx, byte)), [18_000_000, 18_000_000]);
    end_block(&mut ctx).unwrap();
    powers(&mut ctx, &[1_000, 0]);
    begin(&mut ctx, 4, 1);
    assert_eq!([1, 2].map(|byte| commission(&ctx, byte)), [20_000_000, 34_000_000]);
    next(&mut ctx);
    assert_eq!([1, 2].map(|byte| commission(&ctx, byte)), [38_000_000, 34_000_000]);
    powers(&mut ctx, &[1_000, 1_000]);
    next(&mut ctx);
    assert_eq!([1, 2].map(|byte| commission(&ctx, byte)), [47_000_000, 43_000_000]);
}

#[test]
fn a_block_that_is_not_on_pace_pays_nothing() {
    let mut ctx = chain(100, 1);
    powers(&mut ctx, &[1_000]);
    next(&mut ctx);
    let mut height = 2;
    // All blocks at one time use up the pace credit.
    while emission::block_reward(&ctx).unwrap().validators != Amount::ZERO {
        end_block(&mut ctx).unwrap();
        height += 1;
        let block = Block { height, ..ctx.block().clone() };
        ctx.set_block(Arc::new(block));
        emission::begin_block(&mut ctx).unwrap();
    }
    let before = unredeemed(&ctx);
    end_block(&mut ctx).unwrap();
    assert_eq!(unredeemed(&ctx), before);
    assert_sound(&ctx);
}

#[test]
fn without_power_no_reward_is_created() {
    let mut ctx = chain(100, 1);
    next(&mut ctx);
    assert_eq!(unredeemed(&ctx), Ok(Amount::ZERO));
}

#[test]
fn during_the_initial_distribution_period_all_income_is_the_operators() {
    let mut ctx = chain(100, 1);
    powers(&mut ctx, &[1_000]);
    bond(&mut ctx, 2, 1, 5 * BOND);
    charge_fee(&mut ctx, &address(3), Amount(70)).unwrap();
    next(&mut ctx);
    assert_eq!((commission(&ctx, 1), reward(&ctx, 2, 1)), (REWARD + 70, 0));
    assert_eq!(redeemed(&mut ctx, 2, 1), 0);
    assert_sound(&ctx);
}

#[test]
fn after_it_commission_is_the_operators_and_the_rest_the_bonds_by_shares() {
    let mut ctx = chain(1, 1);
    powers(&mut ctx, &[1_000]);
    bond(&mut ctx, 1, 1, BOND);
    bond(&mut ctx, 2, 1, 3 * BOND);
    next(&mut ctx);
    assert_eq!(
        [commission(&ctx, 1), reward(&ctx, 1, 1), reward(&ctx, 2, 1)],
        [REWARD, 0, 0],
        "the period's last block"
    );
    next(&mut ctx);
    // Half of the reward, of which 10% is commission and the rest shared 1 : 3.
    assert_eq!(commission(&ctx, 1), REWARD + 900_000);
    assert_eq!([reward(&ctx, 1, 1), reward(&ctx, 2, 1)], [2_025_000, 6_075_000]);
    assert_eq!(unredeemed(&ctx), Ok(Amount(REWARD + REWARD / 2)));
}

#[test]
fn the_periods_last_block_settles_who_has_power_and_fees_of_who_has_none() {
    let mut ctx = chain(3, 2);
    powers(&mut ctx, &[1_000, 1_000]);
    bond(&mut ctx, 3, 1, BOND);
    bond(&mut ctx, 3, 2, BOND);
    next(&mut ctx);
    powers(&mut ctx, &[1_000, 0]);
    // The engine lets who lost its seat propose for two more blocks.
    begin_again(&mut ctx, 2);
    charge_fee(&mut ctx, &address(9), Amount(40)).unwrap();
    next(&mut ctx);
    next(&mut ctx);
    assert!(!emission::is_idp(&ctx).unwrap());
    assert_eq!([1, 2].map(|byte| commission(&ctx, byte)), [9_000_000 + 2 * REWARD, 9_000_000 + 40]);
    assert_eq!([reward(&ctx, 3, 1), reward(&ctx, 3, 2)], [0, 0]);
    begin_again(&mut ctx, 2);
    charge_fee(&mut ctx, &address(9), Amount(40)).unwrap();
    next(&mut ctx);
    assert_eq!(
        (commission(&ctx, 2), reward(&ctx, 3, 2)),
        (9_000_000 + 44, 36),
        "a fee is split like the reward"
    );
}

/// The same block with another proposer.
fn begin_again(ctx: &mut Ctx, proposer: u8) {
    let proposer = staking::consensus_address(&[proposer; 32]);
    ctx.set_block(Arc::new(Block { proposer, ..ctx.block().clone() }));
}

#[test]
fn income_of_a_validator_without_shares_is_its_operators() {
    let mut ctx = chain(1, 1);
    powers(&mut ctx, &[1_000]);
    next(&mut ctx);
    next(&mut ctx);
    assert_eq!(commission(&ctx, 1), REWARD + REWARD / 2);
    // Nor has the first bond a part in it.
    bond(&mut ctx, 2, 1, BOND);
    assert_eq!((commission(&ctx, 1), reward(&ctx, 2, 1)), (REWARD + REWARD / 2, 0));
    // The last bond that ends takes with it what it earned.
    next(&mut ctx);
    unbond(&mut ctx, 2, 1);
    assert_eq!(wallet(&ctx, 2), FUNDS - BOND + 8_100_000);
    assert_eq!(state::BONDS.has(&ctx, &(address(1), address(2))), Ok(false));
    next(&mut ctx);
    assert_eq!(commission(&ctx, 1), REWARD + REWARD / 2 + 900_000 + REWARD / 2);
}

/// Ends a bond; its coins go on unbonding.
fn unbond(ctx: &mut Ctx, delegator: u8, operator: u8) {
    let shares = staking::shares_of(ctx, &address(delegator), &address(operator)).unwrap();
    let value = staking::require(ctx, &address(operator)).unwrap().value_of(shares).unwrap();
    undelegate(ctx, delegator, operator, value).unwrap();
}

fn undelegate(ctx: &mut Ctx, delegator: u8, operator: u8, amount: Amount) -> Result<()> {
    let undelegate = MsgUndelegate {
        delegator_address: address(delegator).to_string(),
        validator_address: address(operator).operator(),
        amount: Some(Coin::new(BASE_DENOM, amount).to_proto()),
    };
    undelegate.execute(ctx).map(drop)
}

#[test]
fn a_bond_of_99_times_the_stake_in_a_block_that_pays_gets_no_past_income() {
    let mut ctx = chain(1, 1);
    powers(&mut ctx, &[1_000]);
    bond(&mut ctx, 2, 1, BOND);
    for _ in 0..4 {
        next(&mut ctx);
    }
    assert_eq!(reward(&ctx, 2, 1), 3 * 8_100_000);
    bond(&mut ctx, 3, 1, 99 * BOND);
    assert_eq!((reward(&ctx, 2, 1), reward(&ctx, 3, 1)), (3 * 8_100_000, 0));
    assert_eq!(redeemed(&mut ctx, 3, 1), 0);
    // It gets its part of the block that it was bonded in.
    next(&mut ctx);
    assert_eq!((reward(&ctx, 2, 1), reward(&ctx, 3, 1)), (3 * 8_100_000 + 81_000, 8_019_000));
    unbond(&mut ctx, 3, 1);
    assert_eq!(wallet(&ctx, 3), FUNDS - 99 * BOND + 8_019_000);
    assert_sound(&ctx);
}

#[test]
fn more_bonded_to_the_same_validator_redeems_what_was_earned_first() {
    let mut ctx = chain(1, 1);
    powers(&mut ctx, &[1_000]);
    bond(&mut ctx, 2, 1, BOND);
    bond(&mut ctx, 3, 1, BOND);
    next(&mut ctx);
    next(&mut ctx);
    bond(&mut ctx, 2, 1, 2 * BOND);
    assert_eq!(wallet(&ctx, 2), FUNDS - 3 * BOND + 4_050_000);
    assert_eq!((reward(&ctx, 2, 1), reward(&ctx, 3, 1)), (0, 4_050_000));
    next(&mut ctx);
    assert_eq!((reward(&ctx, 2, 1), reward(&ctx, 3, 1)), (6_075_000, 6_075_000));
}

#[test]
fn a_changed_rate_holds_from_its_change_on() {
    let mut ctx = chain(1, 1);
    powers(&mut ctx, &[1_000]);
    bond(&mut ctx, 2, 1, BOND);
    next(&mut ctx);
    next(&mut ctx);
    let mut validator = staking::require(&ctx, &address(1)).unwrap();
    validator.commission.updated = 0;
    staking::save(&mut ctx, &validator).unwrap();
    let edit = MsgEditValidator {
        description: Some(validator.description),
        validator_address: address(1).operator(),
        commission_rate: Decimal::percent(50).to_proto(),
        ..MsgEditValidator::default()
    };
    edit.execute(&mut ctx).unwrap();
    assert_eq!((commission(&ctx, 1), reward(&ctx, 2, 1)), (REWARD + 900_000, 8_100_000));
    next(&mut ctx);
    assert_eq!(
        (commission(&ctx, 1), reward(&ctx, 2, 1)),
        (REWARD + 900_000 + 4_500_000, 8_100_000 + 4_500_000)
    );
}

#[test]
fn a_bond_that_was_slashed_to_nothing_keeps_what_it_earned() {
    let mut ctx = chain(1, 1);
    powers(&mut ctx, &[1_000]);
    bond(&mut ctx, 2, 1, BOND);
    next(&mut ctx);
    next(&mut ctx);
    let burnt = staking::slash(&mut ctx, &address(1), Decimal::ONE, 1).unwrap();
    assert_eq!(burnt, Amount(BOND));
    assert_eq!(staking::require(&ctx, &address(1)).unwrap().tokens, Amount::ZERO);
    assert_eq!(redeemed(&mut ctx, 2, 1), 8_100_000);
    charge_fee(&mut ctx, &address(9), Amount(100)).unwrap();
    next(&mut ctx);
    assert_eq!(reward(&ctx, 2, 1), 8_100_090, "shares without value still earn");
}

#[test]
fn what_is_redeemed_is_redeemed_once() {
    let mut ctx = chain(1, 1);
    powers(&mut ctx, &[1_000]);
    bond(&mut ctx, 2, 1, BOND);
    next(&mut ctx);
    next(&mut ctx);
    let owed = unredeemed(&ctx).unwrap().0;
    assert_eq!(redeemed(&mut ctx, 2, 1), 8_100_000);
    assert_eq!(wallet(&ctx, 2), FUNDS - BOND + 8_100_000);
    assert_eq!(unredeemed(&ctx), Ok(Amount(owed - 8_100_000)));
    assert_eq!((redeemed(&mut ctx, 2, 1), reward(&ctx, 2, 1)), (0, 0));
    assert_sound(&ctx);
}

#[test]
fn fractions_of_bonds_are_dropped_and_stay_owed() {
    let mut ctx = chain(1, 1);
    powers(&mut ctx, &[1_000]);
    for delegator in 2..5 {
        bond(&mut ctx, delegator, 1, BOND);
    }
    next(&mut ctx);
    redeem_all_of_operator(&mut ctx, 1);
    charge_fee(&mut ctx, &address(9), Amount(4)).unwrap();
    next(&mut ctx);
    // 9,000,004 × 90% / 3 = 2,700,001.2.
    assert_eq!([2, 3, 4].map(|delegator| redeemed(&mut ctx, delegator, 1)), [2_700_001; 3]);
    assert_eq!([2, 3, 4].map(|delegator| redeemed(&mut ctx, delegator, 1)), [0; 3]);
    redeem_all_of_operator(&mut ctx, 1);
    // The operator keeps a claim on its 0.4; the bonds' 0.6 are nobody's.
    assert_eq!(unredeemed(&ctx), Ok(Amount(1)));
    assert_eq!(commission(&ctx, 1), 0);
    assert_sound(&ctx);
}

fn redeem_all_of_operator(ctx: &mut Ctx, operator: u8) -> u128 {
    super::redeem_commission(ctx, &address(operator)).unwrap().0
}

#[test]
fn fractions_of_commission_stay_in_place() {
    let mut ctx = chain(1, 1);
    powers(&mut ctx, &[0]);
    bond(&mut ctx, 2, 1, BOND);
    next(&mut ctx);
    for expected in [1, 2, 1, 2] {
        charge_fee(&mut ctx, &address(9), Amount(15)).unwrap();
        next(&mut ctx);
        assert_eq!(redeem_all_of_operator(&mut ctx, 1), expected);
    }
    assert_eq!(redeemed(&mut ctx, 2, 1), 54);
}

#[test]
fn fees_of_an_unknown_proposer_are_owed_to_nobody() {
    let mut ctx = chain(1, 1);
    begin_again(&mut ctx, 77);
    charge_fee(&mut ctx, &address(2), Amount(30)).unwrap();
    charge_fee(&mut ctx, &address(2), Amount(5)).unwrap();
    assert_eq!((unredeemed(&ctx), wallet(&ctx, 2)), (Ok(Amount(0)), FUNDS - 35));
    next(&mut ctx);
    assert_eq!((unredeemed(&ctx), commission(&ctx, 1)), (Ok(Amount(35)), 0));
    assert_eq!(state::BLOCK_FEES.load(&ctx), Ok(None));
}

#[test]
fn who_cannot_pay_a_fee_is_not_charged() {
    let mut ctx = chain(1, 1);
    let why = "spendable balance 0ujmes is smaller than 101ujmes: insufficient funds";
    assert_refused(charge_fee(&mut ctx, &address(11), Amount(101)), "sdk", codes::INSUFFICIENT_FUNDS, why);
    assert_eq!(state::BLOCK_FEES.load(&ctx), Ok(None));
}

/// The gas of reading and writing state at a block's end.
fn cost_of_a_block(validators: u8, delegators: u8) -> u64 {
    let mut ctx = chain(1, validators);
    powers(&mut ctx, &vec![1_000; validators.into()]);
    for delegator in 1..=delegators {
        bond(&mut ctx, delegator, 1, BOND);
    }
    next(&mut ctx);
    next(&mut ctx);
    charge_fee(&mut ctx, &address(9), Amount(5)).unwrap();
    let before = ctx.gas().used();
    end_block(&mut ctx).unwrap();
    ctx.gas().used() - before
}

#[test]
fn a_block_costs_the_same_whatever_the_number_of_validators_and_bonds() {
    assert_eq!(cost_of_a_block(1, 1), cost_of_a_block(60, 9));
}

#[test]
fn the_invariants_find_what_is_broken() {
    let broken = |why: &str| Err(Error::sdk(codes::LOGIC, format!("rewards: {why}")));
    let healthy = || {
        let mut ctx = chain(1, 1);
        powers(&mut ctx, &[1_000]);
        bond(&mut ctx, 2, 1, BOND);
        next(&mut ctx);
        next(&mut ctx);
        settle(&mut ctx, &address(1)).unwrap();
        ctx
    };
    let name = address(1).operator();
    let mut ctx = healthy();
    state::TOTAL_POWER.save(&mut ctx, &999).unwrap();
    assert_eq!(Rewards.check_invariants(&ctx), broken("powers sum to 1000, the total says 999"));

    let mut ctx = healthy();
    state::UNREDEEMED.save(&mut ctx, &Amount(26_999_999)).unwrap();
    let why = "27000000 Nils can be redeemed, the total says 26999999";
    assert_eq!(Rewards.check_invariants(&ctx), broken(why));

    let mut ctx = healthy();
    let mut income = super::income_of(&ctx, &address(1)).unwrap();
    income.bonds = Fixed::whole(Amount(8_000_000));
    state::INCOMES.save(&mut ctx, &address(1), &income).unwrap();
    let why = format!("bonds to {name} have earned 8100000 Nils, they are owed 8000000");
    assert_eq!(Rewards.check_invariants(&ctx), broken(&why));

    let mut ctx = healthy();
    state::BONDS.remove(&mut ctx, &(address(1), address(2))).unwrap();
    let why = format!("the bonds known of {name} have 0 shares of {BOND}");
    assert_eq!(Rewards.check_invariants(&ctx), broken(&why));
}

#[test]
fn fixed_point_numbers_round_down_and_refuse_to_wrap() {
    let fixed = |nils| Fixed::whole(Amount(nils));
    assert_eq!(fixed(u128::MAX).floor(), Amount(u128::MAX));
    assert_eq!(fixed(10).divided(3).unwrap().floor(), Amount(3));
    assert_eq!(fixed(10).divided(3).unwrap().times(3).unwrap().floor(), Amount(9));
    assert_eq!(
        fixed(7).part(Decimal::percent(50)).unwrap().to_decimal(),
        Ok(U256::from(3_500_000_000_000_000_000u64))
    );
    assert_eq!(fixed(1).to_string(), "340282366920938463463374607431768211456");
    assert_eq!(Fixed::parse(&fixed(12).to_string()), Ok(fixed(12)));
    assert_eq!(Fixed::parse(""), Ok(Fixed::ZERO));
    for refused in [fixed(u128::MAX).plus(fixed(1)), fixed(1).minus(fixed(2)), fixed(1).divided(0)] {
        assert_eq!(refused.unwrap_err().code, codes::LOGIC);
    }
    assert_eq!(fixed(2).times(u128::MAX).unwrap_err().code, codes::LOGIC);
    for text in ["-1", "1.5", "x", &format!("{}0", U256::MAX)] {
        assert_eq!(Fixed::parse(text).unwrap_err().code, codes::INVALID_REQUEST);
    }
}
