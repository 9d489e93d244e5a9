//! `jmesd tx sign`, `sign-batch`, `multi-sign`, `encode`, `decode` and `simulate`: transactions that go from hand to hand.

use cosmos_sdk_proto::cosmos::crypto::multisig::v1beta1::MultiSignature;
use cosmos_sdk_proto::cosmos::tx::v1beta1::{mode_info, AuthInfo, TxRaw};
use prost::Message;
use serde_json::Value;

use super::node::{Chain, Node, CHAIN_ID};
use super::*;

const KEYRING: [&str; 2] = ["--keyring-backend", "test"];

struct Desk {
    home: tempfile::TempDir,
    node: Node,
}

impl Desk {
    fn new(chain: Chain) -> Self {
        Self { home: home_with_keys(), node: Node::start(chain) }
    }

    fn run(&self, words: &[&str]) -> Ran {
        run(self.home.path(), "", words)
    }

    /// Runs with keyring and node.
    fn tx(&self, words: &[&str]) -> Ran {
        let words: Vec<&str> =
            ["tx"].iter().chain(words).chain(&KEYRING).chain(&["--node", &self.node.url]).copied().collect();
        self.run(&words)
    }

    fn file(&self, name: &str, text: &str) -> String {
        let path = self.home.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// An unsigned transfer.
    fn unsigned(&self, name: &str, from: &str, more: &[&str]) -> String {
        let mut words = vec!["bank", "send", from, SPECIAL_ADDRESS, "5JMES", "--generate-only"];
        words.extend(more);
        self.file(name, &self.tx(&words).out())
    }
}

fn raw_of(desk: &Desk, file: &str) -> TxRaw {
    use base64::prelude::{Engine as _, BASE64_STANDARD};
    let encoded = desk.run(&["tx", "encode", file]).out();
    TxRaw::decode(BASE64_STANDARD.decode(encoded.trim()).unwrap().as_slice()).unwrap()
}

#[test]
fn a_signed_file_is_what_sending_at_once_would_have_sent() {
    let desk = Desk::new(Chain::default());
    let file = desk.unsigned("tx.json", "one", &[]);
    let signed = desk.file("signed.json", &desk.tx(&["sign", &file, "--from", "one"]).out());
    desk.run(&["tx", "broadcast", &signed, "--node", &desk.node.url]).out();
    desk.tx(&["bank", "send", "one", SPECIAL_ADDRESS, "5JMES", "-y"]).out();
    let sent = desk.node.sent();
    assert_eq!(sent[0], sent[1]);
}

#[test]
fn encoding_and_decoding_are_inverse() {
    let desk = Desk::new(Chain::default());
    let file = desk.unsigned("tx.json", "one", &["--note", "x"]);
    let signed = desk.file("signed.json", &desk.tx(&["sign", &file, "--from", "one"]).out());
    let encoded = desk.run(&["tx", "encode", &signed]).out();
    let decoded = desk.run(&["tx", "decode", encoded.trim(), "-o", "json"]).out();
    assert_eq!(decoded, std::fs::read_to_string(&signed).unwrap());
    let text = desk.run(&["tx", "decode", encoded.trim()]).out();
    assert!(text.contains("5 JMES (5000000 Nils)"), "{text}");
    let in_hex = hex::encode(raw_of(&desk, &signed).encode_to_vec());
    assert_eq!(desk.run(&["tx", "decode", "-x", &in_hex, "-o", "json"]).out(), decoded);
    assert!(desk.run(&["tx", "decode", "AAAA"]).error().contains("this is not a transaction"));
    assert!(desk.run(&["tx", "decode", "?"]).error().contains("use --hex for hex"));
}

#[test]
fn only_those_whom_the_transaction_names_can_sign_and_once() {
    let desk = Desk::new(Chain::default());
    let file = desk.unsigned("tx.json", "one", &[]);
    let said = desk.tx(&["sign", &file, "--from", "two"]).error();
    assert_eq!(
        said,
        format!(
            "{SPECIAL_ADDRESS} does not sign this transaction: it needs the signature of {ABANDON_ADDRESS}"
        )
    );
    assert!(desk.tx(&["sign", &file]).error().contains("name the key that signs with --from"));
    let signed = desk.file("signed.json", &desk.tx(&["sign", &file, "--from", "one"]).out());
    assert!(desk.tx(&["sign", &signed, "--from", "one"]).error().contains("use --overwrite"));
    let again = desk.tx(&["sign", &signed, "--from", "one", "--overwrite"]).out();
    assert_eq!(again, std::fs::read_to_string(&signed).unwrap());
    let said = desk.run(&["tx", "broadcast", &file, "--node", &desk.node.url]).error();
    assert!(said.contains("is not signed: use `tx sign` first"), "{said}");
}

#[test]
fn two_signers_sign_amino_json_in_any_order() {
    let desk = Desk::new(Chain::default());
    let file = desk.unsigned("tx.json", "one", &["--fee-payer", SPECIAL_ADDRESS]);
    let said = desk.tx(&["sign", &file, "--from", "one", "--sign-mode", "direct"]).error();
    assert!(said.contains("several signers can't be signed here in direct mode"), "{said}");
    let mut results = Vec::new();
    for order in [["one", "two"], ["two", "one"]] {
        let half = desk.file("half.json", &desk.tx(&["sign", &file, "--from", order[0]]).out());
        results.push(desk.tx(&["sign", &half, "--from", order[1]]).out());
    }
    assert_eq!(results[0], results[1]);
    let raw = raw_of(&desk, &desk.file("both.json", &results[0]));
    let auth = AuthInfo::decode(raw.auth_info_bytes.as_slice()).unwrap();
    let sequences: Vec<u64> = auth.signer_infos.iter().map(|info| info.sequence).collect();
    assert_eq!((sequences, raw.signatures.len()), (vec![3, 0], 2));
}

#[test]
fn a_batch_takes_one_sequence_after_the_other() {
    let desk = Desk::new(Chain::default());
    let one = std::fs::read_to_string(desk.unsigned("1.json", "one", &["--note", "1"])).unwrap();
    let two = std::fs::read_to_string(desk.unsigned("2.json", "one", &["--note", "2"])).unwrap();
    let batch = desk.file("batch.json", &format!("{one}\n{two}"));
    let out = desk.home.path().join("signed.json");
    desk.tx(&["sign-batch", &batch, "--from", "one", "--output-document", out.to_str().unwrap()]).out();
    let signed = std::fs::read_to_string(out).unwrap();
    let sequences: Vec<String> = signed
        .lines()
        .map(|line| {
            serde_json::from_str::<Value>(line).unwrap()["auth_info"]["signer_infos"][0]["sequence"]
                .to_string()
        })
        .collect();
    assert_eq!(sequences, ["\"3\"", "\"4\""]);
    let broken = desk.file("broken.json", &format!("{one}\n{{\n"));
    assert!(desk.tx(&["sign-batch", &broken, "--from", "one"]).error().starts_with("line 3 of "));
}

fn multisig_desk() -> (Desk, String) {
    let home = home_with_keys();
    let add = ["keys", "add", "both", "--multisig", "one,two", "--multisig-threshold", "2", "-o", "json"];
    let add: Vec<&str> = add.into_iter().chain(KEYRING).collect();
    let address = run(home.path(), "", &add).json()["address"].as_str().unwrap().to_owned();
    let node = Node::start(Chain { third: Some((address.clone(), 11, 5)), ..Chain::default() });
    (Desk { home, node }, address)
}

#[test]
fn members_signatures_become_one_that_verifies() {
    let (desk, address) = multisig_desk();
    let file = desk.unsigned("tx.json", "both", &[]);
    let signature = |key: &str, multisig: &str| {
        desk.file(
            &format!("{key}.json"),
            &desk.tx(&["sign", &file, "--from", key, "--multisig", multisig]).out(),
        )
    };
    // One member knows the multisig key by name, the other by address.
    let (one, two) = (signature("one", "both"), signature("two", &address));
    let said = desk.tx(&["multi-sign", &file, "both", &one]).error();
    assert_eq!(said, "\"both\" needs 2 signatures, there are 1");
    assert_eq!(desk.tx(&["multi-sign", &file, "both", &one, &one]).error(), said);
    let result = desk.tx(&["multisign", &file, "both", &one, &two]).out();
    assert_eq!(desk.tx(&["multi-sign", &file, &address, &two, &one]).out(), result);
    let raw = raw_of(&desk, &desk.file("signed.json", &result));
    let auth = AuthInfo::decode(raw.auth_info_bytes.as_slice()).unwrap();
    assert_eq!(auth.signer_infos[0].sequence, 5);
    let Some(mode_info::Sum::Multi(multi)) = auth.signer_infos[0].mode_info.clone().unwrap().sum else {
        panic!()
    };
    let bits = multi.bitarray.unwrap();
    assert_eq!((bits.extra_bits_stored, bits.elems), (2, vec![0b1100_0000]));
    assert_eq!(multi.mode_infos.len(), 2);
    assert_eq!(MultiSignature::decode(raw.signatures[0].as_slice()).unwrap().signatures.len(), 2);
}

#[test]
fn signatures_that_do_not_fit_are_refused_with_their_file() {
    let (desk, _) = multisig_desk();
    let file = desk.unsigned("tx.json", "both", &[]);
    let other = desk.unsigned("other.json", "both", &["--note", "another"]);
    let sign = |file: &str, more: &[&str]| {
        let mut words = vec!["sign", file, "--from", "one", "--multisig", "both"];
        words.extend(more);
        desk.tx(&words)
    };
    let signature = desk.file("one.json", &sign(&other, &[]).out());
    let said = desk.tx(&["multi-sign", &file, "both", &signature]).error();
    assert!(
        said.contains("one.json can't be used: the signature of") && said.contains("does not fit"),
        "{said}"
    );
    let signature = desk.file("one.json", &sign(&file, &["-s", "4"]).out());
    let said = desk.tx(&["multi-sign", &file, "both", &signature]).error();
    assert!(said.contains("signed for sequence 4, the account's is 5: sign again"), "{said}");
    assert!(sign(&file, &["--sign-mode", "direct"]).error().contains("sign in amino-json mode"));
    assert!(desk
        .tx(&["multi-sign", &file, "both", &file])
        .error()
        .contains("is not what `tx sign --multisig` writes"));
    assert!(desk.tx(&["multi-sign", &file, "one", &signature]).error().contains("is not a multisig key"));
    let stranger = ["keys", "add", "stranger", "--no-backup", KEYRING[0], KEYRING[1]];
    desk.run(&stranger).out();
    let said = desk.tx(&["sign", &file, "--from", "stranger", "--multisig", "both"]).error();
    assert!(said.contains("is no member of \"both\""), "{said}");
}

#[test]
fn sending_from_a_multisig_key_at_once_says_how_it_is_done() {
    let (desk, _) = multisig_desk();
    let said = desk.tx(&["bank", "send", "both", SPECIAL_ADDRESS, "5JMES", "-y"]).error();
    assert!(said.contains("let its members sign with `tx sign --multisig both`"), "{said}");
}

#[test]
fn a_signature_alone_is_the_one_in_the_transaction() {
    let desk = Desk::new(Chain::default());
    let file = desk.unsigned("tx.json", "one", &[]);
    let alone = desk.tx(&["sign", &file, "--from", "one", "--signature-only"]).json();
    let whole = desk.tx(&["sign", &file, "--from", "one"]).json();
    assert_eq!(alone["signatures"][0]["data"]["single"]["signature"], whole["signatures"][0]);
    assert_eq!(alone["signatures"][0]["data"]["single"]["mode"], "SIGN_MODE_DIRECT");
}

#[test]
fn simulating_a_file_shows_gas() {
    let desk = Desk::new(Chain::default());
    let file = desk.unsigned("tx.json", "one", &[]);
    let gas = desk.tx(&["simulate", &file, "--from", "one", "-o", "json"]).json();
    assert_eq!(gas["gas_used"], "70000");
    let auth = TxRaw::decode(desk.node.simulated()[0].as_slice()).unwrap().auth_info_bytes;
    let auth = AuthInfo::decode(auth.as_slice()).unwrap();
    assert_eq!(auth.signer_infos[0].sequence, 3);
    assert!(auth.signer_infos[0].public_key.is_some());
}

#[test]
fn files_that_are_no_transactions_are_named_with_their_fault() {
    let desk = Desk::new(Chain::default());
    for text in ["", "[]", "{\"body\":{\"messages\":[{\"@type\":\"/x.Y\"}]}}", "{\"bodyy\":{}}"] {
        let file = desk.file("bad.json", text);
        let said = desk.run(&["tx", "encode", &file]).error();
        assert!(said.contains("bad.json is wrong: this is not a cosmos.tx.v1beta1.Tx: "), "{said}");
    }
    assert!(desk.run(&["tx", "encode", "/nowhere.json"]).error().starts_with("cannot read /nowhere.json"));
}

#[test]
fn a_transaction_comes_from_standard_input_too() {
    let desk = Desk::new(Chain::default());
    let file = desk.unsigned("tx.json", "one", &[]);
    let json = std::fs::read_to_string(&file).unwrap();
    let from_input = run(desk.home.path(), &json, &["tx", "encode", "-"]).out();
    assert_eq!(from_input, desk.run(&["tx", "encode", &file]).out());
}

#[test]
fn the_chain_id_of_the_settings_is_signed_for_when_offline() {
    let desk = Desk::new(Chain::default());
    let file = desk.unsigned("tx.json", "one", &[]);
    desk.run(&["config", "set", "client", "chain-id", CHAIN_ID]).out();
    let offline = desk.tx(&["sign", &file, "--from", "one", "--offline", "-a", "7", "-s", "3"]).out();
    assert_eq!(offline, desk.tx(&["sign", &file, "--from", "one"]).out());
}
