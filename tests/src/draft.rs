//! Transactions as wallets make them: written, then signed.

use crate::{Group, Key};
use cosmos_sdk_proto::cosmos::bank::v1beta1::{Input, MsgMultiSend, MsgSend, Output};
use cosmos_sdk_proto::cosmos::base::v1beta1::Coin;
use cosmos_sdk_proto::cosmos::crypto::multisig::v1beta1::MultiSignature;
use cosmos_sdk_proto::cosmos::tx::signing::v1beta1::SignMode;
use cosmos_sdk_proto::cosmos::tx::v1beta1::mode_info::{Multi, Single, Sum};
use cosmos_sdk_proto::cosmos::tx::v1beta1::{AuthInfo, Fee, ModeInfo, SignDoc, SignerInfo, TxBody, TxRaw};
use jmes_modules::kernel::Address;
use jmes_proto::{amino, Any};
use prost::{Message, Name};

/// A transaction that is not signed yet. Its parts can be changed as a test likes.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// Messages, memo, timeout height.
    pub body: TxBody,
    /// Fee, gas limit, payer.
    pub fee: Fee,
}

impl Draft {
    /// A transaction without messages, with 200,000 gas and a fee of 500 Nils: the default gas price.
    pub fn new() -> Self {
        Self::default().gas(200_000).fee(500)
    }

    /// `coins` (such as `5ujmes`) from `from` to `to`.
    pub fn send(from: Address, to: Address, coins: &str) -> Self {
        Self::new().and_send(from, to, coins)
    }

    /// With one more message.
    #[must_use]
    pub fn and<M: Message + Name>(mut self, msg: &M) -> Self {
        let type_url = format!("/{}", M::full_name());
        self.body.messages.push(Any { type_url, value: msg.encode_to_vec() });
        self
    }

    /// With one more send.
    #[must_use]
    pub fn and_send(self, from: Address, to: Address, coins: &str) -> Self {
        self.and(&MsgSend {
            from_address: from.to_string(),
            to_address: to.to_string(),
            amount: parse_coins(coins),
        })
    }

    /// With a multi-send of `ujmes` from `from` to each of `outputs`.
    #[must_use]
    pub fn and_multi_send(self, from: Address, outputs: &[(Address, u128)]) -> Self {
        let coins = |amount: u128| parse_coins(&format!("{amount}ujmes"));
        let output =
            |(to, amount): &(Address, u128)| Output { address: to.to_string(), coins: coins(*amount) };
        let sum = outputs.iter().map(|(_, amount)| amount).sum();
        self.and(&MsgMultiSend {
            inputs: vec![Input { address: from.to_string(), coins: coins(sum) }],
            outputs: outputs.iter().map(output).collect(),
        })
    }

    /// With this fee, in Nils.
    #[must_use]
    pub fn fee(mut self, nils: u128) -> Self {
        self.fee.amount = if nils == 0 { Vec::new() } else { parse_coins(&format!("{nils}ujmes")) };
        self
    }

    /// With this gas limit.
    #[must_use]
    pub const fn gas(mut self, limit: u64) -> Self {
        self.fee.gas_limit = limit;
        self
    }

    /// With this memo.
    #[must_use]
    pub fn memo(mut self, memo: &str) -> Self {
        memo.clone_into(&mut self.body.memo);
        self
    }

    /// Not valid above this height.
    #[must_use]
    pub const fn timeout(mut self, height: u64) -> Self {
        self.body.timeout_height = height;
        self
    }

    /// Paid by another one, who signs too.
    #[must_use]
    pub fn payer(mut self, payer: Address) -> Self {
        self.fee.payer = payer.to_string();
        self
    }

