//! Proposals of members and their votes (§10).

use super::{
    address, assert_sound, balance, chain, deliver, execute, founded, later, proposal, spend, status,
    submission, submit, trio, update, vote, vote_and_execute, DAY,
};
use crate::dao::dao_codes::{
    DAO, INVALID_OPTION, INVALID_TEXT, NOT_EXECUTABLE, NOT_MEMBER, NOT_OPEN, TOO_MANY_OPEN,
};
use crate::dao::types::{Ballot, Status, VoteOption};
use crate::dao::{address_of, raise_version, require, state};
use crate::kernel::{codes, Event, Msg};
use crate::test_support::assert_refused;
use jmes_proto::jmes::dao::v1 as proto;
use VoteOption::{Abstain, No, Yes};

#[test]
fn a_member_proposes_and_votes_yes_thereby() {
    let (mut ctx, dao) = trio();
    let msg = submission(&dao, 2, vec![spend(&dao, 9, 5)]);
    assert_eq!(msg.signers(), Ok(vec![address(2)]));
    assert_eq!(deliver(&mut ctx, &msg).unwrap().proposal_id, 1);
    let found = proposal(&ctx, 1);
    assert_eq!((found.dao, found.proposer, found.version, found.height), (dao, address(2), 1, 7));
    assert_eq!((found.status, found.yes, found.no, found.abstain), (Status::Open, 1, 0, 0));
    assert_eq!(found.deadline, ctx.block().time + DAY);
    assert_eq!((found.execute_until, found.poll, found.failure.as_str()), (None, false, ""));
    let ballot = Ballot { option: Yes, power: 1 };
    assert_eq!(state::BALLOTS.load(&ctx, &(1, address(2))), Ok(Some(ballot)));
    let content = state::CONTENTS.load(&ctx, &1).unwrap().unwrap();
    assert_eq!((content.title.as_str(), content.summary.as_str()), ("A title", "What it is about"));
    assert_eq!(content.messages, msg.messages);
    let submitted = Event::new("dao_proposal_submitted")
        .with("dao", dao)
        .with("proposal_id", 1)
        .with("proposer", address(2))
        .with("title", "A title");
    let cast = Event::new("dao_vote_cast")
        .with("dao", dao)
        .with("proposal_id", 1)
        .with("voter", address(2))
        .with("option", "YES")
        .with("power", 1);
    assert_eq!(ctx.take_events(), [submitted, cast]);
    assert_eq!(submit(&mut ctx, &dao, 1, vec![]), Ok(2), "ids count all proposals");
    assert_sound(&ctx);
}

#[test]
fn only_members_propose_vote_and_execute() {
    let (mut ctx, dao) = trio();
    let why = format!("{} is no member of \"artbasel\" (version 1)", address(4));
    assert_refused(submit(&mut ctx, &dao, 4, vec![]), DAO, NOT_MEMBER, &why);
    submit(&mut ctx, &dao, 1, vec![spend(&dao, 9, 5)]).unwrap();
    assert_refused(vote(&mut ctx, 4, 1, Yes), DAO, NOT_MEMBER, &why);
    vote(&mut ctx, 2, 1, Yes).unwrap();
    assert_refused(execute(&mut ctx, 4, 1), DAO, NOT_MEMBER, &why);
    assert_eq!(execute(&mut ctx, 3, 1), Ok(()), "any member, whatever it voted");
}

#[test]
fn what_is_not_there_can_not_be_proposed_to_voted_on_or_executed() {
    let (mut ctx, _) = trio();
    let why = format!("there is no DAO at {}", address_of(2));
    assert_refused(submit(&mut ctx, &address_of(2), 1, vec![]), "sdk", codes::NOT_FOUND, &why);
    let why = "there is no proposal 7 of a DAO";
    assert_refused(vote(&mut ctx, 1, 7, Yes), "sdk", codes::NOT_FOUND, why);
    assert_refused(execute(&mut ctx, 1, 7), "sdk", codes::NOT_FOUND, why);
}

#[test]
fn titles_and_summaries_are_counted_in_characters() {
    let (mut ctx, dao) = trio();
    let with = |title: &str, summary: &str| proto::MsgSubmitProposal {
        title: title.into(),
        summary: summary.into(),
        ..submission(&dao, 1, vec![])
    };
    for (title, summary) in [("x", ""), (&*"é".repeat(64), &*"芸".repeat(10_000))] {
        assert!(deliver(&mut ctx, &with(title, summary)).is_ok());
    }
    let wrong = [
        ("".into(), "".into(), "the title has 0 characters; it must have 1 to 64"),
        ("x".repeat(65), "".into(), "the title has 65 characters; it must have 1 to 64"),
        ("x".into(), "x".repeat(10_001), "the summary has 10001 characters; it must have 0 to 10000"),
        ("ti\ntle".into(), "".into(), "the title has a control character at position 2"),
        ("title\0".into(), "".into(), "the title has a control character at position 5"),
        ("x".into(), "a\u{85}b".to_owned(), "the summary has a control character at position 1"),
        ("x".into(), "\u{1b}[2J".to_owned(), "the summary has a control character at position 0"),
    ];
    for (title, summary, why) in wrong {
        let (title, summary): (String, String) = (title, summary);
        assert_refused(deliver(&mut ctx, &with(&title, &summary)), DAO, INVALID_TEXT, why);
    }
}

