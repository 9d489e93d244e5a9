//! `jmesd tx bank`: sending coins.

use anyhow::{ensure, Context, Result};
use clap::{Args, Subcommand};
use cosmos_sdk_proto::cosmos::bank::v1beta1::{Input, MsgMultiSend, MsgSend, Output};
use jmes_modules::kernel::{Address, Amount, Coin, Coins};

use super::options::TxOptions;
use super::submit::{address_of, submit};
use crate::cli::amount::parse_coins;
use crate::cli::names::{parse_account, Account};
use crate::cli::protobuf::to_any;
use crate::cli::Session;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum BankCommand {
    /// Send coins to one account
    Send(SendArgs),
    /// Send coins to several accounts, the same amount to each
    MultiSend(MultiSendArgs),
}

#[derive(Args, Debug)]
pub(in crate::cli) struct SendArgs {
    /// Key that sends, by its name or address; with --generate-only any account
    #[arg(value_name = "FROM")]
    sender: String,
    /// Who receives: an address, a key or a registered name
    #[arg(value_parser = parse_account)]
    to: Account,
    /// What to send, as in 5JMES, 0.5JMES, 5000000ujmes or 100nils; several with commas between
    #[arg(value_parser = parse_coins, allow_hyphen_values = true)]
    amount: Coins,
    #[command(flatten)]
    options: TxOptions,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct MultiSendArgs {
    /// Key that sends, by its name or address; with --generate-only any account
    #[arg(value_name = "FROM")]
    sender: String,
    /// Who receives: addresses, keys or registered names; then the amount for each
    #[arg(required = true, num_args = 2.., value_names = ["TO", "AMOUNT"])]
    to_and_amount: Vec<String>,
    /// Divide the amount between the receivers instead; what does not divide stays with the sender
    #[arg(long)]
    split: bool,
    #[command(flatten)]
    options: TxOptions,
}

impl BankCommand {
    pub(super) fn run(&self, session: &mut Session) -> Result<()> {
        match self {
            Self::Send(args) => {
                let from = sender(session, &args.sender, &args.options)?;
                let to = args.options.resolve(session, &args.to)?;
                submit(session, &args.options, &from, |from| {
                    Ok(vec![to_any(&MsgSend {
                        from_address: from.to_string(),
                        to_address: to.to_string(),
                        amount: args.amount.to_proto(),
                    })])
                })
            }
            Self::MultiSend(args) => multi_send(session, args),
        }
    }
}

/// `--from` is for commands that do not name the sender otherwise; given here it must mean the same.
fn sender(session: &Session, from: &str, options: &TxOptions) -> Result<String> {
    if let Some(flag) = options.signer.from.as_deref().filter(|flag| *flag != from) {
        let same = address_of(session, flag, options)? == address_of(session, from, options)?;
        ensure!(same, "the coins can't come from {from} and from {flag}: leave --from {flag} out");
    }
    Ok(from.to_owned())
}

fn multi_send(session: &mut Session, args: &MultiSendArgs) -> Result<()> {
    let (amount, receivers) = args.to_and_amount.split_last().context("name receivers and an amount")?;
    let amount = parse_coins(amount)?;
    let receivers = receivers
        .iter()
        .map(|to| args.options.resolve(session, &parse_account(to)?))
        .collect::<Result<Vec<_>>>()?;
    let each = if args.split { divide(&amount, receivers.len())? } else { amount };
    let total = multiply(&each, receivers.len())?;
    let from = sender(session, &args.sender, &args.options)?;
    submit(session, &args.options, &from, |from| {
        let output = |to: &Address| Output { address: to.to_string(), coins: each.to_proto() };
        Ok(vec![to_any(&MsgMultiSend {
            inputs: vec![Input { address: from.to_string(), coins: total.to_proto() }],
            outputs: receivers.iter().map(output).collect(),
        })])
    })
}

fn divide(coins: &Coins, parts: usize) -> Result<Coins> {
    let mut each = Coins::default();
    for coin in coins.iter() {
        let share = coin.amount.0 / parts as u128;
        ensure!(share > 0, "{coin} is too little to be divided between {parts} receivers");
        each.add(Coin::new(&coin.denom, Amount(share)))?;
    }
    Ok(each)
}

fn multiply(coins: &Coins, factor: usize) -> Result<Coins> {
    let mut total = Coins::default();
    for coin in coins.iter() {
        let sum = coin.amount.0.checked_mul(factor as u128);
        let sum = sum.with_context(|| format!("{factor} times {coin} is too large"))?;
        total.add(Coin::new(&coin.denom, Amount(sum)))?;
    }
    Ok(total)
}
