//! `jmesd tx staking create-validator` and `edit-validator` (§6).

use std::path::PathBuf;

use anyhow::{ensure, Context, Result};
use clap::Args;
use cosmos_sdk_proto::cosmos::staking::v1beta1 as staking;
use jmes_modules::kernel::{Address, Amount, Decimal};
use jmes_modules::BASE_DENOM;

use super::super::checks;
use super::super::options::TxOptions;
use super::super::submit::{sender_address, submit};
use super::bonds::coin;
use super::description::{
    key_of_node, parse_least_bond, parse_pubkey, parse_rate, read_file, CommissionArgs, ConsensusKey,
    DescriptionArgs, ValidatorFile,
};
use crate::cli::amount::{describe, parse_nils};
use crate::cli::protobuf::{consensus_key, parse_consensus_key, to_any};
use crate::cli::remote::Remote;
use crate::cli::{validators, Session};

/// The least that a validator created so bonds itself (§6), in Nils.
const LEAST_BOND: Amount = Amount(1_000_000);
/// What an edit says of a text that stays as it is, by the convention of Cosmos tools.
const UNCHANGED: &str = "[do-not-modify]";

#[derive(Args, Debug)]
pub(in crate::cli) struct CreateArgs {
    /// File that describes the validator as JSON, with the names of these flags; flags win over it
    file: Option<PathBuf>,
    /// What the operator bonds, at least 1JMES
    #[arg(long, value_name = "AMOUNT", value_parser = parse_nils)]
    amount: Option<Amount>,
    /// Consensus key as `jmesd comet show-validator` shows it [default: that of the home's node]
    #[arg(long, value_name = "JSON", value_parser = parse_pubkey)]
    pubkey: Option<ConsensusKey>,
    /// The operator's own bond that keeps the validator out of jail [default: 1ujmes]
    #[arg(long, value_name = "AMOUNT", value_parser = parse_least_bond)]
    min_self_delegation: Option<Amount>,
    #[command(flatten)]
    description: DescriptionArgs,
    #[command(flatten)]
    commission: CommissionArgs,
    #[command(flatten)]
    options: TxOptions,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct EditArgs {
    /// New name of the validator
    #[arg(long, visible_alias = "moniker", value_name = "NAME")]
    new_moniker: Option<String>,
    /// New identity of its operator
    #[arg(long, value_name = "ID")]
    identity: Option<String>,
    /// New website
    #[arg(long, value_name = "URL")]
    website: Option<String>,
    /// New contact for security problems
    #[arg(long, value_name = "CONTACT")]
    security_contact: Option<String>,
    /// New details
    #[arg(long, value_name = "TEXT")]
    details: Option<String>,
    /// New commission, as in 0.1 or 10%
    #[arg(long, value_name = "RATE", value_parser = parse_rate)]
    commission_rate: Option<Decimal>,
    /// New own bond that keeps the validator out of jail; it can only grow
    #[arg(long, value_name = "AMOUNT", value_parser = parse_least_bond)]
    min_self_delegation: Option<Amount>,
    #[command(flatten)]
    options: TxOptions,
}

pub(super) fn create(session: &mut Session, args: &CreateArgs) -> Result<()> {
    let options = &args.options;
    let operator = sender_address(session, options)?;
    let message = new_validator(session, args, &operator)?;
    let bond = message.value.as_ref().map_or(Ok(Amount::ZERO), |coin| Amount::parse(&coin.amount))?;
    if options.asks_node() {
        let remote = session.remote(&options.node)?;
        check_no_validator(&remote, &operator)?;
        checks::can_bond(&remote, &operator)?;
        checks::can_spend(&remote, options, &operator, bond)?;
    }
    submit(session, options, options.sender()?, |_| Ok(vec![to_any(&message)]))
}

fn new_validator(
    session: &Session,
    args: &CreateArgs,
    operator: &Address,
) -> Result<staking::MsgCreateValidator> {
    let file = args.file.as_deref().map(read_file).transpose()?.unwrap_or_default();
    let in_file =
        || args.file.as_ref().map_or_else(String::new, |path| format!("{} is wrong", path.display()));
    let bond = match args.amount {
        Some(amount) => amount,
        None => {
            let text = file.amount.as_deref();
            let text = text.context("say what the validator bonds itself, with --amount as in 1JMES")?;
            parse_nils(text).with_context(in_file)?
        }
    };
    ensure!(
        bond >= LEAST_BOND,
        "a validator bonds at least {} itself, not {}: in the Initial Distribution Period `jmesd tx \
         staking join` makes one without a bond",
        describe(LEAST_BOND, BASE_DENOM),
        describe(bond, BASE_DENOM)
    );
    let least = match (args.min_self_delegation, &file.min_self_delegation) {
        (Some(least), _) => least,
        (None, Some(text)) => parse_least_bond(text).with_context(in_file)?,
        (None, None) => Amount(1),
    };
    ensure!(
        least <= bond,
        "the validator would bond {}, less than the {} that keep it out of jail",
        describe(bond, BASE_DENOM),
        describe(least, BASE_DENOM)
    );
    Ok(staking::MsgCreateValidator {
        description: Some(args.description.clone().or(&file).complete(&session.home)?),
        commission: Some(args.commission.or(&file).with_context(in_file)?.complete()?),
        min_self_delegation: least.to_string(),
        validator_address: operator.operator(),
        pubkey: Some(consensus_key(&key(session, args, &file)?)),
        value: coin(bond),
        ..Default::default()
    })
}

fn key(session: &Session, args: &CreateArgs, file: &ValidatorFile) -> Result<[u8; 32]> {
    match (args.pubkey, &file.pubkey) {
        (Some(key), _) => Ok(key.0),
        (None, Some(json)) => parse_consensus_key(&json.to_string()),
        (None, None) => key_of_node(&session.home),
    }
}

/// Refuses a second validator of the same operator.
pub(super) fn check_no_validator(remote: &Remote, operator: &Address) -> Result<()> {
    ensure!(
        validators::lookup(remote, operator)?.is_none(),
        "{operator} runs the validator {} already: change it with `jmesd tx staking edit-validator`, or name the key of \
         another operator with --from",
        operator.operator()
    );
    Ok(())
}

pub(super) fn edit(session: &mut Session, args: &EditArgs) -> Result<()> {
    let options = &args.options;
    let operator = sender_address(session, options)?;
    let texts = [&args.new_moniker, &args.identity, &args.website, &args.security_contact, &args.details];
    ensure!(
        texts.iter().any(|text| text.is_some())
            || args.commission_rate.is_some()
            || args.min_self_delegation.is_some(),
        "nothing would change: say what, for example with --details or --commission-rate"
    );
    if options.asks_node() {
        validators::require(&session.remote(&options.node)?, &operator)?;
    }
    let text = |text: &Option<String>| text.clone().unwrap_or_else(|| UNCHANGED.into());
    let message = staking::MsgEditValidator {
        description: Some(staking::Description {
            moniker: text(&args.new_moniker),
            identity: text(&args.identity),
            website: text(&args.website),
            security_contact: text(&args.security_contact),
            details: text(&args.details),
        }),
        validator_address: operator.operator(),
        commission_rate: args.commission_rate.map(Decimal::to_proto).unwrap_or_default(),
        min_self_delegation: args.min_self_delegation.map(|least| least.to_string()).unwrap_or_default(),
    };
    submit(session, options, options.sender()?, |_| Ok(vec![to_any(&message)]))
}
