//! REST over a real chain: paths, parameters, heights, refusals, and the node's own services.

use base64::prelude::{Engine, BASE64_STANDARD};
use jmes_modules::kernel::Address;
use jmes_proto::cosmos::{
    bank::v1beta1::MsgSend,
    base::v1beta1::Coin,
    tx::v1beta1::{AuthInfo, Fee, Tx, TxBody},
};
use jmes_proto::Any;
use prost::{Message, Name};

use super::*;
use crate::api::node::NodeMethod;

const BANK: &str = "/cosmos/bank/v1beta1";

#[test]
fn balances_are_found_by_path_and_parameters() {
    let test = TestChain::new(3);
    let rest = test.rest();
    let coin = json!({ "denom": "ujmes", "amount": FUNDS });

    let answer = get(&rest, &format!("{BANK}/balances/{}/by_denom?denom=ujmes", test.funded));
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body, json!({ "balance": coin }));
    assert_eq!(answer.headers["content-type"], "application/json");
    for header in ["x-cosmos-block-height", "grpc-metadata-x-cosmos-block-height"] {
        assert_eq!(answer.headers[header], "3");
    }

    for limit in ["pagination.limit=10&pagination.count_total=true", "pagination.countTotal=1&unknown=5"] {
        let answer = get(&rest, &format!("{BANK}/balances/{}?{limit}", test.funded));
        assert_eq!(
            answer.body,
            json!({ "balances": [coin], "pagination": { "next_key": null, "total": "1" } })
        );
    }
}

#[test]
fn premint_wallets_have_the_paths_and_fields_that_programs_know() {
    let owner = Address::of_twenty([7; 20]);
    let test = TestChain::funding(&[owner], 2, |genesis| {
        let wallet = json!({ "address": owner.to_string(), "amount": "4000000" });
        genesis["app_state"]["premint"]["wallets"] = json!([wallet]);
    });
    let rest = test.rest();
    let answer = get(&rest, &format!("/jmes/premint/v1/wallets/{owner}"));
    assert_eq!(answer.status, 200, "{}", answer.body);
    let wallet = &answer.body;
    assert_eq!((&wallet["address"], &wallet["amount"]), (&json!(owner.to_string()), &json!("4000000")));
    let number = |name: &str| wallet[name].as_str().unwrap().parse::<u64>().unwrap();
    assert_eq!(number("unlocked") + number("locked"), 4_000_000);
    // The rest of its coins is free.
    assert_eq!(number("spendable"), 1_000_000 + number("unlocked"));
    let list = get(&rest, "/jmes/premint/v1/wallets").body;
    assert_eq!(list["wallets"].as_array().unwrap().len(), 1);
    for field in ["address", "amount", "unlocked", "locked", "spendable"] {
        assert_eq!(list["wallets"][0][field], wallet[field], "{field}");
    }
    let other = Address::of_twenty([9; 20]);
    assert_eq!(get(&rest, &format!("/jmes/premint/v1/wallets/{other}")).refusal(), (404, 5));
    assert_eq!(get(&rest, "/jmes/premint/v1/wallets/test").refusal(), (400, 3));
    assert_eq!(get(&rest, "/jmes/premint/v1/params").body, json!({ "params": {} }));
}

#[test]
fn what_has_nothing_is_an_empty_list() {
    let test = TestChain::new(1);
    let other = Address::of_twenty([9; 20]);
    let answer = get(&test.rest(), &format!("{BANK}/balances/{other}"));
    assert_eq!((answer.status.as_u16(), &answer.body["balances"]), (200, &json!([])));
}

#[test]
fn refusals_have_the_gateways_status_and_code() {
    let test = TestChain::new(1);
    let rest = test.rest();
    let unknown = Address::of_twenty([9; 20]);
    for (path, expected) in [
        ("/nothing".to_owned(), (501, 12)),
        ("/ibc/apps/transfer/v1/params".to_owned(), (501, 12)),
        (format!("{BANK}/supply/"), (501, 12)),
        (format!("{BANK}/spendable_balances/test"), (400, 3)),
        (format!("/cosmos/auth/v1beta1/accounts/{unknown}"), (404, 5)),
        (format!("{BANK}/balances/{unknown}?pagination.limit=-1"), (400, 3)),
        (format!("{BANK}/balances/%zz"), (400, 3)),
        (format!("{BANK}/supply?{}", "a".repeat(9_000)), (414, 3)),
    ] {
        let answer = get(&rest, &path);
        assert_eq!(answer.refusal(), expected, "{path}: {}", answer.body);
        assert_eq!(answer.body["details"], json!([]));
        assert!(!answer.message().is_empty());
    }
    assert_eq!(post(&rest, &format!("{BANK}/supply"), "").refusal(), (405, 12));
}

