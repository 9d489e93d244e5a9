//! Genesis and exports of slots.

use super::{blocks, brand, chain, conclude, give, own_state};
use crate::kernel::{Ctx, GasMeter, Module, Result};
use crate::slots::{revoke, vote_out, Claim, Feature, Slot, Slots};
use crate::test_support::{address, assert_refused, ctx_over, table, Memory};
use serde_json::{json, Value};

/// A chain with the state of `ctx` but its slots, which are imported.
pub(super) fn imported(ctx: &Ctx, genesis: &Value) -> Result<Ctx> {
    let entries = ctx.overlay().scan(&[], &[0xff], false, usize::MAX);
    let others = entries.into_iter().filter(|(key, _)| key[0] != crate::SLOTS.0);
    let mut fresh = ctx_over(Memory(others.collect()), GasMeter::unlimited());
    fresh.set_block(ctx.block().clone().into());
    Slots.import(&mut fresh, genesis).map(|()| fresh)
}

/// Past and present terms, a revocation, a slot that is vacant again.
fn lived() -> Ctx {
    let mut ctx = chain();
    conclude(&mut ctx, &brand(1, 10, 3, 500)).unwrap();
    give(&mut ctx, 2, Feature::ArtDealer, 11, 2);
    blocks(&mut ctx, 3);
    conclude(&mut ctx, &brand(2, 12, 3, 600)).unwrap();
    conclude(&mut ctx, &Claim { slot: Slot::Engineering, ..brand(3, 13, 4, 50) }).unwrap();
    vote_out(&mut ctx, Slot::Engineering, &address(3), 4).unwrap();
    revoke(&mut ctx, Slot::Engineering, &address(3)).unwrap();
    give(&mut ctx, 1, Feature::OfficialStatus, 14, 20);
    ctx
}

#[test]
fn every_key_and_value_of_the_store() {
    let store = hex::encode([crate::SLOTS.0]);
    let rows = table(&lived());
    let own = rows.lines().filter(|line| line.starts_with(&store)).map(|line| format!("{line}\n"));
    insta::assert_snapshot!(own.collect::<String>());
}

#[test]
fn what_is_exported_is_imported_as_the_same_state() {
    let before = lived();
    let export = Slots.export(&before).unwrap();
    let after = imported(&before, &export).unwrap();
    assert_eq!(own_state(&after), own_state(&before));
    assert_eq!(Slots.export(&after), Ok(export));
    Slots.check_invariants(&after).unwrap();
    assert!(own_state(&imported(&before, &Value::Null).unwrap()).is_empty());
}

#[test]
fn wrong_genesis_is_refused_with_the_place() {
    let ctx = lived();
    let export = Slots.export(&ctx).unwrap();
    let refused = |change: &dyn Fn(&mut Value), code: u32, why: &str| {
        let mut genesis = export.clone();
        change(&mut genesis);
        assert_refused(imported(&ctx, &genesis).map(|_| ()), "sdk", code, why);
    };
    let place = "genesis: slots: ";
    refused(
        &|all| all["terms"][0]["feature"] = json!("dealer"),
        18,
        &format!("{place}term 1: \"dealer\" is no feature"),
    );
    let nobody = address(77);
    refused(
        &|all| all["terms"][0]["dao"] = json!(nobody.to_string()),
        38,
        &format!("{place}term 1: there is no DAO at {nobody}"),
    );
    refused(
        &|all| all["terms"][1]["ended_height"] = json!("99"),
        18,
        &format!("{place}term 2: heights 8 to 99 don't fit to a chain at height 11"),
    );
    refused(
        &|all| all["terms"][1]["ended_height"] = json!("0"),
        18,
        &format!("{place}term 2: it should have ended after issuance height 3"),
    );
    refused(
        &|all| all["terms"][0]["ended_height"] = json!("0"),
        18,
        &format!("{place}term 3: the brand slot is taken, or its DAO sits in another"),
    );
    refused(
        &|all| all["slots"][0]["proposal_id"] = json!("10"),
        18,
        &format!("{place}slots: brand: proposal 10 seats nobody there; by the terms it is 12"),
    );
    refused(&|all| all["slots"][0]["slot"] = json!(0), 18, &format!("{place}slots: 0 is no slot"));
    refused(
        &|all| all["slots"] = json!([]),
        18,
        &format!("{place}slots: brand is taken, but nothing was concluded for it"),
    );
    refused(
        &|all| {
            let entry = all["revocations"][0].clone();
            all["revocations"].as_array_mut().unwrap().push(entry);
        },
        18,
        &format!("{place}revocations: {} and the engineering slot stand twice", address(3)),
    );
}
