//! Conclusions (§11–§14): once, by anyone, until the end of the next cycle.

use super::{
    at, attempt, begin, bond, cast, dao, found, raise, raising, result, run, text, voter, voting, JMES,
    MINIMUM,
};
use crate::governance::types::Choice::{No, Yes};
use crate::governance::types::{Body, Content, FundingRequest};
use crate::governance::{params, proposal};
use crate::kernel::{Address, Amount, Ctx, Event, Msg, Result};
use crate::slots::{self, Feature, Role, Slot};
use crate::test_support::{assert_refused, at_issuance};
use crate::{bank, funding};
use jmes_proto::jmes::governance::v1::proposal::Status;
use jmes_proto::jmes::governance::v1::{MsgConclude, MsgResignSlot};
use jmes_proto::jmes::upgrade::v1::{action, Action, ChangeParameter};

/// After the Initial Distribution Period.
const N: u64 = 600_000;

fn conclude(ctx: &mut Ctx, proposal_id: u64) -> Result<()> {
    run(ctx, &MsgConclude { sender: voter(3).to_string(), proposal_id }).map(drop)
}

/// Proposals of the present cycle, all passed with the same votes, in the first block of the next cycle.
fn passed(ctx: &mut Ctx, contents: &[(Address, Content, Option<FundingRequest>)]) -> Vec<u64> {
    let cycle = super::cycle(ctx).unwrap().index;
    let add = |(dao, content, asked): &(Address, Content, Option<FundingRequest>)| {
        let body = Body { content: content.clone(), ..text() };
        raise::add(ctx, dao, cycle, &body, *asked).unwrap()
    };
    let ids: Vec<u64> = contents.iter().map(add).collect();
    begin(ctx, voting(cycle));
    for id in &ids {
        cast(ctx, 1, *id, Yes).unwrap();
    }
    begin(ctx, raising(cycle + 1));
    ids
}

/// A chain after the Initial Distribution Period with DAOs and a voter.
fn ready() -> Ctx {
    let mut ctx = found();
    at_issuance(&mut ctx, N);
    bond(&mut ctx, 1, 101, 10 * MINIMUM).unwrap();
    ctx
}

fn months(amount: u128) -> Option<FundingRequest> {
    Some(FundingRequest { amount: Amount(amount), months: 1 })
}

#[test]
fn anyone_concludes_a_passed_proposal_once_and_already_in_the_tallys_block() {
    let mut ctx = ready();
    let id = passed(&mut ctx, &[(dao(), Content::Text, None)])[0];
    let height = ctx.block().height;
    ctx.take_events();
    let msg = MsgConclude { sender: voter(3).to_string(), proposal_id: id };
    assert_eq!(msg.signers(), Ok(vec![voter(3)]));
    conclude(&mut ctx, id).unwrap();
    let event = Event::new("governance_proposal_concluded")
        .with("proposal_id", id)
        .with("dao", dao())
        .with("kind", "TEXT")
        .with("sender", voter(3));
    assert_eq!(ctx.take_events(), [event]);
    let concluded = proposal(&ctx, id).unwrap().unwrap();
    assert_eq!((concluded.tallied_height, concluded.concluded_height), (height, height));
    let why = format!("proposal {id} was concluded at height {height}");
    assert_refused(conclude(&mut ctx, id), "governance", 9, &why);
    assert_refused(conclude(&mut ctx, 7), "sdk", 38, "there is no governance proposal 7");
}

#[test]
fn what_has_not_passed_is_not_concluded() {
    let mut ctx = ready();
    let add = |ctx: &mut Ctx| raise::add(ctx, &dao(), 0, &text(), None).unwrap();
    let (open, withdrawn) = (add(&mut ctx), add(&mut ctx));
    attempt(&mut ctx, |ctx| raise::withdraw(ctx, &dao(), withdrawn)).unwrap();
    let why = "proposal 1 is tallied when cycle 0 ends";
    assert_refused(conclude(&mut ctx, open), "governance", 7, why);
    begin(&mut ctx, voting(0));
    assert_refused(conclude(&mut ctx, open), "governance", 7, why);
    cast(&mut ctx, 1, open, No).unwrap();
    begin(&mut ctx, raising(1));
    assert_refused(conclude(&mut ctx, open), "governance", 7, "proposal 1 has failed: 0 against 10000000000");
    assert_refused(conclude(&mut ctx, withdrawn), "governance", 6, "proposal 2 was withdrawn by its DAO");
}

#[test]
fn what_is_not_concluded_by_the_end_of_the_next_cycle_lapses() {
    let mut ctx = ready();
    let ids = passed(&mut ctx, &[(dao(), Content::Text, None), (dao(), Content::Text, None)]);
    begin(&mut ctx, raising(2) - 1);
    conclude(&mut ctx, ids[0]).unwrap();
    begin(&mut ctx, raising(2));
    let why = "proposal 2 was of cycle 0 and lapsed with the next";
    assert_refused(conclude(&mut ctx, ids[1]), "governance", 8, why);
}

#[test]
fn a_feature_begins_with_the_conclusion() {
    let mut ctx = ready();
    let content = Content::RequestFeature(Feature::ArtDealer);
    let id = passed(&mut ctx, &[(dao(), content, months(0))])[0];
    assert_eq!(slots::minting_right(&ctx, &dao()), Ok(None));
    conclude(&mut ctx, id).unwrap();
    assert_eq!(slots::minting_right(&ctx, &dao()), Ok(Some((Role::Feature(Feature::ArtDealer), id))));
}

