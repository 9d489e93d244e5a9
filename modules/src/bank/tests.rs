//! Tests of coins: transfers and burns, messages, genesis, queries.

mod genesis;
mod messages;
mod queries;

use super::{balance, burn, burnt, state, supply, transfer, withdraw_from_supply, Bank};
use crate::auth::{self, Account};
use crate::kernel::{codes, Address, Amount, Ctx, Error, Event, Module};
use crate::test_support::{address, assert_refused, coins, committed, ctx, funded, table};

/// What an address has, as a text such as `5ujmes`; empty for nothing.
fn wallet(ctx: &Ctx, owner: Address, denoms: &[&str]) -> String {
    let mut all = coins("");
    for denom in denoms {
        all.add(crate::kernel::Coin::new(*denom, balance(ctx, &owner, denom).unwrap())).unwrap();
    }
    all.to_string()
}

#[track_caller]
fn assert_sound(ctx: &Ctx) {
    assert_eq!(Bank.check_invariants(ctx), Ok(()));
}

#[test]
fn every_key_and_value_of_the_store() {
    let mut ctx = funded(&[(address(1), "5ujmes,7ibc/27394FB0"), (address(2), "3ibc/27394FB0")]);
    burn(&mut ctx, &address(1), Amount(2)).unwrap();
    insta::assert_snapshot!(table(&ctx));
}

#[test]
fn a_transfer_moves_coins_of_every_denomination_and_keeps_supply() {
    let denoms = ["atom", "ujmes"];
    let mut ctx = funded(&[(address(1), "10ujmes,6atom"), (address(2), "1ujmes")]);
    transfer(&mut ctx, &address(1), &address(2), &coins("4ujmes,6atom")).unwrap();
    assert_eq!(wallet(&ctx, address(1), &denoms), "6ujmes");
    assert_eq!(wallet(&ctx, address(2), &denoms), "6atom,5ujmes");
    assert_eq!((supply(&ctx, "ujmes"), supply(&ctx, "atom")), (Ok(Amount(11)), Ok(Amount(6))));
    assert_sound(&ctx);
}

#[test]
fn a_transfer_emits_the_events_of_the_sdk_in_their_order() {
    let mut ctx = funded(&[(address(1), "10ujmes")]);
    transfer(&mut ctx, &address(1), &address(2), &coins("4ujmes")).unwrap();
    let (from, to) = (address(1), address(2));
    let expected = [
        Event::new("coin_spent").with("spender", from).with("amount", "4ujmes"),
        Event::new("coin_received").with("receiver", to).with("amount", "4ujmes"),
        Event::new("transfer").with("recipient", to).with("sender", from).with("amount", "4ujmes"),
        Event::new("message").with("sender", from),
    ];
    assert_eq!(ctx.take_events(), expected);
}

#[test]
fn a_transfer_to_oneself_changes_nothing() {
    let mut ctx = committed(funded(&[(address(1), "10ujmes,6atom")]));
    let before = committed(funded(&[(address(1), "10ujmes,6atom")]));
    transfer(&mut ctx, &address(1), &address(1), &coins("10ujmes,6atom")).unwrap();
    assert_eq!(wallet(&ctx, address(1), &["atom", "ujmes"]), "6atom,10ujmes");
    let all = |ctx: &Ctx| ctx.overlay().scan(&[], &[0xff], false, usize::MAX);
    assert_eq!(all(&ctx), all(&before));
}

#[test]
fn a_transfer_to_oneself_needs_the_coins() {
    let mut ctx = funded(&[(address(1), "10ujmes")]);
    let error = transfer(&mut ctx, &address(1), &address(1), &coins("11ujmes")).unwrap_err();
    assert_eq!(error.code, codes::INSUFFICIENT_FUNDS);
}

#[test]
fn too_little_money_is_said_with_what_there_is() {
    let mut ctx = funded(&[(address(1), "10ujmes")]);
    let refused = [
        ("11ujmes", "spendable balance 10ujmes is smaller than 11ujmes: insufficient funds"),
        ("1atom", "spendable balance 0atom is smaller than 1atom: insufficient funds"),
        ("1bujmes", "spendable balance 0bujmes is smaller than 1bujmes: insufficient funds"),
    ];
    for (amount, why) in refused {
        let result = transfer(&mut ctx, &address(1), &address(2), &coins(amount));
        assert_refused(result, "sdk", codes::INSUFFICIENT_FUNDS, why);
    }
    let why = "spendable balance 0ujmes is smaller than 1ujmes: insufficient funds";
    let nobody = transfer(&mut ctx, &address(8), &address(2), &coins("1ujmes"));
    assert_refused(nobody, "sdk", codes::INSUFFICIENT_FUNDS, why);
}

