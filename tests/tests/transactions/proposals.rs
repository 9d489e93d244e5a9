//! Proposals: what an honest proposer puts into a block, and what no one accepts.

use super::{Fixture, FUNDS};
use jmes_modules::kernel::Address;
use jmes_tests::{Draft, Genesis, Key, Signer, TestChain};
use jmesd::chain::Settings;
use std::slice::from_ref;
use tendermint_proto::v0_38::types::BlockParams;

/// No limit that a test reaches.
const BYTES: u64 = 4 << 20;

fn send(chain: &TestChain, from: &Key, sequence: u64, gas: u64) -> Vec<u8> {
    let number = chain.account(from.address()).number;
    let draft = Draft::send(from.address(), Address::of_twenty([1; 20]), "1ujmes").gas(gas);
    draft.sign(chain.id(), &[Signer::key(from, number, sequence)])
}

#[test]
fn what_passes_stays_in_order_and_what_does_not_is_left_out() {
    let Fixture { chain, alice, bob, .. } = Fixture::new();
    let a = |sequence| send(&chain, &alice, sequence, 200_000);
    let b = |sequence| send(&chain, &bob, sequence, 200_000);
    let foreign =
        Draft::send(bob.address(), alice.address(), "1ujmes").sign("another", &[chain.signer(&bob)]);
    let candidates = [a(1), a(0), b"nothing".to_vec(), b(0), foreign, a(0), a(1), b(2), b(1), Vec::new()];
    let proposal = chain.prepare(&candidates, BYTES);
    assert_eq!(proposal, [a(0), b(0), a(1), b(1)]);
    assert!(chain.process(&proposal));
}

#[test]
fn a_proposal_keeps_to_the_blocks_gas() {
    let fixture = Fixture::with(Genesis::new().max_gas(1_000_000), Settings::default());
    let Fixture { chain, alice, bob, .. } = &fixture;
    let big = send(chain, alice, 0, 600_000);
    let too_big = send(chain, bob, 0, 400_001);
    let fits = send(chain, bob, 0, 400_000);
    let alone = send(chain, bob, 0, 1_000_001);
    let candidates = [big.clone(), too_big.clone(), fits.clone(), alone.clone()];
    assert_eq!(chain.prepare(&candidates, BYTES), [big.clone(), fits.clone()]);
    assert!(chain.process(&[big.clone(), fits]));
    assert!(!chain.process(&[big, too_big]), "gas beyond the block's");
    assert!(!chain.process(&[alone]));
}

#[test]
fn a_block_without_gas_limit_takes_what_the_bytes_allow() {
    let fixture = Fixture::with(Genesis::new().max_gas(-1), Settings::default());
    let Fixture { chain, alice, bob, .. } = &fixture;
    let candidates = [send(chain, alice, 0, u64::MAX >> 1), send(chain, bob, 0, u64::MAX >> 1)];
    assert_eq!(chain.prepare(&candidates, BYTES), candidates);
    assert!(chain.process(&candidates));
}

#[test]
fn a_proposal_keeps_to_the_bytes_it_is_given_with_their_prefixes() {
    let Fixture { chain, alice, bob, .. } = Fixture::new();
    let (first, second) = (send(&chain, &alice, 0, 200_000), send(&chain, &bob, 0, 200_000));
    // Each transaction stands in the block behind its field key and a length of two bytes.
    let size = |tx: &Vec<u8>| tx.len() as u64 + 3;
    let both = size(&first) + size(&second);
    let candidates = [first.clone(), second.clone()];
    assert_eq!(chain.prepare(&candidates, both), candidates);
    assert_eq!(chain.prepare(&candidates, both - 1), from_ref(&first));
    assert_eq!(chain.prepare(&candidates, size(&first) - 1), Vec::<Vec<u8>>::new());
    assert_eq!(chain.prepare(&candidates, 0), Vec::<Vec<u8>>::new());
}

/// A chain with blocks of at most so many bytes.
fn with_bytes(max_bytes: i64) -> Fixture {
    let mut genesis = Genesis::new();
    genesis.params.block = Some(BlockParams { max_bytes, max_gas: -1 });
    Fixture::with(genesis, Settings::default())
}

