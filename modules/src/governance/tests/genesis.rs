//! What the module stores, and genesis: an export gives the same state when it is imported.

use super::{
    begin, bond, cast, chain, dao, election, raise, raising, slash, store, text, voter, voting, MINIMUM,
};
use crate::governance::types::Choice::{No, Yes};
use crate::governance::types::{Body, Content, FundingRequest};
use crate::governance::{begin_block, cycle, state, Governance};
use crate::kernel::{Amount, Ctx, GasMeter, Module};
use crate::slots::{Feature, Slot};
use crate::test_support::{address, at_issuance, ctx_over, Memory};
use jmes_proto::jmes::upgrade::v1::{action, Action, ChangeParameter};
use serde_json::{json, Value};
use std::sync::Arc;

/// The state of `ctx` with the module's part exported and imported.
pub(super) fn reimported(ctx: &Ctx) -> Ctx {
    let exported = Governance.export(ctx).unwrap();
    let mut fresh = others(ctx);
    Governance.import(&mut fresh, &exported).unwrap();
    assert_eq!(Governance.check_invariants(&fresh), Ok(()));
    assert_eq!(Governance.export(&fresh).unwrap(), exported);
    fresh
}

/// The state of all other modules.
fn others(ctx: &Ctx) -> Ctx {
    let all = ctx.overlay().scan(&[], &[0xff], false, usize::MAX);
    let others = all.into_iter().filter(|(key, _)| key[0] != crate::GOVERNANCE.0).collect();
    let mut fresh = ctx_over(Memory(others), GasMeter::unlimited());
    fresh.set_block(Arc::new(ctx.block().clone()));
    fresh
}

/// All kinds of proposals, one of them withdrawn, in the middle of the second cycle's voting; the first cycle's rows are not
/// all removed.
fn busy() -> Ctx {
    let mut ctx = election(80);
    for operator in [101, 102] {
        bond(&mut ctx, 1, operator, 2 * MINIMUM).unwrap();
    }
    for id in 1..=80 {
        cast(&mut ctx, 1, id, if id % 2 == 0 { Yes } else { No }).unwrap();
    }
    at_issuance(&mut ctx, 100_000);
    cast(&mut ctx, 21, 1, Yes).unwrap();
    begin(&mut ctx, raising(1));
    let action = action::Action::ChangeParameter(ChangeParameter {
        module: "governance".into(),
        parameter: "pass_threshold_percent".into(),
        value: "9".into(),
    });
    let contents = [
        Content::Text,
        Content::RequestFeature(Feature::OfficialStatus),
        Content::CoreSlot(Slot::Community),
        Content::Improvement(vec![Action { action: Some(action) }]),
        Content::RevokeCoreSlot(Slot::Brand, dao()),
    ];
    let now = cycle(&ctx).unwrap().index;
    for content in contents {
        let funding = FundingRequest { amount: Amount(5_000_000), months: 3 };
        let funding = matches!(content, Content::CoreSlot(_)).then_some(funding);
        raise::add(&mut ctx, &dao(), now, &Body { content, ..text() }, funding).unwrap();
    }
    raise::withdraw(&mut ctx, &dao(), 81).unwrap();
    super::at(&mut ctx, voting(1));
    bond(&mut ctx, 2, 102, MINIMUM).unwrap();
    cast(&mut ctx, 2, 83, No).unwrap();
    cast(&mut ctx, 1, 83, Yes).unwrap();
    slash(&mut ctx, 101, 1);
    super::unbond(&mut ctx, 2, 102, 1).unwrap();
    ctx
}

#[test]
fn every_key_and_value_of_the_store() {
    let mut ctx = chain();
    bond(&mut ctx, 1, 101, 2 * MINIMUM).unwrap();
    let funding = FundingRequest { amount: Amount(5_000_000), months: 3 };
    let content = Content::RevokeCoreSlot(Slot::Brand, dao());
    raise::add(&mut ctx, &dao(), 0, &text(), Some(funding)).unwrap();
    raise::add(&mut ctx, &dao(), 0, &Body { content, ..text() }, None).unwrap();
    super::at(&mut ctx, voting(0));
    cast(&mut ctx, 1, 1, Yes).unwrap();
    slash(&mut ctx, 101, 1);
    begin_block(&mut ctx).unwrap();
    let mark = ctx.checkpoint();
    let mut shown = shown(&ctx);
    super::at(&mut ctx, raising(1));
    begin_block(&mut ctx).unwrap();
    shown += "after the tally\n";
    shown += &self::shown(&ctx);
    ctx.revert(mark);
    insta::assert_snapshot!(shown);
}

