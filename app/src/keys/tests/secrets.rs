//! Mnemonics, derivation, signatures, sealing and armour.

use proptest::prelude::*;
use sha2::{Digest, Sha256};

use super::super::seal::{Cost, Sealed, WrongPassphrase};
use super::super::*;
use super::{secret, ABANDON, ECONOMY, SPECIAL};
use jmes_modules::auth::PublicKey;

const CHEAP: Cost = Cost { memory_kib: 8, passes: 1 };

fn address_bytes(key: &SecretKey) -> String {
    hex::encode(PublicKey::Secp256k1(key.public_key()).address().as_bytes())
}

#[test]
fn keys_derive_to_the_published_addresses_of_coin_type_118() {
    // The bytes of cosmos19rl4cm2hmr8afy4kldpxz3fka4jguq0auqdal4, cosmos1jhg0e7s6gn44tfc5k37kr04sznyhedtc9rzys5 and
    // cosmos1pkptre7fdkl6gfrzlesjjvhxhlc3r4gmmk8rs6.
    for (mnemonic, address) in [
        (ABANDON, "28ff5c6d57d8cfd492b6fb42614536ed648e01fd"),
        (SPECIAL, "95d0fcfa1a44eb55a714b47d61beb014c97cb578"),
        (ECONOMY, "0d82b1e7c96dbfa42462fe612932e6bff111d51b"),
    ] {
        assert_eq!(address_bytes(&secret(mnemonic, "m/44'/118'/0'/0/0")), address);
    }
}

#[test]
fn keys_derive_to_coin_type_6280_by_default() {
    assert_eq!(HdPath::default().to_string(), "m/44'/6280'/0'/0/0");
    // Computed with an independent implementation of BIP-32.
    for (mnemonic, address) in [
        (ABANDON, "jmes1fvmeedzkv4y4t2ku9xkm4m4qkgfekmdg7cs7r8"),
        (SPECIAL, "jmes193zzf858nc8359yc5xn8jpewus9wr9w59qnlc9"),
        (ECONOMY, "jmes15tnufx4334r5qcmqx5vwzuery3jh4ghtqyq69l"),
    ] {
        let key = SecretKey::derive(&Mnemonic::parse(mnemonic).unwrap(), &HdPath::default()).unwrap();
        assert_eq!(PublicKey::Secp256k1(key.public_key()).address().to_string(), address);
    }
}

#[test]
fn signatures_are_those_that_wallets_publish() {
    let key = secret(ECONOMY, "m/44'/118'/0'/0/0");
    let sign_bytes = "0a93010a90010a1c2f636f736d6f732e62616e6b2e763162657461312e4d736753656e6412700a2d636f736d6f\
                      7331706b707472653766646b6c366766727a6c65736a6a766878686c63337234676d6d6b38727336122d636f73\
                      6d6f7331717970717870713971637273737a673270767871367273307a716733797963356c7a763778751a100a\
                      0575636f736d12073132333435363712650a4e0a460a1f2f636f736d6f732e63727970746f2e73656370323536\
                      6b312e5075624b657912230a21034f04181eeba35391b858633a765c4a0c189697b40d216354d50890d350c702\
                      9012040a02080112130a0d0a0575636f736d12043230303010c09a0c1a0c73696d642d74657374696e672001";
    assert_eq!(
        hex::encode(key.sign(&hex::decode(sign_bytes).unwrap())),
        "c9dd20e07464d3a688ff4b710b1fbc027e495e797cfa0b4804da2ed117959227772de059808f765aa29b8f92edf30f4c2c5a438e30d3fe6897\
         daa7141e3ce6f9"
    );
}

#[test]
fn new_mnemonics_have_24_words_and_differ() {
    let (one, two) = (Mnemonic::generate().unwrap(), Mnemonic::generate().unwrap());
    assert_eq!(one.words().split(' ').count(), GENERATED_WORDS);
    assert_ne!(one.words(), two.words());
    assert_eq!(Mnemonic::parse(&one.words()).unwrap().words(), one.words());
}

#[test]
fn mnemonics_are_read_in_any_case_and_spacing() {
    let loose = format!("  {}\n", ABANDON.to_uppercase().replace(' ', " \t"));
    assert_eq!(Mnemonic::parse(&loose).unwrap().words().as_str(), ABANDON);
}

#[test]
fn wrong_mnemonics_are_refused_without_repeating_their_words() {
    let mut errors = Vec::new();
    for text in
        ["", "secretword", &ABANDON.replace("about", "abandon"), &ABANDON.replace("about", "secretword")]
    {
        let error = Mnemonic::parse(text).unwrap_err().to_string();
        assert!(!error.contains("secretword") && !error.contains("abandon"), "{error}");
        errors.push(error);
    }
    insta::assert_snapshot!("wrong_mnemonics", errors.join("\n"));
}

#[test]
fn paths_are_checked() {
    for path in ["", "m", "m/", "44'/118'/0'/0/0", "m/x", "m/4294967296", "m/44'/-1"] {
        assert!(path.parse::<HdPath>().is_err(), "{path}");
    }
    assert!(HdPath::bip44(1 << 31, 0, 0).is_err());
    assert_eq!(HdPath::bip44(118, 2, 7).unwrap().to_string(), "m/44'/118'/2'/0/7");
}

