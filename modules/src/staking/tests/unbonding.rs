//! Unbonding, its completion and its cancellation (§8).

use super::bonds::liquid;
use super::{at, bond, candidate, chain, jmes, later, of, state, DAY};
use crate::bank::{burnt, supply};
use crate::kernel::{Amount, Ctx, Decimal, Event, Result};
use crate::staking::{
    create, jail, mature, shares_of, slash, total_unbonding, unbonding, Module, NewValidator, Staking,
};
use crate::test_support::{address, assert_refused};

pub(super) fn begin(ctx: &mut Ctx, delegator: u8, operator: u8, amount: u128) -> Result<u64> {
    unbonding::begin(ctx, &address(delegator), &address(operator), Amount(amount))
}

fn cancel(ctx: &mut Ctx, height: u64, amount: u128) -> Result<()> {
    unbonding::cancel(ctx, &address(1), &address(101), height, Amount(amount))
}

/// `address(1)` has bonded 100 Nils to `address(101)`.
fn bonded() -> Ctx {
    let mut ctx = chain(2);
    bond(&mut ctx, &address(1), &address(101), Amount(100)).unwrap();
    ctx
}

fn entries(ctx: &Ctx) -> Vec<(u64, u128)> {
    let entries = state::UNBONDING.load(ctx, &(address(1), address(101))).unwrap().unwrap_or_default();
    entries.iter().map(|entry| (entry.height, entry.balance.0)).collect()
}

#[test]
fn undelegation_completes_21_days_of_block_time_later() {
    let mut ctx = bonded();
    let start = ctx.block().time;
    assert_eq!(begin(&mut ctx, 1, 101, 40), Ok(start + 21 * DAY));
    assert_eq!((liquid(&ctx, 1), of(&ctx, address(101)).tokens), (Amount(999_999_900), Amount(60)));
    assert_eq!((unbonding(&ctx, &address(1)), total_unbonding(&ctx)), (Ok(Amount(40)), Ok(Amount(40))));
    at(&mut ctx, 8, start + 21 * DAY - 1);
    mature(&mut ctx).unwrap();
    assert_eq!(liquid(&ctx, 1), Amount(999_999_900));
    at(&mut ctx, 9, start + 21 * DAY);
    ctx.take_events();
    mature(&mut ctx).unwrap();
    assert_eq!((liquid(&ctx, 1), total_unbonding(&ctx)), (Amount(999_999_940), Ok(Amount(0))));
    let completed = Event::new("complete_unbonding")
        .with("amount", "40ujmes")
        .with("validator", address(101).operator())
        .with("delegator", address(1));
    assert_eq!(ctx.take_events().last(), Some(&completed));
    assert_eq!(entries(&ctx), []);
    mature(&mut ctx).unwrap();
    assert_eq!(liquid(&ctx, 1), Amount(999_999_940), "it is paid out once");
}

#[test]
fn undelegating_burns_the_ceiling_of_shares_and_the_full_value_burns_all() {
    let mut ctx = bonded();
    slash(&mut ctx, &address(101), Decimal::percent(5), 7).unwrap();
    assert_eq!((of(&ctx, address(101)).tokens, of(&ctx, address(101)).shares), (Amount(95), 100));
    begin(&mut ctx, 1, 101, 10).unwrap();
    assert_eq!(shares_of(&ctx, &address(1), &address(101)), Ok(89), "ceil(10 x 100 / 95) = 11");
    bond(&mut ctx, &address(2), &address(101), Amount(50)).unwrap();
    let value = of(&ctx, address(101)).value_of(89).unwrap();
    assert_eq!(value, Amount(85));
    begin(&mut ctx, 1, 101, 85).unwrap();
    assert_eq!(shares_of(&ctx, &address(1), &address(101)), Ok(0));
    let (left, last) = (of(&ctx, address(101)), shares_of(&ctx, &address(2), &address(101)).unwrap());
    assert_eq!((left.shares, left.tokens), (last, Amount(50)));
    begin(&mut ctx, 2, 101, 50).unwrap();
    assert_eq!((of(&ctx, address(101)).shares, of(&ctx, address(101)).tokens), (0, Amount(0)));
}

#[test]
fn the_last_share_takes_all_tokens() {
    let mut ctx = bonded();
    bond(&mut ctx, &address(2), &address(101), Amount(2)).unwrap();
    slash(&mut ctx, &address(101), Decimal::percent(50), 7).unwrap();
    begin(&mut ctx, 1, 101, 50).unwrap();
    let left = of(&ctx, address(101));
    assert_eq!((left.tokens, left.shares), (Amount(1), 2));
    begin(&mut ctx, 2, 101, 1).unwrap();
    let left = of(&ctx, address(101));
    assert_eq!((left.tokens, left.shares), (Amount(0), 0));
    bond(&mut ctx, &address(2), &address(101), Amount(2)).unwrap();
    assert_eq!(of(&ctx, address(101)).shares, 2, "1:1 again");
}

