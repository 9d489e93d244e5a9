//! The genesis file: one JSON document of the engine with the application's state in it (API.md).

use anyhow::{anyhow, bail, Context, Result};
use base64::prelude::{Engine as _, BASE64_STANDARD};
use jmes_modules::kernel::{Address, Amount, ValidatorUpdate};
use serde_json::{json, Map, Value};
use std::path::Path;
use std::sync::Arc;

use crate::chain::{import_genesis, order, EmptyBase, Origin, Signatures, GENUTIL};

/// The networks that a genesis can be made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network {
    /// The public chain's parameters.
    Mainnet,
    /// Short periods, for development on one machine.
    Devnet,
}

impl Network {
    /// The genesis document of the network, without time, validators and accounts.
    pub fn template(self) -> Value {
        let text = match self {
            Self::Mainnet => include_str!("../../../genesis/mainnet.json"),
            Self::Devnet => include_str!("../../../genesis/devnet.json"),
        };
        serde_json::from_str(text).unwrap_or_default()
    }
}

/// Reads a genesis file.
pub fn load(path: &Path) -> Result<Value> {
    let text =
        std::fs::read(path).with_context(|| format!("can't read the genesis file {}", path.display()))?;
    serde_json::from_slice(&text).with_context(|| format!("{} is not valid JSON", path.display()))
}

/// Writes a genesis file.
pub fn save(path: &Path, genesis: &Value) -> Result<()> {
    let mut text = serde_json::to_vec_pretty(genesis)?;
    text.push(b'\n');
    std::fs::write(path, text).with_context(|| format!("can't write the genesis file {}", path.display()))
}

/// Adds an account with a balance of Nils. The address must not be listed yet.
pub fn add_account(genesis: &mut Value, address: &str, amount: u128) -> Result<()> {
    add_accounts(genesis, &[(address.to_owned(), amount)])
}

/// Adds accounts, each with a balance of Nils.
pub fn add_accounts(genesis: &mut Value, wallets: &[(String, u128)]) -> Result<()> {
    let listed: std::collections::HashSet<String> = list(genesis, "/app_state/bank/balances")?
        .iter()
        .filter_map(|entry| entry.get("address").and_then(Value::as_str).map(str::to_owned))
        .collect();
    if let Some((address, _)) = wallets.iter().find(|(address, _)| listed.contains(address)) {
        bail!("{address} has a balance in the genesis already");
    }
    let balance = |(address, amount): &(String, u128)| json!({"address": address, "coins": [{"denom": "ujmes", "amount": amount.to_string()}]});
    let account = |(address, _): &(String, u128)| {
        json!({"@type": "/cosmos.auth.v1beta1.BaseAccount", "address": address, "pub_key": null,
               "account_number": "0", "sequence": "0"})
    };
    list(genesis, "/app_state/bank/balances")?.extend(wallets.iter().map(balance));
    list(genesis, "/app_state/auth/accounts")?.extend(wallets.iter().map(account));
    // Whatever supply was written before is now another one; the import sums the balances.
    list(genesis, "/app_state/bank/supply")?.clear();
    Ok(())
}

/// Adds a premint wallet with an amount of Nils, which unlocks with the emission (§3). The address must not be a premint
/// wallet yet.
pub fn add_premint(genesis: &mut Value, address: &Address, amount: Amount) -> Result<()> {
    let place = &mut genesis["app_state"]["premint"]["wallets"];
    if place.is_null() {
        *place = json!([]);
    }
    let wallets = list(genesis, "/app_state/premint/wallets")?;
    let address = address.to_string();
    if wallets.iter().any(|wallet| wallet["address"] == address.as_str()) {
        bail!("{address} is a premint wallet in the genesis already");
    }
    wallets.push(json!({"address": address, "amount": amount.to_string()}));
    list(genesis, "/app_state/bank/supply")?.clear();
    Ok(())
}

fn list<'a>(genesis: &'a mut Value, pointer: &str) -> Result<&'a mut Vec<Value>> {
    genesis.pointer_mut(pointer).and_then(Value::as_array_mut).with_context(|| {
        format!("the genesis has no list at {}", pointer.trim_start_matches('/').replace('/', "."))
    })
}

/// Checks that the node could start the chain from this document: what the engine needs is there and the
/// application can import its state.
pub fn validate(genesis: &Value) -> Result<()> {
    let origin = origin(genesis)?;
    let Some(state) = genesis.get("app_state").filter(|state| state.is_object()) else {
        bail!("app_state is missing");
    };
    let unknown = state.as_object().map(unknown_modules).unwrap_or_default();
    if !unknown.is_empty() {
        bail!("app_state has parts that no module of this node knows: {}", unknown.join(", "));
    }
    import_genesis(Arc::new(EmptyBase), &origin, state, order::routes(), &Signatures::default())?;
    Ok(())
}

/// What the engine reads in a genesis document and tells the application.
///
/// # Errors
/// A field is missing or wrong; the message names it.
pub fn origin(genesis: &Value) -> Result<Origin> {
    let text = |field: &str| genesis.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
    let chain_id = text("chain_id");
    if chain_id.is_empty() || chain_id.len() > 50 {
        bail!("chain_id must have 1 to 50 characters, it is \"{chain_id}\"");
    }
    let time = text("genesis_time");
    let parsed = tendermint::Time::parse_from_rfc3339(&time).ok();
    let nanoseconds = parsed.and_then(|time| u64::try_from(time.unix_timestamp_nanos()).ok());
    let Some(time) = nanoseconds else {
        bail!("genesis_time must be a time such as 2027-01-01T00:00:00Z, it is \"{time}\"");
    };
    let height = text("initial_height");
    let initial_height =
        match height.as_str() {
            "" => 1,
            digits => digits.parse::<u64>().ok().filter(|height| *height > 0).with_context(|| {
                format!("initial_height must be a whole number above 0, it is \"{height}\"")
            })?,
        };
    let params: Option<tendermint::consensus::Params> = serde_json::from_value(
        genesis.get("consensus_params").cloned().unwrap_or_default(),
    )
    .map_err(|error| {
        // With RUST_BACKTRACE the library writes where it failed behind what is wrong.
        anyhow!("consensus_params: {}", error.to_string().lines().next().unwrap_or_default())
    })?;
    let validators = match genesis.get("validators") {
        None | Some(Value::Null) => Vec::new(),
        Some(list) => validators(list)?,
    };
    let params = params.map(Into::into).unwrap_or_default();
    Ok(Origin { chain_id, time, initial_height, params, validators })
}

/// The engine's own list of validators.
fn validators(list: &Value) -> Result<Vec<ValidatorUpdate>> {
    let list = list.as_array().context("validators must be a list")?;
    let one = |(index, entry): (usize, &Value)| {
        let key = entry["pub_key"]["value"].as_str().and_then(|text| BASE64_STANDARD.decode(text).ok());
        let key = key.and_then(|key| key.try_into().ok());
        let power = entry["power"].as_str().and_then(|text| text.parse().ok());
        let update = key.zip(power).map(|(key, power)| ValidatorUpdate { key, power });
        update.with_context(|| format!("validators[{index}] has no ed25519 key or no power"))
    };
    list.iter().enumerate().map(one).collect()
}

fn unknown_modules(state: &Map<String, Value>) -> Vec<String> {
    let known = |name: &str| name == GENUTIL || order::MODULES.iter().any(|module| module.name() == name);
    state.keys().filter(|name| !known(name)).cloned().collect()
}
