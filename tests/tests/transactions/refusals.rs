//! Every refusal of a transaction's checks: codespace, code and text, as clients parse them.

use super::{refusal, tampered, with_auth_info, Fixture, FUNDS};
use jmes_proto::cosmos::base::v1beta1::Coin;
use jmes_proto::cosmos::tx::v1beta1::TxBody;
use jmes_proto::Any;
use jmes_tests::{Draft, Genesis, Key, Signer};
use jmesd::chain::Settings;
use std::fmt::Write;

fn coin(amount: &str, denom: &str) -> Coin {
    Coin { amount: amount.into(), denom: denom.into() }
}

/// The body with raw bytes behind it.
fn with_body(tx: &[u8], more: &[u8]) -> Vec<u8> {
    tampered(tx, |raw| raw.body_bytes.extend(more))
}

fn decoding(fixture: &Fixture) -> Vec<(&'static str, Vec<u8>)> {
    let Fixture { chain, alice, bob, .. } = fixture;
    let tx = chain.sign(&Draft::send(alice.address(), bob.address(), "5ujmes"), &[alice]);
    let option = || Any { type_url: "/cosmos.base.v1beta1.Coin".into(), value: Vec::new() };
    let body = |change: &dyn Fn(&mut TxBody)| {
        let mut draft = Draft::send(alice.address(), bob.address(), "5ujmes");
        change(&mut draft.body);
        chain.sign(&draft, &[alice])
    };
    let swapped = tampered(&tx, |raw| std::mem::swap(&mut raw.body_bytes, &mut raw.auth_info_bytes));
    vec![
        ("no bytes", Vec::new()),
        ("text", b"hello".to_vec()),
        ("torn", tx[..tx.len() / 2].to_vec()),
        ("body and auth info swapped", swapped),
        ("a field behind the signatures", [&tx[..], &[0x22, 0]].concat()),
        ("a second body", [&tx[..], &[0x0a, 0]].concat()),
        ("an unknown critical field", with_body(&tx, &[0x32, 0])),
        ("a memo given twice", with_body(&tx, &[0x12, 1, b'a', 0x12, 1, b'b'])),
        ("unordered", with_body(&tx, &[0x20, 1])),
        ("a timeout timestamp", with_body(&tx, &[0x2a, 2, 8, 1])),
        (
            "no message",
            body(&|body| {
                body.messages.clear();
                body.memo = "nothing".into();
            }),
        ),
        (
            "an unknown message",
            body(&|body| body.messages[0].type_url = "/jmes.nothing.v1.MsgNothing".into()),
        ),
        (
            "a message of another module",
            body(&|body| body.messages[0] = Any { type_url: "/cosmos.gov.v1.MsgVote".into(), value: vec![] }),
        ),
        ("a type that is no message", body(&|body| body.messages[0] = option())),
        (
            "a message without signer",
            body(&|body| {
                body.messages[0] = Any { type_url: "/cosmos.bank.v1beta1.MsgMultiSend".into(), value: vec![] }
            }),
        ),
        ("a message of no bytes", body(&|body| body.messages[0].value.clear())),
        ("a message of other bytes", body(&|body| body.messages[0].value = vec![0xff; 3])),
        ("an extension option", body(&|body| body.extension_options.push(option()))),
        (
            "an unknown option",
            body(&|body| {
                let type_url = "/no.Option".into();
                body.non_critical_extension_options.push(Any { type_url, value: vec![] });
            }),
        ),
    ]
}