    /// The transaction's bytes, signed by `signers` in their order.
    pub fn sign(&self, chain_id: &str, signers: &[Signer]) -> Vec<u8> {
        let auth_info = AuthInfo {
            signer_infos: signers.iter().map(Signer::info).collect(),
            fee: Some(self.fee.clone()),
            ..AuthInfo::default()
        };
        let (body_bytes, auth_info_bytes) = (self.body.encode_to_vec(), auth_info.encode_to_vec());
        let signature = |signer: &Signer| {
            signer.sign(|mode| match mode {
                SignMode::LegacyAminoJson => self.amino_document(chain_id, signer),
                _ => SignDoc {
                    body_bytes: body_bytes.clone(),
                    auth_info_bytes: auth_info_bytes.clone(),
                    chain_id: chain_id.to_owned(),
                    account_number: signer.account_number,
                }
                .encode_to_vec(),
            })
        };
        let signatures = signers.iter().map(signature).collect();
        TxRaw { body_bytes, auth_info_bytes, signatures }.encode_to_vec()
    }

    fn amino_document(&self, chain_id: &str, signer: &Signer) -> Vec<u8> {
        let Signer { account_number, sequence, .. } = *signer;
        amino::sign_doc(amino::Signer { chain_id, account_number, sequence }, &self.body, &self.fee)
            .expect("the messages have an amino form")
    }
}

/// Coins such as `5ujmes` or `3atom,5ujmes`, in the order given.
fn parse_coins(text: &str) -> Vec<Coin> {
    let coin = |part: &str| {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        Coin { amount: part[..digits].to_owned(), denom: part[digits..].to_owned() }
    };
    text.split(',').map(coin).collect()
}

#[derive(Clone, Debug)]
enum Who {
    Key(Key),
    /// Of the group those members sign.
    Group(Group, Vec<usize>),
}

/// Someone who signs a transaction, and what he says of his account.
#[derive(Clone, Debug)]
pub struct Signer {
    who: Who,
    mode: SignMode,
    shows_key: bool,
    account_number: u64,
    sequence: u64,
}

impl Signer {
    /// A single key, signing in SIGN_MODE_DIRECT.
    pub fn key(key: &Key, account_number: u64, sequence: u64) -> Self {
        Self { who: Who::Key(key.clone()), mode: SignMode::Direct, shows_key: true, account_number, sequence }
    }

    /// Those members of a group (by their index, ascending), signing in SIGN_MODE_LEGACY_AMINO_JSON as wallets do.
    pub fn group(group: &Group, signing: &[usize], account_number: u64, sequence: u64) -> Self {
        let who = Who::Group(group.clone(), signing.to_vec());
        Self { who, mode: SignMode::LegacyAminoJson, shows_key: true, account_number, sequence }
    }

    /// Signing in another mode.
    #[must_use]
    pub const fn mode(mut self, mode: SignMode) -> Self {
        self.mode = mode;
        self
    }

    /// Signing in SIGN_MODE_LEGACY_AMINO_JSON.
    #[must_use]
    pub const fn amino(self) -> Self {
        self.mode(SignMode::LegacyAminoJson)
    }

    /// Without the public key, which the chain knows after the first transaction.
    #[must_use]
    pub const fn without_key(mut self) -> Self {
        self.shows_key = false;
        self
    }

    /// The address.
    pub fn address(&self) -> Address {
        match &self.who {
            Who::Key(key) => key.address(),
            Who::Group(group, _) => group.address(),
        }
    }

    fn info(&self) -> SignerInfo {
        let single = || ModeInfo { sum: Some(Sum::Single(Single { mode: self.mode.into() })) };
        let (public, mode) = match &self.who {
            Who::Key(key) => (key.public(), single()),
            Who::Group(group, signing) => {
                let mode_infos = signing.iter().map(|_| single()).collect();
                let multi = Multi { bitarray: Some(group.bits(signing)), mode_infos };
                (group.public(), ModeInfo { sum: Some(Sum::Multi(multi)) })
            }
        };
        let public_key = self.shows_key.then(|| public.to_any());
        SignerInfo { public_key, mode_info: Some(mode), sequence: self.sequence }
    }

    fn sign(&self, document: impl Fn(SignMode) -> Vec<u8>) -> Vec<u8> {
        match &self.who {
            Who::Key(key) => key.sign(&document(self.mode)),
            Who::Group(group, signing) => {
                let signature = |index: &usize| group.members[*index].sign(&document(self.mode));
                MultiSignature { signatures: signing.iter().map(signature).collect() }.encode_to_vec()
            }
        }
    }
}
