//! `jmesd tx staking join`: a validator without stake, in the Initial Distribution Period (§6).

use std::path::PathBuf;

use anyhow::{ensure, Context, Result};
use clap::Args;
use jmes_modules::kernel::Address;
use jmes_modules::seats::possession_bytes;
use jmes_proto::jmes::staking::v1::MsgJoin;

use super::super::checks;
use super::super::options::TxOptions;
use super::super::submit::{sender_address, submit};
use super::description::{key_file, NewValidatorArgs};
use super::validator::check_no_validator;
use super::work::{parse_target, Work};
use crate::cli::protobuf::{consensus_key, to_any};
use crate::cli::remote::Remote;
use crate::cli::Session;
use crate::engine::keys;

#[derive(Args, Debug)]
pub(in crate::cli) struct JoinArgs {
    #[command(flatten)]
    validator: NewValidatorArgs,
    /// File with the node's consensus key [default: config/priv_validator_key.json of the home]
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// What the work's hash must be below, in 64 hex digits [default: as the node says]
    #[arg(long, value_name = "HEX", value_parser = parse_target)]
    work_target: Option<[u8; 32]>,
    #[command(flatten)]
    options: TxOptions,
}

pub(super) fn join(session: &mut Session, args: &JoinArgs) -> Result<()> {
    let operator = sender_address(session, &args.options)?;
    // The join is free, and its operator may not have an account yet (§4).
    let mut options =
        if args.options.leaves_fee_open() { args.options.without_fee() } else { args.options.clone() };
    let remote = (!options.signer.state.offline).then(|| session.remote(&options.node)).transpose()?;
    if let Some(remote) = &remote {
        check_no_validator(remote, &operator)?;
        check_period(remote)?;
        if remote.account(&operator)?.is_none() {
            options.signer.state.account_number.get_or_insert(0);
            options.signer.state.sequence.get_or_insert(0);
        }
    }
    let message = make(session, args, remote.as_ref(), &operator)?;
    submit(session, &options, options.sender()?, |_| Ok(vec![to_any(&message)]))
}

/// Refuses to join when nobody can any more.
fn check_period(remote: &Remote) -> Result<()> {
    let over = checks::seats(remote).is_some_and(|seats| !seats.idp);
    ensure!(
        !over,
        "the Initial Distribution Period, in which validators join without stake, is over: use `jmesd tx staking \
         create-validator` with a bond"
    );
    Ok(())
}

/// The message, with the proof that its sender has the consensus key, and with the work.
fn make(
    session: &mut Session,
    args: &JoinArgs,
    remote: Option<&Remote>,
    operator: &Address,
) -> Result<MsgJoin> {
    let home = session.home.clone();
    let description = args.validator.description.clone().complete(&home)?;
    let commission = args.validator.commission.complete()?;
    let path = args.key_file.clone().unwrap_or_else(|| key_file(&home));
    let secret = keys::validator_signing_key(&path).context(
        "the proof that this validator's key is yours needs the key itself: name its file with --key-file",
    )?;
    let key = secret.verification_key().to_bytes();
    let named = args.options.signer.state.chain_id.as_ref().unwrap_or(&session.settings.chain_id);
    let (chain_id, target) = match remote {
        Some(remote) => (remote.chain_id(named)?, target(remote, args)?),
        None => {
            ensure!(!named.is_empty(), "--offline needs --chain-id, for no node is asked");
            (named.clone(), args.work_target.context("--offline needs --work-target, for no node is asked")?)
        }
    };
    let work = Work { key: &key, operator, chain_id: &chain_id, target };
    let nonce = work.find(&mut session.console)?;
    let proof = secret.sign(&possession_bytes(&chain_id, operator, nonce));
    Ok(MsgJoin {
        operator: operator.to_string(),
        description: Some(description),
        commission: Some(commission),
        pubkey: Some(consensus_key(&key)),
        nonce,
        possession_proof: proof.to_bytes().to_vec(),
    })
}

fn target(remote: &Remote, args: &JoinArgs) -> Result<[u8; 32]> {
    match args.work_target {
        Some(target) => Ok(target),
        None => {
            let params = checks::seat_params(remote);
            let params =
                params.context("the node does not say how much work a join takes: use --work-target")?;
            parse_target(&params.work_target)
        }
    }
}
