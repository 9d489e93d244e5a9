//! Genesis of accounts: `app_state.auth`, the JSON of `cosmos.auth.v1beta1.GenesisState` as Cosmos tools
//! write it, with the gas table beside it under `gas`.

use super::queries::BASE_ACCOUNT_TYPE;
use super::{check_params, gas_table, gas_table_to_proto, params, state, Account, PublicKey, DEFAULT_PARAMS};
use crate::kernel::{codes, message_from_json, message_to_json, Address, Ctx, Error, GasTable, Result, View};
use cosmos_sdk_proto::cosmos::auth::v1beta1::{BaseAccount, GenesisState};
use jmes_proto::jmes::auth::v1::Params as GasParams;
use prost::Message;
use serde_json::{json, Value};
use tendermint_proto::google::protobuf::Any;

/// Numbers are kept where they ascend; accounts with a number that is taken get the next free one, in
/// their order, because Cosmos tools write 0 for every account.
pub(super) fn import(ctx: &mut Ctx, genesis: &Value) -> Result<()> {
    let mut standard = genesis.clone();
    let gas = standard.as_object_mut().and_then(|fields| fields.remove("gas"));
    let gas: GasParams = match gas {
        Some(gas) => message_from_json(&gas)?,
        None => gas_table_to_proto(&GasTable::DEFAULT),
    };
    let genesis: GenesisState =
        if standard.is_null() { GenesisState::default() } else { message_from_json(&standard)? };
    let params = genesis.params.unwrap_or(DEFAULT_PARAMS);
    check_params(&params, &gas).map_err(|error| error.context("genesis"))?;
    state::GAS.save(ctx, &gas)?;
    state::PARAMS.save(ctx, &params)?;
    let mut accounts = genesis.accounts.iter().map(read_account).collect::<Result<Vec<_>>>()?;
    accounts.sort_by_key(|(_, account)| account.number);
    let mut next: u64 = 0;
    for (address, mut account) in accounts {
        if state::ACCOUNTS.has(ctx, &address)? {
            return Err(invalid(format!("account {address} is listed twice")));
        }
        account.number = account.number.max(next);
        next = account.number.checked_add(1).ok_or_else(|| invalid("account numbers are used up".into()))?;
        super::save(ctx, &address, &account)?;
    }
    state::NEXT_NUMBER.save(ctx, &next)
}

pub(super) fn export(view: &View) -> Result<Value> {
    let mut accounts = Vec::new();
    for (address, account) in state::ACCOUNTS.scan(view, &[], None, false, usize::MAX)? {
        let mut shown = message_to_json(&account.to_proto(&address))?;
        if let Some(fields) = shown.as_object_mut() {
            fields.insert("@type".into(), BASE_ACCOUNT_TYPE.into());
        }
        accounts.push((account.number, shown));
    }
    accounts.sort_by_key(|(number, _)| *number);
    let accounts: Vec<Value> = accounts.into_iter().map(|(_, account)| account).collect();
    let params = message_to_json(&params(view)?)?;
    let gas = message_to_json(&gas_table_to_proto(&gas_table(view)?))?;
    Ok(json!({ "params": params, "accounts": accounts, "gas": gas }))
}

fn read_account(any: &Any) -> Result<(Address, Account)> {
    if any.type_url != BASE_ACCOUNT_TYPE {
        let shown: String = any.type_url.chars().take(128).collect();
        return Err(invalid(format!("an account of type {shown} is not supported; use BaseAccount")));
    }
    let base = BaseAccount::decode(any.value.as_slice()).map_err(|error| invalid(error.to_string()))?;
    let address = Address::parse(&base.address).map_err(|error| error.context("genesis: auth: accounts"))?;
    let key = base.pub_key.as_ref().map(PublicKey::from_any).transpose()?;
    if key.as_ref().is_some_and(|key| key.address() != address) {
        return Err(invalid(format!("the public key of account {address} belongs to another address")));
    }
    let account = Account { sequence: base.sequence, key, ..Account::new(base.account_number) };
    Ok((address, account))
}

fn invalid(why: String) -> Error {
    Error::sdk(codes::INVALID_REQUEST, format!("genesis: auth: {why}"))
}
