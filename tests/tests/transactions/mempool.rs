//! CheckTx: several transactions of one account can wait; what is left is checked again after each block.

use super::{assert_done, Fixture, FUNDS};
use jmes_tests::{Draft, Genesis, Key, Signer, TestChain};
use jmesd::chain::Settings;
use tendermint_proto::v0_38::abci::ResponseCheckTx;

/// Sends of one Nil from `from` with the sequences `range`.
fn queue(chain: &TestChain, from: &Key, to: &Key, range: std::ops::Range<u64>) -> Vec<Vec<u8>> {
    let number = chain.account(from.address()).number;
    let draft = Draft::send(from.address(), to.address(), "1ujmes");
    range.map(|sequence| draft.sign(chain.id(), &[Signer::key(from, number, sequence)])).collect()
}

#[track_caller]
fn assert_in(response: &ResponseCheckTx) {
    assert_eq!((response.code, response.log.as_str()), (0, ""));
}

#[track_caller]
fn assert_sequence(response: &ResponseCheckTx, expected: u64, got: u64) {
    let why =
        format!("account sequence mismatch, expected {expected}, got {got}: incorrect account sequence");
    assert_eq!(
        (response.codespace.as_str(), response.code, response.log.as_str()),
        ("sdk", 32, why.as_str())
    );
}

#[test]
fn transactions_of_one_account_wait_in_the_order_of_their_sequences() {
    let Fixture { chain, alice, bob, .. } = Fixture::new();
    let txs = queue(&chain, &alice, &bob, 0..4);
    assert_sequence(&chain.check(&txs[1]), 0, 1);
    for tx in &txs[..3] {
        assert_in(&chain.check(tx));
    }
    assert_sequence(&chain.check(&txs[1]), 3, 1);
    assert_in(&chain.check(&txs[3]));
    for outcome in chain.block(&txs) {
        assert_done(&outcome);
    }
}

#[test]
fn what_is_left_after_a_block_is_checked_again_and_more_can_follow() {
    let Fixture { chain, alice, bob, .. } = Fixture::new();
    let txs = queue(&chain, &alice, &bob, 0..5);
    for tx in &txs[..4] {
        assert_in(&chain.check(tx));
    }
    chain.block(&txs[..2]);
    assert_sequence(&chain.recheck(&txs[1]), 2, 1);
    assert_in(&chain.recheck(&txs[2]));
    assert_in(&chain.recheck(&txs[3]));
    assert_in(&chain.check(&txs[4]));
    assert_sequence(&chain.check(&txs[4]), 5, 4);
}

#[test]
fn without_recheck_a_block_forgets_what_was_pending() {
    let Fixture { chain, alice, bob, .. } = Fixture::new();
    let txs = queue(&chain, &alice, &bob, 0..2);
    assert_in(&chain.check(&txs[0]));
    chain.block(&[]);
    assert_sequence(&chain.check(&txs[1]), 0, 1);
    assert_in(&chain.check(&txs[0]));
}

#[test]
fn a_recheck_finds_what_a_block_has_made_impossible() {
    let Fixture { chain, alice, bob, .. } = Fixture::new();
    let number = chain.account(bob.address()).number;
    let draft = Draft::send(bob.address(), alice.address(), "1ujmes");
    let waiting = draft.clone().timeout(2).sign(chain.id(), &[Signer::key(&bob, number, 0)]);
    assert_in(&chain.check(&waiting));
    chain.block(&[]);
    let late = chain.recheck(&waiting);
    let why = "block height: 3, timeout height: 2: tx timeout height";
    assert_eq!((late.code, late.log.as_str()), (30, why));

    let waiting = draft.sign(chain.id(), &[Signer::key(&bob, number, 0)]);
    assert_in(&chain.check(&waiting));
    let spend = Draft::send(bob.address(), alice.address(), "999500ujmes")
        .sign(chain.id(), &[Signer::key(&bob, number, 0)]);
    assert_done(&chain.deliver(&spend));
    assert_eq!(chain.recheck(&waiting).code, 5, "the fee can't be paid any more");
}

