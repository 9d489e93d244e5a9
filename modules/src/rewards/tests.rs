//! Tests of the validators' income.

use super::{charge_fee, credit, end_block, income, state, unredeemed, Rewards};
use crate::bank::{balance, burnt, supply, Bank};
use crate::kernel::{codes, Amount, ConsensusAddress, Ctx, Error, Module, QueryCode, Result};
use crate::test_support::{address, ask, assert_refused, ctx, funded, table, PROPOSER};
use jmes_proto::jmes::rewards::v1 as proto;
use serde_json::{json, Value};

const OTHER: ConsensusAddress = ConsensusAddress([8; 20]);

#[test]
fn every_key_and_value_of_the_store() {
    let mut ctx = ctx();
    credit(&mut ctx, &PROPOSER, Amount(5)).unwrap();
    state::BLOCK_FEES.save(&mut ctx, &Amount(7)).unwrap();
    insta::assert_snapshot!(table(&ctx));
}

#[test]
fn a_fee_leaves_supply_and_becomes_the_proposers_income_at_the_end_of_the_block() {
    let mut ctx = funded(&[(address(1), "100ujmes")]);
    charge_fee(&mut ctx, &address(1), Amount(30)).unwrap();
    charge_fee(&mut ctx, &address(1), Amount(5)).unwrap();
    assert_eq!(balance(&ctx, &address(1), "ujmes"), Ok(Amount(65)));
    assert_eq!((supply(&ctx, "ujmes"), burnt(&ctx)), (Ok(Amount(65)), Ok(Amount(0))));
    assert_eq!((income(&ctx, &PROPOSER), unredeemed(&ctx)), (Ok(Amount(0)), Ok(Amount(0))));
    end_block(&mut ctx).unwrap();
    assert_eq!((income(&ctx, &PROPOSER), unredeemed(&ctx)), (Ok(Amount(35)), Ok(Amount(35))));
    assert_eq!(state::BLOCK_FEES.load(&ctx), Ok(None));
    end_block(&mut ctx).unwrap();
    assert_eq!(unredeemed(&ctx), Ok(Amount(35)), "a block without fees credits nothing");
    for module in [&Bank as &dyn Module, &Rewards] {
        assert_eq!(module.check_invariants(&ctx), Ok(()));
    }
}

#[test]
fn who_cannot_pay_a_fee_is_not_charged() {
    let mut ctx = funded(&[(address(1), "100ujmes")]);
    let why = "spendable balance 100ujmes is smaller than 101ujmes: insufficient funds";
    assert_refused(charge_fee(&mut ctx, &address(1), Amount(101)), "sdk", codes::INSUFFICIENT_FUNDS, why);
    assert_eq!(state::BLOCK_FEES.load(&ctx), Ok(None));
}

#[test]
fn the_invariant_finds_income_that_the_total_does_not_know() {
    let mut ctx = ctx();
    credit(&mut ctx, &PROPOSER, Amount(5)).unwrap();
    credit(&mut ctx, &OTHER, Amount(6)).unwrap();
    assert_eq!(Rewards.check_invariants(&ctx), Ok(()));
    state::INCOME.save(&mut ctx, &OTHER, &Amount(7)).unwrap();
    let broken = Error::sdk(codes::LOGIC, "income sums to 12 Nils, the total says 11");
    assert_eq!(Rewards.check_invariants(&ctx), Err(broken));
}

fn import(genesis: &Value) -> Result<Ctx> {
    let mut ctx = ctx();
    Rewards.import(&mut ctx, genesis).map(|()| ctx)
}

#[test]
fn what_is_exported_is_imported_as_the_same_state() {
    let mut before = ctx();
    assert!(import(&Rewards.export(&before).unwrap()).unwrap().overlay().changes().is_empty());
    credit(&mut before, &PROPOSER, Amount(u128::MAX - 6)).unwrap();
    credit(&mut before, &OTHER, Amount(6)).unwrap();
    let after = import(&Rewards.export(&before).unwrap()).unwrap();
    assert_eq!(after.overlay().changes(), before.overlay().changes());
}

#[test]
fn genesis_that_is_not_a_list_of_incomes_is_refused() {
    let entry = |address: Value, amount: Value| json!({"income": [{"address": address, "amount": amount}]});
    let good = PROPOSER.to_string();
    let refused = [
        (json!({"income": {}}), "genesis: rewards.income: expected a list"),
        (json!({"income": [{}]}), "genesis: rewards.income: an entry has no address"),
        (entry(json!(5), json!("5")), "genesis: rewards.income: an entry has no address"),
        (entry(json!(good), json!(5)), "genesis: rewards.income: an entry has no amount"),
    ];
    for (genesis, why) in refused {
        assert_refused(import(&genesis).map(|_| ()), "sdk", codes::INVALID_REQUEST, why);
    }
    let code = |genesis: &Value| import(genesis).map(|_| ()).unwrap_err().code;
    assert_eq!(code(&entry(json!(address(1).to_string()), json!("5"))), codes::INVALID_ADDRESS);
    assert_eq!(code(&entry(json!(good), json!("1.5"))), codes::INVALID_COINS);
    let most = json!({"address": good, "amount": u128::MAX.to_string()});
    assert_eq!(code(&json!({"income": [most, most]})), codes::INVALID_COINS, "the sum is too large");
}

#[test]
fn income_can_be_asked_for() {
    let mut ctx = ctx();
    credit(&mut ctx, &PROPOSER, Amount(5)).unwrap();
    credit(&mut ctx, &OTHER, Amount(6)).unwrap();
    let income = |address: String| {
        let request = proto::QueryIncomeRequest { address };
        ask::<_, proto::QueryIncomeResponse>(&Rewards, &ctx, "/jmes.rewards.v1.Query/Income", &request)
    };
    assert_eq!(income(PROPOSER.to_string()).unwrap().income, "5");
    assert_eq!(income(ConsensusAddress([1; 20]).to_string()).unwrap().income, "0");
    assert_eq!(income(address(1).to_string()).unwrap_err().code, QueryCode::InvalidArgument);
    let request = proto::QueryUnredeemedRequest {};
    let answer: proto::QueryUnredeemedResponse =
        ask(&Rewards, &ctx, "/jmes.rewards.v1.Query/Unredeemed", &request).unwrap();
    assert_eq!(answer.amount, "11");
}
