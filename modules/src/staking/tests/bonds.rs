//! Bonds and shares (§8).

use super::{bond, chain, jmes, of, set_tokens};
use crate::bank::balance;
use crate::kernel::{Amount, Ctx};
use crate::staking::{bonded, shares_of, total_bonded, MAX_SHARES};
use crate::test_support::{address, assert_refused};

pub(super) fn liquid(ctx: &Ctx, byte: u8) -> Amount {
    balance(ctx, &address(byte), "ujmes").unwrap()
}

#[test]
fn the_first_bond_is_one_share_a_nil() {
    let mut ctx = chain(2);
    bond(&mut ctx, &address(1), &address(101), Amount(7)).unwrap();
    bond(&mut ctx, &address(1), &address(102), Amount(5)).unwrap();
    let validator = of(&ctx, address(101));
    assert_eq!((validator.tokens, validator.shares), (Amount(7), 7));
    assert_eq!(shares_of(&ctx, &address(1), &address(101)), Ok(7));
    assert_eq!(liquid(&ctx, 1), Amount(999_999_988));
    assert_eq!(bonded(&ctx, &address(1)), Ok(Amount(12)));
    assert_eq!(bonded(&ctx, &address(2)), Ok(Amount(0)));
    assert_eq!(total_bonded(&ctx), Ok(Amount(12)));
}

#[test]
fn bonding_gives_floor_of_amount_times_shares_by_tokens() {
    let mut ctx = chain(1);
    set_tokens(&mut ctx, address(101), 3, 10);
    bond(&mut ctx, &address(1), &address(101), Amount(2)).unwrap();
    assert_eq!(shares_of(&ctx, &address(1), &address(101)), Ok(6));
    assert_eq!((of(&ctx, address(101)).tokens, of(&ctx, address(101)).shares), (Amount(5), 16));
}

#[test]
fn a_bond_of_nothing_or_of_no_share_is_refused() {
    let mut ctx = chain(1);
    let operator = address(101).operator();
    let nothing = bond(&mut ctx, &address(1), &address(101), Amount(0));
    assert_refused(nothing, "staking", 101, &format!("0ujmes is less than a share of {operator}"));
    set_tokens(&mut ctx, address(101), 10, 3);
    let too_little = bond(&mut ctx, &address(1), &address(101), Amount(3));
    assert_refused(too_little, "staking", 101, &format!("3ujmes is less than a share of {operator}"));
}

#[test]
fn a_validator_whose_shares_are_worthless_takes_no_bonds() {
    let mut ctx = chain(1);
    set_tokens(&mut ctx, address(101), 0, 10);
    let why = format!(
        "{} has lost all its tokens: cannot delegate to validators with invalid (zero) ex-rate",
        address(101).operator()
    );
    assert_refused(bond(&mut ctx, &address(1), &address(101), jmes(1)), "staking", 34, &why);
}

#[test]
fn a_validator_never_has_more_than_10_to_the_30_shares() {
    let mut ctx = chain(1);
    set_tokens(&mut ctx, address(101), 1_000, MAX_SHARES - MAX_SHARES / 100);
    bond(&mut ctx, &address(1), &address(101), Amount(10)).unwrap();
    let why = format!("{} would have more than {MAX_SHARES} shares; bond less", address(101).operator());
    assert_refused(bond(&mut ctx, &address(1), &address(101), Amount(1)), "staking", 102, &why);
}

#[test]
fn nobody_bonds_more_than_there_is() {
    let mut ctx = chain(1);
    let why = "spendable balance 1000000000ujmes is smaller than 1000000001ujmes: insufficient funds";
    assert_refused(bond(&mut ctx, &address(1), &address(101), Amount(1_000_000_001)), "sdk", 5, why);
}

#[test]
fn an_address_bonds_to_at_most_32_validators() {
    let mut ctx = chain(33);
    for byte in 101..=132 {
        bond(&mut ctx, &address(1), &address(byte), Amount(1)).unwrap();
    }
    let one_more = bond(&mut ctx, &address(1), &address(133), Amount(1));
    let why = format!("{} bonds to 32 validators, the most there can be; add to one of them", address(1));
    assert_refused(one_more, "staking", 100, &why);
    bond(&mut ctx, &address(1), &address(132), Amount(1)).unwrap();
    bond(&mut ctx, &address(2), &address(133), Amount(1)).unwrap();
}