#[test]
fn pending_fees_are_taken_from_what_is_left() {
    let Fixture { chain, alice, bob, .. } = Fixture::new();
    let sign = |sequence, fee| {
        let draft = Draft::send(alice.address(), bob.address(), "1ujmes").fee(fee);
        draft.sign(chain.id(), &[Signer::key(&alice, 0, sequence)])
    };
    assert_in(&chain.check(&sign(0, FUNDS - 100)));
    let poor = chain.check(&sign(1, 101));
    let why = "spendable balance 100ujmes is smaller than 101ujmes: insufficient funds";
    assert_eq!((poor.code, poor.log.as_str()), (5, why));
    assert_in(&chain.check(&sign(1, 100)));
}

#[test]
fn a_message_that_will_fail_is_seen_in_the_block_and_not_before() {
    let Fixture { chain, alice, bob, .. } = Fixture::new();
    let tx = chain.sign(&Draft::send(alice.address(), bob.address(), "2000000ujmes"), &[&alice]);
    assert_in(&chain.check(&tx));
    assert_eq!(chain.deliver(&tx).error.unwrap().code, 5);
}

#[test]
fn the_price_of_gas_is_rounded_up_and_said() {
    let settings = Settings { minimum_gas_price: "0.0025ujmes".parse().unwrap(), ..Settings::default() };
    let Fixture { chain, alice, bob, .. } = Fixture::with(Genesis::new(), settings);
    let sign = |gas, fee| {
        chain.sign(&Draft::send(alice.address(), bob.address(), "1ujmes").gas(gas).fee(fee), &[&alice])
    };
    let cheap = chain.check(&sign(100_001, 250));
    let why = "insufficient fees; got: 250ujmes required: 251ujmes: insufficient fee";
    assert_eq!((cheap.codespace.as_str(), cheap.code, cheap.log.as_str()), ("sdk", 13, why));
    assert_in(&chain.check(&sign(100_001, 251)));
}

#[test]
fn a_check_says_gas_wanted_and_used() {
    let Fixture { chain, alice, bob, .. } = Fixture::new();
    let response = chain.check(&queue(&chain, &alice, &bob, 0..1)[0]);
    assert_eq!(response.gas_wanted, 200_000);
    assert!((1..200_000).contains(&response.gas_used));
    assert!(response.events.is_empty(), "nothing has happened yet");
}

#[test]
fn signatures_verified_ahead_change_no_answer() {
    let (ahead, plain) = (Fixture::new(), Fixture::new());
    let mut txs = queue(&ahead.chain, &ahead.alice, &ahead.bob, 0..4);
    txs.push(txs[0].clone());
    txs.push(
        Draft::send(ahead.bob.address(), ahead.alice.address(), "1ujmes")
            .sign("other", &[ahead.chain.signer(&ahead.bob)]),
    );
    txs.push(b"no transaction".to_vec());
    ahead.chain.chain().look_ahead(txs.iter().map(Vec::as_slice));
    for tx in &txs {
        assert_eq!(ahead.chain.check(tx), plain.chain.check(tx));
    }
    ahead.chain.chain().look_ahead([]);
}

#[test]
fn checks_go_on_after_a_restart() {
    let Fixture { mut chain, alice, bob, .. } = Fixture::new();
    let txs = queue(&chain, &alice, &bob, 0..2);
    assert_in(&chain.check(&txs[0]));
    chain.restart();
    assert_sequence(&chain.check(&txs[1]), 0, 1);
    assert_in(&chain.check(&txs[0]));
}

#[test]
fn before_the_first_block_checks_work_on_genesis() {
    let (alice, bob) = (Key::new(0), Key::new(1));
    let chain = TestChain::new(&Genesis::new().with(alice.address(), "1000000ujmes"));
    let tx =
        Draft::send(alice.address(), bob.address(), "1ujmes").sign(chain.id(), &[Signer::key(&alice, 0, 0)]);
    assert_in(&chain.check(&tx));
    assert_done(&chain.deliver(&tx));
}