#[test]
fn a_proposal_passes_as_soon_as_yes_reaches_the_threshold() {
    let mut ctx = chain();
    let dao = founded(&mut ctx, "artbasel", &[(1, 3), (2, 2), (3, 5)], 5);
    let id = submit(&mut ctx, &dao, 1, vec![spend(&dao, 9, 5)]).unwrap();
    assert_eq!(status(&ctx, id), Status::Open);
    ctx.take_events();
    vote(&mut ctx, 2, id, Yes).unwrap();
    let passed = proposal(&ctx, id);
    assert_eq!((passed.status, passed.yes), (Status::Passed, 5));
    assert_eq!(passed.execute_until, Some(ctx.block().time + 30 * DAY));
    let decided =
        Event::new("dao_proposal_decided").with("dao", dao).with("proposal_id", id).with("status", "PASSED");
    assert_eq!(ctx.take_events().last(), Some(&decided));
    let why = format!("proposal {id} can't be voted on: it has passed");
    assert_refused(vote(&mut ctx, 3, id, No), DAO, NOT_OPEN, &why);
    let alone = submit(&mut ctx, &dao, 3, vec![]).unwrap();
    assert_eq!(status(&ctx, alone), Status::Passed, "the proposer's vote can decide");
    assert_sound(&ctx);
}

#[test]
fn a_proposal_fails_as_soon_as_the_threshold_is_out_of_reach() {
    let mut ctx = chain();
    let dao = founded(&mut ctx, "artbasel", &[(1, 3), (2, 2), (3, 5)], 6);
    let id = submit(&mut ctx, &dao, 1, vec![]).unwrap();
    vote(&mut ctx, 2, id, Abstain).unwrap();
    assert_eq!(status(&ctx, id), Status::Open, "10 - 2 is 6 or more");
    vote(&mut ctx, 3, id, Abstain).unwrap();
    assert_eq!(status(&ctx, id), Status::Failed, "10 - 7 is less than 6");
    let why = format!("proposal {id} can't be voted on: it has failed");
    assert_refused(vote(&mut ctx, 3, id, Yes), DAO, NOT_OPEN, &why);
    let (mut ctx, dao) = trio();
    let id = submit(&mut ctx, &dao, 1, vec![]).unwrap();
    vote(&mut ctx, 2, id, No).unwrap();
    assert_eq!(status(&ctx, id), Status::Open);
    vote(&mut ctx, 3, id, Abstain).unwrap();
    assert_eq!(status(&ctx, id), Status::Failed, "no and abstain count alike");
    let why = format!("proposal {id} can't be executed: it has failed");
    assert_refused(execute(&mut ctx, 1, id), DAO, NOT_EXECUTABLE, &why);
    assert_sound(&ctx);
}

#[test]
fn a_vote_is_changed_not_added_while_the_proposal_is_open() {
    let mut ctx = chain();
    let dao = founded(&mut ctx, "artbasel", &[(1, 3), (2, 2), (3, 5)], 6);
    let id = submit(&mut ctx, &dao, 1, vec![]).unwrap();
    for (option, sums) in [(No, (3, 2, 0)), (No, (3, 2, 0)), (Abstain, (3, 0, 2)), (Yes, (5, 0, 0))] {
        vote(&mut ctx, 2, id, option).unwrap();
        let found = proposal(&ctx, id);
        assert_eq!((found.yes, found.no, found.abstain), sums);
        assert_sound(&ctx);
    }
    vote(&mut ctx, 1, id, No).unwrap();
    assert_eq!((proposal(&ctx, id).yes, proposal(&ctx, id).no), (2, 3), "the proposer's, too");
    assert_eq!(status(&ctx, id), Status::Open);
}

