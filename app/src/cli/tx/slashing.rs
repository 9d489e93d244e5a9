//! `jmesd tx slashing`: letting a validator out of jail (§8).

use anyhow::{bail, ensure, Result};
use clap::{Args, Subcommand};
use cosmos_sdk_proto::cosmos::slashing::v1beta1 as slashing;
use cosmos_sdk_proto::cosmos::staking::v1beta1::Validator;
use jmes_modules::kernel::Address;

use super::checks;
use super::options::TxOptions;
use super::submit::{sender_address, submit};
use crate::cli::people::{moment, nanos};
use crate::cli::protobuf::to_any;
use crate::cli::remote::Remote;
use crate::cli::{validators, Session};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum SlashingCommand {
    /// Let the signer's validator out of jail; free in the Initial Distribution Period
    Unjail(UnjailArgs),
}

#[derive(Args, Debug)]
pub(in crate::cli) struct UnjailArgs {
    #[command(flatten)]
    options: TxOptions,
}

impl SlashingCommand {
    pub(super) fn run(&self, session: &mut Session) -> Result<()> {
        match self {
            Self::Unjail(args) => unjail(session, &args.options),
        }
    }
}

fn unjail(session: &mut Session, options: &TxOptions) -> Result<()> {
    let operator = sender_address(session, options)?;
    let mut options = options.clone();
    if options.asks_node() {
        let remote = session.remote(&options.node)?;
        check_jail(&remote, &operator, &validators::require(&remote, &operator)?)?;
        if checks::is_free(&remote, &options) {
            options = options.without_fee();
        }
    }
    submit(session, &options, options.sender()?, |_| {
        Ok(vec![to_any(&slashing::MsgUnjail { validator_addr: operator.operator() })])
    })
}

/// Refuses when the validator can't leave jail now.
fn check_jail(remote: &Remote, operator: &Address, validator: &Validator) -> Result<()> {
    ensure!(validator.jailed, "the validator {} is not jailed", operator.operator());
    let Some(address) = validators::consensus_address_of(validator) else { return Ok(()) };
    let request = slashing::QuerySigningInfoRequest { cons_address: address.to_string() };
    let asked = remote.query("/cosmos.slashing.v1beta1.Query/SigningInfo", &request, 0);
    let info = asked.ok().and_then(|answer: slashing::QuerySigningInfoResponse| answer.val_signing_info);
    let Some(info) = info else { return Ok(()) };
    if info.tombstoned {
        bail!(
            "the validator {} signed twice and stays in jail for ever: make a new one, with another operator and \
             another consensus key",
            operator.operator()
        );
    }
    let now = remote.now()?;
    ensure!(
        info.jailed_until.as_ref().map_or(0, nanos) <= now,
        "the validator {} stays in jail until {}",
        operator.operator(),
        moment(info.jailed_until.as_ref(), now)
    );
    Ok(())
}
