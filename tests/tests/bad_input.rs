//! Malformed, oversized and deeply nested bytes at the doors that the engine opens, and genesis documents that are
//! wrong: a clear error with a code, no panic, no hang, no change of state.

use jmes_proto::cosmos::tx::v1beta1::{AuthInfo, Fee, TxRaw};
use jmes_proto::Any;
use jmes_tests::net::{free_port_base, jmesd, run};
use jmes_tests::{Draft, Genesis, Group, Key, TestChain};
use prost::Message;
use serde_json::{json, Value};
use std::fmt::Write;
use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tendermint_abci::Application;
use tendermint_proto::v0_38::abci::{RequestQuery, ResponseQuery};

/// The longest that any single input may take, on a machine that does other things too.
const PATIENCE: Duration = Duration::from_secs(5);

fn chain() -> TestChain {
    let genesis = Genesis::new().with(Key::new(0).address(), "90000000000ujmes");
    let chain = TestChain::new(&genesis);
    chain.block(&[]);
    chain
}

fn bounded<T>(name: &str, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let done = work();
    assert!(start.elapsed() < PATIENCE, "{name} took {:?}", start.elapsed());
    done
}

/// A transaction around these body bytes, signed with nothing.
fn around(body_bytes: Vec<u8>) -> Vec<u8> {
    let auth = AuthInfo { fee: Some(Fee::default()), ..AuthInfo::default() };
    TxRaw { body_bytes, auth_info_bytes: auth.encode_to_vec(), signatures: vec![vec![0; 64]] }.encode_to_vec()
}

/// `depth` messages inside one another, each the only field 1 of the next.
fn nested(depth: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    for _ in 0..depth {
        let mut outer = vec![0x0a];
        prost::encoding::encode_varint(bytes.len() as u64, &mut outer);
        outer.extend(&bytes);
        bytes = outer;
    }
    bytes
}

/// `depth` Any values inside one another: authz executions of executions.
fn nested_any(depth: usize) -> Vec<u8> {
    let mut value = Vec::new();
    for _ in 0..depth {
        let inner = Any { type_url: "/cosmos.authz.v1beta1.MsgExec".into(), value };
        let bytes = inner.encode_to_vec();
        value = vec![0x12];
        prost::encoding::encode_varint(bytes.len() as u64, &mut value);
        value.extend(bytes);
    }
    let mut body = Draft::new();
    body.body.messages.push(Any { type_url: "/cosmos.authz.v1beta1.MsgExec".into(), value });
    body.body.encode_to_vec()
}

fn monsters(chain: &TestChain) -> Vec<(&'static str, Vec<u8>)> {
    let alice = Key::new(0);
    let large = |length| {
        chain.sign(
            &Draft::new().memo(&"x".repeat(length)).and_send(alice.address(), alice.address(), "1ujmes"),
            &[&alice],
        )
    };
    let many =
        (0..20_000).fold(Draft::new(), |draft, _| draft.and_send(alice.address(), alice.address(), "1ujmes"));
    let crowd: Vec<Key> = (0..300).map(Key::new).collect();
    let crowded = crowd
        .iter()
        .fold(Draft::new(), |draft, key| draft.and_send(key.address(), alice.address(), "1ujmes"));
    let outputs: Vec<_> = (0..20_000).map(|_| (alice.address(), 1)).collect();
    vec![
        ("zeros", vec![0; 4 << 20]),
        ("ones", vec![0xff; 4 << 20]),
        ("empty fields", [0x1a, 0].repeat(2 << 20)),
        ("a length beyond the end", vec![0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f, 1]),
        ("a length beyond all", vec![0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]),
        ("deep", nested(5_000)),
        ("a deep body", around(nested(5_000))),
        ("any in any", around(nested_any(17))),
        ("any in any in any", around(nested_any(1_000))),
        ("a large memo", large(4 << 20)),
        ("many messages", chain.sign(&many.gas(90_000_000), &[&alice])),
        ("many signers", chain.sign(&crowded.gas(90_000_000), &crowd.iter().collect::<Vec<_>>())),
        (
            "many outputs",
            chain.sign(&Draft::new().and_multi_send(alice.address(), &outputs).gas(90_000_000), &[&alice]),
        ),
    ]
}

