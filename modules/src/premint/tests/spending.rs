//! No way leads locked coins out of their wallet, and what was sold does not come back.

use super::{assert_sound, chain, held, A, LAST, PER_BLOCK};
use crate::auth;
use crate::bank::{balance, burn, set_aside, spendable, transfer, withdraw_from_supply};
use crate::kernel::{codes, Amount, Ctx, GasMeter, GasTable, Msg, Result};
use crate::premint::{check_can_bond, hold_at_most, is_wallet, locked, total_locked, voting_weight, wallet};
use crate::rewards::charge_fee;
use crate::staking;
use crate::test_support::{address, assert_refused, at_issuance, candidate, cases, coins, committed};
use cosmos_sdk_proto::cosmos::bank::v1beta1::{Input, MsgMultiSend, MsgSend, Output};
use proptest::collection::vec;
use proptest::prelude::*;

fn native(amount: u128) -> String {
    format!("{amount}ujmes")
}

/// A message runs as transactions run it: all or nothing.
fn run(ctx: &mut Ctx, act: impl FnOnce(&mut Ctx) -> Result<()>) -> Result<()> {
    let mark = ctx.checkpoint();
    let result = act(ctx);
    if result.is_err() {
        ctx.revert(mark);
    }
    result
}

fn send(ctx: &mut Ctx, from: u8, to: u8, amount: u128) -> Result<()> {
    run(ctx, |ctx| transfer(ctx, &address(from), &address(to), &coins(&native(amount))))
}

type Way = fn(&mut Ctx, u128) -> Result<()>;

/// Every way by which address 1 can lose `amount` Nils.
const WAYS: [(&str, Way); 6] = [
    ("send", |ctx, amount| {
        let amount = coins(&native(amount)).to_proto();
        let msg =
            MsgSend { from_address: address(1).to_string(), to_address: address(9).to_string(), amount };
        msg.execute(ctx).map(|_| ())
    }),
    ("multi-send", |ctx, amount| {
        let part = |amount: u128| coins(&native(amount)).to_proto();
        let output = |to: u8, amount| Output { address: address(to).to_string(), coins: part(amount) };
        let inputs = vec![Input { address: address(1).to_string(), coins: part(amount) }];
        let outputs = vec![output(8, amount - 1), output(9, 1)];
        MsgMultiSend { inputs, outputs }.execute(ctx).map(|_| ())
    }),
    ("fee", |ctx, amount| charge_fee(ctx, &address(1), Amount(amount))),
    ("burn", |ctx, amount| burn(ctx, &address(1), Amount(amount))),
    ("entitlement", |ctx, amount| withdraw_from_supply(ctx, &address(1), Amount(amount))),
    ("bond", |ctx, amount| set_aside(ctx, &address(1), Amount(amount))),
];

#[test]
fn no_way_takes_more_than_what_is_unlocked() {
    for (name, way) in WAYS {
        let mut ctx = chain();
        at_issuance(&mut ctx, 5);
        let unlocked = 5 * PER_BLOCK;
        let why = format!("spendable balance {unlocked}ujmes is smaller than 91ujmes: insufficient funds");
        let result = run(&mut ctx, |ctx| way(ctx, unlocked + 1));
        assert_refused(result, "sdk", codes::INSUFFICIENT_FUNDS, &why);
        assert_eq!((held(&ctx, 1), balance(&ctx, &address(1), "ujmes")), (A, Ok(Amount(A))), "{name}");
        run(&mut ctx, |ctx| way(ctx, unlocked)).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!((held(&ctx, 1), spendable(&ctx, &address(1), "ujmes")), (A - 90, Ok(Amount(0))), "{name}");
        let result = run(&mut ctx, |ctx| way(ctx, 2));
        let why = "spendable balance 0ujmes is smaller than 2ujmes: insufficient funds";
        assert_refused(result, "sdk", codes::INSUFFICIENT_FUNDS, why);
    }
}

#[test]
fn before_the_first_block_everything_is_locked() {
    let mut ctx = chain();
    let why = "spendable balance 0ujmes is smaller than 1ujmes: insufficient funds";
    assert_refused(send(&mut ctx, 1, 9, 1), "sdk", codes::INSUFFICIENT_FUNDS, why);
    assert_eq!(locked(&ctx, &address(1)), Ok(Amount(A)));
    assert_eq!(total_locked(&ctx), Ok(Amount(2 * A)));
    assert_sound(&ctx);
}

