//! Validators: consensus keys that are the same in every run, and the genesis transactions of their operators.

use crate::{Draft, Key, Signer};
use cosmos_sdk_proto::cosmos::base::v1beta1::Coin;
use cosmos_sdk_proto::cosmos::crypto::ed25519;
use cosmos_sdk_proto::cosmos::staking::v1beta1::{CommissionRates, Description, MsgCreateValidator};
use ed25519_consensus::SigningKey;
use jmes_modules::kernel::{Address, ConsensusAddress, Decimal};
use jmes_modules::seats::possession_bytes;
use jmes_modules::staking::consensus_address;
use jmes_proto::jmes::staking::v1::MsgJoin;
use jmes_proto::Any;
use prost::{Message, Name};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// The number of the first operator's key: far from those of the wallets.
const OPERATORS: u64 = 1_000_000;

/// A validator: the key that signs blocks, and the wallet of its operator.
#[derive(Clone, Debug)]
pub struct Validator {
    /// The operator's wallet.
    pub operator: Key,
    /// The consensus key.
    pub consensus: SigningKey,
    /// What the operator bonds at genesis, in Nils.
    pub bond: u128,
}

impl Validator {
    /// The validator with this number, without a bond.
    pub fn new(number: u64) -> Self {
        let seed =
            Sha256::new().chain_update("jmes test validator").chain_update(number.to_be_bytes()).finalize();
        Self {
            operator: Key::new(OPERATORS + number),
            consensus: SigningKey::from(<[u8; 32]>::from(seed)),
            bond: 0,
        }
    }

    /// With this bond at genesis, in Nils.
    #[must_use]
    pub const fn bonded(mut self, nils: u128) -> Self {
        self.bond = nils;
        self
    }

    /// The operator's address.
    pub fn address(&self) -> Address {
        self.operator.address()
    }

    /// The 32 bytes of the consensus key.
    pub fn key(&self) -> [u8; 32] {
        self.consensus.verification_key().to_bytes()
    }

    /// The consensus address.
    pub fn consensus_address(&self) -> ConsensusAddress {
        consensus_address(&self.key())
    }

    /// The consensus key as messages have it.
    pub fn pubkey(&self) -> Any {
        let key = ed25519::PubKey { key: self.key().to_vec() };
        Any { type_url: format!("/{}", ed25519::PubKey::full_name()), value: key.encode_to_vec() }
    }

    /// The message that creates it with its bond.
    pub fn create(&self) -> MsgCreateValidator {
        MsgCreateValidator {
            description: Some(Description { moniker: "validator".into(), ..Description::default() }),
            commission: Some(CommissionRates {
                rate: Decimal::percent(10).to_proto(),
                max_rate: Decimal::percent(20).to_proto(),
                max_change_rate: Decimal::percent(1).to_proto(),
            }),
            min_self_delegation: self.bond.min(1).to_string(),
            validator_address: self.address().operator().to_string(),
            pubkey: Some(self.pubkey()),
            value: Some(Coin { denom: "ujmes".into(), amount: self.bond.to_string() }),
            ..MsgCreateValidator::default()
        }
    }

    /// The message by which it joins without stake, with this nonce.
    pub fn join(&self, chain_id: &str, nonce: u64) -> MsgJoin {
        let MsgCreateValidator { description, commission, .. } = self.create();
        let proof = self.consensus.sign(&possession_bytes(chain_id, &self.address(), nonce));
        MsgJoin {
            operator: self.address().to_string(),
            description,
            commission,
            pubkey: Some(self.pubkey()),
            nonce,
            possession_proof: proof.to_bytes().to_vec(),
        }
    }

    /// Its genesis transaction.
    pub fn gen_tx(&self, chain_id: &str) -> Value {
        let draft = Draft::new().fee(0).and(&self.create());
        let tx = draft.sign(chain_id, &[Signer::key(&self.operator, 0, 0)]);
        let descriptor = jmes_proto::pool().get_message_by_name("cosmos.tx.v1beta1.Tx").expect("it is known");
        let mut text = Vec::new();
        jmes_proto::json::to_json(&descriptor, &tx, &mut text).expect("its types are known");
        serde_json::from_slice(&text).expect("it is JSON")
    }
}
