//! Unmodified clients against a running node: the suites in `tests/clients`, each on a network of its own.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use jmes_tests::net::{repository, Network};
use serde_json::json;

/// The longest that a suite may take.
const LIMIT: Duration = Duration::from_secs(420);

#[test]
fn cosmjs_works_unmodified() {
    run_suite(1, node_js(), "cosmjs.mjs", &[]);
}

#[test]
fn keplr_finds_what_it_asks_for() {
    run_suite(1, node_js(), "keplr.mjs", &[]);
}

#[test]
fn explorers_find_blocks_and_transactions() {
    run_suite(1, node_js(), "explorer.mjs", &[]);
}

#[test]
fn cosmpy_works_unmodified_over_grpc() {
    run_suite(1, python(), "ledger.py", &["grpc"]);
}

#[test]
fn cosmpy_works_unmodified_over_rest() {
    run_suite(1, python(), "ledger.py", &["rest"]);
}

#[test]
fn cosmjs_bonds_and_withdraws_rewards_unmodified() {
    run_suite(2, node_js(), "staking.mjs", &[]);
}

#[test]
fn cosmjs_lives_the_life_of_a_dao_with_registered_types() {
    run_suite(1, node_js(), "business.mjs", &[]);
}

#[test]
fn cosmjs_signs_every_message_as_a_hardware_wallet_does() {
    let mut network = Network::make(1, "500ms");
    network.change_genesis(|state| {
        state["governance"]["params"]["raising_period"] = json!("15s");
        state["governance"]["params"]["voting_period"] = json!("8s");
    });
    network.start_all();
    run_suite_on(&network, node_js(), "amino.mjs", &[]);
}

#[test]
fn cosmpy_bonds_and_withdraws_rewards_unmodified_over_grpc() {
    run_suite(2, python(), "staking.py", &["grpc"]);
}

#[test]
fn cosmpy_bonds_and_withdraws_rewards_unmodified_over_rest() {
    run_suite(2, python(), "staking.py", &["rest"]);
}

fn node_js() -> PathBuf {
    installed("node/bin/node")
}

fn python() -> PathBuf {
    installed("python/bin/python")
}

fn installed(program: &str) -> PathBuf {
    let path = repository().join(".cache/clients").join(program);
    assert!(path.exists(), "the client libraries are not installed: run tests/clients/setup");
    path
}

/// As [`run_suite_on`] beside a new network of so many validators.
fn run_suite(validators: u16, interpreter: PathBuf, script: &str, arguments: &[&str]) {
    run_suite_on(&Network::start(validators, "500ms"), interpreter, script, arguments);
}

/// Runs a suite to its end beside a network; fails with what it printed unless each of its checks passed.
fn run_suite_on(network: &Network, interpreter: PathBuf, script: &str, arguments: &[&str]) {
    let path = network.description().with_file_name("suite.log");
    let log = File::create(&path).expect("the suite's log");
    let mut suite = Command::new(interpreter)
        .arg(repository().join("tests/clients").join(script))
        .arg(network.description())
        .args(arguments)
        // The suites talk to loopback alone, whatever this machine reaches the world through.
        .env("NO_PROXY", "127.0.0.1")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::null())
        .stdout(log.try_clone().expect("the suite's log"))
        .stderr(log)
        .spawn()
        .expect("the suite starts");
    let start = Instant::now();
    let status = loop {
        if let Some(status) = suite.try_wait().expect("the suite's status") {
            break Some(status);
        }
        if start.elapsed() > LIMIT {
            suite.kill().and_then(|()| suite.wait()).expect("the suite can be killed");
            break None;
        }
        thread::sleep(Duration::from_millis(50));
    };
    let said = fs::read_to_string(&path).expect("the suite's log");
    println!("{said}");
    match status {
        Some(status) => assert!(status.success(), "{script} {arguments:?} ended with {status}, see above"),
        None => panic!("{script} {arguments:?} was not done after {LIMIT:?}, see above"),
    }
}