#[test]
fn a_bond_that_slashes_left_worth_nothing_is_ended_by_undelegating_nothing() {
    let mut ctx = chain(2);
    bond(&mut ctx, &address(1), &address(101), Amount(3)).unwrap();
    bond(&mut ctx, &address(2), &address(101), Amount(7)).unwrap();
    let why = "invalid shares amount: it must be positive: invalid request";
    assert_refused(begin(&mut ctx, 1, 101, 0), "sdk", 18, why);
    slash(&mut ctx, &address(101), Decimal::percent(80), 7).unwrap();
    let all = of(&ctx, address(101));
    assert_eq!((all.tokens, all.shares, all.value_of(3)), (Amount(2), 10, Ok(Amount(0))));
    let now = ctx.block().time;
    assert_eq!(begin(&mut ctx, 1, 101, 0), Ok(now), "there is nothing to wait for");
    assert_eq!(shares_of(&ctx, &address(1), &address(101)), Ok(0));
    assert!(state::BONDS_TO
        .scan(&ctx, &[], None, false, 9)
        .unwrap()
        .iter()
        .all(|(key, ())| key.1 == address(2)));
    assert_eq!((entries(&ctx), total_unbonding(&ctx)), (vec![], Ok(Amount(0))));
    assert_eq!((of(&ctx, address(101)).tokens, of(&ctx, address(101)).shares), (Amount(2), 7));

    slash(&mut ctx, &address(101), Decimal::ONE, 7).unwrap();
    begin(&mut ctx, 2, 101, 0).unwrap();
    assert_eq!((of(&ctx, address(101)).tokens, of(&ctx, address(101)).shares), (Amount(0), 0));
    bond(&mut ctx, &address(2), &address(101), Amount(4)).unwrap();
    assert_eq!(of(&ctx, address(101)).shares, 4, "1:1 again");
    assert_eq!(Staking.check_invariants(&ctx), Ok(()));
}

#[test]
fn nobody_unbonds_what_is_not_bonded() {
    let mut ctx = bonded();
    let why = "invalid shares amount: the bond is worth 100ujmes, less than 101ujmes: invalid request";
    assert_refused(begin(&mut ctx, 1, 101, 101), "sdk", 18, why);
    let why = format!(
        "no delegation for (address, validator) tuple: {} has no bond to {}",
        address(2),
        address(101).operator()
    );
    assert_refused(begin(&mut ctx, 2, 101, 1), "staking", 19, &why);
}

#[test]
fn a_pair_has_at_most_7_entries_and_one_for_each_block() {
    let mut ctx = bonded();
    for _ in 0..7 {
        begin(&mut ctx, 1, 101, 1).unwrap();
        begin(&mut ctx, 1, 101, 2).unwrap();
        later(&mut ctx, 1);
    }
    assert_eq!(entries(&ctx), (7..14).map(|height| (height, 3)).collect::<Vec<_>>());
    let why =
        "7 are the most there can be: too many unbonding delegation entries for (delegator, validator) tuple";
    assert_refused(begin(&mut ctx, 1, 101, 1), "staking", 27, why);
    let mut ctx = bonded();
    bond(&mut ctx, &address(1), &address(102), Amount(9)).unwrap();
    begin(&mut ctx, 1, 102, 1).unwrap();
}

#[test]
fn a_cancelled_unbonding_is_bonded_again() {
    let mut ctx = bonded();
    begin(&mut ctx, 1, 101, 40).unwrap();
    later(&mut ctx, 5);
    begin(&mut ctx, 1, 101, 10).unwrap();
    cancel(&mut ctx, 7, 15).unwrap();
    assert_eq!(entries(&ctx), [(7, 25), (12, 10)]);
    assert_eq!((of(&ctx, address(101)).tokens, total_unbonding(&ctx)), (Amount(65), Ok(Amount(35))));
    cancel(&mut ctx, 7, 25).unwrap();
    assert_eq!(entries(&ctx), [(12, 10)]);
    later(&mut ctx, 30 * DAY);
    mature(&mut ctx).unwrap();
    assert_eq!(liquid(&ctx, 1), Amount(999_999_910), "only the other entry completes");
}

#[test]
fn cancelling_what_is_not_there_is_refused() {
    let mut ctx = bonded();
    let (delegator, operator) = (address(1), address(101).operator());
    let why = format!("unbonding delegation with delegator {delegator} not found for validator {operator}");
    assert_refused(cancel(&mut ctx, 7, 1), "staking", 26, &why);
    begin(&mut ctx, 1, 101, 40).unwrap();
    let why = "unbonding delegation entry is not found at block height 8: not found";
    assert_refused(cancel(&mut ctx, 8, 1), "sdk", 38, why);
    let why = "amount is greater than the unbonding delegation entry balance: 40ujmes against 41ujmes: invalid request";
    assert_refused(cancel(&mut ctx, 7, 41), "sdk", 18, why);
    jail(&mut ctx, &address(101), 0).unwrap();
    let why = format!("{operator}: validator for this address is currently jailed");
    assert_refused(cancel(&mut ctx, 7, 1), "staking", 7, &why);
}