#[test]
fn unlocked_coins_are_spent_as_they_unlock_to_the_last_one() {
    let mut ctx = chain();
    let mut sold = 0;
    for n in [1, 2, 6_311_390, 6_311_391, 200_000_000, LAST - 1, LAST, LAST + 1] {
        at_issuance(&mut ctx, n);
        let free = spendable(&ctx, &address(1), "ujmes").unwrap().0;
        assert_eq!(locked(&ctx, &address(1)), Ok(Amount(A - sold - free)), "n = {n}");
        assert!(send(&mut ctx, 1, 9, free + 1).is_err());
        if free > 0 {
            send(&mut ctx, 1, 9, free).unwrap();
        }
        sold += free;
        assert_sound(&ctx);
    }
    assert_eq!((sold, held(&ctx, 1)), (A, 0));
    assert_eq!(total_locked(&ctx), Ok(Amount(0)));
}

#[test]
fn other_coins_leave_first() {
    let mut ctx = chain();
    at_issuance(&mut ctx, 5);
    assert_eq!(spendable(&ctx, &address(2), "ujmes"), Ok(Amount(140)));
    send(&mut ctx, 2, 9, 50).unwrap();
    assert_eq!((held(&ctx, 2), voting_weight(&ctx, &address(2))), (A, Ok(Amount(90))));
    send(&mut ctx, 2, 9, 1).unwrap();
    assert_eq!((held(&ctx, 2), voting_weight(&ctx, &address(2))), (A - 1, Ok(Amount(89))));
    let atoms = coins("7atom");
    transfer(&mut ctx, &address(2), &address(9), &atoms).expect("other denominations are never locked");
    assert_eq!(held(&ctx, 2), A - 1);
}

#[test]
fn what_was_sold_does_not_come_back_by_refilling() {
    let mut ctx = chain();
    at_issuance(&mut ctx, 5);
    send(&mut ctx, 1, 9, 90).unwrap();
    assert_eq!(voting_weight(&ctx, &address(1)), Ok(Amount(0)));
    send(&mut ctx, 3, 1, 5_000).unwrap();
    assert_eq!((held(&ctx, 1), voting_weight(&ctx, &address(1))), (A - 90, Ok(Amount(0))));
    assert_eq!(spendable(&ctx, &address(1), "ujmes"), Ok(Amount(5_000)), "refilled coins are free");
    at_issuance(&mut ctx, 10);
    assert_eq!(voting_weight(&ctx, &address(1)), Ok(Amount(90)), "what unlocks later counts");
    send(&mut ctx, 1, 9, 5_000).unwrap();
    assert_eq!((held(&ctx, 1), voting_weight(&ctx, &address(1))), (A - 90, Ok(Amount(90))));
    assert_sound(&ctx);
}

#[test]
fn a_transfer_to_itself_is_a_sale() {
    let mut ctx = chain();
    at_issuance(&mut ctx, 5);
    send(&mut ctx, 1, 1, 90).unwrap();
    assert_eq!(balance(&ctx, &address(1), "ujmes"), Ok(Amount(A)));
    assert_eq!((held(&ctx, 1), voting_weight(&ctx, &address(1))), (A - 90, Ok(Amount(0))));
    assert_refused(
        send(&mut ctx, 1, 1, 91),
        "sdk",
        codes::INSUFFICIENT_FUNDS,
        "spendable balance 90ujmes is smaller than 91ujmes: insufficient funds",
    );
}

#[test]
fn a_transaction_that_fails_has_sold_nothing() {
    let mut ctx = chain();
    at_issuance(&mut ctx, 5);
    let failed = run(&mut ctx, |ctx| {
        transfer(ctx, &address(1), &address(9), &coins("90ujmes"))?;
        transfer(ctx, &address(1), &address(9), &coins("1ujmes"))
    });
    assert!(failed.is_err());
    assert_eq!((held(&ctx, 1), balance(&ctx, &address(9), "ujmes")), (A, Ok(Amount(0))));
}

