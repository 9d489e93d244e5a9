//! Flags of transactions.

use std::str::FromStr;

use anyhow::{bail, ensure, Context, Error, Result};
use clap::{Args, ValueEnum};
use cosmos_sdk_proto::cosmos::tx::signing::v1beta1::SignMode as ProtoSignMode;
use cosmos_sdk_proto::cosmos::tx::v1beta1::Fee;
use jmes_modules::kernel::{Address, Coins};

use crate::cli::amount::{parse_coins_or_zero, Decimal, GasPrice};
use crate::cli::names::{parse_account, Account};
use crate::cli::options::{KeyringArgs, NodeArgs};
use crate::cli::{validators, BroadcastMode, Session};

/// The gas limit for each message when nothing is said; several times what a transfer uses.
const DEFAULT_GAS: u64 = 200_000;
/// What nodes ask at least, unless their operators say otherwise (§4).
const DEFAULT_GAS_PRICE: &str = "0.0025ujmes";

/// Flags of every command that makes a transaction.
#[derive(Args, Clone, Debug)]
pub(super) struct TxOptions {
    #[command(flatten)]
    pub signer: SignerArgs,
    #[command(flatten)]
    pub fee: FeeArgs,
    /// A public note in the transaction, at most 256 characters
    #[arg(long, visible_alias = "memo", default_value = "", hide_default_value = true, value_name = "TEXT")]
    pub note: String,
    /// The last height at which it may be in a block; 0 for any
    #[arg(long, value_name = "HEIGHT", default_value_t = 0)]
    pub timeout_height: u64,
    /// Show the gas that it would use, and neither sign nor send it
    #[arg(long, conflicts_with_all = ["generate_only", "offline"])]
    pub dry_run: bool,
    /// Print the transaction as JSON, and neither sign nor send it
    #[arg(long)]
    pub generate_only: bool,
    /// Do not ask before signing
    #[arg(short, long)]
    pub yes: bool,
    /// When to come back [default: what client.toml says, or sync]
    #[arg(short, long, value_name = "MODE")]
    pub broadcast_mode: Option<BroadcastMode>,
    #[command(flatten)]
    pub node: NodeArgs,
    #[command(flatten)]
    pub keyring: KeyringArgs,
}

/// Who signs, for which chain and how.
#[derive(Args, Clone, Debug)]
pub(super) struct SignerArgs {
    /// Who signs: a key, by its name or address, or by the name it has registered
    #[arg(long, value_name = "KEY")]
    pub from: Option<String>,
    /// What is signed: the bytes, or amino JSON, which several signers and hardware wallets need
    #[arg(long, value_name = "MODE")]
    pub sign_mode: Option<SignMode>,
    #[command(flatten)]
    pub state: StateArgs,
}

/// What the signature is bound to besides the transaction.
#[derive(Args, Clone, Debug)]
pub(super) struct StateArgs {
    /// The chain to sign for [default: what client.toml says, or the node's]
    #[arg(long, value_name = "ID", env = "JMES_CHAIN_ID", hide_env_values = true)]
    pub chain_id: Option<String>,
    /// Ask no node and print the signed transaction; needs --chain-id, --account-number and --sequence
    #[arg(long)]
    pub offline: bool,
    /// The signer's account number [default: as the node says]
    #[arg(short, long, value_name = "N")]
    pub account_number: Option<u64>,
    /// The signer's sequence [default: as the node says]
    #[arg(short, long, value_name = "N")]
    pub sequence: Option<u64>,
}

/// What the transaction may cost.
#[derive(Args, Clone, Debug)]
pub(super) struct FeeArgs {
    /// Gas limit, or "auto" to let the node simulate the transaction [default: 200000 a message]
    #[arg(long, value_name = "GAS")]
    pub gas: Option<Gas>,
    /// With --gas auto: the limit is the simulated gas times this
    #[arg(long, value_name = "FACTOR", default_value = "1.2")]
    pub gas_adjustment: Decimal,
    /// Price of a unit of gas [default: 0.0025ujmes]
    #[arg(long, value_name = "PRICE", conflicts_with = "fees")]
    pub gas_prices: Option<GasPrice>,
    /// The fee as a whole, as in 500ujmes
    #[arg(long, value_name = "AMOUNT", value_parser = parse_coins_or_zero)]
    pub fees: Option<Coins>,
    /// Account that pays the fee and therefore signs too [default: the first signer]
    #[arg(long, value_name = "ACCOUNT", value_parser = parse_account)]
    pub fee_payer: Option<Account>,
}

/// A gas limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gas {
    /// As the node simulates it.
    Auto,
    /// This much.
    Limit(u64),
}

impl FromStr for Gas {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "auto" => Ok(Self::Auto),
            _ => {
                let limit = text.parse().ok().filter(|limit| *limit > 0);
                limit.map(Self::Limit).context("write a whole number above 0, or \"auto\"")
            }
        }
    }
}

