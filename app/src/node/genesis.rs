//! The genesis file: one JSON document of the engine with the application's state in it (API.md).

use anyhow::{bail, Context, Result};
use jmes_modules::kernel::{Ctx, GasMeter, Overlay};
use serde_json::{json, Map, Value};
use std::path::Path;
use std::sync::Arc;

use crate::chain::{import_genesis, EmptyBase};

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

fn list<'a>(genesis: &'a mut Value, pointer: &str) -> Result<&'a mut Vec<Value>> {
    genesis.pointer_mut(pointer).and_then(Value::as_array_mut).with_context(|| {
        format!("the genesis has no list at {}", pointer.trim_start_matches('/').replace('/', "."))
    })
}

/// Checks that the node could start the chain from this document: what the engine needs is there and the
/// application can import its state.
pub fn validate(genesis: &Value) -> Result<()> {
    let text = |field: &str| genesis.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
    let chain_id = text("chain_id");
    if chain_id.is_empty() || chain_id.len() > 50 {
        bail!("chain_id must have 1 to 50 characters, it is \"{chain_id}\"");
    }
    let time = text("genesis_time");
    tendermint::Time::parse_from_rfc3339(&time).map_err(|_| {
        anyhow::anyhow!("genesis_time must be a time such as 2027-01-01T00:00:00Z, it is \"{time}\"")
    })?;
    if !genesis.get("app_state").is_some_and(Value::is_object) {
        bail!("app_state is missing");
    }
    import_check(genesis, &chain_id)
}

fn import_check(genesis: &Value, chain_id: &str) -> Result<()> {
    let block = jmes_modules::kernel::Block { chain_id: chain_id.to_owned(), ..Default::default() };
    let overlay = Overlay::new(Arc::new(EmptyBase));
    let mut ctx = Ctx::new(overlay, Arc::new(block), GasMeter::unlimited());
    let state = genesis.get("app_state").unwrap_or(&Value::Null);
    let unknown = state.as_object().map(unknown_modules).unwrap_or_default();
    if !unknown.is_empty() {
        bail!("app_state has parts that no module of this node knows: {}", unknown.join(", "));
    }
    import_genesis(&mut ctx, state)?;
    Ok(())
}

fn unknown_modules(state: &Map<String, Value>) -> Vec<String> {
    let known = |name: &str| crate::chain::order::MODULES.iter().any(|module| module.name() == name);
    state.keys().filter(|name| !known(name)).cloned().collect()
}
