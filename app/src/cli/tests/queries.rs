//! `jmesd query` and `status`: what is asked of the node and how answers are shown.

use super::node::{Chain, Node};
use super::*;

const HASH: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// A query's result from a new stand-in; the home has no files.
fn ask(chain: Chain, words: &[&str]) -> Ran {
    let (home, node) = (tempfile::TempDir::new().unwrap(), Node::start(chain));
    let words: Vec<&str> = words.iter().chain(&["--node", &node.url]).copied().collect();
    run(home.path(), "", &words)
}

#[test]
fn balances_are_jmes_for_people_and_ujmes_for_programs() {
    let words = ["query", "bank", "balances", ABANDON_ADDRESS];
    insta::assert_snapshot!("balances", ask(Chain::default(), &words).out());
    let words = ["q", "bank", "balances", ABANDON_ADDRESS, "-o", "json"];
    insta::assert_snapshot!("balances_json", ask(Chain::default(), &words).out());
}

#[test]
fn single_amounts_are_jmes_for_people_and_nils_for_programs() {
    let words = ["query", "rewards", "unredeemed"];
    assert_eq!(ask(Chain::default(), &words).out(), "0.002583 JMES (2583 Nils)\n");
    let words = ["query", "rewards", "unredeemed", "-o", "json"];
    assert_eq!(ask(Chain::default(), &words).out(), "{\"amount\":\"2583\"}\n");
}

#[test]
fn accounts_are_shown_with_number_and_sequence() {
    for words in [&["query", "account", ABANDON_ADDRESS][..], &["query", "auth", "account", ABANDON_ADDRESS]]
    {
        let words: Vec<&str> = words.iter().copied().chain(["-o", "json"]).collect();
        let shown = ask(Chain::default(), &words).json();
        assert_eq!(shown["account"]["account_number"], "7");
        assert_eq!(shown["account"]["sequence"], "3");
    }
}

#[test]
fn refusals_of_the_node_are_its_sentences_without_codes_for_programs() {
    let missing = "jmes15tnufx4334r5qcmqx5vwzuery3jh4ghtqyq69l";
    let said = ask(Chain::default(), &["query", "account", missing]).error();
    assert_eq!(said, format!("account {missing} not found: key not found"));
}

#[test]
fn a_height_is_passed_on() {
    let (home, node) = (tempfile::TempDir::new().unwrap(), Node::start(Chain::default()));
    for height in ["0", "4"] {
        let words = ["query", "bank", "balance", ABANDON_ADDRESS, "--height", height, "--node", &node.url];
        assert!(run(home.path(), "", &words).out().contains("0.000001 JMES (1 Nils)"));
    }
    assert_eq!(node.heights().last().map(String::as_str), Some("4"));
    assert_ne!(node.heights()[0], "4");
}

#[test]
fn any_query_can_be_asked_by_its_path() {
    let request = format!("{{\"address\":\"{ABANDON_ADDRESS}\",\"denom\":\"ujmes\"}}");
    let words = ["query", "raw", "/cosmos.bank.v1beta1.Query/Balance", &request, "-o", "json"];
    assert_eq!(ask(Chain::default(), &words).json()["balance"]["amount"], "1");
    let said = ask(Chain::default(), &["query", "raw", "/cosmos.bank.v1beta1.Query/Nothing"]).error();
    assert!(said.starts_with("there is no query /cosmos.bank.v1beta1.Query/Nothing"), "{said}");
    let said =
        ask(Chain::default(), &["query", "raw", "/cosmos.bank.v1beta1.Query/Balance", "{\"x\":1}"]).error();
    assert!(said.contains("this is not a cosmos.bank.v1beta1.QueryBalanceRequest"), "{said}");
}

#[test]
fn a_transaction_is_shown_with_its_result() {
    let shown = ask(Chain::default(), &["query", "tx", HASH, "-o", "json"]).json();
    assert_eq!((&shown["height"], &shown["code"], &shown["txhash"]), (&"5".into(), &0.into(), &HASH.into()));
    assert_eq!(shown["timestamp"], "2027-01-01T00:00:05Z");
    assert_eq!(shown["events"][0]["attributes"][0]["value"], ABANDON_ADDRESS);
    let said = ask(Chain { polls: 1, ..Chain::default() }, &["query", "tx", HASH]).error();
    assert!(said.starts_with("tx not found: "), "{said}");
}

#[test]
fn transactions_are_found_by_their_events() {
    let words = ["query", "txs", "--query", "transfer.sender='x'", "--limit", "10", "-o", "json"];
    let shown = ask(Chain::default(), &words).json();
    assert_eq!(
        (&shown["total_count"], &shown["page_total"], &shown["limit"]),
        (&"1".into(), &"1".into(), &"10".into())
    );
    assert_eq!(shown["txs"][0]["txhash"], HASH);
}

#[test]
fn waiting_ends_with_the_block_or_with_the_time() {
    let words = ["query", "wait-tx", HASH, "-o", "json"];
    assert_eq!(ask(Chain { polls: 2, ..Chain::default() }, &words).json()["height"], "5");
    let said =
        ask(Chain { polls: u32::MAX, ..Chain::default() }, &["query", "wait-tx", HASH, "--timeout", "1ms"]);
    assert!(said.error().starts_with(&format!("no block has {HASH} after ")), "the time was over");
    let failed = ask(Chain { deliver_code: 5, ..Chain::default() }, &words);
    assert!(failed.out.contains("\"code\":5"), "{}", failed.out);
    assert!(
        failed.error().starts_with("the transaction failed (sdk code 5): spendable balance"),
        "it failed"
    );
}

#[test]
fn blocks_are_shown_short_or_whole() {
    insta::assert_snapshot!("block", ask(Chain::default(), &["query", "block"]).out());
    let whole = ask(Chain::default(), &["query", "block", "5", "-o", "json"]).json();
    assert_eq!(whole["block"]["header"]["height"], "5");
    assert!(ask(Chain::default(), &["query", "block", "five"]).error().contains("\"five\" is not a height"));
}

#[test]
fn the_status_is_short_for_people_and_whole_for_programs() {
    insta::assert_snapshot!("status", ask(Chain::default(), &["status"]).out());
    let whole = ask(Chain::default(), &["status", "-o", "json"]).json();
    assert_eq!(whole["sync_info"]["latest_block_height"], "5");
    assert_eq!(whole["node_info"]["network"], "jmes-test-1");
}

#[test]
fn the_node_of_the_settings_is_asked() {
    let (home, node) = (tempfile::TempDir::new().unwrap(), Node::start(Chain::default()));
    run(home.path(), "", &["config", "set", "client", "node", &node.url]).out();
    assert!(run(home.path(), "", &["status"]).out().contains("node0"));
}

#[test]
fn a_remote_signers_key_is_asked_of_the_running_node() {
    let (home, node) = (tempfile::TempDir::new().unwrap(), Node::start(Chain::default()));
    std::fs::create_dir(home.path().join("config")).unwrap();
    std::fs::write(home.path().join("config/config.toml"), "priv_validator_laddr = \"tcp://127.0.0.1:1\"\n")
        .unwrap();
    let key = run(home.path(), "", &["comet", "show-validator", "--node", &node.url]).json();
    assert_eq!(key["key"], "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
}
