//! The module's part of genesis, in and out.

use super::{key, two_of_three};
use crate::auth::{account, gas_table, params, state, Account, Auth, PublicKey, DEFAULT_PARAMS};
use crate::kernel::{codes, Address, Ctx, GasTable, Module, Result};
use crate::test_support::{address, assert_refused, ctx};
use serde_json::{json, Value};

fn base_account(address: &Address, number: u64) -> Value {
    json!({
        "@type": "/cosmos.auth.v1beta1.BaseAccount",
        "address": address.to_string(),
        "pub_key": null,
        "account_number": number.to_string(),
        "sequence": "0",
    })
}

fn import(genesis: &Value) -> Result<Ctx> {
    let mut ctx = ctx();
    Auth.import(&mut ctx, genesis).map(|()| ctx)
}

#[track_caller]
fn refuse(genesis: &Value, why: &str) {
    assert_refused(import(genesis).map(|_| ()), "sdk", codes::INVALID_REQUEST, why);
}

#[test]
fn without_a_word_the_defaults_hold() {
    for genesis in [Value::Null, json!({})] {
        let ctx = import(&genesis).unwrap();
        assert_eq!(params(&ctx), Ok(DEFAULT_PARAMS));
        assert_eq!(gas_table(&ctx), Ok(GasTable::DEFAULT));
        assert_eq!(state::NEXT_NUMBER.load(&ctx), Ok(Some(0)));
    }
    assert_eq!(DEFAULT_PARAMS.max_memo_characters, 256, "PROTOCOL.md, section 4");
}

#[test]
fn parameters_and_gas_table_are_what_genesis_says() {
    let ctx = import(&json!({
        "params": {"max_memo_characters": "9", "tx_sig_limit": "8", "tx_size_cost_per_byte": "7",
            "sig_verify_cost_ed25519": "6", "sig_verify_cost_secp256k1": "500"},
        "gas": {"read_flat": "101", "read_per_byte": "2", "write_flat": "203", "write_per_byte": "4",
            "delete_flat": "105", "iterate_flat": "6", "has_flat": "107"},
    }))
    .unwrap();
    let read = params(&ctx).unwrap();
    let limits = (read.max_memo_characters, read.tx_sig_limit, read.tx_size_cost_per_byte);
    assert_eq!(limits, (9, 8, 7));
    assert_eq!((read.sig_verify_cost_ed25519, read.sig_verify_cost_secp256k1), (6, 500));
    let table = GasTable {
        read_flat: 101,
        read_per_byte: 2,
        write_flat: 203,
        write_per_byte: 4,
        delete_flat: 105,
        iterate_flat: 6,
        has_flat: 107,
    };
    assert_eq!(gas_table(&ctx), Ok(table));
}

#[test]
fn numbers_are_kept_where_they_ascend_and_given_out_where_they_are_taken() {
    let given = [(1, 0), (2, 0), (3, 7), (4, 7), (5, 1)];
    let accounts: Vec<Value> =
        given.iter().map(|(byte, number)| base_account(&address(*byte), *number)).collect();
    let ctx = import(&json!({ "accounts": accounts })).unwrap();
    let number = |byte| account(&ctx, &address(byte)).unwrap().unwrap().number;
    assert_eq!([1, 2, 5, 3, 4].map(number), [0, 1, 2, 7, 8]);
    assert_eq!(state::NEXT_NUMBER.load(&ctx), Ok(Some(9)));
}

#[test]
fn an_account_listed_twice_is_refused() {
    let accounts = [base_account(&address(1), 0), base_account(&address(1), 1)];
    let why = format!("genesis: auth: account {} is listed twice", address(1));
    refuse(&json!({ "accounts": accounts }), &why);
}

#[test]
fn only_plain_accounts_are_supported() {
    let module_account = json!({
        "@type": "/cosmos.auth.v1beta1.ModuleAccount",
        "base_account": {"address": address(1).to_string()}, "name": "mint", "permissions": [],
    });
    let why = "genesis: auth: an account of type /cosmos.auth.v1beta1.ModuleAccount is not supported; use BaseAccount";
    refuse(&json!({ "accounts": [module_account] }), why);
}

#[test]
fn a_key_must_belong_to_its_account() {
    let mut wrong = base_account(&address(1), 0);
    wrong["pub_key"] = json!({"@type": "/cosmos.crypto.secp256k1.PubKey", "key": "AgcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH"});
    let why = format!("genesis: auth: the public key of account {} belongs to another address", address(1));
    refuse(&json!({ "accounts": [wrong] }), &why);
}

#[test]
fn a_number_that_leaves_none_for_the_next_account_is_refused() {
    let why = "genesis: auth: account numbers are used up";
    refuse(&json!({ "accounts": [base_account(&address(1), u64::MAX)] }), why);
}

#[test]
fn an_address_that_cannot_be_read_is_refused() {
    let mut wrong = base_account(&address(1), 0);
    wrong["address"] = json!("jmes1nonsense");
    let error = import(&json!({ "accounts": [wrong] })).map(|_| ()).unwrap_err();
    assert_eq!((error.codespace, error.code), ("sdk", codes::INVALID_ADDRESS));
    assert!(error.message.contains("jmes1nonsense"), "{}", error.message);
}

#[test]
fn what_is_exported_is_imported_as_the_same_state() {
    let mut before = import(&Value::Null).unwrap();
    let keys = [None, Some(PublicKey::Secp256k1(key(7))), Some(two_of_three())];
    for (number, key) in (0..).zip(keys) {
        let owner = key.as_ref().map_or_else(|| address(1), PublicKey::address);
        let account = Account { sequence: number * 5, key, ..Account::new(number) };
        super::save(&mut before, &owner, &account).unwrap();
    }
    state::NEXT_NUMBER.save(&mut before, &3).unwrap();
    let after = import(&Auth.export(&before).unwrap()).unwrap();
    assert_eq!(after.overlay().changes(), before.overlay().changes());
}

#[test]
fn prices_and_limits_out_of_their_bounds_are_refused_by_name() {
    let why = "genesis: auth: tx_sig_limit is 6; it must be from 7 to 100";
    refuse(&json!({"params": {"max_memo_characters": "9", "tx_sig_limit": "6"}}), why);
    let gas = json!({"read_flat": "101", "read_per_byte": "0", "write_flat": "203", "write_per_byte": "4",
        "delete_flat": "105", "iterate_flat": "6", "has_flat": "107"});
    refuse(&json!({ "gas": gas }), "genesis: auth: gas.read_per_byte is 0; it must be from 1 to 30");
}
