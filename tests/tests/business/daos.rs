//! Names and DAOs by signed transactions (§9, §10): what they cost, what they can't do, and that a restart and an export change
//! nothing.

use super::{
    any, done, draft, found, genesis, genesis_with_idp, members, proposal, propose, refused, response, send,
    start, started, vote, DAY, JMES,
};
use crate::wrong::Wrong;
use cosmos_sdk_proto::cosmos::bank::v1beta1::MsgSend;
use cosmos_sdk_proto::cosmos::base::v1beta1::Coin;
use cosmos_sdk_proto::cosmos::staking::v1beta1::MsgDelegate;
use jmes_modules::kernel::{codes, duration, Address, SECOND};
use jmes_modules::{dao, identity};
use jmes_proto::jmes::dao::v1::proposal::Status;
use jmes_proto::jmes::dao::v1::VoteOption::{No, Yes};
use jmes_proto::jmes::dao::v1::{
    MsgExecute, MsgRegisterDao, MsgSubmitProposal, MsgSubmitProposalResponse, MsgUpdateDao, MsgVote,
};
use jmes_proto::jmes::identity::v1::MsgRegisterUser;
use jmes_proto::{Any, Duration};
use jmes_tests::{Draft, Key, Signer, TestChain, Validator};

fn spend(from: Address, to: Address, nils: u128) -> Any {
    any(&MsgSend {
        from_address: from.to_string(),
        to_address: to.to_string(),
        amount: vec![Coin { denom: "ujmes".into(), amount: nils.to_string() }],
    })
}

fn update(dao: Address, powers: &[(u64, u64)], threshold: u64) -> Any {
    any(&MsgUpdateDao {
        dao: dao.to_string(),
        members: members(powers),
        threshold,
        voting_period: Some(duration(DAY)),
    })
}

fn execute(chain: &TestChain, executor: u64, proposal_id: u64) -> jmesd::chain::TxOutcome {
    let executor_address = Key::new(executor).address().to_string();
    send(chain, executor, &MsgExecute { executor: executor_address, proposal_id })
}

fn status(chain: &TestChain, id: u64) -> Status {
    let view = chain.view();
    let found = dao::state::PROPOSALS.load(&view, &id).unwrap().unwrap();
    found.status_at(dao::require(&view, &found.dao).unwrap().version, view.block().time)
}

fn nobody() -> Address {
    Key::new(404).address()
}

#[test]
fn names_and_daos_begin_in_different_blocks() {
    let chain = TestChain::new(&genesis_with_idp(3));
    chain.blocks(1);
    let name = MsgRegisterUser { creator: Key::new(0).address().to_string(), name: "artist".into() };
    let found = MsgRegisterDao {
        creator: name.creator.clone(),
        name: "artbasel".into(),
        members: members(&[(0, 1)]),
        threshold: 1,
        voting_period: None,
    };
    done(&send(&chain, 0, &name));
    let why = refused(&send(&chain, 0, &found), "dao", 2);
    assert!(why.contains("from issuance height 4 on"), "{why}");
    let registered = send(&chain, 0, &found);
    assert_eq!(chain.chain().height(), 4);
    done(&registered);
    let burnt = chain.totals().2;
    assert_eq!(burnt, 2 * JMES, "one for the name, one for the DAO's");
    chain.chain().check_invariants().unwrap();
}