#[test]
fn nothing_is_bonded_again_to_worthless_shares() {
    let mut ctx = bonded();
    begin(&mut ctx, 1, 101, 40).unwrap();
    slash(&mut ctx, &address(101), Decimal::ONE, 100).unwrap();
    let why = format!(
        "{} has lost all its tokens: cannot delegate to validators with invalid (zero) ex-rate",
        address(101).operator()
    );
    assert_refused(cancel(&mut ctx, 7, 1), "staking", 34, &why);
}

#[test]
fn entries_begun_from_the_height_before_the_offence_on_are_liable_and_settled_at_completion() {
    for (begun, offence, left) in [(7, 9, 1_000), (7, 8, 950), (7, 7, 950), (7, 1, 950), (7, 0, 950)] {
        let mut ctx = chain(1);
        bond(&mut ctx, &address(1), &address(101), Amount(3_000)).unwrap();
        let supply_before = supply(&ctx, "ujmes").unwrap();
        begin(&mut ctx, 1, 101, 1_000).unwrap();
        assert_eq!(ctx.block().height, begun);
        later(&mut ctx, 5);
        assert_eq!(slash(&mut ctx, &address(101), Decimal::percent(5), offence), Ok(Amount(100)));
        assert_eq!(unbonding(&ctx, &address(1)), Ok(Amount(left)), "offence at {offence}");
        assert_eq!(total_unbonding(&ctx), Ok(Amount(1_000)), "the total is before slashes");
        later(&mut ctx, 30 * DAY);
        mature(&mut ctx).unwrap();
        assert_eq!(liquid(&ctx, 1), Amount(1_000_000_000 - 3_000 + left));
        assert_eq!(burnt(&ctx), Ok(Amount(100 + 1_000 - left)));
        assert_eq!(supply(&ctx, "ujmes").unwrap(), Amount(supply_before.0 - 1_100 + left));
    }
}

#[test]
fn an_entry_is_not_liable_for_slashes_before_it_began() {
    let mut ctx = bonded();
    slash(&mut ctx, &address(101), Decimal::percent(5), 6).unwrap();
    begin(&mut ctx, 1, 101, 95).unwrap();
    assert_eq!(unbonding(&ctx, &address(1)), Ok(Amount(95)));
}

#[test]
fn slashes_are_settled_one_after_the_other_each_rounded_down() {
    let mut ctx = bonded();
    begin(&mut ctx, 1, 101, 99).unwrap();
    later(&mut ctx, 5);
    for _ in 0..3 {
        slash(&mut ctx, &address(101), Decimal::percent(33), 7).unwrap();
    }
    // 99 - 32 = 67, - 22 = 45, - 14 = 31
    assert_eq!(unbonding(&ctx, &address(1)), Ok(Amount(31)));
}

#[test]
fn a_cancelled_entry_is_settled_first_and_the_rest_stays_liable() {
    let mut ctx = bonded();
    begin(&mut ctx, 1, 101, 40).unwrap();
    later(&mut ctx, 5);
    slash(&mut ctx, &address(101), Decimal::percent(50), 7).unwrap();
    let why = "amount is greater than the unbonding delegation entry balance: 20ujmes against 21ujmes: invalid request";
    let mark = ctx.checkpoint();
    assert_refused(cancel(&mut ctx, 7, 21), "sdk", 18, why);
    ctx.revert(mark);
    cancel(&mut ctx, 7, 10).unwrap();
    assert_eq!((total_unbonding(&ctx), burnt(&ctx)), (Ok(Amount(10)), Ok(Amount(50))));
    assert_eq!(
        shares_of(&ctx, &address(1), &address(101)),
        Ok(80),
        "10 Nils are 20 shares at 30 Nils for 60"
    );
    assert_eq!(unbonding(&ctx, &address(1)), Ok(Amount(10)), "not slashed twice");
    slash(&mut ctx, &address(101), Decimal::percent(50), 8).unwrap();
    assert_eq!(unbonding(&ctx, &address(1)), Ok(Amount(5)));
}

#[test]
fn an_operator_below_its_minimum_bond_is_jailed() {
    let mut ctx = chain(0);
    create(&mut ctx, NewValidator { min_self_delegation: jmes(2), ..candidate(1) }).unwrap();
    bond(&mut ctx, &address(1), &address(1), jmes(3)).unwrap();
    bond(&mut ctx, &address(2), &address(1), jmes(3)).unwrap();
    begin(&mut ctx, 2, 1, 3_000_000).unwrap();
    begin(&mut ctx, 1, 1, 1_000_000).unwrap();
    assert!(!of(&ctx, address(1)).jailed);
    begin(&mut ctx, 1, 1, 1).unwrap();
    assert!(of(&ctx, address(1)).jailed);
    assert_eq!(of(&ctx, address(1)).jailed_until, 0);
}
