//! Raising and withdrawing proposals (§11), what each content needs (§12–§14).

use super::{at, begin, dao, found, raising, result, run, voter, voting, JMES};
use crate::bank;
use crate::governance::proposal;
use crate::governance::types::FundingRequest;
use crate::kernel::{Amount, Ctx, Event, Msg, Result};
use crate::test_support::{address, assert_refused, at_issuance};
use jmes_proto::jmes::governance::v1 as proto;
use jmes_proto::jmes::governance::v1::proposal::Status;
use jmes_proto::jmes::upgrade::v1::{action, Action, OpenImprovements};
use proto::msg_raise_proposal::Content;
use proto::{Funding, MsgRaiseProposal, MsgWithdrawProposal};

fn message() -> MsgRaiseProposal {
    MsgRaiseProposal {
        dao: dao().to_string(),
        title: "A mural".into(),
        description: "On the wall.".into(),
        content: Some(Content::Text(proto::Text {})),
        funding: None,
    }
}

fn funding(amount: u128, months: u32) -> Option<Funding> {
    Some(Funding { amount: amount.to_string(), months })
}

fn with(content: Content, funding: Option<Funding>) -> MsgRaiseProposal {
    MsgRaiseProposal { content: Some(content), funding, ..message() }
}

fn feature(name: &str) -> Content {
    Content::RequestFeature(proto::RequestFeature { feature: name.into() })
}

fn withdraw(ctx: &mut Ctx, proposal_id: u64) -> Result<()> {
    run(ctx, &MsgWithdrawProposal { dao: dao().to_string(), proposal_id }).map(drop)
}

#[test]
fn a_dao_raises_a_proposal_and_burns_its_price() {
    let mut ctx = found();
    let before = bank::balance(&ctx, &dao(), "ujmes").unwrap().0;
    let height = ctx.block().height;
    assert_eq!(message().signers(), Ok(vec![dao()]));
    assert_eq!(run(&mut ctx, &message()).unwrap().proposal_id, 1);
    assert_eq!(run(&mut ctx, &message()).unwrap().proposal_id, 2);
    assert_eq!(bank::balance(&ctx, &dao(), "ujmes").unwrap().0, before - 20 * JMES);
    assert_eq!(bank::burnt(&ctx).unwrap().0, 20 * JMES);
    let raised = proposal(&ctx, 1).unwrap().unwrap();
    assert_eq!((raised.dao, raised.cycle, raised.raised_height), (dao(), 0, height));
    let event = Event::new("governance_proposal_raised")
        .with("proposal_id", 1)
        .with("dao", dao())
        .with("kind", "TEXT")
        .with("cycle", 0);
    assert!(ctx.take_events().contains(&event));
}

#[test]
fn without_the_price_nothing_is_raised() {
    let mut ctx = found();
    let all = bank::balance(&ctx, &dao(), "ujmes").unwrap().0;
    bank::burn(&mut ctx, &dao(), Amount(all - 10 * JMES + 1)).unwrap();
    let why = "spendable balance 9999999ujmes is smaller than 10000000ujmes: insufficient funds";
    assert_refused(run(&mut ctx, &message()), "sdk", 5, why);
    assert_eq!(proposal(&ctx, 1), Ok(None));
}

#[test]
fn only_daos_raise() {
    let mut ctx = found();
    let msg = MsgRaiseProposal { dao: voter(1).to_string(), ..message() };
    let why = format!("{} is not a DAO; only DAOs raise proposals", voter(1));
    assert_refused(run(&mut ctx, &msg), "governance", 2, &why);
}

