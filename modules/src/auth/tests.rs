//! Tests of accounts: keys, records, genesis, queries.

mod genesis;
mod keys;
mod queries;

use super::{account, account_or_new, require, save, state, Account, MultisigKey, PublicKey};
use crate::kernel::{codes, Amount, Value};
use crate::test_support::{address, assert_refused, ctx, table};

/// A compressed key that ends in `byte`; whether it is on the curve matters to no one here.
fn key(byte: u8) -> [u8; 33] {
    let mut key = [byte; 33];
    key[0] = 2;
    key
}

fn two_of_three() -> PublicKey {
    PublicKey::Multisig(MultisigKey::new(2, vec![key(1), key(2), key(3)]).unwrap())
}

#[test]
fn every_key_and_value_of_the_store() {
    let mut ctx = ctx();
    let account = |number, key| Account {
        sequence: 3,
        balance: Amount(1_000_000),
        premint: number > 3,
        key,
        ..Account::new(number)
    };
    save(&mut ctx, &address(1), &account(1, None)).unwrap();
    save(&mut ctx, &address(2), &account(2, Some(PublicKey::Secp256k1(key(7))))).unwrap();
    save(&mut ctx, &address(3), &account(3, Some(two_of_three()))).unwrap();
    save(&mut ctx, &address(4), &account(4, None)).unwrap();
    save(&mut ctx, &address(5), &account(5, Some(PublicKey::Secp256k1(key(7))))).unwrap();
    state::NEXT_NUMBER.save(&mut ctx, &6).unwrap();
    state::PARAMS.save(&mut ctx, &super::DEFAULT_PARAMS).unwrap();
    state::GAS.save(&mut ctx, &super::gas_table_to_proto(&crate::kernel::GasTable::DEFAULT)).unwrap();
    insta::assert_snapshot!(table(&ctx));
}

#[test]
fn an_account_comes_back_and_torn_bytes_do_not() {
    let keys = [None, Some(PublicKey::Secp256k1(key(7))), Some(two_of_three())];
    for (key, premint) in keys.into_iter().flat_map(|key| [(key.clone(), false), (key, true)]) {
        let account = Account { number: 1, sequence: u64::MAX, balance: Amount(u128::MAX), premint, key };
        let bytes = account.encode();
        assert_eq!(Account::decode(&bytes), Some(account.clone()));
        for length in 0..bytes.len() {
            assert_ne!(Account::decode(&bytes[..length]), Some(account.clone()), "{length} bytes");
        }
    }
    for length in 0..32 {
        assert_eq!(Account::decode(&vec![0; length]), None);
    }
    let mut with_torn_key = Account::new(1).encode();
    with_torn_key.push(1);
    assert_eq!(Account::decode(&with_torn_key), None);
}

#[test]
fn new_accounts_are_numbered_in_the_order_in_which_they_come_into_being() {
    let mut ctx = ctx();
    for number in 0..3 {
        let account = account_or_new(&mut ctx, &address(number)).unwrap();
        assert_eq!(account, Account::new(u64::from(number)));
        save(&mut ctx, &address(number), &account).unwrap();
    }
    assert_eq!(account_or_new(&mut ctx, &address(1)).unwrap().number, 1, "an account keeps its number");
    assert_eq!(account_or_new(&mut ctx, &address(9)).unwrap().number, 3);
}

#[test]
fn account_numbers_end_with_an_error() {
    let mut ctx = ctx();
    state::NEXT_NUMBER.save(&mut ctx, &u64::MAX).unwrap();
    assert_refused(account_or_new(&mut ctx, &address(1)), "sdk", codes::LOGIC, "account numbers are used up");
}

#[test]
fn a_missing_account_is_none_or_an_unknown_address() {
    let ctx = ctx();
    assert_eq!(account(&ctx, &address(1)), Ok(None));
    let why = format!("account {} does not exist", address(1));
    assert_refused(require(&ctx, &address(1)), "sdk", codes::UNKNOWN_ADDRESS, &why);
}