#[test]
fn members_decide_and_the_dao_pays() {
    let chain = start();
    let dao = found(&chain, "artbasel", &[(0, 1), (1, 1), (2, 1)], 2);
    let id = propose(&chain, dao, 0, vec![spend(dao, nobody(), 5 * JMES)]);
    assert_eq!(status(&chain, id), Status::Open);
    let outcome = vote(&chain, 1, id, Yes);
    done(&outcome);
    assert_eq!((chain.balance(dao), chain.balance(nobody())), (95 * JMES, 5 * JMES));
    let kinds: Vec<&str> = outcome.events.iter().map(|event| event.r#type.as_str()).collect();
    for kind in ["dao_vote_cast", "dao_proposal_decided", "transfer", "dao_proposal_executed"] {
        assert!(kinds.contains(&kind), "{kind} is missing in {kinds:?}");
    }
    refused(&execute(&chain, 2, id), "dao", 14);
    refused(&vote(&chain, 2, id, No), "dao", 13);
    chain.chain().check_invariants().unwrap();
}

#[test]
fn a_failing_message_costs_its_voter_the_fee_and_keeps_the_vote() {
    let chain = start();
    let dao = found(&chain, "artbasel", &[(0, 1), (1, 1)], 2);
    let messages = vec![spend(dao, nobody(), JMES), spend(dao, nobody(), 100 * JMES)];
    let id = propose(&chain, dao, 0, messages);
    let outcome = vote(&chain, 1, id, Yes);
    done(&outcome);
    assert_eq!((status(&chain, id), chain.balance(dao)), (Status::Passed, 100 * JMES));
    assert!(!outcome.events.iter().any(|event| event.r#type == "transfer" && {
        event.attributes.iter().any(|attribute| attribute.value == dao.to_string())
    }));
    let why = refused(&execute(&chain, 0, id), "sdk", codes::INSUFFICIENT_FUNDS);
    assert!(why.contains("proposal 1: messages: 1: spendable balance 99000000ujmes"), "{why}");
    let gift = Draft::send(Key::new(3).address(), dao, "1000000ujmes");
    done(&chain.deliver(&chain.sign(&gift, &[&Key::new(3)])));
    done(&execute(&chain, 0, id));
    assert_eq!((status(&chain, id), chain.balance(dao)), (Status::Executed, 0));
}

#[test]
fn out_of_gas_in_the_middle_leaves_nothing_but_the_fee() {
    let chain = start();
    let dao = found(&chain, "artbasel", &[(0, 1), (1, 1)], 2);
    let messages: Vec<Any> = (0..50).map(|_| spend(dao, nobody(), JMES)).collect();
    let id = propose(&chain, dao, 0, messages);
    let (voter, key) = (Key::new(1).address().to_string(), Key::new(1));
    let msg = MsgVote { voter, proposal_id: id, option: Yes.into(), execute: true };
    let before = chain.balance(key.address());
    let outcome = chain.deliver(&chain.sign(&Draft::new().gas(400_000).fee(1_000).and(&msg), &[&key]));
    refused(&outcome, "sdk", codes::OUT_OF_GAS);
    assert_eq!((status(&chain, id), chain.balance(dao)), (Status::Open, 100 * JMES));
    assert_eq!(chain.balance(key.address()), before - 1_000);
    done(&vote(&chain, 1, id, Yes));
    assert_eq!((status(&chain, id), chain.balance(dao)), (Status::Executed, 50 * JMES));
}

#[test]
fn nobody_signs_for_a_dao() {
    let chain = start();
    let dao = found(&chain, "artbasel", &[(0, 1), (1, 1)], 2);
    let theft = Draft::send(dao, nobody(), "5ujmes");
    let account = chain.account(dao);
    let forged = theft.sign(chain.id(), &[Signer::key(&Key::new(0), account.number, account.sequence)]);
    refused(&chain.deliver(&forged), "sdk", codes::INVALID_PUBKEY);
    let alone =
        MsgUpdateDao { dao: dao.to_string(), members: members(&[(0, 1)]), threshold: 1, voting_period: None };
    let forged =
        draft().and(&alone).sign(chain.id(), &[Signer::key(&Key::new(0), account.number, account.sequence)]);
    refused(&chain.deliver(&forged), "sdk", codes::INVALID_PUBKEY);
    assert_eq!(dao::require(&chain.view(), &dao).unwrap().version, 1);
    assert_eq!(chain.balance(dao), 100 * JMES);
}

