//! What a DAO sends (§10): all messages or none, once, nothing that is not its own, no DAO message in a DAO message.

use super::{
    address, any, assert_sound, balance, chain, deliver, execute, founded, proposal, spend, status,
    submission, submit, trio, update, vote, vote_and_execute,
};
use crate::bank;
use crate::dao::dao_codes::{DAO, INVALID_MESSAGE, NOT_EXECUTABLE};
use crate::dao::types::{Status, VoteOption::Yes};
use crate::dao::{require, state};
use crate::kernel::{codes, Address, Ctx, Event, GasMeter};
use crate::test_support::{assert_refused, coins, limit_gas};
use cosmos_sdk_proto::cosmos::bank::v1beta1::{Input, MsgMultiSend, MsgSend, Output};
use jmes_proto::jmes::dao::v1 as proto;
use jmes_proto::jmes::identity::v1::MsgRegisterUser;
use jmes_proto::jmes::staking::v1::MsgJoin;
use jmes_proto::Any;

/// The kinds of the events since they were taken last.
fn kinds(ctx: &mut Ctx) -> Vec<&'static str> {
    ctx.take_events().iter().map(|event| event.kind).collect()
}

/// The table of all state.
fn state_of(ctx: &Ctx) -> Vec<(Vec<u8>, Vec<u8>)> {
    ctx.overlay().scan(&[], &[0xff], false, usize::MAX)
}

#[test]
fn a_passed_proposal_is_executed_once_by_any_member() {
    let (mut ctx, dao) = trio();
    let id = submit(&mut ctx, &dao, 1, vec![spend(&dao, 9, 5), spend(&dao, 10, 6)]).unwrap();
    vote(&mut ctx, 2, id, Yes).unwrap();
    assert_eq!(balance(&ctx, &dao), 10_000_000, "not before it is executed");
    ctx.take_events();
    execute(&mut ctx, 3, id).unwrap();
    assert_eq!(balance(&ctx, &dao), 9_999_989);
    assert_eq!(status(&ctx, id), Status::Executed);
    let events = ctx.take_events();
    let own = Event::new("message")
        .with("action", "/cosmos.bank.v1beta1.MsgSend")
        .with("sender", dao)
        .with("module", "bank");
    assert_eq!(events.iter().filter(|event| **event == own).count(), 2);
    assert_eq!(events.first(), Some(&own));
    let executed = Event::new("dao_proposal_executed").with("dao", dao).with("proposal_id", id);
    assert_eq!(events.last(), Some(&executed));
    let why = format!("proposal {id} can't be executed: it has been executed");
    assert_refused(execute(&mut ctx, 3, id), DAO, NOT_EXECUTABLE, &why);
    assert_eq!(balance(&ctx, &dao), 9_999_989);
    assert_sound(&ctx);
}

#[test]
fn the_deciding_vote_can_execute_and_no_other_does() {
    let (mut ctx, dao) = trio();
    let msg = submission(&dao, 1, vec![spend(&dao, 9, 5)]);
    let msg = proto::MsgSubmitProposal { execute: true, ..msg };
    let id = deliver(&mut ctx, &msg).unwrap().proposal_id;
    assert_eq!(status(&ctx, id), Status::Open, "the proposer's vote decided nothing");
    ctx.take_events();
    vote_and_execute(&mut ctx, 2, id).unwrap();
    assert_eq!((status(&ctx, id), balance(&ctx, &dao)), (Status::Executed, 9_999_995));
    let expected = [
        "dao_vote_cast",
        "dao_proposal_decided",
        "message",
        "coin_spent",
        "coin_received",
        "transfer",
        "message",
        "dao_proposal_executed",
    ];
    assert_eq!(kinds(&mut ctx), expected);
    let alone = founded(&mut ctx, "alone", &[(1, 1)], 1);
    let msg = submission(&alone, 1, vec![spend(&alone, 9, 5)]);
    let msg = proto::MsgSubmitProposal { execute: true, ..msg };
    let id = deliver(&mut ctx, &msg).unwrap().proposal_id;
    assert_eq!((status(&ctx, id), balance(&ctx, &alone)), (Status::Executed, 9_999_995));
    assert_sound(&ctx);
}