#[test]
fn past_state_is_asked_for_by_header() {
    let test = TestChain::new(5);
    let rest = test.rest();
    let path = format!("{BANK}/supply");
    for (asked, answered) in [("4", "4"), ("5", "5"), ("0", "5"), ("", "5")] {
        let answer = get_at(&rest, &path, asked);
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(answer.headers["x-cosmos-block-height"], answered);
    }
    for wrong in ["1", "6", "-1", "x", "18446744073709551616"] {
        let answer = get_at(&rest, &path, wrong);
        assert_eq!(answer.refusal(), (400, 3), "{wrong}");
        assert!(answer.message().contains("height"), "{}", answer.message());
    }
}

#[test]
fn an_empty_chain_says_that_it_starts() {
    let test = TestChain::new(0);
    let rest = test.rest();
    assert_eq!(get(&rest, &format!("{BANK}/supply")).refusal(), (503, 14));
    assert_eq!(get(&rest, "/health").status, 503);
}

#[test]
fn bodies_are_bounded_in_size_and_depth() {
    let test = TestChain::new(1);
    let rest = test.rest();
    let simulate = "/cosmos/tx/v1beta1/simulate";
    assert_eq!(post(&rest, simulate, vec![b' '; (2 << 20) + 1]).refusal(), (413, 3));
    let deep = format!("{{\"tx\":{}", "{\"body\":".repeat(100_000));
    assert_eq!(post(&rest, simulate, deep).refusal(), (400, 3));
    assert_eq!(post(&rest, simulate, "{\"tx_bytes\":").refusal(), (400, 3));
    assert_eq!(post(&rest, simulate, "").message(), "empty txBytes is not allowed");
}

/// An unsigned transfer, as a wallet sends it for simulation.
fn transfer(from: &str) -> Vec<u8> {
    let to_address = Address::of_twenty([9; 20]).to_string();
    let amount = vec![Coin { denom: "ujmes".into(), amount: "1".into() }];
    let send = MsgSend { from_address: from.into(), to_address, amount };
    let message = Any { type_url: MsgSend::type_url(), value: send.encode_to_vec() };
    let body = TxBody { messages: vec![message], ..Default::default() };
    let fee = Some(Fee { gas_limit: 200_000, ..Default::default() });
    Tx { body: Some(body), auth_info: Some(AuthInfo { fee, ..Default::default() }), ..Default::default() }
        .encode_to_vec()
}

#[test]
fn transactions_are_encoded_and_decoded() {
    let test = TestChain::new(1);
    let rest = test.rest();
    let bytes = BASE64_STANDARD.encode(transfer(&test.funded));
    let decoded = post(&rest, "/cosmos/tx/v1beta1/decode", json!({ "tx_bytes": bytes }).to_string());
    assert_eq!(decoded.status, 200, "{}", decoded.body);
    assert_eq!(decoded.body["tx"]["body"]["messages"][0]["@type"], "/cosmos.bank.v1beta1.MsgSend");
    let encoded = post(&rest, "/cosmos/tx/v1beta1/encode", decoded.body.to_string());
    assert_eq!(encoded.body, json!({ "tx_bytes": bytes }));
    for (path, body) in [("decode", "{}"), ("encode", "{}"), ("decode", "{\"txBytes\":\"AAAA\"}")] {
        assert_eq!(post(&rest, &format!("/cosmos/tx/v1beta1/{path}"), body).refusal(), (400, 3));
    }
    assert_eq!(post(&rest, "/cosmos/tx/v1beta1/encode/amino", "{}").refusal(), (501, 12));
}

#[test]
fn a_transaction_that_can_not_be_simulated_is_a_wrong_request() {
    let test = TestChain::new(1);
    let rest = test.rest();
    let body = json!({ "txBytes": BASE64_STANDARD.encode(transfer(&test.funded)) }).to_string();
    let answer = post(&rest, "/cosmos/tx/v1beta1/simulate", body);
    // It has no signer info at all.
    assert_eq!(answer.refusal(), (400, 3), "{}", answer.body);
}