fn fee_and_signatures(fixture: &Fixture) -> Vec<(&'static str, Vec<u8>)> {
    let Fixture { chain, alice, bob, nobody, .. } = fixture;
    let draft = || Draft::send(alice.address(), bob.address(), "5ujmes");
    let tx = chain.sign(&draft(), &[alice]);
    let fee = |coins: &[Coin]| {
        let mut draft = draft();
        draft.fee.amount = coins.to_vec();
        chain.sign(&draft, &[alice])
    };
    let change_fee = |change: &dyn Fn(&mut Draft)| {
        let mut draft = draft();
        change(&mut draft);
        chain.sign(&draft, &[alice])
    };
    #[allow(deprecated, reason = "tips are deprecated, and refused for that")]
    let tip = with_auth_info(&tx, |auth| {
        let tipper = alice.address().to_string();
        auth.tip = Some(jmes_proto::cosmos::tx::v1beta1::Tip { amount: vec![], tipper });
    });
    vec![
        ("no fee message", with_auth_info(&tx, |auth| auth.fee = None)),
        ("a fee in another coin", fee(&[coin("5", "atom")])),
        ("a fee in bonded coins", fee(&[coin("5", "bujmes")])),
        ("a fee of nothing", fee(&[coin("0", "ujmes")])),
        ("a negative fee", fee(&[coin("-5", "ujmes")])),
        ("a fee given twice", fee(&[coin("5", "ujmes"), coin("5", "ujmes")])),
        ("a fee above the balance", fee(&[coin(&(FUNDS + 1).to_string(), "ujmes")])),
        ("a fee below the gas price", fee(&[coin("499", "ujmes")])),
        ("no fee", fee(&[])),
        ("a granter", change_fee(&|draft| draft.fee.granter = bob.address().to_string())),
        ("a tip", tip),
        ("a payer that is no address", change_fee(&|draft| draft.fee.payer = "bob".into())),
        ("gas beyond all", change_fee(&|draft| draft.fee.gas_limit = u64::MAX)),
        ("gas above the block's", chain.sign(&draft().gas(100_000_001).fee(FUNDS), &[alice])),
        ("no gas", chain.sign(&draft().gas(0), &[alice])),
        ("too little gas", chain.sign(&draft().gas(5_000), &[alice])),
        ("a long memo", chain.sign(&draft().memo(&"é".repeat(257)), &[alice])),
        ("a timeout that has passed", chain.sign(&draft().timeout(1), &[alice])),
        ("no signature", tampered(&tx, |raw| raw.signatures.clear())),
        ("one signature too many", tampered(&tx, |raw| raw.signatures.push(vec![0; 64]))),
        ("no signer", with_auth_info(&tx, |auth| auth.signer_infos.clear())),
        ("a sequence ahead", draft().sign(chain.id(), &[Signer::key(alice, 0, 7)])),
        ("another chain", draft().sign("jmes-2", &[chain.signer(alice)])),
        (
            "an account that does not exist",
            chain.sign(&Draft::send(nobody.address(), bob.address(), "5ujmes"), &[nobody]),
        ),
        (
            "a fee without account",
            chain.sign(&Draft::send(nobody.address(), bob.address(), "5ujmes").fee(0), &[nobody]),
        ),
        ("a signer without account", {
            let draft = draft().and_send(Key::new(98).address(), bob.address(), "1ujmes");
            chain.sign(&draft, &[alice, &Key::new(98)])
        }),
    ]
}

#[test]
fn codes_and_texts_of_all_refusals_are_pinned() {
    let settings = Settings { minimum_gas_price: "0.0025ujmes".parse().unwrap(), ..Settings::default() };
    let fixture = Fixture::with(Genesis::new(), settings);
    let mut table = String::new();
    for (name, tx) in decoding(&fixture).into_iter().chain(fee_and_signatures(&fixture)) {
        let checked = fixture.chain.check(&tx);
        assert!(checked.code > 0 && checked.events.is_empty() && checked.data.is_empty(), "{name}");
        writeln!(table, "{name}: {}/{} {}", checked.codespace, checked.code, checked.log).unwrap();
        let outcome = fixture.chain.finalize(&[tx]).txs.remove(0);
        if checked.log.starts_with("insufficient fees") {
            let others = outcome.error.map(|error| error.code);
            assert_ne!(others, Some(checked.code), "{name}: the gas price is this node's own");
            continue;
        }
        let error = refusal(&outcome);
        let delivered = (error.codespace, error.code, error.message.as_str());
        assert_eq!(delivered, (checked.codespace.as_str(), checked.code, checked.log.as_str()), "{name}");
    }
    insta::assert_snapshot!(table);
}

#[test]
fn limits_can_be_reached_but_not_passed() {
    let Fixture { chain, alice, bob, .. } = Fixture::new();
    let draft = || Draft::send(alice.address(), bob.address(), "5ujmes");
    let height = chain.next_block().height;
    for reached in [draft().memo(&"é".repeat(256)), draft().timeout(height + 1), draft().gas(100_000_000)] {
        let outcome = chain.deliver(&chain.sign(&reached, &[&alice]));
        assert_eq!(outcome.error, None);
    }
}
