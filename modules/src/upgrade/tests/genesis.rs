//! The module's part of genesis, in and out, and the keys of its store.

use super::*;
use crate::kernel::codes;
use crate::test_support::{assert_refused, at_issuance, table};
use serde_json::{json, Value};

/// A chain on which everything has happened.
fn full() -> Ctx {
    let mut ctx = chain_at(100);
    crate::emission::Emission.import(&mut ctx, &Value::Null).unwrap();
    at_issuance(&mut ctx, 3_155_696);
    let actions = [change("seats", "seats", "50"), activate("premint", 2), open(), schedule("v2", 20_000)];
    conclude(&mut ctx, &actions).unwrap();
    at(&mut ctx, 102);
    conclude(&mut ctx, &[change("seats", "seats", "51")]).unwrap();
    state::DONE.save(&mut ctx, &"v1".into(), &50).unwrap();
    ctx
}

fn own_table(ctx: &Ctx) -> String {
    table(ctx).lines().filter(|line| line.starts_with("0f ")).map(|line| format!("{line}\n")).collect()
}

#[test]
fn every_key_and_value_of_the_store() {
    insta::assert_snapshot!(own_table(&full()));
}

#[test]
fn an_export_gives_the_same_state() {
    let ctx = full();
    let exported = Upgrade.export(&ctx).unwrap();
    let mut other = chain_at(1);
    Upgrade.import(&mut other, &exported).unwrap();
    assert_eq!(own_table(&other), own_table(&ctx));
    assert_eq!(Upgrade.export(&other), Ok(exported));
    assert_eq!(Upgrade.check_invariants(&other), Ok(()));
    assert!(super::super::improvements_open(&other).unwrap());
}

#[test]
fn a_chain_begins_with_nothing() {
    let mut ctx = ctx();
    Upgrade.import(&mut ctx, &Value::Null).unwrap();
    assert!(ctx.overlay().changes().is_empty());
    assert!(!super::super::improvements_open(&ctx).unwrap());
}

#[test]
fn a_genesis_that_can_not_be_is_refused() {
    let refuse = |genesis: Value, why: &str| {
        let result = Upgrade.import(&mut ctx(), &genesis);
        assert_refused(result, "sdk", codes::INVALID_REQUEST, &format!("genesis: upgrade: {why}"));
    };
    let version = |module: &str, active: &str| json!({"versions": [{"module": module, "active": active}]});
    for (module, active) in [("premint", "1"), ("premint", "3"), ("seats", "2"), ("chairs", "2")] {
        let why = format!("versions: \"{module}\" is listed with version {active}, which this binary does not ship as a later one than 1");
        refuse(version(module, active), &why);
    }
    let twice = json!({"module": "premint", "active": "2"});
    refuse(json!({"versions": [twice, twice]}), "versions: \"premint\" is listed twice");
    let done = json!({"name": "v1", "height": "5"});
    refuse(json!({"done": [done, done]}), "done: \"v1\" is listed twice");
    refuse(
        json!({"changes": [{"change": {"module": "seats", "parameter": "seats", "value": "5"}}]}),
        "changes: a change names a parameter, its value and the one before as JSON",
    );
}

#[test]
fn a_version_that_the_binary_does_not_ship_breaks_the_invariants() {
    let mut ctx = chain_at(1);
    assert_eq!(Upgrade.check_invariants(&ctx), Ok(()));
    state::VERSIONS.save(&mut ctx, &"seats".into(), &2).unwrap();
    Upgrade.check_invariants(&ctx).unwrap_err();
}

#[test]
fn improvements_open_after_half_a_year_and_once() {
    let mut ctx = chain_at(100);
    crate::emission::Emission.import(&mut ctx, &Value::Null).unwrap();
    at_issuance(&mut ctx, 3_155_695);
    let why = assert_code(conclude(&mut ctx, &[open()]), "upgrade", 8);
    assert!(why.contains("after issuance height 3155695; this block has 3155695"), "{why}");
    at_issuance(&mut ctx, 3_155_696);
    conclude(&mut ctx, &[open()]).unwrap();
    assert!(super::super::improvements_open(&ctx).unwrap());
    assert_code(conclude(&mut ctx, &[open()]), "upgrade", 8);
}
