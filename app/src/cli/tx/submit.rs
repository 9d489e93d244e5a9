//! From messages to a transaction on the chain: the one way that all commands which make transactions go.

use anyhow::{bail, ensure, Context, Result};
use cosmos_sdk_proto::cosmos::tx::v1beta1::Fee;
use jmes_modules::kernel::Address;
use jmes_proto::jmes::identity::v1::Kind;
use jmes_proto::Any;
use serde::Serialize;

use super::answer;
use super::options::{SignerState, TxOptions};
use super::signing;
use super::transaction::Transaction;
use crate::cli::amount::describe_coins;
use crate::cli::names::{parse_account, registered, Account};
use crate::cli::options::parse_address;
use crate::cli::output;
use crate::cli::protobuf::to_json;
use crate::cli::Session;
use crate::keys::{Kind as KeyKind, Record};

/// Makes the transaction of `messages`, which get the address of `from` (a key's name or address), and does with it what
/// the flags say.
pub(super) fn submit(
    session: &mut Session,
    options: &TxOptions,
    from: &str,
    messages: impl FnOnce(&Address) -> Result<Vec<Any>>,
) -> Result<()> {
    let signer = Signer::find(session, from, options)?;
    let messages = messages(&signer.address)?;
    let payer = options.fee.fee_payer.as_ref().map(|payer| options.resolve(session, payer)).transpose()?;
    let payer = payer.map(|payer| payer.to_string()).unwrap_or_default();
    let limit = options.fee.limit(messages.len()).filter(|_| !options.dry_run);
    let needs_state = !options.generate_only || limit.is_none();
    let state = if needs_state {
        Some(options.signer.state.resolve(session, &options.node, &signer.address)?)
    } else {
        None
    };
    let build = |fee| {
        let fee = Fee { payer: payer.clone(), ..fee };
        Transaction::new(messages.clone(), &options.note, options.timeout_height, fee)
    };
    let gas = match limit {
        Some(limit) => limit,
        None => estimate(session, options, &signer, state.as_ref(), &build)?,
    };
    let mut tx = build(options.fee.fee(gas)?);
    if options.dry_run {
        return show_estimate(session, &tx);
    }
    if options.generate_only {
        return session.console.print(&tx.to_json()?);
    }
    let (Some(state), Some(record)) = (state, signer.record) else {
        bail!("{} has no key here to sign with: use --generate-only", signer.address);
    };
    check_sole_signer(&tx, &record)?;
    if !options.yes {
        confirm(session, &tx, &record, &state)?;
    }
    let mut keyring = session.keyring(&options.keyring);
    let secret = keyring.unlock(&record.name, &mut session.console)?;
    signing::sign(&mut tx, &secret, options.signer.sign_mode, &state)?;
    if options.signer.state.offline {
        return session.console.print(&tx.to_json()?);
    }
    answer::broadcast(session, &options.node, options.broadcast_mode, tx.to_bytes())
}

/// The address of the key that the flags name to sign.
///
/// # Errors
/// None is named, or it is not in the keyring and something is to be signed.
pub(super) fn sender_address(session: &Session, options: &TxOptions) -> Result<Address> {
    address_of(session, options.sender()?, options)
}

/// The address of the key `from` that signs.
///
/// # Errors
/// As [`sender_address`].
pub(super) fn address_of(session: &Session, from: &str, options: &TxOptions) -> Result<Address> {
    Ok(Signer::find(session, from, options)?.address)
}

/// Who the transaction is from.
struct Signer {
    address: Address,
    record: Option<Record>,
}

impl Signer {
    /// A key of the keyring, by its name or address or by the name it has registered (§9); where nothing is signed, any
    /// account will do.
    fn find(session: &Session, from: &str, options: &TxOptions) -> Result<Self> {
        let keyring = session.keyring(&options.keyring);
        let unknown = match keyring.find(from) {
            Ok(record) => return Ok(Self { address: record.address(), record: Some(record) }),
            Err(error) => error,
        };
        let (address, is_dao) = match parse_account(from) {
            Ok(Account::Address(address)) => (address, false),
            Ok(Account::Name(name)) if !options.signer.state.offline => {
                match registered(&session.remote(&options.node)?, &name) {
                    Ok(Some(identity)) => {
                        (parse_address(&identity.address)?, identity.kind == Kind::Dao as i32)
                    }
                    Ok(None) => return Err(unknown),
                    Err(error) => bail!("{unknown}. Whose registered name it is can't be asked: {error:#}"),
                }
            }
            _ => return Err(unknown),
        };
        match keyring.find(&address.to_string()) {
            Ok(record) => Ok(Self { address, record: Some(record) }),
            Err(_) if options.generate_only || options.dry_run => Ok(Self { address, record: None }),
            Err(_) if is_dao => bail!(
                "{from} is a DAO and has no key: print its transaction with --generate-only and let a member propose it \
                 with `jmesd tx dao submit`"
            ),
            Err(unknown) => Err(unknown),
        }
    }
}