#[test]
fn no_one_accepts_a_proposal_beyond_the_blocks_bytes() {
    let size = |tx: &Vec<u8>| tx.len() as i64 + 3;
    let Fixture { chain, alice, bob, .. } = Fixture::new();
    let (first, second) = (send(&chain, &alice, 0, 200_000), send(&chain, &bob, 0, 200_000));
    let both = [first.clone(), second.clone()];
    for (max_bytes, fit) in [
        (size(&first) + size(&second), true),
        (size(&first) + size(&second) - 1, false),
        // No limit of the chain's own.
        (-1, true),
    ] {
        let Fixture { chain, .. } = with_bytes(max_bytes);
        assert_eq!(chain.process(&both), fit, "{max_bytes}");
        assert!(chain.process(from_ref(&first)) && chain.process(from_ref(&second)));
        // An engine that offered more room than the parameters do would not lead its node astray.
        let proposal = chain.prepare(&both, u64::MAX);
        assert_eq!(proposal, if fit { &both[..] } else { &both[..1] });
        assert!(with_bytes(max_bytes).chain.process(&proposal), "what an honest proposer makes is accepted");
    }
}

#[test]
fn a_proposal_with_one_bad_transaction_is_refused() {
    let Fixture { chain, alice, bob, .. } = Fixture::new();
    let good = send(&chain, &alice, 0, 200_000);
    assert!(chain.process(&[""; 0]), "a block may be empty");
    assert!(chain.process(&[&good]));
    let poor = chain.sign(&Draft::send(bob.address(), alice.address(), "1ujmes").fee(FUNDS + 1), &[&bob]);
    let late = chain.sign(&Draft::send(bob.address(), alice.address(), "1ujmes").timeout(1), &[&bob]);
    let unsigned = Draft::send(bob.address(), alice.address(), "1ujmes").sign("x", &[chain.signer(&bob)]);
    for bad in [
        Vec::new(),
        b"nothing".to_vec(),
        good.clone(),
        send(&chain, &alice, 2, 200_000),
        poor,
        late,
        unsigned,
    ] {
        assert!(!chain.process(&[good.clone(), bad]));
    }
}

#[test]
fn a_message_that_will_fail_may_be_proposed() {
    let Fixture { chain, alice, bob, .. } = Fixture::new();
    let tx = chain.sign(&Draft::send(alice.address(), bob.address(), "2000000ujmes"), &[&alice]);
    assert_eq!(chain.prepare(&[&tx], BYTES), from_ref(&tx));
    assert!(chain.process(&[tx]));
}

#[test]
fn a_timeout_counts_from_the_height_that_is_proposed() {
    let Fixture { chain, alice, bob, .. } = Fixture::new();
    let height = chain.next_block().height;
    let draft = |height| Draft::send(alice.address(), bob.address(), "1ujmes").timeout(height);
    assert!(chain.process(&[chain.sign(&draft(height), &[&alice])]));
    assert!(!chain.process(&[chain.sign(&draft(height - 1), &[&alice])]));
}

#[test]
fn proposals_change_nothing() {
    let Fixture { chain, alice, .. } = Fixture::new();
    let twin = Fixture::new().chain;
    let tx = send(&chain, &alice, 0, 200_000);
    chain.prepare(&[&tx], BYTES);
    assert!(chain.process(&[&tx]));
    assert_eq!(chain.check(&tx).code, 0, "proposals and mempool do not see each other");
    assert!(chain.process(&[&tx]));
    chain.block(&[]);
    twin.block(&[]);
    assert_eq!(chain.app_hash(), twin.app_hash());
    assert!(chain.process(&[tx]));
}

#[test]
fn the_first_block_can_be_proposed_before_anything_is_committed() {
    let alice = Key::new(0);
    let chain = TestChain::new(&Genesis::new().with(alice.address(), "1000000ujmes"));
    let draft = Draft::send(alice.address(), Address::of_twenty([1; 20]), "1ujmes");
    let tx = draft.sign(chain.id(), &[Signer::key(&alice, 0, 0)]);
    assert_eq!(chain.prepare(&[&tx], BYTES), from_ref(&tx));
    assert!(chain.process(&[tx]));
}
