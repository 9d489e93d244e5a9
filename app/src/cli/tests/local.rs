//! Commands that need no node: `config`, `comet`, `genesis`.

use std::fs;
use std::os::unix::net::UnixListener;

use super::*;

fn home_with(files: &[(&str, &str)]) -> tempfile::TempDir {
    let home = tempfile::TempDir::new().unwrap();
    for (path, text) in files {
        let path = home.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    home
}

#[test]
fn client_settings_are_defaults_that_flags_override() {
    let home = home_with_keys();
    run(home.path(), "", &["config", "set", "client", "keyring-backend", "test"]).out();
    run(home.path(), "", &["config", "set", "client", "output", "json"]).out();
    assert_eq!(run(home.path(), "", &["config", "get", "client", "output"]).out().trim(), "json");
    let list = run(home.path(), "", &["keys", "list"]).json();
    assert_eq!(list.as_array().unwrap().len(), 2);
    assert!(run(home.path(), "", &["keys", "list", "-o", "text"]).out().contains("NAME"));
    let file = run(home.path(), "", &["config", "view", "client"]).out();
    assert_eq!(
        file.trim_end(),
        fs::read_to_string(home.path().join("config/client.toml")).unwrap().trim_end()
    );
}

#[test]
fn a_client_setting_that_could_not_be_read_again_is_refused() {
    let home = tempfile::TempDir::new().unwrap();
    let refused = run(home.path(), "", &["config", "set", "client", "output", "xml"]).error();
    assert!(refused.ends_with("output is \"xml\", but must be one of text, json"), "{refused}");
    assert_eq!(run(home.path(), "", &["config", "get", "client", "output"]).out().trim(), "text");
}

#[test]
fn a_broken_client_file_is_named() {
    let home = home_with(&[("config/client.toml", "output = 7")]);
    let refused = run(home.path(), "", &["keys", "list"]).error();
    assert!(refused.contains("client.toml is wrong: output must be a text in quotes"), "{refused}");
    let home = home_with(&[("config/client.toml", "output = ")]);
    assert!(run(home.path(), "", &["version"]).error().contains("is not valid TOML"));
}

#[test]
fn new_client_settings_are_read_as_they_were_written_and_never_replaced() {
    let settings = Settings {
        chain_id: "jmes-\"1\"".into(),
        keyring_backend: crate::keys::Backend::Test,
        output: Format::Json,
        node: "tcp://127.0.0.1:3".into(),
        broadcast_mode: BroadcastMode::Async,
    };
    let home = tempfile::TempDir::new().unwrap();
    settings.write_new(home.path()).unwrap();
    assert_eq!(Settings::load(home.path()).unwrap(), settings);
    Settings::default().write_new(home.path()).unwrap();
    assert_eq!(Settings::load(home.path()).unwrap(), settings);
}

#[test]
fn the_version_names_the_commit_that_it_was_built_from() {
    let home = tempfile::TempDir::new().unwrap();
    assert_eq!(run(home.path(), "", &["version"]).out().trim(), env!("CARGO_PKG_VERSION"));
    crate::set_commit("f00d");
    assert_eq!(run(home.path(), "", &["version", "--long", "-o", "json"]).json()["commit"], "f00d");
}

/// The public key of RFC 8032's first test.
const VALIDATOR: &str = r#"{"address":"","pub_key":{"type":"tendermint/PubKeyEd25519","value":"11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="},
    "priv_key":{"type":"tendermint/PrivKeyEd25519","value":""}}"#;
/// Seed and public key, both of them zeros.
const NODE: &str = r#"{"priv_key":{"type":"tendermint/PrivKeyEd25519","value":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="}}"#;