#[test]
fn the_founder_can_not_take_back_what_he_passed_before_others_joined() {
    let chain = start();
    let dao = found(&chain, "artbasel", &[(0, 1)], 1);
    let spends: Vec<u64> = (0..3)
        .map(|_| {
            let msg = proposal(dao, 0, vec![spend(dao, Key::new(0).address(), 100 * JMES)]);
            let answer: MsgSubmitProposalResponse =
                response(&send(&chain, 0, &MsgSubmitProposal { execute: false, ..msg }));
            answer.proposal_id
        })
        .collect();
    assert_eq!(status(&chain, spends[0]), Status::Passed);
    let grown = propose(&chain, dao, 0, vec![update(dao, &[(0, 1), (1, 1), (2, 1)], 2)]);
    assert_eq!(status(&chain, grown), Status::Executed);
    for id in spends {
        refused(&execute(&chain, 0, id), "dao", 14);
        refused(&execute(&chain, 1, id), "dao", 14);
    }
    assert_eq!(chain.balance(dao), 100 * JMES);
}

#[test]
fn a_flood_of_proposals_does_not_stop_an_expulsion() {
    let chain = start();
    let dao = found(&chain, "artbasel", &[(0, 1), (1, 1), (2, 1)], 2);
    let flooder = Key::new(2);
    let mut draft = draft().gas(50_000_000).fee(125_000);
    for _ in 0..10 {
        draft = draft.and(&proposal(dao, 2, vec![spend(dao, flooder.address(), 100 * JMES)]));
    }
    done(&chain.deliver(&chain.sign(&draft, &[&flooder])));
    let eleventh = proposal(dao, 2, vec![]);
    refused(&send(&chain, 2, &eleventh), "dao", 11);
    let id = propose(&chain, dao, 0, vec![update(dao, &[(0, 1), (1, 1)], 2)]);
    done(&vote(&chain, 1, id, Yes));
    refused(&send(&chain, 2, &eleventh), "dao", 8);
    refused(&vote(&chain, 1, 5, Yes), "dao", 13);
    assert_eq!((status(&chain, 5), chain.balance(dao)), (Status::Superseded, 100 * JMES));
    chain.chain().check_invariants().unwrap();
}

#[test]
fn a_dao_bonds_and_a_premint_wallet_that_became_one_does_not() {
    let premint = dao::address_of(2);
    let genesis = genesis().with(premint, "500000000ujmes").premint(premint, 500 * JMES);
    let chain = started(&genesis);
    let bond = |dao: Address| {
        any(&MsgDelegate {
            delegator_address: dao.to_string(),
            validator_address: Validator::new(0).address().operator(),
            amount: Some(Coin { denom: "ujmes".into(), amount: (10 * JMES).to_string() }),
        })
    };
    let free = found(&chain, "artbasel", &[(0, 1)], 1);
    let id = propose(&chain, free, 0, vec![bond(free)]);
    assert_eq!(status(&chain, id), Status::Executed);
    assert_eq!(chain.balance(free), 90 * JMES);
    assert_eq!(found(&chain, "locked", &[(1, 1)], 1), premint);
    let id = propose(&chain, premint, 1, vec![bond(premint)]);
    refused(&execute(&chain, 1, id), "premint", 2);
    let id = propose(&chain, premint, 1, vec![spend(premint, nobody(), 500 * JMES)]);
    refused(&execute(&chain, 1, id), "sdk", codes::INSUFFICIENT_FUNDS);
    let id = propose(&chain, premint, 1, vec![spend(premint, nobody(), 90 * JMES)]);
    assert_eq!(status(&chain, id), Status::Executed, "what was given to it is free");
    chain.chain().check_invariants().unwrap();
}

#[test]
fn a_restart_and_an_export_change_nothing() {
    let mut chain = start();
    let dao = found(&chain, "artbasel", &[(0, 1), (1, 1), (2, 1)], 2);
    let id = propose(&chain, dao, 0, vec![spend(dao, nobody(), 5 * JMES)]);
    propose(&chain, dao, 1, vec![]);
    chain.restart();
    let next = chain.continued();
    chain.blocks(1);
    next.blocks(1);
    let states = [&chain, &next].map(|chain| {
        done(&vote(chain, 1, id, Yes));
        assert_eq!(chain.balance(nobody()), 5 * JMES);
        chain.chain().check_invariants().unwrap();
        let state = chain.export().app_state;
        ["auth", "bank", "identity", "dao"].map(|module| state[module].clone())
    });
    assert_eq!(states[0], states[1]);
}

