//! Wallets with keys that follow from their number, and the sends they sign.

use cosmos_sdk_proto::cosmos::bank::v1beta1::MsgSend;
use cosmos_sdk_proto::cosmos::base::v1beta1::Coin;
use cosmos_sdk_proto::cosmos::tx::signing::v1beta1::SignMode;
use cosmos_sdk_proto::cosmos::tx::v1beta1::mode_info::{Single, Sum};
use cosmos_sdk_proto::cosmos::tx::v1beta1::{AuthInfo, Fee, ModeInfo, SignDoc, SignerInfo, TxBody, TxRaw};
use cosmos_sdk_proto::Any;
use jmes_modules::auth::PublicKey;
use jmes_modules::kernel::Address;
use jmes_modules::BASE_DENOM;
use jmesd::keys::SecretKey;
use prost::Message;
use rayon::prelude::*;
use sha2::{Digest, Sha256};

/// The gas limit of every send: what a send uses, and some more, as wallets do it.
const GAS_LIMIT: u64 = 100_000;
/// The fee of every send in Nils: the gas limit at the usual 0.0025 Nils.
const FEE: u64 = 250;

/// A wallet whose key follows from its index.
pub struct Wallet {
    key: SecretKey,
    public_key: Any,
    /// Its address.
    pub address: Address,
    /// The account's number on the chain.
    pub number: u64,
    /// The sequence of the next send.
    pub sequence: u64,
}

impl Wallet {
    /// The wallet of `index`, with account number `number`.
    fn new(index: u64, number: u64) -> Self {
        let secret =
            Sha256::new().chain_update("jmes-bench wallet").chain_update(index.to_be_bytes()).finalize();
        let key = SecretKey::from_bytes(&secret).expect("a hash is a valid key but once in 2^127 times");
        let public_key = PublicKey::Secp256k1(key.public_key());
        Self { address: public_key.address(), public_key: public_key.to_any(), key, number, sequence: 0 }
    }

    /// A signed transaction that sends 1 Nil to `to`; the next one has the next sequence.
    pub fn sign_send(&mut self, chain_id: &str, to: &Address) -> Vec<u8> {
        let coin = |amount: u64| Coin { denom: BASE_DENOM.into(), amount: amount.to_string() };
        let message = MsgSend {
            from_address: self.address.to_string(),
            to_address: to.to_string(),
            amount: vec![coin(1)],
        };
        let message = Any { type_url: "/cosmos.bank.v1beta1.MsgSend".into(), value: message.encode_to_vec() };
        let body = TxBody { messages: vec![message], ..TxBody::default() };
        let signer = SignerInfo {
            public_key: Some(self.public_key.clone()),
            mode_info: Some(ModeInfo { sum: Some(Sum::Single(Single { mode: SignMode::Direct.into() })) }),
            sequence: self.sequence,
        };
        let fee = Fee { amount: vec![coin(FEE)], gas_limit: GAS_LIMIT, ..Fee::default() };
        let auth_info = AuthInfo { signer_infos: vec![signer], fee: Some(fee), ..AuthInfo::default() };
        let document = SignDoc {
            body_bytes: body.encode_to_vec(),
            auth_info_bytes: auth_info.encode_to_vec(),
            chain_id: chain_id.to_owned(),
            account_number: self.number,
        };
        let signature = self.key.sign(&document.encode_to_vec());
        self.sequence += 1;
        let raw = TxRaw {
            body_bytes: document.body_bytes,
            auth_info_bytes: document.auth_info_bytes,
            signatures: vec![signature.to_vec()],
        };
        raw.encode_to_vec()
    }
}

/// `count` wallets whose account numbers ascend from `first_number`.
pub fn wallets(count: usize, first_number: u64) -> Vec<Wallet> {
    (0..count as u64).into_par_iter().map(|index| Wallet::new(index, first_number + index)).collect()
}

/// An address nobody has the key of.
pub fn keyless_address(index: u64) -> Address {
    let hash = Sha256::new().chain_update("jmes-bench address").chain_update(index.to_be_bytes()).finalize();
    Address::new(&hash[..20]).expect("20 bytes are an address")
}