/// The gas limit that simulation suggests. Charging the fee takes gas too, and the fee follows from the gas: so the
/// transaction is simulated without fee first, then with the fee for what that used.
fn estimate(
    session: &Session,
    options: &TxOptions,
    signer: &Signer,
    state: Option<&SignerState>,
    build: &impl Fn(Fee) -> Transaction,
) -> Result<u64> {
    ensure!(
        !options.signer.state.offline,
        "--gas auto asks a node, which --offline forbids: give the gas limit as a number"
    );
    let sequence = state.map_or(0, |state| state.sequence);
    let with_fee_for =
        |gas| -> Result<Transaction> { Ok(build(Fee { gas_limit: 0, ..options.fee.fee(gas)? })) };
    let first = with_fee_for(0)?;
    let gas = simulate(session, options, signer, sequence, &first)?;
    let second = with_fee_for(gas)?;
    if second == first {
        return Ok(gas);
    }
    simulate(session, options, signer, sequence, &second)
}

/// The gas that a transaction uses now, times the adjustment.
fn simulate(
    session: &Session,
    options: &TxOptions,
    signer: &Signer,
    sequence: u64,
    tx: &Transaction,
) -> Result<u64> {
    let remote = session.remote(&options.node)?;
    let mut signers = Vec::new();
    for address in tx.signers()? {
        if address == signer.address {
            signers.push((signer.record.as_ref().map(|record| record.public_key.clone()), sequence));
        } else {
            signers.push((None, remote.account(&address)?.map_or(0, |account| account.sequence)));
        }
    }
    let used = remote.simulate(tx.to_simulated_bytes(&signers))?.gas_used;
    let adjustment = options.fee.gas_adjustment;
    let limit = adjustment.times_up(used).and_then(|gas| u64::try_from(gas).ok());
    limit.map(|limit| limit.max(1)).with_context(|| {
        format!("{used} gas times {adjustment} is too large: choose a smaller --gas-adjustment")
    })
}

#[derive(Serialize)]
struct Estimate {
    gas_estimate: String,
    fee: Vec<Coin>,
}

#[derive(Serialize)]
struct Coin {
    denom: String,
    amount: String,
}

fn show_estimate(session: &mut Session, tx: &Transaction) -> Result<()> {
    let fee = tx.fee();
    let coins = fee.amount.into_iter().map(|coin| Coin { denom: coin.denom, amount: coin.amount }).collect();
    session.console.emit_value(&Estimate { gas_estimate: fee.gas_limit.to_string(), fee: coins })
}

/// The commands sign with one key and send at once; all else is signed step by step.
fn check_sole_signer(tx: &Transaction, record: &Record) -> Result<()> {
    match record.kind {
        KeyKind::Local => {}
        KeyKind::Multi => bail!(
            "\"{}\" is a multisig key: use --generate-only, let its members sign with `tx sign --multisig {}`, then put \
             the signatures together with `tx multi-sign`",
            record.name,
            record.name
        ),
        KeyKind::Offline => bail!(
            "the keyring has only the public key of \"{}\": use --generate-only and sign where the key is",
            record.name
        ),
    }
    let signers = tx.signers()?;
    ensure!(
        signers == [record.address()],
        "the transaction needs the signatures of {}: use --generate-only, and `tx sign` with each of their keys",
        signers.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ")
    );
    Ok(())
}

/// What a person agrees to.
#[derive(Serialize)]
struct Summary {
    chain: String,
    signer: String,
    fee: String,
    gas_limit: u64,
    #[serde(skip_serializing_if = "String::is_empty")]
    note: String,
    #[serde(skip_serializing_if = "is_zero")]
    timeout_height: u64,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
const fn is_zero(number: &u64) -> bool {
    *number == 0
}

fn confirm(session: &mut Session, tx: &Transaction, record: &Record, state: &SignerState) -> Result<()> {
    let fee = tx.fee();
    let summary = Summary {
        chain: state.chain_id.clone(),
        signer: format!("{} ({})", record.address(), record.name),
        fee: describe_coins(&fee.amount),
        gas_limit: fee.gas_limit,
        note: tx.body().memo.clone(),
        timeout_height: tx.body().timeout_height,
    };
    let mut text = output::render(&serde_json::to_string(&summary)?, false)?;
    for message in &tx.body().messages {
        let shown = output::render(&to_json(message)?, false)?;
        text.push_str(&format!("\n{shown}"));
    }
    session.console.note(&text);
    session.console.confirm("Sign and send this transaction?")
}
