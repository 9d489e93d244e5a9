//! Improvements on a chain (§14): raised by a core DAO, voted on, tallied, concluded; parameters, versions of modules, binaries.

use super::story::{activate, change, open, schedule};
use super::world::{self, attribute, improvement, told, Dao, World};
use super::{done, refused, JMES};
use jmes_modules::kernel::{timestamp, Block};
use jmes_modules::{premint, upgrade};
use jmes_proto::jmes::governance::v1::proposal::Status;
use jmes_tests::{Draft, Key, TestChain};
use jmesd::chain::Settings;
use serde_json::{json, Value};
use tendermint_abci::Application;
use tendermint_proto::v0_38::abci::{CommitInfo, RequestFinalizeBlock, Validator, VoteInfo};
use tendermint_proto::v0_38::types::BlockIdFlag;

/// A premint wallet of a million JMES.
const PREMINT: u64 = 60;

/// The request by which the engine has a block made.
fn request(block: &Block, txs: &[Vec<u8>]) -> RequestFinalizeBlock {
    let vote = |vote: &jmes_modules::kernel::CommitVote| VoteInfo {
        validator: Some(Validator { address: vote.address.0.to_vec().into(), power: vote.power as i64 }),
        block_id_flag: if vote.signed { BlockIdFlag::Commit } else { BlockIdFlag::Absent }.into(),
    };
    RequestFinalizeBlock {
        txs: txs.iter().cloned().map(Into::into).collect(),
        decided_last_commit: Some(CommitInfo { round: 0, votes: block.commit.iter().map(vote).collect() }),
        height: block.height as i64,
        time: Some(timestamp(block.time)),
        next_validators_hash: block.next_validators_hash.clone().into(),
        proposer_address: block.proposer.0.to_vec().into(),
        ..RequestFinalizeBlock::default()
    }
}

/// A transaction that asks for that much gas.
fn greedy(chain: &TestChain, gas: u64) -> Vec<u8> {
    let key = Key::new(11);
    chain.sign(&Draft::send(key.address(), Key::new(1).address(), "1ujmes").gas(gas), &[&key])
}

#[test]
fn the_engine_is_told_of_its_parameters_and_the_next_block_obeys() {
    let world = World::begin(&world::genesis(100).max_gas(100_000_000));
    let studio = world.core();
    let actions = vec![
        change("consensus", "block.max_gas", "\"200000000\""),
        change("seats", "seats", "50"),
        change("governance", "pass_threshold_percent", "20"),
    ];
    let id = world.raise(&studio, improvement(actions), None);
    let stale = world.raise(&studio, improvement(vec![change("seats", "seats", "60")]), None);
    world.all_vote_yes(&[id, stale]);
    assert!(!world.chain.process(&[greedy(&world.chain, 150_000_000)]));

    let txs = [world.conclusion(0, id), world.conclusion(1, stale)];
    let block = world.chain.block_after(world.cycle().end - world.chain.last_time());
    let answer = Application::finalize_block(world.chain.chain(), request(&block, &txs));
    let told_engine = answer.consensus_param_updates.clone().expect("a parameter of the engine changes");
    assert_eq!(told_engine.block.map(|block| block.max_gas), Some(200_000_000));
    let made = world.turn(&txs);
    assert_eq!(made.consensus, answer.consensus_param_updates);
    assert_eq!(answer.app_hash.as_ref(), world.chain.app_hash());
    done(&made.txs[0]);
    let changed = told(&made.txs[0]);
    assert_eq!(changed.iter().filter(|event| event.kind == "parameter_changed").count(), 3);
    refused(&made.txs[1], "upgrade", 4);
    assert_eq!((world.status(id), world.status(stale)), (Status::Concluded, Status::Passed));

    assert_eq!(world.parameter("seats", "seats"), "50");
    assert!(world.chain.process(&[greedy(&world.chain, 150_000_000)]), "the next block has room for it");
    assert!(!world.chain.process(&[greedy(&world.chain, 200_000_001)]));
    assert_eq!(world.block(&[]).consensus, None);
    world.chain.chain().check_invariants().unwrap();
}

fn last_sale(chain: &TestChain) -> Option<u64> {
    premint::wallet(&chain.view(), &Key::new(PREMINT).address())
        .unwrap()
        .expect("there is a wallet")
        .last_sale
}

fn sale(chain: &TestChain) -> Vec<u8> {
    let key = Key::new(PREMINT);
    chain.sign(&Draft::send(key.address(), Key::new(1).address(), "1000ujmes"), &[&key])
}

