//! `jmesd tx identity`: registering a name (§9).

use anyhow::{bail, ensure, Result};
use clap::{Args, Subcommand};
use jmes_modules::kernel::Address;
use jmes_proto::jmes::identity::v1 as identity;

use super::options::TxOptions;
use super::submit::{sender_address, submit};
use crate::cli::names::{is_identity_name, kind, registered};
use crate::cli::protobuf::to_any;
use crate::cli::remote::Remote;
use crate::cli::Session;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum IdentityCommand {
    /// Give the signer a name, for ever; it costs 1 JMES, which is burnt
    Register(RegisterArgs),
}

#[derive(Args, Debug)]
pub(in crate::cli) struct RegisterArgs {
    /// The name: 3 to 20 characters a-z and 0-9
    name: String,
    #[command(flatten)]
    options: TxOptions,
}

impl IdentityCommand {
    pub(super) fn run(&self, session: &mut Session) -> Result<()> {
        match self {
            Self::Register(args) => register(session, args),
        }
    }
}

fn register(session: &mut Session, args: &RegisterArgs) -> Result<()> {
    check_name(&args.name)?;
    if args.options.asks_node() {
        let account = sender_address(session, &args.options)?;
        is_free(&session.remote(&args.options.node)?, &args.name, Some(&account))?;
    }
    submit(session, &args.options, args.options.sender()?, |creator| {
        Ok(vec![to_any(&identity::MsgRegisterUser { creator: creator.to_string(), name: args.name.clone() })])
    })
}

/// Refuses what no identity can be named.
pub(super) fn check_name(name: &str) -> Result<()> {
    ensure!(
        is_identity_name(name),
        "\"{name}\" can't be registered: a name has 3 to 20 characters a-z and 0-9"
    );
    Ok(())
}

/// Refuses a name that somebody has, and a second name for `account`. Where the node does not answer, the chain decides.
pub(super) fn is_free(remote: &Remote, name: &str, account: Option<&Address>) -> Result<()> {
    if let Ok(Some(taken)) = registered(remote, name) {
        bail!("{name} is taken: it is the {} {}", kind(&taken), taken.address);
    }
    let Some(account) = account else { return Ok(()) };
    let request = identity::QueryByAddressRequest { address: account.to_string() };
    let asked = remote.query("/jmes.identity.v1.Query/ByAddress", &request, 0);
    let answer: Option<identity::QueryByAddressResponse> = asked.ok();
    if let Some(identity) = answer.and_then(|answer| answer.identity) {
        bail!("{account} is {} for ever: an account has one name", identity.name);
    }
    Ok(())
}
