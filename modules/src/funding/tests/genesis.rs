//! Genesis and exports of funding.

use super::{blocks, chain, fund, own_state, sit};
use crate::funding::{end, Funding};
use crate::kernel::{Ctx, GasMeter, Module, Result};
use crate::slots::Slot;
use crate::test_support::{assert_refused, ctx, ctx_over, table, Memory};
use serde_json::{json, Value};

/// A chain with the state of `ctx` but its funding, which is imported.
pub(super) fn imported(ctx: &Ctx, genesis: &Value) -> Result<Ctx> {
    let entries = ctx.overlay().scan(&[], &[0xff], false, usize::MAX);
    let others = entries.into_iter().filter(|(key, _)| key[0] != crate::FUNDING.0);
    let mut fresh = ctx_over(Memory(others.collect()), GasMeter::unlimited());
    fresh.set_block(ctx.block().clone().into());
    Funding.import(&mut fresh, genesis).map(|()| fresh)
}

/// Streams that are paid, unpaid, ended early, ended by themselves, and not due yet; a plan that is stale.
fn mid_stream() -> Ctx {
    let mut ctx = chain();
    fund(&mut ctx, 9, 1, 9_000_000, 2, 7);
    fund(&mut ctx, 4, 2, 1_000, 30, 3);
    blocks(&mut ctx, 4);
    fund(&mut ctx, 5, 3, 2_000, 30, 9);
    fund(&mut ctx, 6, 3, 8_900_000, 30, 2);
    sit(&mut ctx, 3, Some(Slot::Brand));
    blocks(&mut ctx, 3);
    fund(&mut ctx, 7, 3, 1, 30, 9);
    end(&mut ctx, 5).unwrap();
    ctx
}

#[test]
fn every_key_and_value_of_the_store() {
    insta::assert_snapshot!(rows(&mid_stream()));
}

fn rows(ctx: &Ctx) -> String {
    let store = hex::encode([crate::FUNDING.0]);
    table(ctx).lines().filter(|line| line.starts_with(&store)).map(|line| format!("{line}\n")).collect()
}

#[test]
fn what_is_exported_is_imported_as_the_same_state() {
    let mut before = mid_stream();
    for _ in 0..30 {
        let export = Funding.export(&before).unwrap();
        let after = imported(&before, &export).unwrap();
        assert_eq!(own_state(&after), own_state(&before));
        assert_eq!(Funding.export(&after), Ok(export));
        blocks(&mut before, 1);
    }
}

#[test]
fn nothing_in_genesis_is_a_chain_that_begins() {
    let mut ctx = ctx();
    Funding.import(&mut ctx, &Value::Null).unwrap();
    assert_eq!(own_state(&ctx).len(), 1, "the parameters");
    Funding.check_invariants(&ctx).unwrap();
}

#[test]
fn wrong_genesis_is_refused_with_the_place() {
    let ctx = mid_stream();
    let export = Funding.export(&ctx).unwrap();
    let refused = |change: &dyn Fn(&mut Value), why: &str| {
        let mut genesis = export.clone();
        change(&mut genesis);
        assert_refused(imported(&ctx, &genesis).map(|_| ()), "sdk", 18, why);
    };
    let at = |field: &'static str, value: Value| {
        move |genesis: &mut Value| genesis["streams"][1]["stream"][field] = value.clone()
    };
    let place = "genesis: funding: stream of proposal 4: ";
    let paid = |total: &str, missed: u64| {
        format!("{place}paid {total} Nils and {missed} blocks missed are not what heights 2 to 31 give at 8")
    };
    refused(&at("missed_blocks", json!("3")), &paid("5000", 3));
    refused(&at("total_paid", json!("5001")), &paid("5001", 2));
    refused(
        &at("total_paid", json!("4000")),
        &format!("{place}rate 1000 and total_paid 4000 don't fit to paid_since 4"),
    );
    refused(
        &at("active", json!(false)),
        &format!("{place}active and paid_since don't fit to its heights at 8"),
    );
    refused(
        &|genesis| genesis["streams"][1]["position"] = json!("1"),
        &format!("{place}it stands twice, or not after position 1"),
    );
    refused(
        &|genesis| genesis["plan"]["entries"][0]["proposal_id"] = json!("77"),
        "genesis: funding: plan: proposal 77 has no stream",
    );
    refused(
        &|genesis| genesis["params"]["max_months"] = json!(0),
        "genesis: funding: max_months is 0; it must be from 1 to 1200",
    );
}
