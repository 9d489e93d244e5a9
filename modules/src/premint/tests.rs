//! Tests of premint wallets: what they can't spend, what they hold, genesis, queries.

mod genesis;
mod queries;
mod spending;

use super::{state, wallet, Premint, Wallet};
use crate::bank::{Bank, MAX_GENESIS_SUPPLY};
use crate::emission::Emission;
use crate::kernel::{Address, Amount, Ctx, Module};
use crate::test_support::{address, bank_genesis, ctx, table};
use serde_json::{json, Value};

/// What a wallet of [`A`] unlocks with each block of the first year.
const PER_BLOCK: u128 = 18;

/// A premint of 900 JMES.
const A: u128 = 900_000_000;

/// The issuance height with which emission ends.
const LAST: u64 = 409_781_573;

/// Genesis of premint with these wallets.
fn wallets(wallets: &[(Address, u128)]) -> Value {
    let show = |(address, amount): &(Address, u128)| json!({"address": address.to_string(), "amount": amount.to_string()});
    json!({"wallets": wallets.iter().map(show).collect::<Vec<_>>()})
}

/// A chain after genesis in which addresses 1 and 2 are premint wallets of [`A`] Nils and address 3 has as much freely.
/// Address 2 has 50 Nils and some atoms besides.
fn chain() -> Ctx {
    let balances = [
        (address(1), "900000000ujmes"),
        (address(2), "7atom,900000050ujmes"),
        (address(3), "900000000ujmes"),
    ];
    let mut ctx = ctx();
    Emission.import(&mut ctx, &Value::Null).unwrap();
    Bank.import(&mut ctx, &bank_genesis(&balances)).unwrap();
    Premint.import(&mut ctx, &wallets(&[(address(2), A), (address(1), A)])).unwrap();
    ctx
}

fn held(ctx: &Ctx, byte: u8) -> u128 {
    wallet(ctx, &address(byte)).unwrap().unwrap().held.0
}

#[track_caller]
fn assert_sound(ctx: &Ctx) {
    for module in [&Bank as &dyn Module, &Emission, &Premint] {
        assert_eq!(module.check_invariants(ctx), Ok(()), "{}", module.name());
    }
}

#[test]
fn every_key_and_value_of_the_store() {
    let mut ctx = ctx();
    let wallet = Wallet { amount: MAX_GENESIS_SUPPLY, held: Amount(A), last_sale: None };
    state::WALLETS.save(&mut ctx, &address(1), &wallet).unwrap();
    insta::assert_snapshot!(table(&ctx));
}
