//! `jmesd keys`.

use super::*;

const TEST: [&str; 2] = ["--keyring-backend", "test"];

fn test_keys<'a>(words: &[&'a str]) -> Vec<&'a str> {
    ["keys"].iter().chain(words).chain(&TEST).copied().collect()
}

#[test]
fn a_new_key_shows_its_mnemonic_once_and_recovers_from_it() {
    let home = tempfile::TempDir::new().unwrap();
    let added = run(home.path(), "", &test_keys(&["add", "me", "-o", "json"])).json();
    let mnemonic = added["mnemonic"].as_str().unwrap();
    assert_eq!(mnemonic.split(' ').count(), 24);
    assert!(run(home.path(), "", &test_keys(&["show", "me", "-o", "json"])).json()["mnemonic"].is_null());
    let elsewhere = tempfile::TempDir::new().unwrap();
    let recovered =
        run(elsewhere.path(), mnemonic, &test_keys(&["add", "me", "--recover", "-o", "json"])).json();
    assert_eq!(recovered["address"], added["address"]);
    assert!(recovered["mnemonic"].is_null());
}

#[test]
fn keys_are_shown_as_text_and_as_json_of_cosmos_tools() {
    let home = home_with_keys();
    insta::assert_snapshot!("keys_list", run(home.path(), "", &test_keys(&["list"])).out());
    insta::assert_snapshot!(
        "keys_list_json",
        run(home.path(), "", &test_keys(&["list", "-o", "json"])).out()
    );
    assert_eq!(run(home.path(), "", &test_keys(&["list", "-n"])).out(), "one\ntwo\n");
    assert_eq!(run(home.path(), "", &test_keys(&["show", "one", "-a"])).out().trim(), ABANDON_ADDRESS);
    let operator = run(home.path(), "", &test_keys(&["show", "one", "-a", "--bech", "val"])).out();
    assert!(operator.starts_with("jmesvaloper1fvmeedzkv4y4t2ku9xkm4m4qkgfekmdg"), "{operator}");
    let pubkey = run(home.path(), "", &test_keys(&["show", ABANDON_ADDRESS, "-p"])).json();
    assert_eq!(pubkey["@type"], "/cosmos.crypto.secp256k1.PubKey");
}

#[test]
fn paths_choose_other_keys() {
    let home = tempfile::TempDir::new().unwrap();
    let address = |words: &[&str]| {
        let mut all = vec!["add", "me", "--recover", "--dry-run", "-o", "json"];
        all.extend(words);
        run(home.path(), ABANDON, &test_keys(&all)).json()["address"].as_str().unwrap().to_owned()
    };
    assert_eq!(address(&[]), ABANDON_ADDRESS);
    let cosmos = address(&["--coin-type", "118"]);
    assert_eq!(cosmos, "jmes19rl4cm2hmr8afy4kldpxz3fka4jguq0axhjl6z");
    assert_eq!(cosmos, address(&["--hd-path", "m/44'/118'/0'/0/0"]));
    assert_eq!(address(&["--account", "1", "--index", "2"]), address(&["--hd-path", "m/44'/6280'/1'/0/2"]));
    assert_eq!(run(home.path(), "", &test_keys(&["list", "-n"])).out(), "");
}

#[test]
fn an_encrypted_key_takes_its_passphrase_from_standard_input() {
    let home = tempfile::TempDir::new().unwrap();
    let file = ["--keyring-backend", "file"];
    let add = ["keys", "add", "me", "--recover", "-o", "json"];
    let add: Vec<&str> = add.into_iter().chain(file).collect();
    let short = run(home.path(), &format!("{ABANDON}\nshort\n"), &add).error();
    assert_eq!(short, "a passphrase needs at least 8 characters, this one has 5");
    let differ = run(home.path(), &format!("{ABANDON}\npassphrase\npassphrasE\n"), &add).error();
    assert_eq!(differ, "the two passphrases differ: nothing was changed");
    let ran = run(home.path(), &format!("{ABANDON}\npassphrase\npassphrase\n"), &add);
    assert!(ran.err.contains("This keyring is new."), "{}", ran.err);
    assert_eq!(ran.json()["address"], ABANDON_ADDRESS);
    let export = ["keys", "export", "me", "--unarmored-hex", "--unsafe", "-y", file[0], file[1]];
    let wrong = run(home.path(), "wrong passphrase\n", &export).error();
    assert!(wrong.starts_with("wrong passphrase for the keyring"), "{wrong}");
    assert_eq!(run(home.path(), "passphrase\n", &export).out().trim().len(), 64);
}