#[test]
fn an_option_is_yes_no_or_abstain() {
    let (mut ctx, dao) = trio();
    let id = submit(&mut ctx, &dao, 1, vec![]).unwrap();
    let why = "the option is none of YES (1), NO (2) and ABSTAIN (3)";
    for option in [0, 4, -1, i32::MAX] {
        let voter = address(2).to_string();
        let msg = proto::MsgVote { voter, proposal_id: id, option, execute: false };
        assert_refused(deliver(&mut ctx, &msg), DAO, INVALID_OPTION, why);
    }
    assert_eq!(proposal(&ctx, id).yes, 1);
}

#[test]
fn it_can_be_voted_on_until_the_nanosecond_before_the_deadline() {
    let (mut ctx, dao) = trio();
    let id = submit(&mut ctx, &dao, 1, vec![spend(&dao, 9, 5)]).unwrap();
    later(&mut ctx, DAY - 1);
    assert_eq!(vote(&mut ctx, 2, id, No), Ok(()));
    later(&mut ctx, 1);
    assert_eq!(status(&ctx, id), Status::Expired);
    let why = format!("proposal {id} can't be voted on: it has expired");
    assert_refused(vote(&mut ctx, 2, id, Yes), DAO, NOT_OPEN, &why);
    let why = format!("proposal {id} can't be executed: it has expired");
    assert_refused(execute(&mut ctx, 1, id), DAO, NOT_EXECUTABLE, &why);
}

#[test]
fn it_can_be_executed_until_the_nanosecond_before_30_days_are_over() {
    let (mut ctx, dao) = trio();
    for _ in 0..2 {
        let id = submit(&mut ctx, &dao, 1, vec![spend(&dao, 9, 5)]).unwrap();
        vote(&mut ctx, 2, id, Yes).unwrap();
    }
    let poll = submit(&mut ctx, &dao, 1, vec![]).unwrap();
    vote(&mut ctx, 2, poll, Yes).unwrap();
    later(&mut ctx, 30 * DAY - 1);
    assert_eq!(execute(&mut ctx, 3, 1), Ok(()));
    later(&mut ctx, 1);
    assert_eq!(status(&ctx, 2), Status::Expired);
    let why = "proposal 2 can't be executed: it has expired";
    assert_refused(execute(&mut ctx, 3, 2), DAO, NOT_EXECUTABLE, why);
    assert_eq!(status(&ctx, poll), Status::Passed, "a poll has nothing to be late with");
    assert_sound(&ctx);
}

#[test]
fn a_poll_passes_and_can_not_be_executed() {
    let (mut ctx, dao) = trio();
    let id = submit(&mut ctx, &dao, 1, vec![]).unwrap();
    let why = format!("proposal {id} can't be executed: it has 1 of the 2 yes votes that pass it");
    assert_refused(execute(&mut ctx, 1, id), DAO, NOT_EXECUTABLE, &why);
    vote_and_execute(&mut ctx, 2, id).unwrap();
    assert_eq!(status(&ctx, id), Status::Passed);
    assert_eq!(proposal(&ctx, id).execute_until, None);
    let why = format!("proposal {id} can't be executed: it is a poll, without messages");
    assert_refused(execute(&mut ctx, 1, id), DAO, NOT_EXECUTABLE, &why);
    assert_sound(&ctx);
}

#[test]
fn every_new_version_supersedes_what_is_open_or_passed() {
    let (mut ctx, dao) = trio();
    let open = submit(&mut ctx, &dao, 1, vec![spend(&dao, 9, 5)]).unwrap();
    let passed = submit(&mut ctx, &dao, 1, vec![spend(&dao, 9, 5)]).unwrap();
    vote(&mut ctx, 2, passed, Yes).unwrap();
    let done = submit(&mut ctx, &dao, 1, vec![spend(&dao, 9, 5)]).unwrap();
    vote_and_execute(&mut ctx, 2, done).unwrap();
    let failed = submit(&mut ctx, &dao, 1, vec![]).unwrap();
    vote(&mut ctx, 2, failed, No).unwrap();
    vote(&mut ctx, 3, failed, No).unwrap();
    raise_version(&mut ctx, &dao).unwrap();
    let all = [open, passed, done, failed].map(|id| status(&ctx, id));
    assert_eq!(all, [Status::Superseded, Status::Superseded, Status::Executed, Status::Failed]);
    let superseded = "it is superseded: it was submitted in version 1 of the DAO, which has version 2";
    let why = format!("proposal {open} can't be voted on: {superseded}");
    assert_refused(vote(&mut ctx, 2, open, Yes), DAO, NOT_OPEN, &why);
    let why = format!("proposal {passed} can't be executed: {superseded}");
    assert_refused(execute(&mut ctx, 2, passed), DAO, NOT_EXECUTABLE, &why);
    assert_sound(&ctx);
}