#[test]
fn the_validators_key_is_shown_as_cosmos_tools_show_it() {
    let home = home_with(&[("config/priv_validator_key.json", VALIDATOR), ("config/config.toml", "")]);
    let key = run(home.path(), "", &["comet", "show-validator"]).json();
    assert_eq!(key["@type"], "/cosmos.crypto.ed25519.PubKey");
    assert_eq!(key["key"], "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
    let address = run(home.path(), "", &["tendermint", "show-address"]).out();
    assert!(address.starts_with("jmesvalcons1"), "{address}");
}

#[test]
fn missing_keys_say_what_to_run() {
    let home = tempfile::TempDir::new().unwrap();
    for command in ["show-node-id", "show-validator", "show-address"] {
        assert!(run(home.path(), "", &["comet", command]).error().contains("has `jmesd init` been run?"));
    }
}

#[test]
fn resetting_keeps_what_it_says() {
    let files = [
        ("data/blockstore.db/1", "x"),
        ("data/application.db/1", "x"),
        ("data/priv_validator_state.json", "signed"),
        ("config/addrbook.json", "{}"),
        ("config/genesis.json", "{}"),
    ];
    let home = home_with(&files);
    let has = |path: &str| home.path().join(path).exists();
    run(home.path(), "", &["comet", "reset-state"]).out();
    assert!(!has("data/blockstore.db") && !has("data/application.db"));
    assert!(has("config/addrbook.json") && has("config/genesis.json"));
    let state = || fs::read_to_string(home.path().join("data/priv_validator_state.json")).unwrap();
    assert_eq!(state(), "signed");
    run(home.path(), "", &["comet", "unsafe-reset-all", "--keep-addr-book"]).out();
    let unsigned: serde_json::Value = serde_json::from_str(&state()).unwrap();
    assert_eq!(unsigned, serde_json::json!({"height": "0", "round": 0, "step": 0}));
    assert!(has("config/addrbook.json"));
    run(home.path(), "", &["comet", "unsafe-reset-all"]).out();
    assert!(!has("config/addrbook.json") && has("config/genesis.json"));
}

#[test]
fn a_running_node_is_not_reset() {
    let home = home_with(&[("data/blockstore.db/1", "x")]);
    let socket = crate::engine::app_socket(home.path()).unwrap();
    let _node = UnixListener::bind(socket).unwrap();
    let refused = run(home.path(), "", &["comet", "reset-state"]).error();
    assert!(refused.contains("is running (it answers on") && refused.ends_with("stop it first"), "{refused}");
    assert!(home.path().join("data/blockstore.db/1").exists());
}

/// A genesis file as `init` makes it, without validators.
pub(super) fn home_with_genesis() -> tempfile::TempDir {
    let home = home_with_keys();
    let mut document = crate::node::genesis::Network::Devnet.template();
    document["genesis_time"] = serde_json::json!("2027-01-01T00:00:00Z");
    let config = home.path().join("config");
    fs::create_dir_all(&config).unwrap();
    fs::write(config.join("priv_validator_key.json"), VALIDATOR).unwrap();
    fs::write(config.join("node_key.json"), NODE).unwrap();
    fs::write(config.join("config.toml"), "moniker = \"here\"\n[p2p]\npersistent_peers = \"\"\n").unwrap();
    crate::node::genesis::save(&crate::node::genesis_file(home.path()), &document).unwrap();
    home
}

#[test]
fn accounts_are_added_to_genesis_by_address_and_by_key() {
    let home = home_with_genesis();
    run(home.path(), "", &["genesis", "add-account", SPECIAL_ADDRESS, "100nils"]).out();
    let by_key = ["genesis", "add-account", "one", "1.5JMES", "--keyring-backend", "test"];
    let ran = run(home.path(), "", &by_key);
    assert_eq!(ran.err, format!("{ABANDON_ADDRESS} has 1.5 JMES (1500000 Nils) at genesis.\n"));
    let twice = run(home.path(), "", &by_key).error();
    assert!(twice.contains(ABANDON_ADDRESS) && twice.contains("already"), "{twice}");
    let document = crate::node::genesis::load(&crate::node::genesis_file(home.path())).unwrap();
    assert_eq!(document["app_state"]["bank"]["balances"].as_array().unwrap().len(), 2);
}

#[test]
fn validators_are_made_and_collected_with_and_without_a_bond() {
    let home = home_with_genesis();
    let genesis = |arguments: &[&str]| run(home.path(), "", &[&["genesis"], arguments].concat());
    let said = genesis(&["validate"]).error();
    assert!(said.contains("jmesd genesis gentx") && said.contains("collect-gentxs"), "{said}");
    let said = genesis(&["collect-gentxs"]).error();
    assert!(said.contains("config/gentx"), "{said}");

    let gentx = ["gentx", "one", "--keyring-backend", "test"];
    genesis(&gentx).out();
    assert!(genesis(&gentx).error().contains("exists already"));
    let ran = genesis(&["collect-gentxs"]);
    assert!(ran.err.ends_with("genesis.json has 1 validator.\n"), "{}", ran.err);
    genesis(&["validate"]).out();

    genesis(&["add-account", "two", "5JMES", "--keyring-backend", "test"]).out();
    let file = home.path().join("bonded/a.json");
    let bonded = ["gentx", "two", "3JMES", "--keyring-backend", "test", "--ip", "10.0.0.7"];
    let rates = ["--commission-rate", "0.05", "--moniker", "other", "--details", "more"];
    genesis(&[&bonded[..], &rates, &["--output-document", file.to_str().unwrap()]].concat()).out();
    let tx: serde_json::Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    assert!(tx["body"]["memo"].as_str().unwrap().ends_with("@10.0.0.7:26656"), "{tx}");
    let msg = &tx["body"]["messages"][0];
    assert_eq!(msg["value"]["amount"], "3000000");
    assert_eq!(msg["commission"]["rate"], "0.050000000000000000");
    assert_eq!(
        (&msg["description"]["moniker"], &msg["description"]["details"]),
        (&"other".into(), &"more".into())
    );
    genesis(&["collect-gentxs", "--gentx-dir", file.parent().unwrap().to_str().unwrap()]).out();
}

#[test]
fn validators_that_can_not_be_are_refused() {
    let home = home_with_genesis();
    let genesis = |arguments: &[&str]| run(home.path(), "", &[&["genesis"], arguments].concat());
    let gentx = |more: &[&str]| genesis(&[&["gentx", "one", "--keyring-backend", "test"], more].concat());
    assert!(gentx(&["7ibc/AA"]).error().contains("bonds are in JMES, not ibc/AA"));
    // What the operator does not have it can't bond; the file is not changed.
    gentx(&["5JMES"]).out();
    let said = genesis(&["collect-gentxs"]).error();
    assert!(said.contains("genutil.gen_txs[0]") && said.contains("5000000ujmes"), "{said}");
    let document = crate::node::genesis::load(&crate::node::genesis_file(home.path())).unwrap();
    assert_eq!(document["app_state"]["genutil"]["gen_txs"].as_array().map_or(0, Vec::len), 0);
}

#[test]
fn premint_wallets_are_added_once() {
    let home = home_with_genesis();
    let premint = ["genesis", "add-premint", "one", "7JMES", "--keyring-backend", "test"];
    run(home.path(), "", &premint).out();
    assert!(run(home.path(), "", &premint).error().contains("is a premint wallet in the genesis already"));
    let document = crate::node::genesis::load(&crate::node::genesis_file(home.path())).unwrap();
    let wallet = serde_json::json!([{"address": ABANDON_ADDRESS, "amount": "7000000"}]);
    assert_eq!(document["app_state"]["premint"]["wallets"], wallet);
}

#[test]
fn accounts_that_can_not_be_are_refused() {
    let home = home_with_genesis();
    let add = |account, amount| run(home.path(), "", &["genesis", "add-account", account, amount]).error();
    assert!(add("nobody", "1JMES").contains("there is no key named \"nobody\""));
    assert!(add("jmes1fvmeedzkv4y4t2ku9xkm4m4qkgfekmdg7cs7r9", "1JMES").contains("a character is wrong"));
    assert!(add(SPECIAL_ADDRESS, "0JMES").contains("must be positive"));
    assert!(add(SPECIAL_ADDRESS, "7ibc/AA").contains("a new chain's coins are JMES, not ibc/AA"));
    let missing = tempfile::TempDir::new().unwrap();
    let said = run(missing.path(), "", &["genesis", "add-account", SPECIAL_ADDRESS, "1JMES"]).error();
    assert!(said.contains("genesis.json"), "{said}");
}

#[test]
fn a_wrong_genesis_is_named_with_its_fault() {
    let home = home_with(&[("config/genesis.json", "{\"chain_id\":\"\"}")]);
    let said = run(home.path(), "", &["genesis", "validate"]).error();
    assert!(said.contains("genesis.json is not valid: chain_id must have 1 to 50 characters"), "{said}");
}

#[test]
fn wrong_consensus_parameters_of_genesis_are_told_in_one_line() {
    let home = home_with_genesis();
    let path = crate::node::genesis_file(home.path());
    let text = fs::read_to_string(&path).unwrap();
    let wrong = text.replacen("\"ed25519\"", "\"ed25,519\"", 1);
    assert_ne!(wrong, text);
    fs::write(&path, wrong).unwrap();
    let said = run(home.path(), "", &["genesis", "validate"]).error.expect("a refusal");
    assert!(said.contains("consensus_params: ") && said.contains("ed25,519"), "{said}");
    assert_eq!(said.trim().lines().count(), 1, "{said}");
}
