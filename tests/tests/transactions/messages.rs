//! Several messages and signers; what a transaction leaves behind.

use super::{assert_done, assert_failed, Fixture, FUNDS};
use jmes_proto::cosmos::base::abci::v1beta1::TxMsgData;
use jmes_tests::{Draft, Genesis, Signer, Validator};
use jmesd::chain::{Settings, TxOutcome};
use prost::Message;

#[test]
fn every_signer_signs_and_moves_on_and_the_first_pays() {
    let Fixture { chain, alice, bob, group, .. } = Fixture::new();
    let number = chain.account(group.address()).number;
    let draft = Draft::send(alice.address(), bob.address(), "10ujmes")
        .and_send(bob.address(), group.address(), "20ujmes")
        .and_send(alice.address(), bob.address(), "30ujmes")
        .and_send(group.address(), alice.address(), "40ujmes");
    let signers =
        [chain.signer(&alice), chain.signer(&bob).amino(), Signer::group(&group, &[1, 2], number, 0)];
    assert_done(&chain.deliver(&draft.sign(chain.id(), &signers)));
    assert_eq!(chain.balance(alice.address()), FUNDS - 10 - 30 + 40 - 500);
    assert_eq!(chain.balance(bob.address()), FUNDS + 10 - 20 + 30);
    assert_eq!(chain.balance(group.address()), FUNDS + 20 - 40);
    for address in [alice.address(), bob.address(), group.address()] {
        assert_eq!(chain.account(address).sequence, 1);
    }
}

#[test]
fn signers_come_in_the_order_of_the_messages() {
    let Fixture { chain, alice, bob, .. } = Fixture::new();
    let draft = Draft::send(alice.address(), bob.address(), "10ujmes").and_send(
        bob.address(),
        alice.address(),
        "20ujmes",
    );
    let why = format!(
        "pubKey does not match signer address {} with signer index: 0: invalid pubkey",
        alice.address()
    );
    assert_failed(&chain.deliver(&chain.sign(&draft, &[&bob, &alice])), "sdk", 8, &why);
    let why = "wrong number of signers; expected 2, got 1 signatures and 1 signer infos: unauthorized";
    assert_failed(&chain.deliver(&chain.sign(&draft, &[&alice])), "sdk", 4, why);
    let three = chain.sign(&draft, &[&alice, &bob, &alice]);
    let why = "wrong number of signers; expected 2, got 3 signatures and 3 signer infos: unauthorized";
    assert_failed(&chain.deliver(&three), "sdk", 4, why);
}

#[test]
fn another_one_can_pay_the_fee_and_signs_for_it() {
    let Fixture { chain, alice, bob, nobody, .. } = Fixture::new();
    let draft = Draft::send(alice.address(), bob.address(), "10ujmes").payer(bob.address());
    assert_done(&chain.deliver(&chain.sign(&draft, &[&alice, &bob])));
    assert_eq!(chain.balance(alice.address()), FUNDS - 10);
    assert_eq!(chain.balance(bob.address()), FUNDS + 10 - 500);
    assert_eq!((chain.account(alice.address()).sequence, chain.account(bob.address()).sequence), (1, 1));
    let why = "wrong number of signers; expected 2, got 1 signatures and 1 signer infos: unauthorized";
    assert_failed(&chain.deliver(&chain.sign(&draft, &[&alice])), "sdk", 4, why);
    let draft = Draft::send(alice.address(), bob.address(), "10ujmes").payer(nobody.address());
    let why = format!("fee payer address: {} does not exist: unknown address", nobody.address());
    assert_failed(&chain.deliver(&chain.sign(&draft, &[&alice, &nobody])), "sdk", 9, &why);
}

#[test]
fn a_payer_who_is_a_signer_anyway_signs_once() {
    let Fixture { chain, alice, bob, .. } = Fixture::new();
    let draft = Draft::send(alice.address(), bob.address(), "10ujmes")
        .and_send(bob.address(), alice.address(), "1ujmes")
        .payer(bob.address());
    assert_done(&chain.deliver(&chain.sign(&draft, &[&alice, &bob])));
    assert_eq!(chain.balance(bob.address()), FUNDS + 10 - 1 - 500);
}

