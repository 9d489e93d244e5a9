//! The module's part of genesis, in and out.

use crate::auth::{self, Auth};
use crate::bank::{balance, burn, params, state, supply, transfer, Bank, DEFAULT_PARAMS};
use crate::kernel::{codes, Address, Amount, Ctx, Module, Result};
use crate::rewards::{self, Rewards};
use crate::staking;
use crate::test_support::{address, assert_refused, at_issuance, bank_genesis, cases, coins, ctx, funded};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{json, Value};

fn import(genesis: &Value) -> Result<()> {
    Bank.import(&mut ctx(), genesis)
}

#[track_caller]
fn refuse(genesis: &Value, why: &str) {
    assert_refused(import(genesis), "sdk", codes::INVALID_REQUEST, why);
}

#[test]
fn without_a_word_there_are_no_coins_and_the_defaults_hold() {
    for genesis in [Value::Null, json!({})] {
        let mut ctx = ctx();
        Bank.import(&mut ctx, &genesis).unwrap();
        assert_eq!(supply(&ctx, "ujmes"), Ok(Amount(0)));
        assert_eq!(params(&ctx), Ok(DEFAULT_PARAMS));
    }
}

#[test]
fn wallets_learn_how_to_show_both_denominations() {
    let ctx = funded(&[]);
    let metadata = |denom: &str| state::METADATA.load(&ctx, &denom.to_owned()).unwrap().unwrap();
    let units = |denom: &str| -> Vec<(String, u32, Vec<String>)> {
        metadata(denom)
            .denom_units
            .into_iter()
            .map(|unit| (unit.denom, unit.exponent, unit.aliases))
            .collect()
    };
    let native = metadata("ujmes");
    assert_eq!((native.display.as_str(), native.symbol.as_str()), ("jmes", "JMES"));
    assert_eq!(units("ujmes"), [("ujmes".into(), 0, vec!["nils".into()]), ("jmes".into(), 6, vec![])]);
    let bonded = metadata("bujmes");
    assert_eq!((bonded.display.as_str(), bonded.symbol.as_str()), ("bjmes", "bJMES"));
    assert_eq!(units("bujmes"), [("bujmes".into(), 0, vec![]), ("bjmes".into(), 6, vec![])]);
}

#[test]
fn an_empty_list_of_metadata_is_none_and_comes_back_as_that() {
    let mut genesis = json!({});
    genesis["denom_metadata"] = json!([]);
    let mut ctx = ctx();
    Bank.import(&mut ctx, &genesis).unwrap();
    assert_eq!(state::METADATA.scan(&ctx, &[], None, false, 9), Ok(vec![]));
    assert_eq!(Bank.export(&ctx).unwrap()["denom_metadata"], json!([]));
}

#[test]
fn metadata_of_genesis_take_the_place_of_the_defaults() {
    let mut ctx = ctx();
    let mut genesis = bank_genesis(&[]);
    genesis["denom_metadata"] = json!([{"base": "atom", "display": "atom", "symbol": "ATOM"}]);
    Bank.import(&mut ctx, &genesis).unwrap();
    let bases = state::METADATA.scan(&ctx, &[], None, false, 9).unwrap();
    assert_eq!(bases.into_iter().map(|(base, _)| base).collect::<Vec<_>>(), ["atom"]);
}

#[test]
fn balances_make_accounts_after_those_of_genesis() {
    let mut ctx = ctx();
    let account = json!({"@type": "/cosmos.auth.v1beta1.BaseAccount", "address": address(5).to_string()});
    Auth.import(&mut ctx, &json!({ "accounts": [account] })).unwrap();
    Bank.import(
        &mut ctx,
        &bank_genesis(&[(address(9), "1ujmes"), (address(5), "2ujmes"), (address(1), "3atom")]),
    )
    .unwrap();
    let number = |byte| auth::account(&ctx, &address(byte)).unwrap().unwrap().number;
    assert_eq!([5, 9, 1].map(number), [0, 1, 2]);
    assert_eq!(balance(&ctx, &address(5), "ujmes"), Ok(Amount(2)));
    assert_eq!((supply(&ctx, "ujmes"), supply(&ctx, "atom")), (Ok(Amount(3)), Ok(Amount(3))));
}