/// What a signature is made over (§4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum SignMode {
    /// The transaction's bytes
    Direct,
    /// The transaction as amino JSON
    AminoJson,
}

impl SignMode {
    /// The mode's number in a transaction.
    pub const fn number(self) -> i32 {
        match self {
            Self::Direct => ProtoSignMode::Direct as i32,
            Self::AminoJson => ProtoSignMode::LegacyAminoJson as i32,
        }
    }
}

/// What a signature is bound to besides the transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SignerState {
    /// The chain.
    pub chain_id: String,
    /// The signer's account number.
    pub account_number: u64,
    /// The signer's next sequence.
    pub sequence: u64,
}

impl StateArgs {
    /// The state of `address` to sign with: from the flags, and where they say nothing from the node.
    pub fn resolve(&self, session: &Session, node: &NodeArgs, address: &Address) -> Result<SignerState> {
        let expected = self.chain_id.as_ref().unwrap_or(&session.settings.chain_id);
        if self.offline {
            ensure!(!expected.is_empty(), "--offline needs --chain-id, for no node is asked");
            let (Some(account_number), Some(sequence)) = (self.account_number, self.sequence) else {
                bail!("--offline needs --account-number and --sequence, for no node is asked");
            };
            return Ok(SignerState { chain_id: expected.clone(), account_number, sequence });
        }
        let remote = session.remote(node)?;
        let chain_id = remote.chain_id(expected)?;
        if let (Some(account_number), Some(sequence)) = (self.account_number, self.sequence) {
            return Ok(SignerState { chain_id, account_number, sequence });
        }
        let account = remote.account(address)?.with_context(|| {
            format!(
                "there is no account at {address} on {chain_id}: it begins with the first coins it receives"
            )
        })?;
        Ok(SignerState {
            chain_id,
            account_number: self.account_number.unwrap_or(account.account_number),
            sequence: self.sequence.unwrap_or(account.sequence),
        })
    }
}

impl TxOptions {
    /// The name or address of the key that signs.
    ///
    /// # Errors
    /// None is named.
    pub fn sender(&self) -> Result<&str> {
        self.signer.from.as_deref().context("say who signs: --from with the name or address of a key")
    }

    /// The address of an account that the command line names; what a name means is said on standard error.
    ///
    /// # Errors
    /// Nobody has the name, or it takes a node to say and none may be asked.
    pub fn resolve(&self, session: &mut Session, account: &Account) -> Result<Address> {
        let node = (!self.signer.state.offline).then_some(&self.node);
        session.resolve(account, &self.keyring, node)
    }

    /// The validator that the command line names.
    ///
    /// # Errors
    /// Nobody runs it under this address or name, as far as a node may be asked.
    pub fn operator(&self, session: &Session, text: &str) -> Result<Address> {
        let remote = (!self.signer.state.offline).then(|| session.remote(&self.node)).transpose()?;
        validators::find(remote.as_ref(), text)
    }

    /// Whether a node can be asked before the transaction is made.
    pub const fn asks_node(&self) -> bool {
        !self.signer.state.offline && !self.generate_only
    }

    /// Whether the flags leave open what the transaction costs.
    pub const fn leaves_fee_open(&self) -> bool {
        self.fee.fees.is_none() && self.fee.gas_prices.is_none() && self.fee.fee_payer.is_none()
    }

    /// The same with this gas limit unless another was named.
    #[must_use]
    pub fn with_default_gas(&self, limit: u64) -> Self {
        let gas = self.fee.gas.or(Some(Gas::Limit(limit)));
        Self { fee: FeeArgs { gas, ..self.fee.clone() }, ..self.clone() }
    }

    /// The same without a fee.
    #[must_use]
    pub fn without_fee(&self) -> Self {
        let fee = FeeArgs { fees: Some(Coins::default()), ..self.fee.clone() };
        Self { fee, ..self.clone() }
    }
}

impl FeeArgs {
    /// The gas limit of a transaction of so many messages; `None` when the node shall say it.
    pub fn limit(&self, messages: usize) -> Option<u64> {
        match self.gas {
            Some(Gas::Auto) => None,
            Some(Gas::Limit(limit)) => Some(limit),
            None => Some(DEFAULT_GAS.saturating_mul(messages as u64)),
        }
    }

    /// The fee for `gas`, whoever pays it.
    pub fn fee(&self, gas: u64) -> Result<Fee> {
        let amount = match (&self.fees, &self.gas_prices) {
            (Some(fees), _) => fees.clone(),
            (None, price) => {
                let standard = || DEFAULT_GAS_PRICE.parse::<GasPrice>();
                let price = price.clone().map_or_else(standard, Ok)?;
                let mut coins = Coins::default();
                coins.add(price.fee(gas)?)?;
                coins
            }
        };
        Ok(Fee { amount: amount.to_proto(), gas_limit: gas, ..Default::default() })
    }
}
