//! Genesis transactions: making one for a validator of a new chain, and putting them into the genesis document.

use crate::chain::GENUTIL;
use crate::engine::keys::PublicKey as ConsensusKey;
use crate::keys::SecretKey;
use anyhow::{bail, Context, Result};
use base64::prelude::{Engine as _, BASE64_STANDARD};
use cosmos_sdk_proto::cosmos::base::v1beta1::Coin;
use cosmos_sdk_proto::cosmos::crypto::ed25519;
use cosmos_sdk_proto::cosmos::staking::v1beta1::{CommissionRates, Description, MsgCreateValidator};
use cosmos_sdk_proto::cosmos::tx::signing::v1beta1::SignMode;
use cosmos_sdk_proto::cosmos::tx::v1beta1::mode_info::{Single, Sum};
use cosmos_sdk_proto::cosmos::tx::v1beta1::{AuthInfo, Fee, ModeInfo, SignDoc, SignerInfo, TxBody, TxRaw};
use jmes_modules::auth::PublicKey;
use jmes_modules::kernel::{Amount, Decimal};
use jmes_modules::{staking::Commission, BASE_DENOM};
use jmes_proto::{json, Any};
use prost::{Message, Name};
use serde_json::{json, Value};
use std::path::{Path, PathBuf};

/// The gas limit that a genesis transaction names; nothing is charged.
const GAS: u64 = 200_000;
const TX: &str = "cosmos.tx.v1beta1.Tx";

/// A validator that a new chain begins with.
#[derive(Clone, Debug)]
pub struct GenesisValidator<'a> {
    /// The chain's id.
    pub chain_id: &'a str,
    /// The key that signs blocks.
    pub consensus_key: &'a ConsensusKey,
    /// What people see.
    pub description: Description,
    /// Its rates of commission.
    pub commission: Commission,
    /// The operator's own bond that keeps it out of jail, in Nils.
    pub min_self_delegation: Amount,
    /// What its operator bonds, in Nils; may be zero (§6).
    pub bond: Amount,
    /// Where other nodes reach it (`id@host:port`), or nothing.
    pub peer: &'a str,
}

impl GenesisValidator<'_> {
    /// The genesis transaction as JSON, signed by its operator with account number 0 and sequence 0.
    ///
    /// # Errors
    /// The consensus key is not in base64.
    pub fn sign(&self, operator: &SecretKey) -> Result<Value> {
        let key = PublicKey::Secp256k1(operator.public_key());
        let body = TxBody {
            messages: vec![to_any(&self.message(&key)?)],
            memo: self.peer.to_owned(),
            ..TxBody::default()
        };
        let mode_info = Some(ModeInfo { sum: Some(Sum::Single(Single { mode: SignMode::Direct.into() })) });
        let auth = AuthInfo {
            signer_infos: vec![SignerInfo { public_key: Some(key.to_any()), mode_info, sequence: 0 }],
            fee: Some(Fee { gas_limit: GAS, ..Fee::default() }),
            ..AuthInfo::default()
        };
        let (body_bytes, auth_info_bytes) = (body.encode_to_vec(), auth.encode_to_vec());
        let document = SignDoc {
            body_bytes: body_bytes.clone(),
            auth_info_bytes: auth_info_bytes.clone(),
            chain_id: self.chain_id.to_owned(),
            account_number: 0,
        };
        let signatures = vec![operator.sign(&document.encode_to_vec()).to_vec()];
        let raw = TxRaw { body_bytes, auth_info_bytes, signatures };
        let descriptor =
            jmes_proto::pool().get_message_by_name(TX).context("this program does not know transactions")?;
        let mut text = Vec::new();
        json::to_json(&descriptor, &raw.encode_to_vec(), &mut text)?;
        Ok(serde_json::from_slice(&text)?)
    }

    fn message(&self, operator: &PublicKey) -> Result<MsgCreateValidator> {
        let key =
            BASE64_STANDARD.decode(&self.consensus_key.value).context("the consensus key is not base64")?;
        Ok(MsgCreateValidator {
            description: Some(self.description.clone()),
            commission: Some(CommissionRates {
                rate: self.commission.rate.to_proto(),
                max_rate: self.commission.max_rate.to_proto(),
                max_change_rate: self.commission.max_change_rate.to_proto(),
            }),
            min_self_delegation: self.min_self_delegation.to_string(),
            validator_address: operator.address().operator().to_string(),
            pubkey: Some(to_any(&ed25519::PubKey { key })),
            value: Some(Coin { denom: BASE_DENOM.into(), amount: self.bond.to_string() }),
            ..MsgCreateValidator::default()
        })
    }
}

/// The rates of commission that a validator has when its operator says nothing: those of Cosmos tools.
pub fn default_commission() -> Commission {
    Commission {
        rate: Decimal::percent(10),
        max_rate: Decimal::percent(20),
        max_change_rate: Decimal::percent(1),
        updated: 0,
    }
}

fn to_any<M: Message + Name>(message: &M) -> Any {
    Any { type_url: format!("/{}", M::full_name()), value: message.encode_to_vec() }
}

/// The directory of a home's genesis transactions.
pub fn directory(home: &Path) -> PathBuf {
    home.join("config/gentx")
}

/// Writes a genesis transaction to a new file.
///
/// # Errors
/// The file exists already or can't be written.
pub fn save(path: &Path, tx: &Value) -> Result<()> {
    if path.exists() {
        bail!("{} exists already: remove it, or name another with --output-document", path.display());
    }
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).with_context(|| format!("can't create {}", parent.display()))?;
    }
    let mut text = serde_json::to_vec_pretty(tx)?;
    text.push(b'\n');
    std::fs::write(path, text).with_context(|| format!("can't write {}", path.display()))
}

/// Reads the genesis transactions in the JSON files of a directory, in the order of the files' names.
///
/// # Errors
/// There are none, or one of them is not JSON.
pub fn load_all(dir: &Path) -> Result<Vec<Value>> {
    let entries =
        std::fs::read_dir(dir).with_context(|| format!("can't read the directory {}", dir.display()))?;
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>>>()?
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    paths.sort();
    if paths.is_empty() {
        bail!("there are no genesis transactions in {}: make one with `jmesd genesis gentx`", dir.display());
    }
    let load = |path: &PathBuf| {
        let text = std::fs::read(path).with_context(|| format!("can't read {}", path.display()))?;
        serde_json::from_slice(&text).with_context(|| format!("{} is not valid JSON", path.display()))
    };
    paths.iter().map(load).collect()
}

/// Makes `txs` the genesis transactions of the document, in this order: the order of seating (§6).
pub fn set(genesis: &mut Value, txs: Vec<Value>) {
    genesis["app_state"][GENUTIL] = json!({ "gen_txs": txs });
}

/// Where the nodes of the genesis transactions say that others reach them, without the node `own_id`.
pub fn peers(txs: &[Value], own_id: &str) -> Vec<String> {
    let peer = |tx: &Value| tx["body"]["memo"].as_str().map(str::to_owned);
    let others = |peer: &String| peer.split_once('@').is_some_and(|(id, _)| id != own_id);
    txs.iter().filter_map(peer).filter(others).collect()
}
