//! The same blocks give the same app hash: on every node, after a restart, and in every later version of the program.
//!
//! Golden hashes change with every change of state or of its encoding. Such a change breaks running chains: it is
//! marked in the changelog.

use jmes_modules::kernel::{message_to_json, Block, ConsensusAddress};
use jmes_proto::jmes::emission::v1::Params as Emission;
use jmes_tests::{Draft, Genesis, Key, Random, Signer, TestChain, Validator, Workload};
use jmesd::chain::TxOutcome;
use jmesd::node::genesis::Network;
use std::collections::BTreeMap;
use std::fmt::Write;

fn genesis_hash(genesis: &Genesis) -> String {
    let chain = TestChain::new(genesis);
    let first = chain.chain().init_chain(&genesis.origin(), &genesis.document()).unwrap();
    let again = chain.chain().init_chain(&genesis.origin(), &genesis.document()).unwrap();
    assert_eq!(first.app_hash, again.app_hash, "InitChain may be asked again");
    assert_eq!(first.validators, again.validators);
    hex::encode(first.app_hash)
}

#[test]
fn the_app_hash_of_mainnets_genesis_is_pinned() {
    insta::assert_snapshot!(genesis_hash(&Genesis::template(Network::Mainnet)));
}

#[test]
fn the_app_hash_of_the_devnets_genesis_is_pinned() {
    let genesis = Genesis::template(Network::Devnet);
    insta::assert_snapshot!(genesis_hash(&genesis.with(Key::new(0).address(), "7ujmes")));
}

/// A chain on which the Initial Distribution Period is over after two blocks, so that there are DAOs.
fn scenario() -> (Genesis, Workload) {
    let workload = Workload::new(1);
    let emission = Emission { idp_blocks: 2, ..jmes_modules::emission::default_params() };
    let emission = message_to_json(&emission).expect("parameters have a JSON form");
    let start = Genesis::new().set("emission/params", emission);
    let genesis = workload
        .owners()
        .into_iter()
        .fold(start, |genesis, owner| genesis.with(owner, "1000atom,50000000ujmes"))
        .validators((0..3).map(Validator::new).collect());
    (genesis, workload)
}

fn count(counts: &mut BTreeMap<String, usize>, outcomes: &[TxOutcome]) {
    for outcome in outcomes {
        let key = outcome
            .error
            .as_ref()
            .map_or("done".to_owned(), |error| format!("{}/{}", error.codespace, error.code));
        *counts.entry(key).or_default() += 1;
    }
}

#[test]
fn the_app_hash_after_a_long_scenario_is_pinned() {
    let (genesis, mut workload) = scenario();
    let mut chain = TestChain::new(&genesis);
    chain.block(&[]);
    let (mut random, mut counts, mut golden) = (Random::new(2), BTreeMap::new(), String::new());
    for height in 2..=300_u64 {
        let size = random.below(12);
        let txs = workload.txs(&chain, size);
        let proposer = &genesis.validators[(height % 3) as usize];
        chain.proposer = Some(proposer.consensus_address());
        count(&mut counts, &chain.block(&txs));
        if height % 50 == 0 {
            writeln!(golden, "{height}: {}", hex::encode(chain.app_hash())).unwrap();
        }
    }
    chain.chain().check_invariants().unwrap();
    for (outcome, times) in counts {
        writeln!(golden, "{outcome}: {times}").unwrap();
    }
    insta::assert_snapshot!(golden);
}

#[test]
fn a_block_finalized_again_or_after_another_one_has_the_same_hash() {
    let (genesis, mut workload) = scenario();
    let chain = TestChain::new(&genesis);
    chain.block(&[]);
    let txs = workload.txs(&chain, 20);
    let first = chain.finalize(&txs);
    let other = chain.finalize(&txs[..5]);
    assert_ne!(first.app_hash, other.app_hash);
    let again = chain.finalize(&txs);
    assert_eq!(first.app_hash, again.app_hash);
    assert_eq!(first.txs, again.txs);
    chain.commit();
    assert_eq!(chain.app_hash(), first.app_hash, "the last one finalized is committed");
}