#[test]
fn monstrous_transactions_are_answered_in_time() {
    let (chain, twin) = (chain(), chain());
    for (name, tx) in monsters(&chain) {
        let checked = bounded(name, || chain.check(&tx));
        assert_eq!(checked.code == 0, checked.codespace.is_empty(), "{name}: {}", checked.log);
        assert!(checked.log.len() < 2_000, "{name}: {} characters of log", checked.log.len());
        let error = bounded(name, || chain.chain().simulate(&tx)).err();
        assert!(error.is_none_or(|error| error.code > 1), "{name}");
        bounded(name, || chain.prepare(&[&tx], u64::MAX));
        bounded(name, || chain.process(&[&tx]));
        bounded(name, || chain.finalize(&[&tx]));
    }
    chain.block(&[]);
    twin.block(&[]);
    assert_eq!(chain.app_hash(), twin.app_hash());
}

#[test]
fn a_block_of_garbage_is_an_empty_block_with_refusals() {
    let (chain, twin) = (chain(), chain());
    let garbage: Vec<Vec<u8>> = monsters(&chain)
        .into_iter()
        .map(|(_, tx)| tx)
        .filter(|tx| chain.prepare(&[&tx], u64::MAX).is_empty())
        .collect();
    assert!(garbage.len() > 8);
    for outcome in chain.block(&garbage) {
        let result = outcome.into_result();
        assert!(result.code > 1 && !result.codespace.is_empty() && !result.log.is_empty());
        assert!(result.events.is_empty() && result.data.is_empty());
    }
    twin.block(&[]);
    assert_eq!(chain.app_hash(), twin.app_hash());
}

fn query(chain: &TestChain, path: &str, data: &[u8], height: i64, prove: bool) -> ResponseQuery {
    let request = RequestQuery { path: path.into(), data: data.to_vec().into(), height, prove };
    let response = Application::query(chain.chain(), request);
    assert!(response.height > 0, "{path}: clients fail on height 0");
    response
}

#[test]
fn wrong_paths_heights_and_requests_are_refused_with_a_code() {
    let chain = chain();
    let balance = "/cosmos.bank.v1beta1.Query/Balance";
    let refused = [
        ("", &[][..], 0),
        ("/", &[], 0),
        ("/cosmos.bank.v1beta1.Query/Nothing", &[], 0),
        ("/cosmos.gov.v1.Query/Proposals", &[], 0),
        (&"/x".repeat(100_000), &[], 0),
        ("/store", &[], 0),
        ("/store/", &[], 0),
        ("/store/bank", &[], 0),
        ("/store/bank/subspace", &[], 0),
        ("/store/nothing/key", &[1], 0),
        ("/store//key", &[1], 0),
        (balance, &[0xff], 0),
        (balance, &[], 0),
        (balance, &[0x0a, 4, b't', b'e', b's', b't'], 0),
        (balance, &[], 7),
        (balance, &[], i64::MAX),
    ];
    for (path, data, height) in refused {
        let response = query(&chain, path, data, height, true);
        assert!(response.code > 1 && response.codespace == "sdk", "{path} at {height}");
        assert!(response.log.starts_with("rpc error: code = "), "{}", response.log);
        assert!(response.log.len() < 1_000, "a long path is not repeated whole");
    }
}