#[test]
fn funding_begins_with_the_conclusion() {
    let mut ctx = ready();
    let id = passed(&mut ctx, &[(dao(), Content::Text, months(525_949 * 1_000))])[0];
    let before = bank::balance(&ctx, &dao(), "ujmes").unwrap().0;
    conclude(&mut ctx, id).unwrap();
    at(&mut ctx, raising(1) + 5_000_000_000);
    at_issuance(&mut ctx, N + 1);
    funding::pay(&mut ctx).unwrap();
    assert_eq!(bank::balance(&ctx, &dao(), "ujmes").unwrap().0, before + 1_000);
}

#[test]
fn the_limit_of_a_cycle_holds_at_conclusion_over_what_is_concluded() {
    let mut ctx = ready();
    let half = || (dao(), Content::Text, months(591_692_625_000));
    let ids = passed(&mut ctx, &[half(), half(), half()]);
    conclude(&mut ctx, ids[2]).unwrap();
    conclude(&mut ctx, ids[0]).unwrap();
    assert_eq!(conclude(&mut ctx, ids[1]).unwrap_err().codespace, "funding");
    assert_eq!(result(&ctx, ids[1]).0, Status::Passed, "it may be tried again");
}

#[test]
fn a_slot_is_taken_by_the_conclusion_and_the_lower_one_concluded_later_lapses() {
    let mut ctx = ready();
    let other = super::other_dao();
    let claim = |dao| (dao, Content::CoreSlot(Slot::Brand), months(525_949));
    let ids = passed(&mut ctx, &[claim(dao()), claim(other)]);
    conclude(&mut ctx, ids[0]).unwrap();
    assert_eq!(slots::slot_of(&ctx, &dao()), Ok(Some(Slot::Brand)));
    ctx.take_events();
    // As many votes: equal net YES, concluded later.
    conclude(&mut ctx, ids[1]).unwrap();
    assert_eq!(slots::slot_of(&ctx, &other), Ok(None));
    assert_eq!(result(&ctx, ids[1]).0, Status::Lapsed);
    let height = ctx.block().height;
    assert_eq!(proposal(&ctx, ids[1]).unwrap().unwrap().concluded_height, height);
    assert!(ctx.take_events().iter().any(|event| event.kind == "governance_proposal_lapsed"));
    let why = format!("proposal {} came after a better one for its slot was concluded", ids[1]);
    assert_refused(conclude(&mut ctx, ids[1]), "governance", 8, &why);
    assert_eq!(crate::kernel::Module::check_invariants(&funding::Funding, &ctx), Ok(()));
}

#[test]
fn a_slot_is_revoked_and_resigned() {
    let mut ctx = ready();
    let id = passed(&mut ctx, &[(dao(), Content::CoreSlot(Slot::Brand), months(0))])[0];
    conclude(&mut ctx, id).unwrap();
    let revoke = Content::RevokeCoreSlot(Slot::Brand, dao());
    let ids =
        passed(&mut ctx, &[(super::other_dao(), revoke.clone(), None), (super::other_dao(), revoke, None)]);
    conclude(&mut ctx, ids[0]).unwrap();
    assert_eq!(slots::slot_of(&ctx, &dao()), Ok(None));
    assert_eq!(conclude(&mut ctx, ids[1]).unwrap_err().codespace, "slots");

    let id = passed(&mut ctx, &[(dao(), Content::CoreSlot(Slot::Community), months(0))])[0];
    conclude(&mut ctx, id).unwrap();
    let msg = MsgResignSlot { dao: dao().to_string() };
    assert_eq!(msg.signers(), Ok(vec![dao()]));
    run(&mut ctx, &msg).unwrap();
    assert_eq!(slots::slot_of(&ctx, &dao()), Ok(None));
    assert!(run(&mut ctx, &msg).is_err());
}

#[test]
fn an_improvement_changes_the_protocol() {
    let mut ctx = ready();
    let change = |parameter: &str, value: &str| {
        let (module, parameter, value) = ("governance".into(), parameter.into(), value.into());
        let change = action::Action::ChangeParameter(ChangeParameter { module, parameter, value });
        Content::Improvement(vec![Action { action: Some(change) }])
    };
    let threshold = change("pass_threshold_percent", "9");
    let (stale, immutable) = (change("pass_threshold_percent", "8"), change("voting_period", "\"60s\""));
    let ids = passed(&mut ctx, &[(dao(), threshold, None), (dao(), stale, None), (dao(), immutable, None)]);
    conclude(&mut ctx, ids[0]).unwrap();
    assert_eq!(params(&ctx).unwrap().pass_threshold_percent, 9);
    for id in &ids[1..] {
        assert_eq!(conclude(&mut ctx, *id).unwrap_err().codespace, "upgrade");
    }
    assert_eq!(params(&ctx).unwrap().pass_threshold_percent, 9);
    assert_eq!(bank::burnt(&ctx).unwrap().0 % JMES, 0);
}

#[test]
fn a_shorter_longest_period_does_not_touch_what_was_raised() {
    let mut ctx = ready();
    let asked = months(525_949 * 1_000).map(|asked| FundingRequest { months: 2, ..asked });
    let id = passed(&mut ctx, &[(dao(), Content::Text, asked)])[0];
    let params = jmes_proto::jmes::funding::v1::Params { max_months: 1, ..funding::defaults() };
    funding::state::PARAMS.save(&mut ctx, &params).unwrap();
    conclude(&mut ctx, id).unwrap();
}