#[test]
fn a_failing_message_fails_the_execution_and_leaves_no_trace() {
    let (mut ctx, dao) = trio();
    let messages = vec![spend(&dao, 9, 5), spend(&dao, 9, 10_000_000), spend(&dao, 9, 1)];
    let id = submit(&mut ctx, &dao, 1, messages).unwrap();
    vote(&mut ctx, 2, id, Yes).unwrap();
    ctx.take_events();
    let before = state_of(&ctx);
    let why = format!(
        "proposal {id}: messages: 1: spendable balance 9999995ujmes is smaller than 10000000ujmes: insufficient funds"
    );
    assert_refused(execute(&mut ctx, 3, id), "sdk", codes::INSUFFICIENT_FUNDS, &why);
    assert_eq!((state_of(&ctx) == before, kinds(&mut ctx)), (true, vec![]));
    bank::transfer(&mut ctx, &address(20), &dao, &coins("6ujmes")).unwrap();
    assert_eq!(execute(&mut ctx, 3, id), Ok(()), "it can be tried again");
    assert_eq!(balance(&ctx, &dao), 0);
    assert_sound(&ctx);
}

#[test]
fn a_failing_message_on_the_deciding_vote_keeps_the_vote_and_says_why() {
    let (mut ctx, dao) = trio();
    let id = submit(&mut ctx, &dao, 1, vec![spend(&dao, 9, 5), spend(&dao, 9, 10_000_000)]).unwrap();
    ctx.take_events();
    vote_and_execute(&mut ctx, 2, id).unwrap();
    let found = proposal(&ctx, id);
    assert_eq!((found.status, found.yes, found.failure.as_str()), (Status::Passed, 2, "sdk/5"));
    assert_eq!(balance(&ctx, &dao), 10_000_000, "the first message is taken back");
    let events = ctx.take_events();
    let found: Vec<_> = events.iter().map(|event| event.kind).collect();
    assert_eq!(found, ["dao_vote_cast", "dao_proposal_decided", "dao_execution_failed"]);
    let failed = Event::new("dao_execution_failed")
        .with("dao", dao)
        .with("proposal_id", id)
        .with("failure", "sdk/5")
        .with("log", format!("proposal {id}: messages: 1: spendable balance 9999995ujmes is smaller than 10000000ujmes: insufficient funds"));
    assert_eq!(events.last(), Some(&failed));
    assert_sound(&ctx);
    bank::transfer(&mut ctx, &address(20), &dao, &coins("5ujmes")).unwrap();
    execute(&mut ctx, 3, id).unwrap();
    assert_eq!((status(&ctx, id), proposal(&ctx, id).failure.as_str()), (Status::Executed, ""));
    assert_sound(&ctx);
}

#[test]
fn gas_that_runs_out_in_the_middle_fails_the_transaction_and_is_never_swallowed() {
    let (mut ctx, dao) = trio();
    let messages: Vec<Any> = (0..20).map(|_| spend(&dao, 9, 5)).collect();
    let id = submit(&mut ctx, &dao, 1, messages).unwrap();
    let before = state_of(&ctx);
    let mut limits = 0;
    // From too little for the vote to just enough for all: whatever the limit, all happens or nothing.
    for limit in (10_000..2_000_000).step_by(7_919) {
        limit_gas(&mut ctx, limit);
        match vote_and_execute(&mut ctx, 2, id) {
            Err(error) => {
                assert_eq!((error.codespace, error.code), ("sdk", codes::OUT_OF_GAS), "{limit}: {error}");
                assert!(state_of(&ctx) == before, "{limit}");
            }
            Ok(()) => {
                ctx.swap_gas(GasMeter::unlimited());
                assert_eq!((status(&ctx, id), balance(&ctx, &dao)), (Status::Executed, 9_999_900));
                limits = limit;
                break;
            }
        }
    }
    assert!(limits > 100_000, "it was done with {limits} gas");
}

#[test]
fn an_update_executes_its_own_proposal_and_supersedes_the_others() {
    let (mut ctx, dao) = trio();
    let other = submit(&mut ctx, &dao, 3, vec![]).unwrap();
    let messages = vec![update(&dao, &[(4, 1), (5, 1)], 2), spend(&dao, 9, 5)];
    let id = submit(&mut ctx, &dao, 1, messages).unwrap();
    vote_and_execute(&mut ctx, 2, id).unwrap();
    assert_eq!((status(&ctx, id), status(&ctx, other)), (Status::Executed, Status::Superseded));
    assert_eq!(balance(&ctx, &dao), 9_999_995, "what follows is still sent");
    let found = require(&ctx, &dao).unwrap();
    assert_eq!((found.version, found.power_of(&address(4)), found.power_of(&address(1))), (2, Some(1), None));
    assert_eq!(state::MEMBERSHIPS.has(&ctx, &(address(1), 1)), Ok(false));
    assert_eq!(state::MEMBERSHIPS.has(&ctx, &(address(4), 1)), Ok(true));
    assert_sound(&ctx);
}