#[test]
fn exported_keys_come_back_armoured_and_in_hex() {
    let home = home_with_keys();
    let armor = run(home.path(), "passphrase\npassphrase\n", &test_keys(&["export", "one"])).out();
    let hex = run(home.path(), "y\n", &test_keys(&["export", "one", "--unarmored-hex", "--unsafe"])).out();
    let no = run(home.path(), "n\n", &test_keys(&["export", "one", "--unarmored-hex", "--unsafe"])).error();
    assert_eq!(no, "cancelled: nothing was done");
    for (name, text, input) in [("armor", armor, "passphrase\n"), ("hex", hex, "")] {
        let elsewhere = tempfile::TempDir::new().unwrap();
        let file = elsewhere.path().join(name);
        std::fs::write(&file, text).unwrap();
        let import = test_keys(&["import", "me", file.to_str().unwrap(), "-o", "json"]);
        assert_eq!(run(elsewhere.path(), input, &import).json()["address"], ABANDON_ADDRESS);
    }
}

#[test]
fn a_secret_in_the_clear_needs_two_flags() {
    let home = home_with_keys();
    let said = run(home.path(), "y\n", &test_keys(&["export", "one", "--unarmored-hex"])).error();
    assert!(said.contains("--unsafe"), "{said}");
}

#[test]
fn deleting_asks_first() {
    let home = home_with_keys();
    assert_eq!(
        run(home.path(), "", &test_keys(&["delete", "one"])).error(),
        "cancelled, for want of an answer: use --yes to go on without asking"
    );
    run(home.path(), "y\n", &test_keys(&["delete", "one"])).out();
    run(home.path(), "", &test_keys(&["delete", "two", "-y"])).out();
    let ran = run(home.path(), "", &test_keys(&["list"]));
    assert!(ran.err.contains("is empty; `jmesd keys add NAME` makes a key."), "{}", ran.err);
}

#[test]
fn multisig_keys_are_sorted_by_address_unless_told_otherwise() {
    let home = home_with_keys();
    let address = |members: &str, more: &[&str]| {
        let mut words = vec![
            "add",
            "both",
            "--multisig",
            members,
            "--multisig-threshold",
            "2",
            "--dry-run",
            "-o",
            "json",
        ];
        words.extend(more);
        run(home.path(), "", &test_keys(&words)).json()["address"].as_str().unwrap().to_owned()
    };
    assert_eq!(address("one,two", &[]), address("two,one", &[]));
    assert_ne!(address("one,two", &["--nosort"]), address("two,one", &["--nosort"]));
    // "two" has the lower address.
    assert_eq!(address("one,two", &[]), address("two,one", &["--nosort"]));
    let refused = run(
        home.path(),
        "",
        &test_keys(&["add", "both", "--multisig", "one,two", "--multisig-threshold", "3"]),
    );
    assert!(refused.error().contains("threshold <= keys"), "the threshold is too high");
    let twice = run(home.path(), "", &test_keys(&["add", "both", "--multisig", "one,one"])).error();
    assert_eq!(twice, "\"one\" is named twice among the members");
}

#[test]
fn a_public_key_alone_can_be_added() {
    let home = home_with_keys();
    let json = run(home.path(), "", &test_keys(&["show", "one", "-p"])).out();
    let elsewhere = tempfile::TempDir::new().unwrap();
    let added =
        run(elsewhere.path(), "", &test_keys(&["add", "watch", "--pubkey", json.trim(), "-o", "json"]))
            .json();
    assert_eq!((added["type"].as_str(), added["address"].as_str()), (Some("offline"), Some(ABANDON_ADDRESS)));
}

#[test]
fn addresses_are_converted_between_their_forms() {
    let home = tempfile::TempDir::new().unwrap();
    let forms = run(home.path(), "", &["keys", "parse", ABANDON_ADDRESS, "-o", "json"]).json();
    assert_eq!(forms["hex"], "4B379CB456654955AADC29ADBAEEA0B2139B6DA8");
    for field in ["hex", "account", "operator", "consensus"] {
        let again =
            run(home.path(), "", &["keys", "parse", forms[field].as_str().unwrap(), "-o", "json"]).json();
        assert_eq!(again, forms, "{field}");
    }
    assert!(run(home.path(), "", &["keys", "parse", "jmes1x"]).error().contains("is not an address"));
}

#[test]
fn the_test_keyring_warns() {
    let home = tempfile::TempDir::new().unwrap();
    let ran = run(home.path(), "", &test_keys(&["add", "me"]));
    assert!(ran.err.contains("stores keys unencrypted"), "{}", ran.err);
    assert!(ran.err.contains("Write the mnemonic down"), "{}", ran.err);
}

#[test]
fn a_mnemonic_has_24_words() {
    let home = tempfile::TempDir::new().unwrap();
    assert_eq!(run(home.path(), "", &["keys", "mnemonic"]).out().split_whitespace().count(), 24);
}
