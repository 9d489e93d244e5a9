//! What the engine's files say after they are made and changed.

use super::super::settings::{read, set, File};
use super::super::{app_socket, keys, rpc_url};
use super::*;

/// What the engine's own command says about a home.
fn engine_says(home: &Path, command: &str) -> String {
    let output = super::super::supervisor::command(&binary(), home).arg(command).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[test]
fn init_sets_what_the_chain_needs_and_keeps_the_engines_comments() {
    let home = tempfile::tempdir().unwrap();
    let ports = Ports::USUAL;
    let binary = binary();
    let init =
        |preset| Init { binary: &binary, home: home.path(), moniker: "m", preset, alone: false, ports };
    config::init(&init(Preset::Mainnet)).unwrap();

    let get = |key| read(home.path(), File::Config, key).unwrap();
    assert_eq!(get("mempool.type"), "flood");
    assert_eq!(get("consensus.timeout_commit"), "4710ms");
    assert_eq!(get("consensus.skip_timeout_commit"), "false");
    assert_eq!(get("rpc.laddr"), "tcp://127.0.0.1:26657");
    assert_eq!(get("rpc.cors_allowed_origins"), "[]");
    assert_eq!(get("instrumentation.prometheus"), "true");
    assert_eq!(get("tx_index.indexer"), "kv");
    let text = fs::read_to_string(File::Config.path(home.path())).unwrap();
    assert!(text.contains("# How long we wait after committing a block"));
    assert!(!home.path().join("config/genesis.json").exists(), "the genesis is not the engine's to make");

    // What the operator set is kept by another init, and so are the keys.
    let id = keys::node_id(home.path()).unwrap();
    set(home.path(), File::Config, "consensus.timeout_commit", "7s").unwrap();
    config::init(&init(Preset::Devnet)).unwrap();
    assert_eq!(get("consensus.timeout_commit"), "7s");
    assert_eq!(keys::node_id(home.path()).unwrap(), id);
}

#[test]
fn block_times_below_a_tenth_of_a_second_are_refused() {
    let home = tempfile::tempdir().unwrap();
    let preset = Preset::BlockTime(Duration::from_millis(99));
    let init =
        Init { binary: &binary(), home: home.path(), moniker: "m", preset, alone: true, ports: Ports::USUAL };
    assert!(config::init(&init).unwrap_err().to_string().contains("too short"));
}

#[test]
fn keys_read_from_files_are_those_the_engine_shows() {
    let home = tempfile::tempdir().unwrap();
    single_node(home.path(), Ports::USUAL);
    assert_eq!(keys::node_id(home.path()).unwrap(), engine_says(home.path(), "show-node-id"));
    let shown: keys::PublicKey = serde_json::from_str(&engine_says(home.path(), "show-validator")).unwrap();
    assert_eq!(keys::validator_pubkey(home.path()).unwrap(), shown);
    let text = fs::read_to_string(home.path().join("config/priv_validator_key.json")).unwrap();
    let file: serde_json::Value = serde_json::from_str(&text).unwrap();
    let address = hex::encode_upper(keys::validator_address(home.path()).unwrap());
    assert_eq!(file["address"], address);
}

#[test]
fn a_setting_keeps_its_type_and_its_comments() {
    let home = tempfile::tempdir().unwrap();
    single_node(home.path(), Ports::USUAL);
    let home = home.path();
    let change = |key, value| set(home, File::Config, key, value).map_err(|error| format!("{error:#}"));
    let before = fs::read_to_string(File::Config.path(home)).unwrap();

    change("mempool.size", "123").unwrap();
    change("moniker", "a \"quoted\" name").unwrap();
    change("rpc.cors_allowed_origins", r#"["https://jmes.example"]"#).unwrap();
    change("consensus.create_empty_blocks_interval", "1m30s").unwrap();
    assert_eq!(read(home, File::Config, "mempool.size").unwrap(), "123");
    assert_eq!(read(home, File::Config, "moniker").unwrap(), "a \"quoted\" name");
    let after = fs::read_to_string(File::Config.path(home)).unwrap();
    let comments = |text: &str| text.lines().filter(|line| line.starts_with('#')).count();
    assert_eq!(comments(&before), comments(&after));
    assert_eq!(
        engine_says(home, "show-node-id"),
        keys::node_id(home).unwrap(),
        "the engine still reads the file"
    );

    for (key, value) in [
        ("mempool.size", "many"),
        ("mempool.recheck", "1"),
        ("consensus.timeout_commit", "soon"),
        ("consensus.timeout_commit", "5"),
        ("rpc.cors_allowed_origins", "*"),
        ("mempool", "5"),
    ] {
        change(key, value).expect_err(key);
    }
    assert_eq!(
        fs::read_to_string(File::Config.path(home)).unwrap(),
        after,
        "a refused change writes nothing"
    );
}

#[test]
fn an_unknown_setting_is_refused_with_near_matches() {
    let home = tempfile::tempdir().unwrap();
    single_node(home.path(), Ports::USUAL);
    let error = set(home.path(), File::Config, "mempool.sise", "1").unwrap_err().to_string();
    assert_eq!(error, "there is no setting `mempool.sise`; did you mean mempool.size?");
    let error = read(home.path(), File::Config, "no.such.thing.at.all").unwrap_err().to_string();
    assert_eq!(error, "there is no setting `no.such.thing.at.all`");
    assert!("genesis".parse::<File>().is_err());
}

#[test]
fn ports_of_several_nodes_are_a_hundred_apart() {
    let ports = Ports::of_node(Some(30_000), 2).unwrap();
    assert_eq!((ports.p2p, ports.rpc, ports.rest), (30_200, 30_201, 30_202));
    assert_eq!((ports.grpc, ports.engine_metrics, ports.app_metrics), (30_203, 30_204, 30_205));
    assert_eq!(Ports::of_node(None, 0).unwrap(), Ports::USUAL);
    assert_eq!(Ports::of_node(None, 1).unwrap().rest, 1417);
    assert!(Ports::of_node(Some(65_000), 5).is_ok());
    assert!(Ports::of_node(Some(65_000), 6).is_err());
    assert!(Ports::of_node(Some(65_535), 0).is_err());
}

#[test]
fn the_socket_of_a_deep_home_has_a_short_path_of_its_own() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(app_socket(dir.path()).unwrap(), dir.path().canonicalize().unwrap().join("data/abci.sock"));

    let deep = |name: &str| dir.path().join("d".repeat(100)).join(name);
    let (one, other) = (app_socket(&deep("one")).unwrap(), app_socket(&deep("other")).unwrap());
    assert!(one.as_os_str().len() <= 107);
    assert_ne!(one, other);
    assert_eq!(one, app_socket(&deep("one")).unwrap());
    let parent = one.parent().unwrap();
    assert_eq!(std::os::unix::fs::MetadataExt::mode(&fs::metadata(parent).unwrap()) & 0o777, 0o700);

    // A directory that others can enter is not used.
    fs::set_permissions(parent, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    assert!(app_socket(&deep("one")).is_err());
    fs::remove_dir(parent).unwrap();
    fs::remove_dir(other.parent().unwrap()).unwrap();
}

#[test]
fn the_rpc_url_is_one_to_connect_to_on_this_machine() {
    let home = tempfile::tempdir().unwrap();
    single_node(home.path(), Ports::USUAL);
    let url = |address| {
        set(home.path(), File::Config, "rpc.laddr", address).unwrap();
        rpc_url(home.path())
    };
    assert_eq!(rpc_url(home.path()).unwrap(), "http://127.0.0.1:26657");
    assert_eq!(url("tcp://0.0.0.0:5").unwrap(), "http://127.0.0.1:5");
    assert_eq!(url("tcp://10.0.0.1:5, tcp://10.0.0.2:6").unwrap(), "http://10.0.0.1:5");
    assert!(url("unix:///tmp/rpc.sock").is_err());
}
