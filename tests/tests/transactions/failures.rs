//! What stays when a transaction fails: everything its checks did if a message fails, nothing if a check does.

use super::{assert_done, assert_failed, refusal, Fixture, FUNDS};
use jmes_tests::Draft;

#[test]
fn a_failed_message_costs_fee_and_sequence() {
    let Fixture { chain, alice, bob, .. } = Fixture::new();
    let tx = chain.sign(&Draft::send(alice.address(), bob.address(), "999501ujmes"), &[&alice]);
    let outcome = chain.deliver(&tx);
    let why = "failed to execute message; message index: 0: \
        spendable balance 999500ujmes is smaller than 999501ujmes: insufficient funds";
    assert_failed(&outcome, "sdk", 5, why);
    assert!(outcome.data.is_empty());
    let kinds: Vec<&str> = outcome.events.iter().map(|event| event.r#type.as_str()).collect();
    assert_eq!(kinds, ["coin_spent", "tx", "tx", "tx"], "what the checks did, and nothing of the message");
    let account = chain.account(alice.address());
    assert_eq!((account.balance.0, account.sequence, account.key), (FUNDS - 500, 1, Some(alice.public())));
    assert_eq!(chain.totals().1, 500 + chain.issued());
}

#[test]
fn messages_happen_all_or_none() {
    let Fixture { chain, alice, bob, nobody, .. } = Fixture::new();
    let draft = Draft::send(alice.address(), bob.address(), "10ujmes")
        .and_send(alice.address(), nobody.address(), "20ujmes")
        .and_send(alice.address(), bob.address(), "2000000ujmes");
    let why = "failed to execute message; message index: 2: \
        spendable balance 999470ujmes is smaller than 2000000ujmes: insufficient funds";
    assert_failed(&chain.deliver(&chain.sign(&draft, &[&alice])), "sdk", 5, why);
    assert_eq!(chain.balance(alice.address()), FUNDS - 500);
    assert_eq!(chain.balance(bob.address()), FUNDS);
    let next = chain.sign(&Draft::send(bob.address(), nobody.address(), "1ujmes"), &[&bob]);
    assert_done(&chain.deliver(&next));
    assert_eq!(chain.account(nobody.address()).number, 4, "no number was used up by what was taken back");
}

#[test]
fn gas_that_runs_out_in_a_message_is_paid() {
    let Fixture { chain, alice, bob, .. } = Fixture::new();
    let draft = Draft::send(alice.address(), bob.address(), "10ujmes");
    let enough = chain.deliver(&chain.sign(&draft, &[&alice])).gas_used;
    // From the second transaction on the key is known and the account's record has its full length.
    let enough = enough.max(chain.deliver(&chain.sign(&draft, &[&alice])).gas_used);
    let tx = chain.sign(&draft.clone().gas(enough - 1), &[&alice]);
    let outcome = chain.deliver(&tx);
    let error = refusal(&outcome);
    assert_eq!((error.codespace, error.code), ("sdk", 11));
    let (wanted, used) = (enough - 1, outcome.gas_used);
    assert!(used > wanted);
    let end = format!("; gasWanted: {wanted}, gasUsed: {used}: out of gas");
    assert!(error
        .message
        .starts_with("failed to execute message; message index: 0: out of gas in location: "));
    assert!(error.message.ends_with(&end), "{}", error.message);
    assert_eq!(chain.account(alice.address()).sequence, 3);
    assert_eq!(chain.balance(alice.address()), FUNDS - 3 * 500 - 2 * 10);
    let tx = chain.sign(&draft.gas(enough), &[&alice]);
    assert_done(&chain.deliver(&tx));
}

#[test]
fn a_check_that_fails_changes_nothing() {
    let Fixture { chain, alice, bob, .. } = Fixture::new();
    let twin = Fixture::new().chain;
    let send = || Draft::send(alice.address(), bob.address(), "10ujmes");
    let good = chain.sign(&send(), &[&alice]);
    let refused = [
        chain.sign(&send().gas(1_000), &[&alice]),
        chain.sign(&send().fee(FUNDS + 1), &[&alice]),
        chain.sign(&send().timeout(1), &[&alice]),
        send().sign("another-chain", &[chain.signer(&alice)]),
        send().payer(bob.address()).sign("another-chain", &[chain.signer(&alice), chain.signer(&bob)]),
        good[..good.len() - 1].to_vec(),
        Vec::new(),
    ];
    for outcome in chain.block(&refused) {
        let error = refusal(&outcome);
        assert!(error.code > 1 && !error.codespace.is_empty() && !error.message.is_empty());
        assert!(outcome.events.is_empty() && outcome.data.is_empty());
    }
    twin.block(&[]);
    assert_eq!(chain.app_hash(), twin.app_hash());
    assert_done(&chain.deliver(&good));
}

#[test]
fn the_fee_can_be_the_last_nil_and_not_one_more() {
    let Fixture { chain, alice, bob, .. } = Fixture::new();
    let over = chain.sign(&Draft::send(alice.address(), bob.address(), "1ujmes").fee(FUNDS + 1), &[&alice]);
    let why = "spendable balance 1000000ujmes is smaller than 1000001ujmes: insufficient funds";
    assert_failed(&chain.deliver(&over), "sdk", 5, why);
    let exact = chain.sign(&Draft::send(alice.address(), bob.address(), "1ujmes").fee(FUNDS), &[&alice]);
    let why = "failed to execute message; message index: 0: \
        spendable balance 0ujmes is smaller than 1ujmes: insufficient funds";
    assert_failed(&chain.deliver(&exact), "sdk", 5, why);
    assert_eq!(chain.balance(alice.address()), 0);
}

#[test]
fn a_transaction_happens_once() {
    let Fixture { chain, alice, bob, .. } = Fixture::new();
    let tx = chain.sign(&Draft::send(alice.address(), bob.address(), "10ujmes"), &[&alice]);
    let outcomes = chain.block(&[tx.clone(), tx.clone()]);
    assert_done(&outcomes[0]);
    let why = "account sequence mismatch, expected 1, got 0: incorrect account sequence";
    assert_failed(&outcomes[1], "sdk", 32, why);
    assert_failed(&chain.deliver(&tx), "sdk", 32, why);
    assert_eq!(chain.balance(bob.address()), FUNDS + 10);
}