#[test]
fn genesis_hands_out_100_million_jmes_at_most() {
    let all = "60000000000000ujmes";
    import(&bank_genesis(&[(address(1), all), (address(2), "40000000000000ujmes")])).unwrap();
    let why = "genesis: bank: balances and bonds sum to 100000000000001ujmes, more than genesis may hand out, 100000000000000ujmes";
    refuse(&bank_genesis(&[(address(1), all), (address(2), "40000000000001ujmes")]), why);
    let other = "900000000000000000atom";
    import(&bank_genesis(&[(address(1), other)])).expect("other denominations have no limit");
}

#[test]
fn an_exported_chain_may_have_what_it_issued_more() {
    let mut ctx = ctx();
    at_issuance(&mut ctx, 2);
    let issued = "100000036000000ujmes";
    Bank.import(&mut ctx, &bank_genesis(&[(address(1), issued)])).unwrap();
    let why = "genesis: bank: balances and bonds sum to 100000036000001ujmes, more than genesis may hand out, 100000036000000ujmes";
    let more = bank_genesis(&[(address(2), "1ujmes"), (address(3), issued)]);
    assert_refused(Bank.import(&mut ctx, &more), "sdk", codes::INVALID_REQUEST, why);
}

#[test]
fn supply_counts_what_is_bonded_and_unbonding() {
    let mut ctx = ctx();
    staking::state::TOTAL_BONDED.save(&mut ctx, &Amount(30)).unwrap();
    staking::state::TOTAL_UNBONDING.save(&mut ctx, &Amount(7)).unwrap();
    let mut genesis = bank_genesis(&[(address(1), "5ujmes,2atom")]);
    genesis["supply"] = json!([{"amount": "2", "denom": "atom"}, {"amount": "42", "denom": "ujmes"}]);
    Bank.import(&mut ctx, &genesis).unwrap();
    assert_eq!(supply(&ctx, "ujmes"), Ok(Amount(42)));
    assert_eq!(Bank.check_invariants(&ctx), Ok(()));
    staking::state::TOTAL_BONDED.save(&mut ctx, &Amount(31)).unwrap();
    let broken = Bank.check_invariants(&ctx);
    assert_refused(broken, "sdk", codes::LOGIC, "balances of ujmes sum to 43, supply says 42");
}

#[test]
fn the_bonded_view_cannot_be_handed_out() {
    let why = format!("genesis: bank: {}: bujmes is a view of bonds, not a coin", address(1));
    refuse(&bank_genesis(&[(address(1), "1bujmes")]), &why);
}

#[test]
fn balances_listed_twice_are_refused() {
    let why = format!("genesis: bank: balances of {} are listed twice", address(1));
    refuse(&bank_genesis(&[(address(1), "1ujmes"), (address(1), "2ujmes")]), &why);
    refuse(&bank_genesis(&[(address(1), "1atom"), (address(1), "2atom")]), &why);
}

#[test]
fn a_supply_that_is_stated_must_be_the_sum_of_the_balances() {
    let with_supply = |supply: Value| {
        let mut genesis = bank_genesis(&[(address(1), "1atom,5ujmes"), (address(2), "5ujmes")]);
        genesis["supply"] = supply;
        genesis
    };
    let coin = |amount: &str, denom: &str| json!({"amount": amount, "denom": denom});
    import(&with_supply(json!([coin("1", "atom"), coin("10", "ujmes")]))).unwrap();
    import(&with_supply(json!([]))).unwrap();
    let why = "genesis: bank: supply says 1atom,11ujmes, balances and bonds sum to 1atom,10ujmes";
    refuse(&with_supply(json!([coin("1", "atom"), coin("11", "ujmes")])), why);
    let why = "genesis: bank: supply says 10ujmes, balances and bonds sum to 1atom,10ujmes";
    refuse(&with_supply(json!([coin("10", "ujmes")])), why);
}