#[test]
fn messages_see_what_those_before_them_did() {
    let Fixture { chain, alice, bob, nobody, .. } = Fixture::new();
    let draft = Draft::send(alice.address(), nobody.address(), "2000ujmes");
    assert_done(&chain.deliver(&chain.sign(&draft, &[&alice])));
    let number = chain.account(nobody.address()).number;
    let draft = Draft::send(alice.address(), nobody.address(), "800000ujmes").and_send(
        nobody.address(),
        bob.address(),
        "801000ujmes",
    );
    let tx = draft.sign(chain.id(), &[chain.signer(&alice), Signer::key(&nobody, number, 0)]);
    assert_done(&chain.deliver(&tx));
    assert_eq!(chain.balance(nobody.address()), 1_000);
}

#[test]
fn transactions_see_what_those_before_them_in_the_block_did() {
    let Fixture { chain, alice, bob, nobody, .. } = Fixture::new();
    let fund = chain.sign(&Draft::send(alice.address(), nobody.address(), "2000ujmes"), &[&alice]);
    let draft = Draft::send(nobody.address(), bob.address(), "1500ujmes");
    let spend = draft.sign(chain.id(), &[Signer::key(&nobody, 4, 0)]);
    let outcomes = chain.block(&[spend.clone(), fund, spend]);
    let why = format!("fee payer address: {} does not exist: unknown address", nobody.address());
    assert_failed(&outcomes[0], "sdk", 9, &why);
    assert_done(&outcomes[1]);
    assert_done(&outcomes[2]);
    assert_eq!(chain.balance(nobody.address()), 0);
}

#[test]
fn a_fee_leaves_supply_for_the_proposer() {
    let validators: Vec<Validator> = (0..2).map(Validator::new).collect();
    let genesis = Genesis::new().validators(validators.clone());
    let Fixture { mut chain, alice, bob, .. } = Fixture::with(genesis, Settings::default());
    // What is earned in a block with this fee, beyond the reward.
    let mut earned = |proposer: usize, fee: u128| {
        chain.proposer = Some(validators[proposer].consensus_address());
        let (supply, unredeemed, _) = chain.totals();
        let issued = chain.issued();
        let draft = Draft::send(alice.address(), bob.address(), "10ujmes").fee(fee);
        assert_done(&chain.deliver(&chain.sign(&draft, &[&alice])));
        let (supply_after, unredeemed_after, burnt) = chain.totals();
        assert_eq!((supply - supply_after, burnt), (fee, 0));
        unredeemed_after - unredeemed - (chain.issued() - issued)
    };
    assert_eq!((earned(0, 700), earned(1, 11)), (700, 11));
    chain.chain().check_invariants().unwrap();
}

#[test]
fn a_block_takes_what_its_proposers_node_would_not() {
    let settings = Settings { minimum_gas_price: "0.0025ujmes".parse().unwrap(), ..Settings::default() };
    let Fixture { chain, alice, bob, .. } = Fixture::with(Genesis::new(), settings);
    let tx = chain.sign(&Draft::send(alice.address(), bob.address(), "10ujmes").fee(0), &[&alice]);
    assert_eq!(chain.check(&tx).code, 13);
    assert!(chain.process(&[&tx]), "the gas price is the node's, not the chain's");
    assert_done(&chain.deliver(&tx));
}

fn events(outcome: &TxOutcome) -> String {
    let attributes = |event: &tendermint_proto::v0_38::abci::Event| {
        let pair = |attribute: &tendermint_proto::v0_38::abci::EventAttribute| {
            assert!(!attribute.key.is_empty(), "clients need a key");
            let bare = if attribute.index { "" } else { " (not indexed)" };
            format!("{}={}{bare}", attribute.key, attribute.value)
        };
        event.attributes.iter().map(pair).collect::<Vec<_>>().join(" ")
    };
    outcome.events.iter().map(|event| format!("{}: {}\n", event.r#type, attributes(event))).collect()
}

#[test]
fn events_data_and_gas_of_a_transaction_are_pinned() {
    let Fixture { chain, alice, bob, .. } = Fixture::new();
    let draft = Draft::send(alice.address(), bob.address(), "10ujmes")
        .and_multi_send(alice.address(), &[(bob.address(), 1), (alice.address(), 2)]);
    let outcome = chain.deliver(&chain.sign(&draft, &[&alice]));
    let data = TxMsgData::decode(outcome.data.as_slice()).unwrap();
    let answers: Vec<&str> = data.msg_responses.iter().map(|answer| answer.type_url.as_str()).collect();
    assert_eq!(
        answers,
        ["/cosmos.bank.v1beta1.MsgSendResponse", "/cosmos.bank.v1beta1.MsgMultiSendResponse"]
    );
    let (wanted, used) = (outcome.gas_wanted, outcome.gas_used);
    insta::assert_snapshot!(format!("gas wanted {wanted}, used {used}\n{}", events(&outcome)));
}