#[test]
fn the_founders_passed_spends_are_worth_nothing_after_the_membership_grew() {
    let mut ctx = chain();
    let dao = founded(&mut ctx, "artbasel", &[(1, 1)], 1);
    let spends: Vec<u64> =
        (0..5).map(|_| submit(&mut ctx, &dao, 1, vec![spend(&dao, 1, 10_000_000)]).unwrap()).collect();
    assert!(spends.iter().all(|id| status(&ctx, *id) == Status::Passed));
    let grow = submission(&dao, 1, vec![update(&dao, &[(1, 1), (2, 1), (3, 1)], 2)]);
    deliver(&mut ctx, &proto::MsgSubmitProposal { execute: true, ..grow }).unwrap();
    assert_eq!(require(&ctx, &dao).unwrap().version, 2);
    for id in spends {
        assert_eq!(execute(&mut ctx, 1, id).unwrap_err().code, NOT_EXECUTABLE);
    }
    assert_eq!(balance(&ctx, &dao), 10_000_000);
    assert_sound(&ctx);
}

#[test]
fn a_member_who_is_removed_while_voting_counts_no_more() {
    let (mut ctx, dao) = trio();
    let robbery = || vec![spend(&dao, 3, 10_000_000)];
    let open = submit(&mut ctx, &dao, 3, robbery()).unwrap();
    let passed = submit(&mut ctx, &dao, 3, robbery()).unwrap();
    let expulsion = submit(&mut ctx, &dao, 1, vec![update(&dao, &[(1, 1), (2, 1)], 2)]).unwrap();
    // The second one has passed just before; nobody has executed it.
    vote(&mut ctx, 1, passed, Yes).unwrap();
    vote_and_execute(&mut ctx, 2, expulsion).unwrap();
    assert_eq!(status(&ctx, expulsion), Status::Executed);
    assert_eq!([open, passed].map(|id| status(&ctx, id)), [Status::Superseded; 2]);
    for (id, executor) in [(open, 3), (passed, 3), (open, 1), (passed, 1)] {
        assert_eq!(vote(&mut ctx, executor, id, Yes).unwrap_err().code, NOT_OPEN);
        assert_eq!(vote_and_execute(&mut ctx, executor, id).unwrap_err().code, NOT_OPEN);
        assert_eq!(execute(&mut ctx, executor, id).unwrap_err().code, NOT_EXECUTABLE);
    }
    assert_eq!(submit(&mut ctx, &dao, 3, vec![]).unwrap_err().code, NOT_MEMBER);
    let fresh = submit(&mut ctx, &dao, 1, vec![spend(&dao, 9, 5)]).unwrap();
    assert_eq!(vote(&mut ctx, 3, fresh, Yes).unwrap_err().code, NOT_MEMBER);
    vote(&mut ctx, 2, fresh, Yes).unwrap();
    assert_eq!(execute(&mut ctx, 3, fresh).unwrap_err().code, NOT_MEMBER);
    assert_eq!(balance(&ctx, &dao), 10_000_000);
    assert_sound(&ctx);
}

#[test]
fn a_member_has_at_most_10_open_proposals_in_a_dao() {
    let (mut ctx, dao) = trio();
    for _ in 0..10 {
        submit(&mut ctx, &dao, 1, vec![]).unwrap();
    }
    let why = format!(
        "{} has 10 open proposals in \"artbasel\" and can have 10: one must be decided or expire first",
        address(1)
    );
    assert_refused(submit(&mut ctx, &dao, 1, vec![]), DAO, TOO_MANY_OPEN, &why);
    assert_eq!(submit(&mut ctx, &dao, 2, vec![]), Ok(11), "each member has its own ten");
    let other = founded(&mut ctx, "second", &[(1, 1), (2, 1)], 2);
    assert_eq!(submit(&mut ctx, &other, 1, vec![]), Ok(12), "in each of its DAOs");
    vote(&mut ctx, 2, 4, Yes).unwrap();
    assert_eq!(submit(&mut ctx, &dao, 1, vec![]), Ok(13), "one was decided");
    assert_refused(submit(&mut ctx, &dao, 1, vec![]), DAO, TOO_MANY_OPEN, &why);
    later(&mut ctx, DAY);
    for _ in 0..10 {
        submit(&mut ctx, &dao, 1, vec![]).unwrap();
    }
    assert_eq!(proposal(&ctx, 1).status, Status::Expired, "what has ended is stored so when it is counted");
    assert_refused(submit(&mut ctx, &dao, 1, vec![]), DAO, TOO_MANY_OPEN, &why);
    raise_version(&mut ctx, &dao).unwrap();
    assert!(submit(&mut ctx, &dao, 1, vec![]).is_ok(), "all are superseded");
    assert_eq!(proposal(&ctx, 14).status, Status::Superseded);
    assert_sound(&ctx);
}