#[test]
fn a_dormant_version_is_activated_by_the_holders_and_outlives_restart_and_export() {
    let wallet = Key::new(PREMINT).address();
    let genesis = world::genesis(100).with(wallet, &format!("{}ujmes", 1_000_000 * JMES));
    let mut world = World::begin(&genesis.premint(wallet, 1_000_000 * JMES));
    let studio = world.core();
    done(&world.block(&[sale(&world.chain)]).txs[0]);
    assert_eq!(last_sale(&world.chain), None, "version 1 does not know of sales");
    world.gas.set(20_000_000);
    let unknown = vec![world.raising(&studio, improvement(vec![activate("premint", 3)]), None)];
    world.decide_refused(&studio, unknown, "upgrade/5");
    let id = world.raise(&studio, improvement(vec![activate("premint", 2)]), None);
    world.pass(&[id]);
    assert_eq!(upgrade::active_version(&world.chain.view(), "premint"), Ok(2));
    assert_eq!(last_sale(&world.chain), Some(0), "its state was migrated in the concluding block");
    done(&world.block(&[sale(&world.chain)]).txs[0]);
    assert_eq!(last_sale(&world.chain), Some(world.height()));

    let hash = world.chain.app_hash();
    world.chain.restart();
    assert_eq!(world.chain.app_hash(), hash);
    let other = world.chain.continued();
    for chain in [&world.chain, &other] {
        chain.blocks(1);
        done(&chain.deliver(&sale(chain)));
        chain.blocks(2);
        assert_eq!(last_sale(chain), Some(world.height() - 2));
        chain.chain().check_invariants().unwrap();
    }
    let (one, two) = (world.chain.export(), other.export());
    for module in ["auth", "bank", "premint", "upgrade", "governance", "slots"] {
        assert_eq!(two.app_state[module], one.app_state[module], "{module}");
    }
}

/// Blocks up to the one before the upgrade, which is scheduled 20 blocks from now.
fn scheduled(world: &World, studio: &Dao) -> u64 {
    let at = world.height() + 20;
    let id = world.raise(studio, improvement(vec![schedule("v2", at)]), None);
    let hasty = world.raise(studio, improvement(vec![schedule("v3", world.height() + 8)]), None);
    world.all_vote_yes(&[id, hasty]);
    let made = world.turn(&[world.conclusion(0, id), world.conclusion(1, hasty)]);
    done(&made.txs[0]);
    let why = refused(&made.txs[1], "upgrade", 7);
    assert!(why.contains("\"v3\""), "the notice is counted from the conclusion: {why}");
    assert_eq!(attribute(&told(&made.txs[0]), "upgrade_scheduled", "height"), Some(at.to_string().as_str()));
    world.blocks(at - 1 - world.height());
    at
}

#[test]
fn a_scheduled_upgrade_stops_the_chain_before_its_height_and_leaves_word() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("upgrade-info.json");
    let settings = Settings { upgrade_info: Some(path.clone()), ..Settings::default() };
    let mut world = World::begin_with(&world::genesis(100), settings, 3_000_000);
    let studio = world.core();
    let at = scheduled(&world, &studio);
    let hash = world.chain.app_hash();
    assert!(!path.exists(), "all blocks before it are made");
    for _ in 0..2 {
        assert_eq!((world.height(), world.chain.app_hash()), (at - 1, hash));
        let chain = world.chain.chain();
        let block = world.chain.next_block();
        let error = chain.finalize_block(block.clone(), &[""; 0]).err().expect("another binary makes it");
        assert!(upgrade::stops_node(&error) && upgrade::needs_upgrade(&error));
        let begin = format!("UPGRADE \"v2\" NEEDED at height: {at}: ");
        assert!(error.message.starts_with(&begin), "{error}");
        assert!(chain.stopped().is_none());
        assert_eq!(Application::finalize_block(chain, request(&block, &[])).app_hash.len(), 0);
        assert_eq!(chain.stopped(), Some(&error));
        let left: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let info = json!({"binaries": {}, "checksums": {"linux/amd64": "ab".repeat(32)}});
        assert_eq!(left, json!({"name": "v2", "height": at, "info": info.to_string()}));
        assert_eq!(chain.commit().unwrap(), at - 1, "there is nothing to commit");
        std::fs::remove_file(&path).unwrap();
        world.chain.restart();
    }
}

#[test]
fn every_dao_raises_improvements_once_they_were_opened_and_not_before() {
    let world = World::begin(&world::genesis(100));
    let studio = world.core();
    let artists = world.found("artists", &[(6, 1)], 1, 100);
    let cheaper = || improvement(vec![change("governance", "proposal_burn", "\"5000000\"")]);
    let refuse = |dao: &Dao, content, failure: &str| {
        world.decide_refused(dao, vec![world.raising(dao, content, None)], failure);
    };
    refuse(&studio, improvement(vec![open()]), "upgrade/8");
    refuse(&artists, cheaper(), "governance/10");
    world.until(31);
    refuse(&artists, improvement(vec![open()]), "governance/10");
    let id = world.raise(&studio, improvement(vec![open()]), None);
    world.pass(&[id]);
    assert!(world.open_to_all());
    refuse(&studio, improvement(vec![open()]), "upgrade/8");
    let id = world.raise(&artists, cheaper(), None);
    world.pass(&[id]);
    assert_eq!(world.parameter("governance", "proposal_burn"), "\"5000000\"");
    let before = world.chain.balance(artists.address);
    world.raise(&artists, cheaper(), None);
    assert_eq!(before - world.chain.balance(artists.address), 5 * JMES);
}

#[test]
fn an_improvement_can_not_be_funded() {
    let world = World::begin(&world::genesis(100));
    let studio = world.core();
    let actions = || improvement(vec![change("identity", "registration_burn", "\"2000000\"")]);
    let funded = world.raising(&studio, actions(), Some((20, 1)));
    world.decide_refused(&studio, vec![funded], "sdk/18");
    let before = world.chain.balance(studio.address);
    world.raise(&studio, actions(), None);
    assert_eq!(before - world.chain.balance(studio.address), 10 * JMES);
}
