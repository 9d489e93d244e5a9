//! The module's part of genesis, in and out.

use super::{chain, wallets, A, LAST};
use crate::auth::{self, Auth};
use crate::bank::{transfer, Bank};
use crate::emission::Emission;
use crate::kernel::{codes, Address, Amount, Ctx, Error, Module, Result};
use crate::premint::{state, wallet, Premint, Wallet};
use crate::test_support::{address, assert_refused, at_issuance, coins, committed, ctx, funded};
use serde_json::{json, Value};

fn import(genesis: &Value) -> Result<Ctx> {
    let mut ctx = funded(&[(address(1), "900000000ujmes"), (address(2), "5ujmes")]);
    Premint.import(&mut ctx, genesis).map(|()| ctx)
}

#[track_caller]
fn refuse(genesis: &Value, why: &str) {
    let result = import(genesis).map(|_| ());
    assert_refused(result, "sdk", codes::INVALID_REQUEST, &format!("genesis: premint: {why}"));
}

#[test]
fn without_a_word_there_are_no_wallets() {
    for genesis in [Value::Null, json!({}), json!({"wallets": null}), json!({"params": {}, "wallets": []})] {
        let ctx = import(&genesis).unwrap();
        assert_eq!(Premint.export(&ctx), Ok(json!({"wallets": []})));
    }
}

#[test]
fn a_wallet_holds_its_amount_and_its_account_knows() {
    let ctx = import(&wallets(&[(address(1), A - 1)])).unwrap();
    let amount = Amount(A - 1);
    assert_eq!(wallet(&ctx, &address(1)), Ok(Some(Wallet { amount, held: amount, last_sale: None })));
    assert!(auth::require(&ctx, &address(1)).unwrap().premint);
    assert!(!auth::require(&ctx, &address(2)).unwrap().premint);
}

#[test]
fn the_bank_must_have_the_coins() {
    let why = format!("wallets[0]: {} has 5ujmes in bank.balances, less than its premint, 6ujmes; list the coins there, too", address(2));
    refuse(&wallets(&[(address(2), 6)]), &why);
    import(&wallets(&[(address(2), 5)])).unwrap();
    let nobody = address(7);
    let why = format!("wallets[1]: {nobody} has 0ujmes in bank.balances, less than its premint, 1ujmes; list the coins there, too");
    refuse(&wallets(&[(address(2), 5), (nobody, 1)]), &why);
}

#[test]
fn wallets_are_distinct_have_coins_and_are_a_thousand_at_most() {
    refuse(
        &wallets(&[(address(1), 1), (address(1), 1)]),
        &format!("wallets[1]: {} is listed twice", address(1)),
    );
    refuse(&wallets(&[(address(1), 0)]), "wallets[0]: amount: a premint wallet has more than 0 Nils");
    let many = |count: u16| -> Vec<(Address, u128)> {
        let address = |index: u16| {
            let mut bytes = [0; 20];
            bytes[..2].copy_from_slice(&index.to_be_bytes());
            Address::of_twenty(bytes)
        };
        (0..count).map(|index| (address(index), 1)).collect()
    };
    refuse(&wallets(&many(1_001)), "wallets: 1001 are listed, 1000 at most");
    let thousand = many(1_000);
    let balances: Vec<(Address, &str)> = thousand.iter().map(|(address, _)| (*address, "1ujmes")).collect();
    let mut ctx = funded(&balances);
    Premint.import(&mut ctx, &wallets(&thousand)).unwrap();
    assert_eq!(Premint.check_invariants(&ctx), Ok(()));
}

#[test]
fn the_premint_is_100_million_jmes_at_most() {
    let (half, more) = ("50000000000000ujmes", "50000000000001ujmes");
    let mut ctx = ctx();
    for (byte, amount) in [(1, half), (2, half), (3, more)] {
        let balance = coins(amount).amount("ujmes");
        auth::save(&mut ctx, &address(byte), &auth::Account { balance, ..auth::Account::new(byte.into()) })
            .unwrap();
    }
    let mark = ctx.checkpoint();
    let amount = 50_000_000_000_000;
    Premint.import(&mut ctx, &wallets(&[(address(1), amount), (address(2), amount)])).unwrap();
    ctx.revert(mark);
    let result = Premint.import(&mut ctx, &wallets(&[(address(1), amount), (address(3), amount + 1)]));
    let why = "genesis: premint: wallets: they sum to 100000000000001 Nils, more than 100000000000000 (100,000,000 JMES)";
    assert_refused(result, "sdk", codes::INVALID_REQUEST, why);
}