#[test]
fn a_commit_without_a_block_changes_nothing() {
    let (genesis, _) = scenario();
    let chain = TestChain::new(&genesis);
    assert_eq!(chain.chain().commit().unwrap(), 0);
    chain.block(&[]);
    let hash = chain.app_hash();
    assert_eq!(chain.chain().commit().unwrap(), 1);
    assert_eq!(chain.app_hash(), hash);
}

#[test]
fn a_node_stopped_before_its_commit_replays_the_block() {
    let (genesis, mut workload) = scenario();
    let (mut stopped, plain) = (TestChain::new(&genesis), TestChain::new(&genesis));
    let no_txs = [""; 0];
    stopped.finalize(&no_txs);
    stopped.restart();
    assert_eq!(stopped.chain().height(), 0, "the engine asks for InitChain again");
    stopped.block(&[]);
    plain.block(&[]);
    let txs = workload.txs(&plain, 20);
    stopped.finalize(&txs);
    stopped.restart();
    assert_eq!(stopped.chain().height(), 1);
    stopped.block(&txs);
    plain.block(&txs);
    assert_eq!(stopped.app_hash(), plain.app_hash());
    stopped.restart();
    assert_eq!((stopped.chain().height(), stopped.app_hash()), (2, plain.app_hash()));
}

#[test]
fn every_part_of_a_header_that_state_depends_on_is_in_the_hash() {
    let (genesis, _) = scenario();
    let chain = TestChain::new(&genesis);
    chain.block(&[]);
    let no_txs = [""; 0];
    let hash = |block: Block| chain.chain().finalize_block(block, &no_txs).unwrap().app_hash;
    let header = chain.next_block();
    let plain = hash(header.clone());
    assert_eq!(plain, hash(header.clone()));
    assert_ne!(plain, hash(Block { time: header.time + 1, ..header.clone() }));
    assert_ne!(plain, hash(Block { proposer: ConsensusAddress([1; 20]), ..header.clone() }));
    let named = Block { chain_id: "whatever the caller says".into(), ..header };
    assert_eq!(plain, hash(named), "the chain's id is that of genesis");
}

#[test]
fn everything_in_genesis_is_in_the_hash() {
    let owner = Key::new(0).address();
    let plain = || Genesis::new().with(owner, "7ujmes");
    let mut hashes = vec![genesis_hash(&plain())];
    hashes.push(genesis_hash(&Genesis::new().with(owner, "8ujmes")));
    hashes.push(genesis_hash(&Genesis { chain_id: "jmes-test-2".into(), ..plain() }));
    hashes.push(genesis_hash(&Genesis { time: plain().time + 1, ..plain() }));
    hashes.push(genesis_hash(&Genesis { initial_height: 2, ..plain() }));
    hashes.push(genesis_hash(&plain().max_gas(5)));
    let count = hashes.len();
    hashes.sort();
    hashes.dedup();
    assert_eq!(hashes.len(), count);
}

#[test]
fn a_chain_can_begin_at_any_height() {
    let alice = Key::new(0);
    let genesis = Genesis { initial_height: 1_000, ..Genesis::new().with(alice.address(), "1000000ujmes") };
    let mut chain = TestChain::new(&genesis);
    let tx = Draft::send(alice.address(), Key::new(1).address(), "5ujmes")
        .sign(chain.id(), &[Signer::key(&alice, 0, 0)]);
    assert_eq!(chain.deliver(&tx).error, None);
    assert_eq!(chain.chain().height(), 1_000);
    chain.block(&[]);
    chain.restart();
    assert_eq!(chain.chain().height(), 1_001);
    assert_eq!(chain.balance(Key::new(1).address()), 5);
}