fn shown(ctx: &Ctx) -> String {
    let row =
        |(key, value): (Vec<u8>, Vec<u8>)| format!("{} = {}\n", hex::encode(&key[1..]), hex::encode(value));
    store(ctx).into_iter().map(row).collect()
}

#[test]
fn an_export_in_the_middle_of_a_vote_is_exact() {
    let ctx = busy();
    let fresh = reimported(&ctx);
    assert_eq!(store(&fresh), store(&ctx));
    assert!(state::CLOCK.load(&ctx).unwrap().unwrap().old_rows, "rows of the past cycle are left");
    assert!(!state::BALLOTS.load(&ctx, &(1, voter(2))).unwrap().unwrap().counted);
    assert_eq!(store(&reimported(&chain())), store(&chain()));
}

#[test]
fn an_export_goes_on_as_if_nothing_had_happened() {
    let (mut ctx, mut fresh) = (busy(), reimported(&busy()));
    for time in [voting(1) + 1, raising(2), raising(2) + 1] {
        begin(&mut ctx, time);
        begin(&mut fresh, time);
        assert_eq!(store(&fresh), store(&ctx));
    }
}

#[test]
fn proposals_in_genesis_are_checked() {
    let ctx = busy();
    let exported = Governance.export(&ctx).unwrap();
    let refused = |path: &[&str], value: Value| {
        let mut wrong = exported.clone();
        let mut place = &mut wrong;
        for part in path {
            place = match part.parse::<usize>() {
                Ok(index) => &mut place[index],
                Err(_) => &mut place[*part],
            };
        }
        *place = value;
        let error = Governance.import(&mut others(&ctx), &wrong).unwrap_err();
        assert_eq!(error.codespace, "sdk");
        error.message
    };
    let proposal = |index, field, value| refused(&["proposals", index, "proposal", field], value);
    let starts = |message: String, start: &str| assert!(message.starts_with(start), "{message}");
    starts(
        proposal("3", "id", json!("5")),
        "genesis: governance: proposals[3]: its id is 5; in order of raising it is 4",
    );
    starts(
        proposal("3", "cycle", json!("2")),
        "genesis: governance: proposals[3]: its cycle 2 is not in order",
    );
    starts(
        proposal("83", "cycle", json!("0")),
        "genesis: governance: proposals[83]: its cycle 0 is not in order",
    );
    starts(
        proposal("3", "status", json!("RAISED")),
        "genesis: governance: proposals[3]: its status RAISED is not",
    );
    starts(
        proposal("83", "status", json!("PASSED")),
        "genesis: governance: proposals[83]: its status PASSED is not",
    );
    starts(
        proposal("3", "tally", Value::Null),
        "genesis: governance: proposals[3]: tally and tallied_height",
    );
    starts(proposal("83", "content", Value::Null), "genesis: governance: proposals[83]: content is missing");
    starts(refused(&["ballots", "0", "votes"], json!([])), "genesis: governance: ballots[0]: ");
    starts(
        refused(&["ballots", "0", "cycle"], json!("1")),
        "genesis: governance: ballots[0]: the vote on proposal 1 ",
    );
    starts(
        refused(&["ballots", "0", "votes", "0", "option"], json!(0)),
        "genesis: governance: ballots[0]: option is 0",
    );
    starts(refused(&["rates", "0", "shares"], json!("0")), "genesis: governance: rates[0]: ");
    starts(
        refused(&["rates", "0", "operator_address"], json!(address(103).operator())),
        "genesis: governance: rates[0]: ",
    );
    starts(
        refused(&["old_rows", "0", "cycle"], json!("1")),
        "genesis: governance: old_rows[0]: it is not a row",
    );
    starts(
        refused(&["params", "pass_threshold_percent"], json!(21)),
        "genesis: governance: pass_threshold_percent is 21",
    );
}