#[test]
fn a_failing_update_leaves_the_members() {
    let (mut ctx, dao) = trio();
    let id = submit(&mut ctx, &dao, 1, vec![update(&dao, &[(1, 1), (16, 1)], 2)]).unwrap();
    vote_and_execute(&mut ctx, 2, id).unwrap();
    assert_eq!((status(&ctx, id), proposal(&ctx, id).failure.as_str()), (Status::Passed, "dao/3"));
    assert_eq!(require(&ctx, &dao).unwrap().version, 1);
    assert_sound(&ctx);
}

#[track_caller]
fn refuse(message: Any, codespace: &str, code: u32, why: &str) {
    let (mut ctx, dao) = trio();
    let before = state_of(&ctx);
    let submitted = submit(&mut ctx, &dao, 1, vec![spend(&dao, 9, 5), message]);
    assert_refused(submitted, codespace, code, &format!("messages: 1: {why}"));
    assert!(state_of(&ctx) == before);
}

#[test]
fn no_dao_message_is_in_a_dao_message_but_its_own_update() {
    let (mut ctx, dao) = trio();
    let other = founded(&mut ctx, "second", &[(1, 1)], 1);
    assert_eq!(other, crate::dao::address_of(2));
    let signer = dao.to_string();
    let inner = submission(&dao, 1, vec![spend(&dao, 9, 5)]);
    let nested = [
        any(&proto::MsgSubmitProposal { proposer: signer.clone(), ..inner.clone() }),
        any(&proto::MsgSubmitProposal { proposer: signer.clone(), dao: other.to_string(), ..inner }),
        any(&proto::MsgVote { voter: signer.clone(), proposal_id: 1, option: Yes.into(), execute: true }),
        any(&proto::MsgExecute { executor: signer.clone(), proposal_id: 1 }),
        any(&proto::MsgRegisterDao { creator: signer, ..super::registration("third", &[(1, 1)], 1) }),
    ];
    for message in nested {
        let why =
            format!("{} is not for DAOs: of jmes.dao.v1 they can send MsgUpdateDao only", message.type_url);
        refuse(message, DAO, INVALID_MESSAGE, &why);
    }
    let why =
        format!("/jmes.dao.v1.MsgUpdateDao must have the DAO as its only signer, {dao}; it has {other}");
    refuse(update(&other, &[(1, 1)], 1), DAO, INVALID_MESSAGE, &why);
}

#[test]
fn the_dao_is_the_only_signer_of_its_messages() {
    let (_, dao) = trio();
    let signers = |type_url: &str, found: &str| {
        format!("{type_url} must have the DAO as its only signer, {dao}; it has {found}")
    };
    let send = "/cosmos.bank.v1beta1.MsgSend";
    refuse(spend(&address(1), 9, 5), DAO, INVALID_MESSAGE, &signers(send, &address(1).to_string()));
    let multi = "/cosmos.bank.v1beta1.MsgMultiSend";
    let input = |owner: &Address| Input { address: owner.to_string(), coins: coins("5ujmes").to_proto() };
    let outputs = vec![Output { address: address(1).to_string(), coins: coins("10ujmes").to_proto() }];
    for owners in [[address(2), dao], [dao, address(2)]] {
        let inputs = owners.iter().map(input).collect();
        let message = any(&MsgMultiSend { inputs, outputs: outputs.clone() });
        refuse(message, DAO, INVALID_MESSAGE, &signers(multi, &format!("{}, {}", owners[0], owners[1])));
    }
    let message = any(&MsgMultiSend { inputs: vec![], outputs });
    refuse(message, DAO, INVALID_MESSAGE, &signers(multi, "none"));
    let message = any(&MsgRegisterUser { creator: address(16).to_string(), name: "name".into() });
    let found = signers("/jmes.identity.v1.MsgRegisterUser", &address(16).to_string());
    refuse(message, DAO, INVALID_MESSAGE, &found);
}

