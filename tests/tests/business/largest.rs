//! The largest governance transactions at the highest prices of gas fit into the smallest block (§1): 10^8 gas and 2 MiB.

use super::story::change;
use super::world::{self, improvement, told, World};
use super::{any, proposal, response, DAY};
use jmes_modules::auth;
use jmes_modules::kernel::message_to_json;
use jmes_proto::jmes::dao::v1::{
    MsgRegisterDao, MsgRegisterDaoResponse, MsgSubmitProposalResponse, MsgUpdateDao,
};
use jmes_proto::jmes::dao::v1::{MsgVote, VoteOption};
use jmes_proto::jmes::governance::v1::proposal::Status;
use jmes_proto::jmes::governance::v1::MsgRaiseProposal;
use jmes_proto::jmes::upgrade::v1::Action;
use jmes_proto::Any;
use jmes_tests::{Genesis, Key};
use jmesd::chain::{Settings, TxOutcome};
use prost::Message;
use serde_json::json;

/// The least gas of a block.
const MIN_GAS: u64 = 100_000_000;
/// The smallest block, in bytes.
const MIN_BYTES: usize = 2_097_152;
/// The most bytes of a DAO proposal's messages.
const MESSAGES: usize = 65_536;
/// The longest value of a parameter.
const VALUE: usize = 1_024;

/// 32 parameters, and values that are accepted.
const CHANGES: [(&str, &str, &str); 32] = [
    ("auth", "max_memo_characters", "\"255\""),
    ("auth", "tx_sig_limit", "\"8\""),
    ("auth", "tx_size_cost_per_byte", "\"99\""),
    ("auth", "sig_verify_cost_ed25519", "\"9999\""),
    ("auth", "sig_verify_cost_secp256k1", "\"9999\""),
    ("auth", "gas.read_flat", "\"9999\""),
    ("auth", "gas.read_per_byte", "\"29\""),
    ("auth", "gas.write_flat", "\"19999\""),
    ("auth", "gas.write_per_byte", "\"299\""),
    ("auth", "gas.delete_flat", "\"9999\""),
    ("auth", "gas.iterate_flat", "\"299\""),
    ("auth", "gas.has_flat", "\"9999\""),
    ("consensus", "block.max_bytes", "\"4194303\""),
    ("consensus", "block.max_gas", "\"999999999\""),
    ("dao", "max_total_power", "\"1000001\""),
    ("dao", "max_members", "10"),
    ("dao", "min_core_members", "2"),
    ("dao", "max_open_proposals", "11"),
    ("dao", "execution_period", "\"5184000s\""),
    ("funding", "core_cap_percent", "49"),
    ("funding", "non_core_cap_percent", "99"),
    ("funding", "engineering_share_percent", "49"),
    ("funding", "brand_share_percent", "24"),
    ("funding", "community_share_percent", "24"),
    ("funding", "max_request_percent", "24"),
    ("funding", "max_months", "119"),
    ("governance", "min_vote_stake", "\"999999999\""),
    ("governance", "proposal_burn", "\"9999999\""),
    ("governance", "pass_threshold_percent", "11"),
    ("identity", "registration_burn", "\"999999\""),
    ("seats", "max_bonds", "31"),
    ("seats", "seats", "99"),
];

/// All prices at their highest.
fn dear() -> Genesis {
    let params = json!({
        "max_memo_characters": "256", "tx_sig_limit": "7", "tx_size_cost_per_byte": "100",
        "sig_verify_cost_ed25519": "10000", "sig_verify_cost_secp256k1": "10000",
    });
    let gas = json!({
        "read_flat": "10000", "read_per_byte": "30", "write_flat": "20000", "write_per_byte": "300",
        "delete_flat": "10000", "iterate_flat": "300", "has_flat": "10000",
    });
    world::genesis(100).set("auth/params", params).set("auth/gas", gas)
}

/// The changes, each value with spaces behind it up to that length.
fn actions(length: usize) -> Vec<Action> {
    CHANGES.iter().map(|(module, path, value)| change(module, path, &format!("{value:length$}"))).collect()
}

/// A message of as many bytes as a DAO proposal can have: values of `length` bytes, the description fills the rest, with characters
/// of four bytes, at most 10,000.
fn raise(dao: &world::Dao, length: usize) -> Any {
    let mut msg = MsgRaiseProposal {
        dao: dao.address.to_string(),
        title: "🎨".repeat(64),
        description: String::new(),
        funding: None,
        content: Some(improvement(actions(length))),
    };
    // A length prefix has at most three bytes, and the field's key one.
    let room = MESSAGES - msg.encoded_len() - 4;
    msg.description = "🎭".repeat((room / 4).min(10_000));
    any(&msg)
}