#[test]
fn stores_answer_any_key_with_and_without_proof() {
    let chain = chain();
    for store in jmes_modules::STORES {
        for key in [&[][..], &[0], &[1], &[0xff; 1_000], &[2]] {
            for prove in [false, true] {
                let response = query(&chain, &format!("/store/{store}/key"), key, 0, prove);
                assert!(response.code == 0 || response.codespace == "sdk");
                assert_eq!(response.proof_ops.is_some(), prove && response.code == 0);
            }
        }
    }
}

#[test]
fn paths_of_stores_may_lack_the_first_slash() {
    let chain = chain();
    let key = [&[1, 20], Key::new(0).address().as_bytes()].concat();
    let usual = query(&chain, "/store/auth/key", &key, 0, true);
    assert!(usual.code == 0 && !usual.value.is_empty() && usual.proof_ops.is_some());
    assert_eq!(query(&chain, "store/auth/key", &key, 0, true), usual);
    // Of an empty store there is nothing to prove, whatever the path.
    let nothing = query(&chain, "store/upgrade/key", b"upgradedIBCState", 0, true);
    assert_eq!(nothing, query(&chain, "/store/upgrade/key", b"upgradedIBCState", 0, true));
    let absent = query(&chain, "store/auth/key", b"nothing", 0, true);
    assert!(absent.code == 0 && absent.value.is_empty() && absent.proof_ops.is_some());
    assert_ne!(query(&chain, "//store/auth/key", &key, 0, true).code, 0);
    let version = query(&chain, "app/version", &[], 0, false);
    assert_eq!(version, query(&chain, "/app/version", &[], 0, false));
    assert!(version.code == 0 && !version.value.is_empty());
}

#[test]
fn no_answer_has_height_0_even_before_the_first_block() {
    let chain = TestChain::new(&Genesis::new());
    for (path, code) in [
        ("/app/version", 0),
        ("/cosmos.base.tendermint.v1beta1.Service/GetNodeInfo", 0),
        ("/cosmos.base.node.v1beta1.Service/Config", 0),
        ("/cosmos.bank.v1beta1.Query/Params", 18),
        ("/store/auth/key", 18),
        ("/nothing", 18),
    ] {
        assert_eq!(query(&chain, path, &[1], 0, false).code, code, "{path}");
    }
}

#[test]
fn before_the_first_block_queries_are_unavailable() {
    let chain = TestChain::new(&Genesis::new());
    let error = chain.chain().query("/cosmos.bank.v1beta1.Query/Params", &[], 0).unwrap_err();
    assert_eq!(
        error.to_string(),
        "rpc error: code = Unavailable desc = the chain has no block yet; try again in a moment"
    );
}

#[test]
fn a_query_that_wants_too_much_is_stopped() {
    let mut genesis = Genesis::new();
    for number in 0..400_u64 {
        let denom = format!("coin{number:0>110}");
        genesis = genesis.with(Group::new(1, &[number]).address(), &format!("1{denom},1ujmes"));
    }
    let chain = TestChain::new(&genesis);
    chain.block(&[]);
    let pagination = jmes_proto::cosmos::base::query::v1beta1::PageRequest {
        limit: u64::MAX,
        count_total: true,
        ..Default::default()
    };
    let request = jmes_proto::cosmos::auth::v1beta1::QueryAccountsRequest { pagination: Some(pagination) };
    let answer =
        chain.chain().query("/cosmos.auth.v1beta1.Query/Accounts", &request.encode_to_vec(), 0).unwrap();
    assert!(answer.value.len() < 1 << 20);
}

