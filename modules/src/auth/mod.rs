//! Accounts (§4): number, sequence, public key, and the native balance, which lives in the same record
//! so that a transfer touches one key for each side.

mod account;
mod genesis;
mod key;
mod params;
mod queries;
pub mod state;
#[cfg(test)]
mod tests;

pub use account::Account;
pub use key::{MultisigKey, PublicKey, Secp256k1Key, MULTISIG_TYPE, SECP256K1_TYPE};
pub use params::check_params;

use crate::kernel::{codes, Address, Ctx, Error, GasTable, Module, QueryRoutes, Result, View};
use cosmos_sdk_proto::cosmos::auth::v1beta1::Params;

/// The module.
pub struct Auth;

impl Module for Auth {
    fn name(&self) -> &'static str {
        "auth"
    }
    fn queries(&self, routes: &mut QueryRoutes) {
        queries::add(routes);
    }
    fn import(&self, ctx: &mut Ctx, genesis: &serde_json::Value) -> Result<()> {
        genesis::import(ctx, genesis)
    }
    fn export(&self, view: &View) -> Result<serde_json::Value> {
        genesis::export(view)
    }
    fn params(&self, view: &View) -> Result<serde_json::Value> {
        params::to_json(view)
    }
    fn set_params(&self, ctx: &mut Ctx, params: &serde_json::Value) -> Result<()> {
        params::set(ctx, params)
    }
}

/// Limits and signature prices when genesis says nothing: the Cosmos SDK's (§4: memo of 256 characters).
pub const DEFAULT_PARAMS: Params = Params {
    max_memo_characters: 256,
    tx_sig_limit: 7,
    tx_size_cost_per_byte: 10,
    sig_verify_cost_ed25519: 590,
    sig_verify_cost_secp256k1: 1_000,
};

/// Limits on transactions and the prices of their bytes and signatures, in gas.
pub fn params(view: &View) -> Result<Params> {
    Ok(state::PARAMS.load(view)?.unwrap_or(DEFAULT_PARAMS))
}

/// The prices of access to state, in gas.
pub fn gas_table(view: &View) -> Result<GasTable> {
    Ok(state::GAS.load(view)?.map_or(GasTable::DEFAULT, |table| gas_table_from_proto(&table)))
}

/// The account at `address`, if there is one.
pub fn account(view: &View, address: &Address) -> Result<Option<Account>> {
    state::ACCOUNTS.load(view, address)
}

/// The account at `address`; `sdk/9` if there is none.
pub fn require(view: &View, address: &Address) -> Result<Account> {
    account(view, address)?
        .ok_or_else(|| Error::sdk(codes::UNKNOWN_ADDRESS, format!("account {address} does not exist")))
}

/// Saves an account.
pub fn save(ctx: &mut Ctx, address: &Address, account: &Account) -> Result<()> {
    state::ACCOUNTS.save(ctx, address, account)
}

/// The account at `address`, or a new one with the next number. A new one is not yet saved, but its
/// number is used up.
pub fn account_or_new(ctx: &mut Ctx, address: &Address) -> Result<Account> {
    if let Some(account) = account(ctx, address)? {
        return Ok(account);
    }
    let number = state::NEXT_NUMBER.load(ctx)?.unwrap_or(0);
    let next =
        number.checked_add(1).ok_or_else(|| Error::sdk(codes::LOGIC, "account numbers are used up"))?;
    state::NEXT_NUMBER.save(ctx, &next)?;
    Ok(Account::new(number))
}

fn gas_table_from_proto(table: &jmes_proto::jmes::auth::v1::Params) -> GasTable {
    GasTable {
        read_flat: table.read_flat,
        read_per_byte: table.read_per_byte,
        write_flat: table.write_flat,
        write_per_byte: table.write_per_byte,
        delete_flat: table.delete_flat,
        iterate_flat: table.iterate_flat,
        has_flat: table.has_flat,
    }
}

fn gas_table_to_proto(table: &GasTable) -> jmes_proto::jmes::auth::v1::Params {
    jmes_proto::jmes::auth::v1::Params {
        read_flat: table.read_flat,
        read_per_byte: table.read_per_byte,
        write_flat: table.write_flat,
        write_per_byte: table.write_per_byte,
        delete_flat: table.delete_flat,
        iterate_flat: table.iterate_flat,
        has_flat: table.has_flat,
    }
}