#[test]
fn a_whole_block_of_registrations_gives_each_name_once() {
    let chain = start();
    let register = |number: u64, name: &str| {
        let key = Key::new(number);
        let msg = MsgRegisterUser { creator: key.address().to_string(), name: name.into() };
        chain.sign(&draft().and(&msg), &[&key])
    };
    let outcomes = chain.block(&[register(10, "artist"), register(11, "artist")]);
    done(&outcomes[0]);
    refused(&outcomes[1], "identity", 4);
    assert!(identity::is_user(&chain.view(), &Key::new(10).address()).unwrap());
    assert!(!identity::is_user(&chain.view(), &Key::new(11).address()).unwrap());
}

#[test]
fn wrong_messages_about_names_are_refused_with_their_own_code_and_text() {
    let (chain, mut report) = (start(), String::new());
    let newcomer = Key::new(10);
    let mut names =
        Wrong::of(MsgRegisterUser { creator: newcomer.address().to_string(), name: "artist".into() })
            .address("creator", |msg| &mut msg.creator)
            .case("creator: another's", |msg| msg.creator = Key::new(11).address().to_string());
    let wrong = [
        "",
        "ab",
        "abcdefghijklmnopqrstu",
        "Artist",
        "art ist",
        "аrtist",
        "art\0",
        "jmes",
        "jmes1q",
        "official",
        "user0",
    ];
    for name in wrong {
        names = names.case(&format!("name: {name:?}"), |msg| msg.name = name.into());
    }
    names.deliver(&chain, &newcomer, &mut report);
    Wrong::of(MsgRegisterUser { creator: Key::new(0).address().to_string(), name: "artist".into() })
        .case("a second name", |_| ())
        .deliver(&chain, &Key::new(0), &mut report);
    insta::assert_snapshot!(report);
}

/// Wrong ways to put a DAO together, for messages that have these fields.
macro_rules! wrong_rules {
    ($wrong:expr) => {
        $wrong
            .address("members", |msg| &mut msg.members[0].address)
            .case("members: none", |msg| msg.members.clear())
            .case("members: ten", |msg| msg.members = members(&[(0, 1); 10]))
            .case("members: one twice", |msg| msg.members = members(&[(0, 1), (1, 1), (0, 2)]))
            .case("members: no identity", |msg| msg.members = members(&[(0, 1), (11, 1)]))
            .case("members: power 0", |msg| msg.members = members(&[(0, 1), (1, 0)]))
            .case("members: too much power", |msg| msg.members = members(&[(0, 1_000_000), (1, 1)]))
            .case("members: 2^64 - 1 each", |msg| msg.members = members(&[(0, u64::MAX), (1, u64::MAX)]))
            .case("threshold: 0", |msg| msg.threshold = 0)
            .case("threshold: out of reach", |msg| msg.threshold = 3)
            .case("voting_period: too short", |msg| msg.voting_period = Some(duration(3_599 * SECOND)))
            .case("voting_period: too long", |msg| msg.voting_period = Some(duration(61 * DAY)))
            .case("voting_period: negative", |msg| {
                msg.voting_period = Some(Duration { seconds: -3_600, nanos: 0 });
            })
    };
}

#[test]
fn wrong_messages_about_daos_are_refused_with_their_own_code_and_text() {
    let (chain, mut report) = (start(), String::new());
    let dao = found(&chain, "artbasel", &[(0, 1), (1, 1)], 2);
    let right = MsgRegisterDao {
        creator: Key::new(0).address().to_string(),
        name: "second".into(),
        members: members(&[(0, 1), (1, 1)]),
        threshold: 2,
        voting_period: None,
    };
    wrong_rules!(Wrong::of(right.clone()).address("creator", |msg| &mut msg.creator))
        .case("creator: another's", |msg| msg.creator = Key::new(1).address().to_string())
        .case("name: not one", |msg| msg.name = "Second".into())
        .case("name: reserved", |msg| msg.name = "core".into())
        .case("name: taken", |msg| msg.name = "artbasel".into())
        .case("members: a DAO", |msg| msg.members[0].address = dao.to_string())
        .deliver(&chain, &Key::new(0), &mut report);
    Wrong::of(MsgRegisterDao { creator: Key::new(11).address().to_string(), ..right })
        .case("creator: no identity", |_| ())
        .deliver(&chain, &Key::new(11), &mut report);
    insta::assert_snapshot!(report);
}