#[test]
fn proposals_are_raised_to_the_last_nanosecond_of_raising_and_not_after() {
    let mut ctx = found();
    begin(&mut ctx, voting(0) - 1);
    run(&mut ctx, &message()).unwrap();
    begin(&mut ctx, voting(0));
    let why = "raising in cycle 0 is over, voting lasts until 2020-10-11T15:01:44.615200Z";
    assert_refused(run(&mut ctx, &message()), "governance", 3, why);
    begin(&mut ctx, raising(1) - 1);
    assert_eq!(run(&mut ctx, &message()).unwrap_err().code, 3);
    begin(&mut ctx, raising(1));
    run(&mut ctx, &message()).unwrap();
    assert_eq!(proposal(&ctx, 2).unwrap().unwrap().cycle, 1);
}

#[test]
fn titles_have_4_to_64_characters_and_descriptions_4_to_10_000() {
    let mut ctx = found();
    let mut refused = |title: String, description: String| {
        run(&mut ctx, &MsgRaiseProposal { title, description, ..message() }).err().map(|error| error.message)
    };
    // Characters of several bytes.
    assert_eq!(refused("é".repeat(64), "ж".repeat(10_000)), None);
    assert_eq!(refused("four".into(), "four".into()), None);
    let why = |name: &str, count: usize, most: &str| {
        Some(format!("{name} has {count} characters; it must have 4 to {most}"))
    };
    assert_eq!(refused("mur".into(), "four".into()), why("title", 3, "64"));
    assert_eq!(refused("é".repeat(65), "four".into()), why("title", 65, "64"));
    assert_eq!(refused("four".into(), "mur".into()), why("description", 3, "10000"));
    assert_eq!(refused("four".into(), "é".repeat(10_001)), why("description", 10_001, "10000"));
    assert_eq!(
        refused("fo\nur".into(), "four".into()),
        Some("title has a control character at position 2".into())
    );
    let control = Some("description has a control character at position 4".into());
    for text in ["four\n", "four\t", "four\u{7f}", "four\u{85}", "four\0"] {
        assert_eq!(refused("four".into(), text.into()), control);
    }
}

#[test]
fn contents_say_what_they_need() {
    let mut ctx = found();
    let mut refused = |msg: MsgRaiseProposal| {
        let error = run(&mut ctx, &msg).unwrap_err();
        assert_eq!((error.codespace, error.code), ("sdk", 18));
        error.message
    };
    let nothing = MsgRaiseProposal { content: None, ..message() };
    assert_eq!(refused(nothing), "content is missing: say what the proposal is about");
    assert_eq!(
        refused(with(feature("brand"), funding(0, 1))),
        "there is no feature \"brand\"; there are art_dealer and official_status"
    );
    assert_eq!(
        refused(with(feature("art_dealer"), None)),
        "REQUEST_FEATURE needs funding, which says for how long; the amount may be 0"
    );
    let slot = |slot| Content::CoreSlot(proto::CoreSlot { slot });
    assert_eq!(
        refused(with(slot(1), None)),
        "CORE_SLOT needs funding, which says for how long; the amount may be 0"
    );
    assert_eq!(
        refused(with(slot(4), funding(0, 1))),
        "there is no slot 4; there are BRAND, COMMUNITY and ENGINEERING"
    );
    let open = Action { action: Some(action::Action::OpenImprovements(OpenImprovements {})) };
    let improvement = |actions| Content::Improvement(proto::Improvement { actions });
    assert_eq!(refused(with(improvement(vec![]), None)), "an improvement has at least one action");
    assert_eq!(
        refused(with(improvement(vec![open]), funding(0, 1))),
        "IMPROVEMENT can't be funded; leave funding out"
    );
    let revoke = Content::RevokeCoreSlot(proto::RevokeCoreSlot { slot: 1, dao: dao().to_string() });
    assert_eq!(refused(with(revoke, funding(0, 1))), "REVOKE_CORE_SLOT can't be funded; leave funding out");
}

#[test]
fn funding_is_for_1_to_120_months() {
    let mut ctx = found();
    for months in [0, 121] {
        let why = format!("a period of {months} months can't be requested; it must be from 1 to 120");
        let msg = MsgRaiseProposal { funding: funding(5, months), ..message() };
        assert_refused(run(&mut ctx, &msg), "funding", 2, &why);
    }
}