#[test]
fn without_the_engine_its_calls_say_so() {
    let test = TestChain::new(1);
    let rest = test.rest();
    for path in [
        "/cosmos/base/tendermint/v1beta1/blocks/latest".to_owned(),
        "/cosmos/base/tendermint/v1beta1/syncing".to_owned(),
        "/cosmos/tx/v1beta1/txs?query=tx.height%3E0".to_owned(),
        format!("/cosmos/tx/v1beta1/txs/{}", "0".repeat(64)),
    ] {
        let answer = get(&rest, &path);
        assert_eq!(answer.refusal(), (503, 14), "{path}: {}", answer.body);
        assert!(answer.message().contains("can't be reached"), "{}", answer.message());
    }
    let config = get(&rest, "/cosmos/base/node/v1beta1/config");
    assert_eq!(config.body["minimum_gas_price"], "0.000000000000000000ujmes");
    assert_eq!(config.body["pruning_keep_recent"], "2");
    assert_eq!(config.body["pruning_interval"], "1");
}

fn header(params: &Value) -> Value {
    let hash = "0".repeat(64);
    json!({ "header": {
        "version": { "block": "11", "app": "0" }, "chain_id": "jmes-test-1", "height": params["height"],
        "time": "2027-01-01T00:00:05.25Z", "last_block_id": null, "last_commit_hash": hash, "data_hash": hash,
        "validators_hash": hash, "next_validators_hash": hash, "consensus_hash": hash, "app_hash": hash,
        "last_results_hash": hash, "evidence_hash": hash, "proposer_address": "0".repeat(40),
    } })
}

#[test]
fn a_committed_transaction_has_the_shape_wallets_know() {
    let test = TestChain::new(1);
    let tx = BASE64_STANDARD.encode(transfer(&test.funded));
    let hash = "AB".repeat(32);
    let found = json!({
        "hash": hash, "height": "5", "index": 0, "tx": tx,
        "tx_result": {
            "code": 5, "data": "EgA=", "log": "too little", "info": "", "gas_wanted": "200000", "gas_used": "7",
            "events": [{ "type": "tx", "attributes": [{ "key": "fee", "value": "1ujmes", "index": true }] }],
            "codespace": "sdk",
        },
    });
    let url = engine(move |method, params| match method {
        "tx" => Ok(found.clone()),
        "header" => Ok(header(params)),
        "tx_search" => Ok(json!({ "txs": [found, found], "total_count": "7" })),
        other => Err(format!("no {other}")),
    });
    let rest = Service::new(test.desk(&url), false);
    let answer = get(&rest, &format!("/cosmos/tx/v1beta1/txs/{hash}"));
    assert_eq!(answer.status, 200, "{}", answer.body);
    let response = answer.body["tx_response"].clone();
    assert_eq!(response["tx"]["@type"], "/cosmos.tx.v1beta1.Tx");
    assert_eq!(response["tx"]["body"], answer.body["tx"]["body"]);
    let mut rest_of_it = response.clone();
    rest_of_it.as_object_mut().unwrap().remove("tx");
    assert_eq!(
        rest_of_it,
        json!({
            "height": "5", "txhash": hash, "codespace": "sdk", "code": 5, "data": "1200", "raw_log": "too little",
            "logs": [], "info": "", "gas_wanted": "200000", "gas_used": "7", "timestamp": "2027-01-01T00:00:05Z",
            "events": [{ "type": "tx", "attributes": [{ "key": "fee", "value": "1ujmes", "index": true }] }],
        })
    );
    let found = get(&rest, "/cosmos/tx/v1beta1/txs?query=tx.fee%3D%271ujmes%27&order_by=2");
    assert_eq!(found.body["tx_responses"], json!([response, response]));
    assert_eq!((&found.body["total"], &found.body["pagination"]), (&json!("7"), &Value::Null));
}

#[test]
fn a_transaction_that_is_not_there_is_not_found() {
    let test = TestChain::new(1);
    let url = engine(|_, _| Err("tx (00) not found".to_owned()));
    let rest = Service::new(test.desk(&url), false);
    let hash = "0".repeat(64);
    let answer = get(&rest, &format!("/cosmos/tx/v1beta1/txs/{hash}"));
    assert_eq!(answer.refusal(), (404, 5));
    assert_eq!(answer.message(), format!("tx not found: {hash}"));
    for wrong in ["xyz", "00"] {
        assert_eq!(get(&rest, &format!("/cosmos/tx/v1beta1/txs/{wrong}")).refusal(), (400, 3));
    }
    assert_eq!(get(&rest, "/cosmos/tx/v1beta1/txs").message(), "query cannot be empty");
}

