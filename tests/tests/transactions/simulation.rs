//! Simulate, as the different wallets ask for it.

use super::{assert_done, tampered, with_auth_info, Fixture, FUNDS};
use jmes_proto::cosmos::tx::signing::v1beta1::SignMode;
use jmes_tests::{Draft, Signer};

#[test]
fn a_simulation_uses_the_gas_that_the_block_will() {
    let Fixture { chain, alice, bob, nobody, .. } = Fixture::new();
    let draft = Draft::send(alice.address(), bob.address(), "5ujmes").and_send(
        alice.address(),
        nobody.address(),
        "5ujmes",
    );
    let tx = chain.sign(&draft, &[&alice]);
    let simulated = chain.chain().simulate(&tx).unwrap();
    let delivered = chain.deliver(&tx);
    assert_eq!(simulated.gas_used, delivered.gas_used);
    assert_eq!((simulated.events, simulated.data), (delivered.events, delivered.data));
}

#[test]
fn no_signature_is_needed_and_the_estimate_stays_useful() {
    let Fixture { chain, alice, bob, .. } = Fixture::new();
    let draft = Draft::send(alice.address(), bob.address(), "5ujmes");
    let tx = chain.sign(&draft, &[&alice]);
    let without_signature = |signer: Signer, signature: Vec<u8>| {
        tampered(&draft.sign(chain.id(), &[signer]), |raw| raw.signatures[0] = signature)
    };
    // CosmJS sends the key, no mode and an empty signature; Keplr no key and 64 zero bytes; cosmpy an empty one.
    let asked = [
        without_signature(chain.signer(&alice).mode(SignMode::Unspecified), Vec::new()),
        without_signature(chain.signer(&alice).without_key().amino(), vec![0; 64]),
        without_signature(chain.signer(&alice), Vec::new()),
    ];
    let estimates = asked.map(|tx| chain.chain().simulate(&tx).unwrap().gas_used);
    let used = chain.deliver(&tx).gas_used;
    for estimate in estimates {
        assert!(estimate <= used && estimate * 13 / 10 >= used, "{estimate} estimated, {used} used");
    }
}

#[test]
fn the_gas_limit_sent_does_not_matter_and_the_fee_may_be_missing() {
    let Fixture { chain, alice, bob, .. } = Fixture::new();
    for gas in [0, 1, u64::MAX >> 1] {
        let tx =
            chain.sign(&Draft::send(alice.address(), bob.address(), "5ujmes").gas(gas).fee(0), &[&alice]);
        chain.chain().simulate(&tx).unwrap();
    }
}

#[test]
fn without_a_fee_the_fees_gas_is_counted_and_every_coin_can_be_spent() {
    let Fixture { chain, alice, bob, .. } = Fixture::new();
    let all = Draft::send(alice.address(), bob.address(), &format!("{FUNDS}ujmes")).fee(0);
    let free = chain.chain().simulate(&chain.sign(&all, &[&alice])).unwrap();
    let paid = Draft::send(alice.address(), bob.address(), "5ujmes").fee(7);
    let paid = chain.chain().simulate(&chain.sign(&paid, &[&alice])).unwrap();
    let (less, more) = (paid.gas_used * 9 / 10, paid.gas_used * 11 / 10);
    assert!(
        (less..=more).contains(&free.gas_used),
        "{} without, {} with a fee",
        free.gas_used,
        paid.gas_used
    );
    let of_transfer = |event: &&tendermint_proto::v0_38::abci::Event| event.r#type == "coin_spent";
    assert_eq!(free.events.iter().filter(of_transfer).count(), 1, "no fee is said to be paid");
}

#[test]
fn nothing_stays_of_a_simulation() {
    let Fixture { chain, alice, bob, .. } = Fixture::new();
    let twin = Fixture::new().chain;
    let tx = chain.sign(&Draft::send(alice.address(), bob.address(), "5ujmes"), &[&alice]);
    for _ in 0..3 {
        chain.chain().simulate(&tx).unwrap();
    }
    assert_eq!(chain.check(&tx).code, 0, "the sequence was not taken");
    chain
        .chain()
        .simulate(&chain.sign(&Draft::send(bob.address(), alice.address(), "1ujmes"), &[&bob]))
        .unwrap();
    chain.block(&[]);
    twin.block(&[]);
    assert_eq!(chain.app_hash(), twin.app_hash());
}

#[test]
fn a_simulation_follows_what_is_pending() {
    let Fixture { chain, alice, bob, .. } = Fixture::new();
    let sign = |sequence| {
        let signer = Signer::key(&alice, 0, sequence);
        Draft::send(alice.address(), bob.address(), "5ujmes").sign(chain.id(), &[signer])
    };
    assert_eq!(chain.check(&sign(0)).code, 0);
    chain.chain().simulate(&sign(1)).unwrap();
    let error = chain.chain().simulate(&sign(0)).unwrap_err();
    assert_eq!(error.message, "account sequence mismatch, expected 1, got 0: incorrect account sequence");
}

#[test]
fn a_simulation_fails_as_the_block_would() {
    let Fixture { chain, alice, bob, nobody, .. } = Fixture::new();
    let over = Draft::send(alice.address(), bob.address(), &format!("{}ujmes", FUNDS + 1));
    let error = chain.chain().simulate(&chain.sign(&over, &[&alice])).unwrap_err();
    assert_eq!((error.codespace, error.code), ("sdk", 5));
    let of_nobody = Draft::send(nobody.address(), bob.address(), "5ujmes").fee(0);
    let error = chain.chain().simulate(&chain.sign(&of_nobody, &[&nobody])).unwrap_err();
    assert_eq!((error.codespace, error.code), ("sdk", 9));
    let error = chain.chain().simulate(b"nothing").unwrap_err();
    assert_eq!((error.codespace, error.code), ("sdk", 2));
}

#[test]
fn a_group_can_simulate_before_its_members_have_signed() {
    let Fixture { chain, bob, group, .. } = Fixture::new();
    let number = chain.account(group.address()).number;
    let draft = Draft::send(group.address(), bob.address(), "5ujmes");
    let signed = draft.sign(chain.id(), &[Signer::group(&group, &[0, 1], number, 0)]);
    let unsigned = with_auth_info(&tampered(&signed, |raw| raw.signatures[0].clear()), |auth| {
        auth.signer_infos[0].mode_info = None;
    });
    chain.chain().simulate(&unsigned).unwrap();
    assert_done(&chain.deliver(&signed));
}