#[test]
fn wrong_addresses_coins_and_fields_are_refused() {
    let owner = address(1).to_string();
    let with = |address: &str, coins: Value| json!({"balances": [{"address": address, "coins": coins}]});
    let code = |genesis: &Value| {
        let error = import(genesis).unwrap_err();
        assert_eq!(error.codespace, "sdk");
        error.code
    };
    assert_eq!(code(&with("cosmos1nobody", json!([]))), codes::INVALID_ADDRESS);
    assert_eq!(code(&with(&owner, json!([{"denom": "ujmes", "amount": "-1"}]))), codes::INVALID_COINS);
    assert_eq!(code(&with(&owner, json!([{"denom": "ujmes", "amount": "0"}]))), codes::INVALID_COINS);
    assert_eq!(code(&with(&owner, json!([{"denom": "ujmes"}]))), codes::INVALID_COINS);
    assert_eq!(code(&json!({"balance": []})), codes::INVALID_REQUEST);
    assert_eq!(code(&json!({"balances": "all"})), codes::INVALID_REQUEST);
    assert_eq!(code(&json!({"burnt": 5})), codes::INVALID_REQUEST);
    assert_eq!(code(&json!({"burnt": "many"})), codes::INVALID_COINS);
    assert_eq!(code(&json!("bank")), codes::INVALID_REQUEST);
}

#[derive(Clone, Debug)]
enum Step {
    Transfer { from: u8, to: u8, amount: u128, denom: &'static str },
    Burn(u8, u128),
    Fee(u8, u128),
}

fn step() -> impl Strategy<Value = Step> {
    let denom = prop_oneof![Just("ujmes"), Just("atom"), Just("ibc/0123456789")];
    let transfer = (0..6u8, 0..12u8, 1..400u128, denom);
    prop_oneof![
        4 => transfer.prop_map(|(from, to, amount, denom)| Step::Transfer { from, to, amount, denom }),
        1 => (0..6u8, 1..100u128).prop_map(|(from, amount)| Step::Burn(from, amount)),
        1 => (0..6u8, 1..100u128).prop_map(|(from, amount)| Step::Fee(from, amount)),
    ]
}

fn apply(ctx: &mut Ctx, step: Step) {
    let mark = ctx.checkpoint();
    let result = match step {
        Step::Transfer { from, to, amount, denom } => {
            transfer(ctx, &address(from), &address(to), &coins(&format!("{amount}{denom}")))
        }
        Step::Burn(from, amount) => burn(ctx, &address(from), Amount(amount)),
        Step::Fee(from, amount) => rewards::charge_fee(ctx, &address(from), Amount(amount)),
    };
    if result.is_err() {
        ctx.revert(mark);
    }
}

const MODULES: [&dyn Module; 3] = [&Auth, &Bank, &Rewards];

fn state_of(ctx: &Ctx) -> Vec<(Vec<u8>, Vec<u8>)> {
    ctx.overlay().scan(&[], &[0xff], false, usize::MAX)
}

/// Genesis as a chain begins: accounts for all who have coins, and one who has none.
fn start() -> Ctx {
    let mut ctx = ctx();
    let owners: Vec<(Address, &str)> =
        (0..6).map(|byte| (address(byte), "500ujmes,300atom,9ibc/0123456789")).collect();
    Auth.import(&mut ctx, &Value::Null).unwrap();
    Bank.import(&mut ctx, &bank_genesis(&owners)).unwrap();
    Rewards.import(&mut ctx, &Value::Null).unwrap();
    ctx
}

#[test]
fn whatever_has_happened_an_export_is_imported_as_the_same_state() {
    proptest!(cases(100), |(steps in vec(step(), 0..60))| {
        let mut before = start();
        for step in steps {
            apply(&mut before, step);
            for module in MODULES {
                prop_assert_eq!(module.check_invariants(&before), Ok(()));
            }
        }
        rewards::end_block(&mut before).unwrap();
        let mut after = ctx();
        for module in MODULES {
            module.import(&mut after, &module.export(&before).unwrap()).unwrap();
            prop_assert_eq!(module.check_invariants(&after), Ok(()));
        }
        prop_assert_eq!(state_of(&after), state_of(&before));
        let total = supply(&after, "ujmes").unwrap().0
            + rewards::unredeemed(&after).unwrap().0
            + crate::bank::burnt(&after).unwrap().0;
        prop_assert_eq!(total, 3_000, "no Nil appears or is lost");
    });
}