#[test]
fn improvements_are_raised_by_core_daos() {
    let mut ctx = found();
    let open = Action { action: Some(action::Action::OpenImprovements(OpenImprovements {})) };
    let msg = with(Content::Improvement(proto::Improvement { actions: vec![open] }), None);
    let why = format!("{} sits in no core slot; raising improvements is not open to all DAOs", dao());
    assert_refused(run(&mut ctx, &msg), "governance", 10, &why);
}

#[test]
fn a_revocation_names_who_sits_there() {
    let mut ctx = found();
    let revoke = Content::RevokeCoreSlot(proto::RevokeCoreSlot { slot: 1, dao: dao().to_string() });
    assert_eq!(run(&mut ctx, &with(revoke, None)).unwrap_err().codespace, "slots");
    let wrong = Content::RevokeCoreSlot(proto::RevokeCoreSlot { slot: 1, dao: address(1).operator() });
    assert_eq!(run(&mut ctx, &with(wrong, None)).unwrap_err().codespace, "sdk");
}

#[test]
fn what_a_dao_asks_for_in_a_cycle_has_one_limit_and_withdrawing_frees_it() {
    let mut ctx = found();
    // 9 JMES a block fund DAOs, 2.25 of them one DAO: 1,183,385 JMES over 525,949 blocks. Half of that, twice.
    at_issuance(&mut ctx, 600_000);
    let half = |ctx: &mut Ctx| {
        let msg = MsgRaiseProposal { funding: funding(591_692_625_000, 1), ..message() };
        run(ctx, &msg).map(|raised| raised.proposal_id)
    };
    assert_eq!(half(&mut ctx), Ok(1));
    let asked = FundingRequest { amount: Amount(591_692_625_000), months: 1 };
    assert_eq!(proposal(&ctx, 1).unwrap().unwrap().funding, Some(asked));
    assert_eq!(half(&mut ctx), Ok(2));
    assert_eq!(half(&mut ctx).unwrap_err().codespace, "funding");
    withdraw(&mut ctx, 1).unwrap();
    assert_eq!(half(&mut ctx), Ok(3));
    assert_eq!(half(&mut ctx).unwrap_err().codespace, "funding");
}

#[test]
fn a_dao_withdraws_its_own_proposals_while_raising_lasts_and_gets_nothing_back() {
    let mut ctx = found();
    run(&mut ctx, &message()).unwrap();
    run(&mut ctx, &message()).unwrap();
    let before = bank::balance(&ctx, &dao(), "ujmes");
    let stranger = MsgWithdrawProposal { dao: voter(6).to_string(), proposal_id: 1 };
    let why = format!("proposal 1 was raised by {}; {} can't withdraw it", dao(), voter(6));
    assert_refused(run(&mut ctx, &stranger), "sdk", 4, &why);
    assert_refused(withdraw(&mut ctx, 3), "sdk", 38, "there is no governance proposal 3");
    at(&mut ctx, voting(0) - 1);
    ctx.take_events();
    withdraw(&mut ctx, 1).unwrap();
    let event = Event::new("governance_proposal_withdrawn").with("proposal_id", 1).with("dao", dao());
    assert_eq!(ctx.take_events(), [event]);
    assert_eq!(result(&ctx, 1).0, Status::Withdrawn);
    assert_eq!(bank::balance(&ctx, &dao(), "ujmes"), before);
    assert_refused(withdraw(&mut ctx, 1), "governance", 6, "proposal 1 was withdrawn already");
    begin(&mut ctx, voting(0));
    assert_eq!(withdraw(&mut ctx, 2).unwrap_err().code, 3);
    begin(&mut ctx, raising(1));
    let why = "proposal 2 is of cycle 0, it can't be withdrawn any more";
    assert_refused(withdraw(&mut ctx, 2), "governance", 3, why);
}
