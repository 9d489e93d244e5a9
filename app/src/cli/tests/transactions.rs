//! `jmesd tx bank` from flags to the bytes that reach the node.

use cosmos_sdk_proto::cosmos::bank::v1beta1::{MsgMultiSend, MsgSend};
use cosmos_sdk_proto::cosmos::tx::v1beta1::{AuthInfo, SignDoc, TxBody, TxRaw};
use k256::ecdsa::signature::Verifier;
use prost::Message;

use super::node::{Chain, Node, CHAIN_ID, ONE};
use super::*;

/// `tx bank send one SPECIAL 5JMES` with a test keyring and more flags.
fn send<'a>(node: &'a Node, more: &[&'a str]) -> Vec<&'a str> {
    let mut words = vec!["tx", "bank", "send", "one", SPECIAL_ADDRESS, "5JMES", "--keyring-backend", "test"];
    words.extend(["--node", &node.url]);
    words.extend(more);
    words
}

pub(super) fn decode(tx: &[u8]) -> (TxRaw, TxBody, AuthInfo) {
    let raw = TxRaw::decode(tx).unwrap();
    let body = TxBody::decode(raw.body_bytes.as_slice()).unwrap();
    let auth = AuthInfo::decode(raw.auth_info_bytes.as_slice()).unwrap();
    (raw, body, auth)
}

/// Whether the first signature of `tx` is over `signed`, with the key that the transaction names.
fn signed_over(tx: &[u8], signed: &[u8]) -> bool {
    let (raw, _, auth) = decode(tx);
    let any = auth.signer_infos[0].public_key.clone().unwrap();
    let key = cosmos_sdk_proto::cosmos::crypto::secp256k1::PubKey::decode(any.value.as_slice()).unwrap();
    let key = k256::ecdsa::VerifyingKey::from_sec1_bytes(&key.key).unwrap();
    key.verify(signed, &k256::ecdsa::Signature::from_slice(&raw.signatures[0]).unwrap()).is_ok()
}

fn direct_document(tx: &[u8], account_number: u64) -> Vec<u8> {
    let raw = TxRaw::decode(tx).unwrap();
    SignDoc {
        body_bytes: raw.body_bytes,
        auth_info_bytes: raw.auth_info_bytes,
        chain_id: CHAIN_ID.into(),
        account_number,
    }
    .encode_to_vec()
}

#[test]
fn a_send_reaches_the_node_signed_with_what_the_flags_say() {
    let (home, node) = (home_with_keys(), Node::start(Chain::default()));
    let flags = [
        "-y",
        "-o",
        "json",
        "--note",
        "rent",
        "--timeout-height",
        "99",
        "--gas",
        "90000",
        "--fees",
        "300nils",
    ];
    let answer = run(home.path(), "", &send(&node, &flags)).json();
    let sent = node.sent();
    let [tx] = sent.as_slice() else { panic!("{} were sent", sent.len()) };
    let (_, body, auth) = decode(tx);
    let message = MsgSend::decode(body.messages[0].value.as_slice()).unwrap();
    assert_eq!(body.messages[0].type_url, "/cosmos.bank.v1beta1.MsgSend");
    assert_eq!(
        (message.from_address.as_str(), message.to_address.as_str()),
        (ABANDON_ADDRESS, SPECIAL_ADDRESS)
    );
    assert_eq!((message.amount[0].amount.as_str(), message.amount[0].denom.as_str()), ("5000000", "ujmes"));
    assert_eq!((body.memo.as_str(), body.timeout_height), ("rent", 99));
    let fee = auth.fee.unwrap();
    assert_eq!((fee.gas_limit, fee.amount[0].amount.as_str()), (90_000, "300"));
    assert_eq!(auth.signer_infos[0].sequence, ONE.1);
    assert!(signed_over(tx, &direct_document(tx, ONE.0)));
    assert_eq!(answer["code"], 0);
    use sha2::Digest;
    assert_eq!(answer["txhash"], hex::encode_upper(sha2::Sha256::digest(tx)));
}

#[test]
fn amino_signatures_are_over_the_amino_document() {
    let (home, node) = (home_with_keys(), Node::start(Chain::default()));
    run(home.path(), "", &send(&node, &["-y", "--sign-mode", "amino-json"])).out();
    let document = format!(
        r#"{{"account_number":"7","chain_id":"{CHAIN_ID}","fee":{{"amount":[{{"amount":"500","denom":"ujmes"}}],"gas":"200000"}},"memo":"","msgs":[{{"type":"cosmos-sdk/MsgSend","value":{{"amount":[{{"amount":"5000000","denom":"ujmes"}}],"from_address":"{ABANDON_ADDRESS}","to_address":"{SPECIAL_ADDRESS}"}}}}],"sequence":"3"}}"#
    );
    assert!(signed_over(&node.sent()[0], document.as_bytes()));
}

#[test]
fn nothing_is_signed_without_a_yes() {
    let (home, node) = (home_with_keys(), Node::start(Chain::default()));
    for (input, said) in [
        ("n\n", "cancelled: nothing was done"),
        ("\n", "cancelled: nothing was done"),
        ("", "cancelled, for want of an answer: use --yes to go on without asking"),
    ] {
        assert_eq!(run(home.path(), input, &send(&node, &[])).error(), said);
    }
    assert!(node.sent().is_empty());
    let ran = run(home.path(), "y\n", &send(&node, &["--note", "rent"]));
    insta::assert_snapshot!("confirmation", ran.err);
    assert_eq!(node.sent().len(), 1);
}

#[test]
fn gas_auto_simulates_and_adjusts() {
    let (home, node) = (home_with_keys(), Node::start(Chain::default()));
    run(home.path(), "", &send(&node, &["-y", "--gas", "auto", "--gas-adjustment", "1.5"])).out();
    let (_, _, auth) = decode(&node.sent()[0]);
    let fee = auth.fee.unwrap();
    assert_eq!((fee.gas_limit, fee.amount[0].amount.as_str()), (105_000, "263"));
    let simulated = node.simulated();
    assert_eq!(simulated.len(), 2);
    for (tx, fee) in simulated.iter().zip([None, Some("263")]) {
        let (raw, _, auth) = decode(tx);
        assert_eq!(raw.signatures, [vec![0; 64]]);
        assert_eq!(auth.signer_infos[0].sequence, ONE.1);
        assert!(auth.signer_infos[0].public_key.is_some());
        assert_eq!(auth.fee.unwrap().amount.first().map(|coin| coin.amount.as_str()), fee);
    }
}

#[test]
fn a_fixed_fee_is_simulated_once() {
    let (home, node) = (home_with_keys(), Node::start(Chain::default()));
    run(home.path(), "", &send(&node, &["-y", "--gas", "auto", "--fees", "7nils"])).out();
    assert_eq!(node.simulated().len(), 1);
}

#[test]
fn a_dry_run_shows_gas_and_sends_nothing() {
    let (home, node) = (home_with_keys(), Node::start(Chain::default()));
    let shown = run(home.path(), "", &send(&node, &["--dry-run", "-o", "json"])).json();
    assert_eq!(shown["gas_estimate"], "84000");
    let text = run(home.path(), "", &send(&node, &["--dry-run"])).out();
    assert!(text.contains("0.00021 JMES (210 Nils)"), "{text}");
    assert!(node.sent().is_empty());
}

#[test]
fn generate_only_needs_neither_key_nor_node() {
    let home = tempfile::TempDir::new().unwrap();
    let words =
        ["tx", "bank", "send", ABANDON_ADDRESS, SPECIAL_ADDRESS, "1nil", "--generate-only", "--note", "<&>"];
    insta::assert_snapshot!("generate_only", run(home.path(), "", &words).out());
}

#[test]
fn offline_signing_prints_the_transaction_and_needs_all_numbers() {
    let home = home_with_keys();
    let node = Node::start(Chain::default());
    let offline = ["--offline", "--chain-id", CHAIN_ID, "-a", "7", "-s", "3", "-y"];
    let json = run(home.path(), "", &send(&node, &offline)).out();
    let file = home.path().join("tx.json");
    std::fs::write(&file, json).unwrap();
    run(home.path(), "", &["tx", "broadcast", file.to_str().unwrap(), "--node", &node.url]).out();
    assert!(signed_over(&node.sent()[0], &direct_document(&node.sent()[0], 7)));
    for missing in [&["--offline"][..], &["--offline", "--chain-id", CHAIN_ID, "-a", "7"]] {
        let said = run(home.path(), "", &send(&node, missing)).error();
        assert!(said.starts_with("--offline needs"), "{said}");
    }
    let mut auto = offline.to_vec();
    auto.extend(["--gas", "auto"]);
    assert!(run(home.path(), "", &send(&node, &auto)).error().contains("which --offline forbids"));
}

#[test]
fn another_chain_is_refused_before_anything_is_signed() {
    let (home, node) = (home_with_keys(), Node::start(Chain::default()));
    let said = run(home.path(), "", &send(&node, &["-y", "--chain-id", "jmes-1"])).error();
    assert!(said.contains("is on the chain jmes-test-1, not jmes-1"), "{said}");
    assert!(node.sent().is_empty());
}

#[test]
fn a_refusal_is_shown_and_is_a_failure() {
    let (home, node) = (home_with_keys(), Node::start(Chain { check_code: 32, ..Chain::default() }));
    let ran = run(home.path(), "", &send(&node, &["-y", "-o", "json"]));
    assert!(ran.out.contains(r#""codespace":"sdk","code":32"#), "{}", ran.out);
    assert_eq!(
        ran.error(),
        "the node refused the transaction (sdk code 32): account sequence mismatch, expected 4, got 3"
    );
}

#[test]
fn who_can_not_sign_is_told_what_to_do() {
    let (home, node) = (home_with_keys(), Node::start(Chain::default()));
    let said = run(home.path(), "", &send(&node, &["-y", "--fee-payer", SPECIAL_ADDRESS])).error();
    assert!(said.contains("use --generate-only, and `tx sign` with each of their keys"), "{said}");
    let unknown = ["tx", "bank", "send", "nobody", SPECIAL_ADDRESS, "5JMES", "--keyring-backend", "test"];
    assert!(run(home.path(), "", &unknown).error().contains("there is no key named \"nobody\""));
    let new = run(home.path(), "", &["keys", "add", "new", "--keyring-backend", "test", "--no-backup"]);
    assert!(!new.out().contains("mnemonic"));
    let from_new = [
        "tx",
        "bank",
        "send",
        "new",
        SPECIAL_ADDRESS,
        "5JMES",
        "--keyring-backend",
        "test",
        "--node",
        &node.url,
    ];
    let said = run(home.path(), "", &from_new).error();
    assert!(said.contains("it begins with the first coins it receives"), "{said}");
    let said = run(home.path(), "", &send(&node, &["-y", "--from", "two"])).error();
    assert!(said.contains("leave --from two out"), "{said}");
    run(home.path(), "", &send(&node, &["-y", "--from", ABANDON_ADDRESS])).out();
}

#[test]
fn a_multi_send_gives_each_receiver_the_amount_or_a_share() {
    let (home, node) = (home_with_keys(), Node::start(Chain::default()));
    for (split, each, total) in [(false, "10", "20"), (true, "5", "10")] {
        let mut words =
            vec!["tx", "bank", "multi-send", "one", SPECIAL_ADDRESS, ABANDON_ADDRESS, "10nils", "-y"];
        words.extend(["--keyring-backend", "test", "--node", &node.url]);
        words.extend(split.then_some("--split"));
        run(home.path(), "", &words).out();
        let (_, body, _) = decode(node.sent().last().unwrap());
        let message = MsgMultiSend::decode(body.messages[0].value.as_slice()).unwrap();
        assert_eq!(message.inputs[0].coins[0].amount, total);
        assert_eq!(message.inputs[0].address, ABANDON_ADDRESS);
        let outputs: Vec<_> = message.outputs.iter().map(|output| output.coins[0].amount.as_str()).collect();
        assert_eq!(outputs, [each, each]);
    }
    let mut words =
        vec!["tx", "bank", "multi-send", "one", SPECIAL_ADDRESS, ABANDON_ADDRESS, "1nil", "--split", "-y"];
    words.extend(["--keyring-backend", "test"]);
    assert!(run(home.path(), "", &words).error().contains("too little to be divided between 2 receivers"));
}

#[test]
fn a_node_that_is_not_there_is_named() {
    let home = home_with_keys();
    let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).unwrap().port();
    let url = format!("tcp://127.0.0.1:{port}");
    let words =
        ["tx", "bank", "send", "one", SPECIAL_ADDRESS, "5JMES", "--keyring-backend", "test", "--node", &url];
    let said = run(home.path(), "", &words).error();
    assert!(said.contains(&format!("127.0.0.1:{port} can't be reached")), "{said}");
}