#[test]
fn unknown_and_torn_messages_are_refused_when_they_are_submitted() {
    let (_, dao) = trio();
    let unknown = Any { type_url: "/jmes.dao.v1.MsgDissolve".into(), value: vec![] };
    refuse(unknown, "sdk", codes::UNKNOWN_REQUEST, "unknown message type \"/jmes.dao.v1.MsgDissolve\"");
    let good = spend(&dao, 9, 5);
    let torn = Any { value: good.value[..good.value.len() - 1].to_vec(), ..good.clone() };
    let (mut ctx, dao) = trio();
    let error = submit(&mut ctx, &dao, 1, vec![torn]).unwrap_err();
    assert_eq!((error.codespace, error.code), ("sdk", codes::TX_DECODE));
    let no_slash = Any { type_url: good.type_url[1..].into(), ..good };
    assert_eq!(submit(&mut ctx, &dao, 1, vec![no_slash]).unwrap_err().code, codes::UNKNOWN_REQUEST);
    let no_address = any(&MsgSend { from_address: "me".into(), ..MsgSend::default() });
    let error = submit(&mut ctx, &dao, 1, vec![no_address]).unwrap_err();
    assert_eq!((error.codespace, error.code), ("sdk", codes::INVALID_ADDRESS));
    assert!(error.message.starts_with("messages: 0: "), "{error}");
}

#[test]
fn whatever_a_wallet_can_send_a_dao_can() {
    let (mut ctx, dao) = trio();
    let named = any(&MsgRegisterUser { creator: dao.to_string(), name: "another".into() });
    let id = submit(&mut ctx, &dao, 1, vec![named]).unwrap();
    vote_and_execute(&mut ctx, 2, id).unwrap();
    assert_eq!(proposal(&ctx, id).failure, "identity/5", "it has a name already");
    let join = any(&MsgJoin { operator: dao.to_string(), ..MsgJoin::default() });
    assert!(submit(&mut ctx, &dao, 1, vec![join]).is_ok());
    assert_sound(&ctx);
}

#[test]
fn a_dao_whose_messages_can_not_be_decoded_any_more_stays_as_it_is() {
    let (mut ctx, dao) = trio();
    let id = submit(&mut ctx, &dao, 1, vec![spend(&dao, 9, 5)]).unwrap();
    let content = state::CONTENTS.load(&ctx, &id).unwrap().unwrap();
    let gone = vec![Any { type_url: "/gone.v1.Msg".into(), value: vec![] }];
    let changed = crate::dao::types::Content { messages: gone, ..content };
    state::CONTENTS.save(&mut ctx, &id, &changed).unwrap();
    vote_and_execute(&mut ctx, 2, id).unwrap();
    assert_eq!((status(&ctx, id), proposal(&ctx, id).failure.as_str()), (Status::Passed, "sdk/6"));
}

#[test]
fn two_daos_pay_each_other_and_nobody_else_signs() {
    let mut ctx = chain();
    let first = founded(&mut ctx, "first", &[(1, 1), (2, 1)], 2);
    let second = founded(&mut ctx, "second", &[(1, 1)], 1);
    let id = submit(&mut ctx, &first, 1, vec![spend(&second, 9, 5)]);
    assert_eq!(id.unwrap_err().code, INVALID_MESSAGE, "one DAO can't spend another's coins");
    let to_second = any(&MsgSend {
        from_address: first.to_string(),
        to_address: second.to_string(),
        amount: coins("7ujmes").to_proto(),
    });
    let id = submit(&mut ctx, &first, 1, vec![to_second]).unwrap();
    vote_and_execute(&mut ctx, 2, id).unwrap();
    assert_eq!((balance(&ctx, &first), balance(&ctx, &second)), (9_999_993, 10_000_007));
}

#[test]
fn what_nobody_could_read_is_not_submitted() {
    let (mut ctx, dao) = trio();
    let forever = proto::MsgUpdateDao {
        dao: dao.to_string(),
        voting_period: Some(jmes_proto::Duration { seconds: i64::MAX, nanos: 0 }),
        ..proto::MsgUpdateDao::default()
    };
    let why = "messages: genesis: jmes.dao.v1.MsgSubmitProposal: google.protobuf.Duration with 9223372036854775807 seconds and 0 nanoseconds is out of range";
    assert_refused(submit(&mut ctx, &dao, 1, vec![any(&forever)]), DAO, INVALID_MESSAGE, why);
    let why = "101 messages with 12322 bytes; a proposal has at most 100 with 65536 bytes together";
    assert_refused(submit(&mut ctx, &dao, 1, vec![spend(&dao, 9, 5); 101]), DAO, INVALID_MESSAGE, why);
    assert!(submit(&mut ctx, &dao, 1, vec![spend(&dao, 9, 5); 100]).is_ok());
}