/// Genesis documents that are wrong in one place.
fn wrong_genesis() -> Vec<(&'static str, Value)> {
    let owner = Key::new(0).address().to_string();
    let wallet = |coins: Value| json!({"bank": {"balances": [{"address": owner, "coins": coins}]}});
    vec![
        ("bank is a text", json!({"bank": "none"})),
        ("balances are a number", json!({"bank": {"balances": 5}})),
        ("an unknown field", json!({"bank": {"balance": []}})),
        ("a wallet without address", json!({"bank": {"balances": [{"coins": []}]}})),
        (
            "a wallet of another chain",
            json!({"bank": {"balances": [{"address": "cosmos1w508d6qejxtdg4y5r3zarvary0c5xw7k6ah60c"}]}}),
        ),
        ("a negative amount", wallet(json!([{"denom": "ujmes", "amount": "-1"}]))),
        ("an amount that is a number", wallet(json!([{"denom": "ujmes", "amount": 5}]))),
        (
            "unsorted coins",
            wallet(json!([{"denom": "ujmes", "amount": "5"}, {"denom": "atom", "amount": "5"}])),
        ),
        ("bonded coins", wallet(json!([{"denom": "bujmes", "amount": "5"}]))),
        ("more than genesis may give", wallet(json!([{"denom": "ujmes", "amount": "100000000000001"}]))),
        ("another supply", json!({"bank": {"supply": [{"denom": "ujmes", "amount": "5"}]}})),
        ("an account of nothing", json!({"auth": {"accounts": [{}]}})),
        ("an account of an unknown type", json!({"auth": {"accounts": [{"@type": "/no.Account"}]}})),
        (
            "an account twice",
            json!({"auth": {"accounts": [
                {"@type": "/cosmos.auth.v1beta1.BaseAccount", "address": owner},
                {"@type": "/cosmos.auth.v1beta1.BaseAccount", "address": owner},
            ]}}),
        ),
        ("a gas price that is negative", json!({"auth": {"gas": {"read_flat": "-1"}}})),
        (
            "a withdraw address without owner",
            json!({"rewards": {"withdraw_addresses": [{"owner": "cosmos1"}]}}),
        ),
        ("parameters of seats that are a list", json!({"seats": {"params": []}})),
        ("a clock that is a text", json!({"emission": "now"})),
        ("premint wallets without address", json!({"premint": {"wallets": [{"amount": "5"}]}})),
    ]
}

#[test]
fn a_wrong_genesis_is_refused_with_the_place_and_the_value() {
    let chain = TestChain::new(&Genesis::new());
    let mut table = String::new();
    for (name, app_state) in wrong_genesis() {
        let genesis = Genesis { app_state, ..Genesis::new() };
        let error = chain.chain().init_chain(&genesis.origin(), &genesis.document()).err().expect(name);
        writeln!(table, "{name}: {}/{} {}", error.codespace, error.code, error.message).unwrap();
    }
    insta::assert_snapshot!(table);
    chain.block(&[]);
    assert_eq!(chain.chain().height(), 1, "what was refused left nothing behind");
}

#[test]
fn a_node_does_not_start_with_damaged_settings_and_names_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let base = free_port_base(1).to_string();
    run(Command::new(jmesd()).args(["testnet", "--port-base", &base, "--home"]).arg(dir.path()));
    let home = dir.path().join("node0");
    for (file, damages) in [
        ("app.toml", &["= 5\n", "[api\n", "\u{0}\u{1}", "halt-height = \"soon\"\n", "pruning = 7\n"][..]),
        ("config.toml", &["= 5\n", "[rpc\n", "\u{0}\u{1}", "[rpc]\nladdr = 7\n"]),
        ("client.toml", &["= 5\n", "output = 7\n"]),
        ("genesis.json", &["", "{", "[]", "{\"chain_id\": 7}"]),
    ] {
        let path = home.join("config").join(file);
        let sound = fs::read(&path).unwrap();
        for damage in damages {
            fs::write(&path, damage).unwrap();
            // A node that started after all would run until it is stopped.
            let output = Command::new("timeout")
                .arg("20")
                .arg(jmesd())
                .args(["start", "--home"])
                .arg(&home)
                .stdin(Stdio::null())
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(1), "{file} is {damage:?}: {said}");
            assert!(said.contains(file) && !said.contains("panicked"), "{file} is {damage:?}: {said}");
        }
        fs::write(&path, sound).unwrap();
    }
}