#[test]
fn numbers_that_are_no_keys_are_refused() {
    let order = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
    for bytes in [vec![], vec![0; 32], vec![1; 31], vec![1; 33], hex::decode(order).unwrap()] {
        assert!(SecretKey::from_bytes(&bytes).is_err(), "{}", hex::encode(bytes));
    }
}

#[test]
fn secrets_do_not_print_themselves() {
    let key = secret(ABANDON, "m/44'/118'/0'/0/0");
    assert_eq!(format!("{key:?}"), "SecretKey(secret)");
    assert_eq!(format!("{:?}", Mnemonic::parse(ABANDON).unwrap()), "Mnemonic(secret)");
}

#[test]
fn what_is_sealed_opens_with_its_passphrase_and_context_alone() {
    let sealed = Sealed::seal(b"secret", "passphrase", b"context", CHEAP).unwrap();
    assert_eq!(sealed.open("passphrase", b"context").unwrap().as_slice(), b"secret");
    for (passphrase, context) in [("passphrasE", b"context"), ("passphrase", b"contexT")] {
        let error = sealed.open(passphrase, context).unwrap_err();
        assert!(error.is::<WrongPassphrase>(), "{error}");
    }
}

#[test]
fn every_byte_of_what_is_sealed_is_checked() {
    let sealed = serde_json::to_string(&Sealed::seal(b"secret", "pass", b"", CHEAP).unwrap()).unwrap();
    for (at, byte) in sealed.bytes().enumerate().filter(|(_, byte)| byte.is_ascii_hexdigit()) {
        let mut altered = sealed.clone().into_bytes();
        altered[at] = if byte == b'1' { b'2' } else { b'1' };
        // A change of a field's name or to more than one leading zero is no sealed secret at all.
        let Ok(altered) = serde_json::from_slice::<Sealed>(&altered) else { continue };
        assert!(altered.open("pass", b"").is_err(), "byte {at} of {sealed}");
    }
}

#[test]
fn a_file_can_not_ask_for_all_memory() {
    let sealed = Sealed::seal(b"secret", "pass", b"", CHEAP).unwrap();
    let greedy =
        serde_json::to_string(&sealed).unwrap().replace("\"memory_kib\":8", "\"memory_kib\":4294967295");
    let greedy: Sealed = serde_json::from_str(&greedy).unwrap();
    assert!(greedy.open("pass", b"").unwrap_err().to_string().contains("it is damaged"));
}

#[test]
fn armour_opens_with_its_passphrase_and_survives_being_quoted() {
    let key = secret(ABANDON, "m/44'/118'/0'/0/0");
    let armor = write_armor(&key, "passphrase").unwrap();
    assert!(armor.lines().all(|line| line.len() <= 64), "{armor}");
    let mailed = format!("Hello,\n{}\nBye", armor.replace('\n', "\r\n"));
    assert_eq!(read_armor(&mailed, "passphrase").unwrap().expose(), key.expose());
    let wrong = format!("{:#}", read_armor(&armor, "another one").unwrap_err());
    assert_eq!(wrong, "the exported key cannot be opened: wrong passphrase");
    assert!(read_armor("", "passphrase").unwrap_err().to_string().contains("not an exported key"));
    let cut = armor.replacen(&armor[60..70], "", 1);
    assert!(read_armor(&cut, "passphrase").is_err());
}

#[test]
fn public_keys_are_the_json_of_cosmos_tools() {
    let key = PublicKey::Secp256k1(secret(ECONOMY, "m/44'/118'/0'/0/0").public_key());
    let json =
        r#"{"@type":"/cosmos.crypto.secp256k1.PubKey","key":"A08EGB7ro1ORuFhjOnZcSgwYlpe0DSFjVNUIkNNQxwKQ"}"#;
    assert_eq!(key_to_json(&key).to_string(), json);
    assert_eq!(key_from_json(json).unwrap(), key);
    let not_on_curve =
        json.replace("A08EGB7ro1ORuFhjOnZcSgwYlpe0DSFjVNUIkNNQxwKQ", &format!("A{}", "/".repeat(43)));
    for wrong in
        ["", "{}", "\"A08E\"", r#"{"@type":"/cosmos.crypto.ed25519.PubKey","key":"AA=="}"#, &not_on_curve]
    {
        assert!(key_from_json(wrong).is_err(), "{wrong}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn signatures_verify_with_another_library_and_have_the_lower_s(seed: [u8; 32], message: Vec<u8>) {
        use k256::ecdsa::signature::hazmat::PrehashVerifier;
        let Ok(key) = SecretKey::from_bytes(&seed) else { return Ok(()) };
        let signature = k256::ecdsa::Signature::from_slice(&key.sign(&message)).unwrap();
        prop_assert!(signature.normalize_s().is_none());
        let verifier = k256::ecdsa::VerifyingKey::from_sec1_bytes(&key.public_key()).unwrap();
        prop_assert!(verifier.verify_prehash(&Sha256::digest(&message), &signature).is_ok());
    }
}