#[test]
fn a_refused_broadcast_is_an_answer_with_a_code() {
    let test = TestChain::new(1);
    let url = engine(|method, params| match (method, params["tx"].as_str()) {
        ("broadcast_tx_sync", Some("AQ==")) => {
            let log = "account sequence mismatch, expected 4, got 3";
            Ok(json!({ "code": 32, "data": "", "log": log, "codespace": "sdk", "hash": "00".repeat(32) }))
        }
        ("broadcast_tx_sync", _) => Err("tx already exists in cache".to_owned()),
        (other, _) => Err(format!("no {other}")),
    });
    let rest = Service::new(test.desk(&url), false);
    let send = |bytes: &str, mode: &str| {
        post(&rest, "/cosmos/tx/v1beta1/txs", json!({ "tx_bytes": bytes, "mode": mode }).to_string())
    };
    let refused = send("AQ==", "BROADCAST_MODE_SYNC");
    assert_eq!(refused.status, 200, "{}", refused.body);
    let response = &refused.body["tx_response"];
    assert_eq!((&response["code"], &response["codespace"]), (&json!(32), &json!("sdk")));
    assert_eq!(response["raw_log"], "account sequence mismatch, expected 4, got 3");
    assert_eq!(response["txhash"], "4BF5122F344554C53BDE2EBB8CD2B7E3D1600AD631C385A5D7CCE23C7785459A");
    assert_eq!(send("Ag==", "BROADCAST_MODE_SYNC").body["tx_response"]["code"], 19);
    for mode in ["BROADCAST_MODE_BLOCK", "BROADCAST_MODE_UNSPECIFIED"] {
        let answer = send("AQ==", mode);
        assert_eq!(answer.refusal(), (400, 3));
        assert!(answer.message().starts_with("unsupported return type"), "{}", answer.message());
    }
    assert_eq!(send("", "BROADCAST_MODE_SYNC").message(), "invalid empty tx");
}

#[test]
fn pages_of_other_sites_may_read_only_where_the_operator_says_so() {
    let test = TestChain::new(1);
    let path = format!("{BANK}/supply");
    let preflight = || Request::options(&path).header("origin", "https://x").body(Full::default()).unwrap();
    let closed = test.rest();
    assert!(!get(&closed, &path).headers.contains_key("access-control-allow-origin"));
    assert_eq!(request(&closed, preflight()).status, 405);
    let open = Service::new(test.desk(&absent_engine()), true);
    assert_eq!(get(&open, &path).headers["access-control-allow-origin"], "*");
    assert_eq!(get(&open, "/nothing").headers["access-control-allow-origin"], "*");
    let answer = request(&open, preflight());
    assert_eq!(
        (answer.status.as_u16(), &answer.headers["access-control-allow-origin"]),
        (204, &"*".parse().unwrap())
    );
}

#[test]
fn everything_that_is_answered_has_a_descriptor_a_route_and_a_description() {
    let test = TestChain::new(1);
    let desk = test.desk(&absent_engine());
    for path in test.chain.query_paths() {
        assert!(desk.catalog.by_path(path).is_some(), "{path} has no descriptor");
    }
    for endpoint in desk.catalog.endpoints() {
        assert!(!endpoint.bindings.is_empty(), "{} has no REST route", endpoint.path);
    }
    assert_eq!(NodeMethod::of("/cosmos.tx.v1beta1.Service/GetTx"), Some(NodeMethod::GetTx));
    let rest = test.rest();
    let document = get(&rest, "/openapi.json").body;
    assert_eq!(document["openapi"], "3.0.3");
    assert!(document["paths"]["/cosmos/bank/v1beta1/balances/{address}"]["get"].is_object());
    for page in ["/", "/docs"] {
        assert_eq!(get(&rest, page).headers["content-type"], "text/html; charset=utf-8");
    }
    let health = get(&rest, "/health");
    assert_eq!(health.body, json!({ "status": "ok", "chain_id": "jmes-test-1", "height": "1" }));
}