#[test]
fn wrong_fields_are_refused_by_name() {
    let entry = |entry: Value| json!({"wallets": [entry]});
    let owner = address(1).to_string();
    refuse(&json!({"wallets": {}}), "wallets: expected a list");
    refuse(&entry(json!(5)), "wallets[0]: expected an object");
    refuse(
        &entry(json!({"address": owner, "amount": "1", "locked": "1"})),
        "wallets[0]: locked: no such field; there are address, amount, held, last_sale_height",
    );
    refuse(&entry(json!({"amount": "1"})), "wallets[0]: address is missing");
    refuse(&entry(json!({"address": owner})), "wallets[0]: amount is missing");
    refuse(&entry(json!({"address": owner, "amount": 1})), "wallets[0]: amount: expected a text");
    let unsound = |entry: Value| import(&json!({"wallets": [entry]})).map(|_| ()).unwrap_err();
    let error = unsound(json!({"address": "jmes1nobody", "amount": "1"}));
    assert_eq!(error.code, codes::INVALID_ADDRESS);
    assert!(error.message.starts_with("genesis: premint: wallets[0]: address: "), "{error}");
    let error = unsound(json!({"address": owner, "amount": "-1"}));
    assert_eq!(error.code, codes::INVALID_COINS);
    assert!(error.message.starts_with("genesis: premint: wallets[0]: amount: "), "{error}");
    refuse(&json!({"wallet": []}), "wallet: no such field; there are wallets, params");
    refuse(&json!([]), "expected an object");
}

#[test]
fn what_is_held_lies_between_what_is_locked_and_the_amount() {
    let entry = |held: &str| json!({"wallets": [{"address": address(1).to_string(), "amount": "900000000", "held": held}]});
    refuse(&entry("900000001"), "wallets[0]: held: 900000001 Nils is more than the amount, 900000000");
    refuse(
        &entry("899999999"),
        "wallets[0]: held: 899999999 Nils is less than what is still locked, 900000000",
    );
    let mut ctx = funded(&[(address(1), "900000000ujmes")]);
    at_issuance(&mut ctx, 5);
    Premint.import(&mut ctx, &entry("899999910")).unwrap();
    assert_eq!(wallet(&ctx, &address(1)).unwrap().unwrap().held, Amount(899_999_910));
}

const MODULES: [&dyn Module; 4] = [&Emission, &Auth, &Bank, &Premint];

#[test]
fn what_is_exported_is_imported_as_the_same_state() {
    let mut before = chain();
    Auth.import(&mut ctx(), &Value::Null).unwrap();
    for n in [0, 5, 6_311_391, LAST] {
        if n > 0 {
            at_issuance(&mut before, n);
            transfer(&mut before, &address(1), &address(9), &coins("90ujmes")).unwrap();
            transfer(&mut before, &address(3), &address(1), &coins("7ujmes")).unwrap();
        }
        // The clock of tests has no height of its own: a running chain's n is at most its height.
        let mut clock = crate::emission::clock(&before).unwrap();
        clock.height = n;
        crate::emission::state::CLOCK.save(&mut before, &clock).unwrap();
        let mut after = ctx();
        for module in MODULES {
            module.import(&mut after, &module.export(&before).unwrap()).unwrap();
        }
        let state = |ctx: &Ctx| ctx.overlay().scan(&[], &[0xff], false, usize::MAX);
        let missing: Vec<_> =
            state(&after).into_iter().filter(|entry| !state(&before).contains(entry)).collect();
        assert!(missing.iter().all(|(key, _)| key[0] == 0 && key[1] > 2), "only auth's parameters are new");
        assert!(state(&before).iter().all(|entry| state(&after).contains(entry)), "n = {n}");
        super::assert_sound(&committed(after));
    }
}

#[test]
fn the_invariant_finds_what_is_not_where_it_should_be() {
    let broken = |change: &dyn Fn(&mut Ctx), why: &str| {
        let mut ctx = chain();
        change(&mut ctx);
        let why = why.replace("NAME", &address(1).to_string());
        assert_eq!(Premint.check_invariants(&ctx), Err(Error::sdk(codes::LOGIC, why)));
    };
    let account = |ctx: &mut Ctx, byte, change: fn(&mut auth::Account)| {
        let mut account = auth::require(ctx, &address(byte)).unwrap();
        change(&mut account);
        auth::save(ctx, &address(byte), &account).unwrap();
    };
    broken(
        &|ctx| account(ctx, 1, |account| account.balance = Amount(A - 1)),
        "premint wallet NAME has 899999999 Nils, holds 900000000 of 900000000, 900000000 are locked",
    );
    broken(
        &|ctx| account(ctx, 1, |account| account.premint = false),
        "premint wallet NAME has 900000000 Nils, holds 900000000 of 900000000, 900000000 are locked",
    );
    broken(
        &|ctx| account(ctx, 3, |account| account.premint = true),
        "3 accounts say they are premint wallets, there are 2",
    );
    broken(
        &|ctx| {
            let wallet = Wallet { amount: Amount(A), held: Amount(A - 1), last_sale: None };
            state::WALLETS.save(ctx, &address(1), &wallet).unwrap();
        },
        "premint wallet NAME has 900000000 Nils, holds 899999999 of 900000000, 900000000 are locked",
    );
}