#[test]
fn wrong_messages_about_proposals_are_refused_with_their_own_code_and_text() {
    let (chain, mut report) = (start(), String::new());
    let (dao, alice) = (found(&chain, "artbasel", &[(0, 1), (1, 1)], 2), Key::new(0));
    let other = found(&chain, "second", &[(5, 1)], 1);
    let right = proposal(dao, 0, vec![spend(dao, nobody(), 5)]);
    Wrong::of(right.clone())
        .address("proposer", |msg| &mut msg.proposer)
        .case("proposer: another's", |msg| msg.proposer = Key::new(1).address().to_string())
        .address("dao", |msg| &mut msg.dao)
        .case("dao: none", |msg| msg.dao = nobody().to_string())
        .case("dao: another's", |msg| msg.dao = other.to_string())
        .case("title: none", |msg| msg.title.clear())
        .case("title: 65 characters", |msg| msg.title = "é".repeat(65))
        .case("title: control character", |msg| msg.title = "a\tb".into())
        .case("summary: 10,001 characters", |msg| msg.summary = "x".repeat(10_001))
        .case("summary: control character", |msg| msg.summary = "a\nb".into())
        .case("messages: another's coins", |msg| msg.messages = vec![spend(nobody(), dao, 5)])
        .case("messages: another DAO's coins", |msg| msg.messages = vec![spend(other, dao, 5)])
        .case("messages: another DAO's members", |msg| msg.messages = vec![update(other, &[(0, 1)], 1)])
        .case("messages: a proposal in a proposal", |msg| {
            msg.messages = vec![any(&MsgSubmitProposal { proposer: dao.to_string(), ..right.clone() })];
        })
        .case("messages: a vote", |msg| {
            msg.messages =
                vec![any(&MsgVote { voter: dao.to_string(), proposal_id: 1, option: 1, execute: true })];
        })
        .case("messages: itself", |msg| {
            msg.messages = vec![any(&MsgExecute { executor: dao.to_string(), proposal_id: 1 })];
        })
        .case("messages: unknown", |msg| msg.messages[0].type_url = "/jmes.dao.v1.MsgDissolve".into())
        .case("messages: torn", |msg| msg.messages[0].value.truncate(9))
        .deliver(&chain, &alice, &mut report);
    let open = propose(&chain, dao, 0, vec![spend(dao, nobody(), 5)]);
    let passed = propose(&chain, dao, 0, vec![spend(dao, nobody(), 500 * JMES)]);
    done(&vote(&chain, 1, passed, Yes));
    let poll = propose(&chain, dao, 0, vec![]);
    done(&vote(&chain, 1, poll, Yes));
    Wrong::of(MsgVote {
        voter: alice.address().to_string(),
        proposal_id: open,
        option: Yes.into(),
        execute: false,
    })
    .address("voter", |msg| &mut msg.voter)
    .case("voter: another's", |msg| msg.voter = Key::new(1).address().to_string())
    .case("proposal_id: none", |msg| msg.proposal_id = 99)
    .case("proposal_id: passed", |msg| msg.proposal_id = passed)
    .case("option: none", |msg| msg.option = 0)
    .case("option: unknown", |msg| msg.option = 4)
    .deliver(&chain, &alice, &mut report);
    Wrong::of(MsgExecute { executor: alice.address().to_string(), proposal_id: passed })
        .address("executor", |msg| &mut msg.executor)
        .case("executor: another's", |msg| msg.executor = Key::new(1).address().to_string())
        .case("proposal_id: none", |msg| msg.proposal_id = 99)
        .case("proposal_id: open", |msg| msg.proposal_id = open)
        .case("proposal_id: a poll", |msg| msg.proposal_id = poll)
        .case("a message fails", |_| ())
        .deliver(&chain, &alice, &mut report);
    Wrong::of(MsgExecute { executor: Key::new(5).address().to_string(), proposal_id: passed })
        .case("executor: no member", |_| ())
        .deliver(&chain, &Key::new(5), &mut report);
    insta::assert_snapshot!(report);
}