#[test]
fn who_receives_for_the_first_time_gets_an_account() {
    let mut ctx = funded(&[(address(1), "10ujmes,6atom")]);
    transfer(&mut ctx, &address(1), &address(2), &coins("1ujmes")).unwrap();
    transfer(&mut ctx, &address(1), &address(3), &coins("1atom")).unwrap();
    transfer(&mut ctx, &address(1), &address(4), &coins("1atom,1ujmes")).unwrap();
    let account = |byte| auth::account(&ctx, &address(byte)).unwrap();
    assert_eq!(account(2), Some(Account { balance: Amount(1), ..Account::new(1) }));
    assert_eq!(account(3), Some(Account::new(2)));
    assert_eq!(account(4), Some(Account { balance: Amount(1), ..Account::new(3) }));
    assert_eq!(auth::state::NEXT_NUMBER.load(&ctx), Ok(Some(4)));
    assert_sound(&ctx);
}

#[test]
fn who_has_spent_everything_keeps_the_account_and_leaves_no_balance_behind() {
    let mut ctx = funded(&[(address(1), "10ujmes,6atom")]);
    transfer(&mut ctx, &address(1), &address(2), &coins("10ujmes,6atom")).unwrap();
    assert_eq!(auth::account(&ctx, &address(1)), Ok(Some(Account::new(0))));
    let left = (address(1), "atom".to_owned());
    assert_eq!(state::BALANCES.has(&ctx, &left), Ok(false));
    assert_eq!(state::OWNERS.has(&ctx, &(left.1, left.0)), Ok(false));
}

#[test]
fn a_balance_never_passes_what_a_number_can_hold() {
    let most = u128::MAX.to_string();
    let mut ctx = funded(&[(address(1), "1atom"), (address(2), "1ujmes")]);
    let key = (address(2), "atom".to_owned());
    state::BALANCES.save(&mut ctx, &key, &Amount(u128::MAX)).unwrap();
    let result = transfer(&mut ctx, &address(1), &address(2), &coins("1atom"));
    assert_refused(result, "sdk", codes::INVALID_COINS, &format!("the sum of {most} and 1 is too large"));
}

#[test]
fn a_burn_leaves_wallet_and_supply_and_is_counted() {
    let mut ctx = funded(&[(address(1), "10ujmes")]);
    burn(&mut ctx, &address(1), Amount(3)).unwrap();
    burn(&mut ctx, &address(1), Amount(1)).unwrap();
    assert_eq!(balance(&ctx, &address(1), "ujmes"), Ok(Amount(6)));
    assert_eq!((supply(&ctx, "ujmes"), burnt(&ctx)), (Ok(Amount(6)), Ok(Amount(4))));
    let events = ctx.take_events();
    assert_eq!(events[0], Event::new("coin_spent").with("spender", address(1)).with("amount", "3ujmes"));
    assert_eq!(events[1], Event::new("burn").with("burner", address(1)).with("amount", "3ujmes"));
    assert_sound(&ctx);
    let why = "spendable balance 6ujmes is smaller than 7ujmes: insufficient funds";
    assert_refused(burn(&mut ctx, &address(1), Amount(7)), "sdk", codes::INSUFFICIENT_FUNDS, why);
}

#[test]
fn what_is_withdrawn_from_supply_is_not_burnt() {
    let mut ctx = funded(&[(address(1), "10ujmes")]);
    withdraw_from_supply(&mut ctx, &address(1), Amount(10)).unwrap();
    assert_eq!((supply(&ctx, "ujmes"), burnt(&ctx)), (Ok(Amount(0)), Ok(Amount(0))));
    assert_sound(&ctx);
}

#[test]
fn the_invariant_finds_balances_and_supply_that_differ() {
    let mut more = funded(&[(address(1), "10ujmes")]);
    let account = Account { balance: Amount(11), ..Account::new(0) };
    auth::save(&mut more, &address(1), &account).unwrap();
    let broken = |why: &str| Err(Error::sdk(codes::LOGIC, why));
    assert_eq!(Bank.check_invariants(&more), broken("balances of ujmes sum to 11, supply says 10"));

    let mut of_nothing = ctx();
    state::SUPPLY.save(&mut of_nothing, &"atom".into(), &Amount(1)).unwrap();
    assert_eq!(Bank.check_invariants(&of_nothing), broken("balances of atom sum to 0, supply says 1"));

    let mut unknown = ctx();
    state::BALANCES.save(&mut unknown, &(address(1), "atom".into()), &Amount(1)).unwrap();
    assert_eq!(Bank.check_invariants(&unknown), broken("balances of atom sum to 1, supply says 0"));
}