#[track_caller]
fn fits(what: &str, tx: &[u8], outcome: &TxOutcome) {
    assert_eq!(outcome.error, None, "{what}");
    println!("{what}: {} gas, {} bytes", outcome.gas_used, tx.len());
    assert!(outcome.gas_used <= MIN_GAS && tx.len() <= MIN_BYTES, "{what}: {} gas", outcome.gas_used);
}

/// Submits, decides and concludes; gives what executing told.
fn whole_way(world: &World, dao: &world::Dao, message: Any) -> u64 {
    let size = message.value.len();
    assert!((MESSAGES - 2_000..=MESSAGES).contains(&size), "{size} bytes of messages");
    let mut submission = proposal(dao.address, 0, vec![message]);
    submission.title = "🎨".repeat(64);
    submission.summary = "🎭".repeat(10_000);
    let tx = world.signed(0, &[any(&submission)]);
    let submitted = world.block(std::slice::from_ref(&tx)).txs.remove(0);
    fits("submit", &tx, &submitted);
    let proposal_id = response::<MsgSubmitProposalResponse>(&submitted).proposal_id;
    let voter = Key::new(1).address().to_string();
    let tx = world
        .signed(1, &[any(&MsgVote { voter, proposal_id, option: VoteOption::Yes.into(), execute: true })]);
    let voted = world.block(std::slice::from_ref(&tx)).txs.remove(0);
    fits("vote and execute", &tx, &voted);
    let events = told(&voted);
    assert_eq!(world::attribute(&events, "dao_execution_failed", "log"), None);
    world::attribute(&events, "governance_proposal_raised", "proposal_id").unwrap().parse().unwrap()
}

#[test]
fn the_largest_improvement_goes_its_way_at_the_highest_prices() {
    let world = World::begin_with(&dear(), Settings::default(), MIN_GAS);
    let studio = world.core();
    // Values of full length; and a description of full length, for which they are shorter.
    let ids = [VALUE, 730].map(|length| whole_way(&world, &studio, raise(&studio, length)));
    world.all_vote_yes(&ids);
    world.turn(&[]);
    let tx = world.conclusion(2, ids[0]);
    let concluded = world.block(std::slice::from_ref(&tx)).txs.remove(0);
    fits("conclude", &tx, &concluded);
    assert_eq!(world.status(ids[0]), Status::Concluded);
    assert_eq!(world.parameter("seats", "seats"), "99");
    assert_eq!(auth::gas_table(&world.chain.view()).unwrap().read_flat, 9_999);
}

/// A DAO of as many members as there can be under any parameters.
#[test]
fn a_dao_of_the_most_members_is_founded_and_changed_at_the_highest_prices() {
    let params = jmes_modules::dao::defaults();
    let params = jmes_proto::jmes::dao::v1::Params { max_members: 100, ..params };
    let genesis = dear().set("dao/params", message_to_json(&params).unwrap());
    let genesis =
        (100..200).fold(genesis, |genesis, number| genesis.with(Key::new(number).address(), "10000000ujmes"));
    let world = World::begin_with(&genesis, Settings::default(), MIN_GAS);
    let register = |number: u64| {
        let creator = Key::new(number).address().to_string();
        let msg =
            jmes_proto::jmes::identity::v1::MsgRegisterUser { creator, name: format!("member{number}") };
        world.signed(number, &[any(&msg)])
    };
    world.all_done(&(100..200).map(register).collect::<Vec<_>>());
    let powers: Vec<(u64, u64)> = (100..200).map(|number| (number, 10_000)).collect();
    let founding = MsgRegisterDao {
        creator: Key::new(100).address().to_string(),
        name: "hundred".into(),
        members: super::members(&powers),
        threshold: 10_000,
        voting_period: Some(jmes_modules::kernel::duration(DAY)),
    };
    let tx = world.signed(100, &[any(&founding)]);
    let founded = world.block(std::slice::from_ref(&tx)).txs.remove(0);
    fits("found", &tx, &founded);
    let dao = response::<MsgRegisterDaoResponse>(&founded).dao;
    let update = MsgUpdateDao {
        dao: dao.clone(),
        members: super::members(&powers[1..]),
        threshold: 10_000,
        voting_period: founding.voting_period,
    };
    let address = jmes_modules::kernel::Address::parse(&dao).unwrap();
    let tx = world.signed(100, &[any(&proposal(address, 100, vec![any(&update)]))]);
    let updated = world.block(std::slice::from_ref(&tx)).txs.remove(0);
    fits("update", &tx, &updated);
    assert_eq!(world::attribute(&told(&updated), "dao_execution_failed", "log"), None);
}