#[test]
fn a_premint_wallet_can_never_bond() {
    let ctx = chain();
    let why = format!("{} is a premint wallet: it can never bond coins, unlocked ones neither; send them to another address and bond from there", address(1));
    assert_refused(check_can_bond(&ctx, &address(1)), "premint", 2, &why);
    let mut sold_out = chain();
    at_issuance(&mut sold_out, LAST);
    send(&mut sold_out, 1, 9, A).unwrap();
    assert_refused(check_can_bond(&sold_out, &address(1)), "premint", 2, &why);
    let mut ctx = ctx;
    at_issuance(&mut ctx, LAST);
    let operator = candidate(&mut ctx);
    assert_refused(staking::bond(&mut ctx, &address(1), &operator, Amount(1)), "premint", 2, &why);
    staking::bond(&mut ctx, &address(3), &operator, Amount(1)).unwrap();
    for other in [3, 9] {
        assert_eq!(check_can_bond(&ctx, &address(other)), Ok(()));
    }
}

#[test]
fn other_addresses_are_no_wallets() {
    let mut ctx = chain();
    for other in [3, 9].map(address) {
        assert_eq!((is_wallet(&ctx, &other), wallet(&ctx, &other)), (Ok(false), Ok(None)));
        assert_eq!((locked(&ctx, &other), voting_weight(&ctx, &other)), (Ok(Amount(0)), Ok(Amount(0))));
        hold_at_most(&mut ctx, &other, Amount(0)).unwrap();
        assert_eq!(wallet(&ctx, &other), Ok(None));
    }
    assert_eq!(is_wallet(&ctx, &address(1)), Ok(true));
}

#[test]
fn an_account_stays_a_premint_wallet_whatever_is_saved_in_it() {
    let mut ctx = chain();
    let mut account = auth::require(&ctx, &address(1)).unwrap();
    account.sequence += 1;
    auth::save(&mut ctx, &address(1), &account).unwrap();
    at_issuance(&mut ctx, 5);
    send(&mut ctx, 3, 1, 5).unwrap();
    assert_eq!(is_wallet(&committed(ctx), &address(1)), Ok(true));
}

/// Gas of a send from `from` with the default prices.
fn gas_of_a_send(mut ctx: Ctx, from: u8) -> u64 {
    at_issuance(&mut ctx, 5);
    ctx.swap_gas(GasMeter::new(10_000_000, GasTable::DEFAULT));
    transfer(&mut ctx, &address(from), &address(9), &coins("1ujmes")).unwrap();
    ctx.swap_gas(GasMeter::unlimited()).used()
}

#[test]
fn who_has_no_premint_pays_nothing_for_it() {
    let without = crate::test_support::funded(&[(address(3), "900000000ujmes"), (address(9), "1ujmes")]);
    let mut with = chain();
    send(&mut with, 3, 9, 1).unwrap();
    let ordinary = gas_of_a_send(without, 3);
    assert_eq!(gas_of_a_send(with, 3), ordinary);
    let mut from_premint = chain();
    send(&mut from_premint, 3, 9, 1).unwrap();
    assert!(gas_of_a_send(from_premint, 1) > ordinary);
}

#[derive(Clone, Debug)]
enum Step {
    Send { from: u8, to: u8, amount: u128 },
    Burn(u8, u128),
    Blocks(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (1..5u8, 1..5u8, 1..4_000u128).prop_map(|(from, to, amount)| Step::Send { from, to, amount }),
        1 => (1..5u8, 1..500u128).prop_map(|(from, amount)| Step::Burn(from, amount)),
        2 => (1..60u64).prop_map(Step::Blocks),
    ]
}

proptest! {
    #![proptest_config(cases(48))]

    /// Whatever wallets do: locked coins stay, and what is held never grows.
    #[test]
    fn locked_coins_stay_and_what_is_held_never_grows(steps in vec(step(), 1..80)) {
        let (mut ctx, mut n) = (chain(), 1);
        at_issuance(&mut ctx, n);
        for step in steps {
            let before = [1, 2].map(|byte| held(&ctx, byte));
            match step {
                Step::Send { from, to, amount } => drop(send(&mut ctx, from, to, amount)),
                Step::Burn(from, amount) => {
                    drop(run(&mut ctx, |ctx| burn(ctx, &address(from), Amount(amount))));
                }
                Step::Blocks(blocks) => {
                    n += blocks;
                    at_issuance(&mut ctx, n);
                }
            }
            assert_sound(&ctx);
            for (byte, before) in [1, 2].into_iter().zip(before) {
                let free = u128::from(n) * PER_BLOCK;
                prop_assert!(held(&ctx, byte) <= before);
                prop_assert_eq!(locked(&ctx, &address(byte)), Ok(Amount(A - free)));
                prop_assert!(voting_weight(&ctx, &address(byte)).unwrap().0 <= free);
            }
        }
    }
}
