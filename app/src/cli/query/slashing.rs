//! `jmesd query slashing`: who signs, and who was jailed (§8).

use anyhow::{anyhow, bail, Context, Result};
use clap::{Args, Subcommand};
use cosmos_sdk_proto::cosmos::slashing::v1beta1 as slashing;
use jmes_modules::kernel::{ConsensusAddress, CONSENSUS_PREFIX};
use jmes_modules::staking::consensus_address;

use super::{show, QueryArgs, Shown};
use crate::cli::options::PageArgs;
use crate::cli::people::{duration, grouped, moment, nanos, percent, View};
use crate::cli::protobuf::parse_consensus_key;
use crate::cli::remote::{is_not_found, Remote};
use crate::cli::{validators, Session};

const INCOMPLETE: &str = "the node's answer is incomplete";

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum SlashingQuery {
    /// Show how a validator signs
    SigningInfo(SigningInfoArgs),
    /// Show how all validators sign
    SigningInfos(SigningInfosArgs),
    /// Show the parameters
    Params(QueryArgs),
}

#[derive(Args, Debug)]
pub(in crate::cli) struct SigningInfoArgs {
    /// Validator, by jmesvalcons1…, jmesvaloper1…, its operator's account, or its consensus key as JSON
    validator: String,
    #[command(flatten)]
    query: QueryArgs,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct SigningInfosArgs {
    #[command(flatten)]
    page: PageArgs,
    #[command(flatten)]
    query: QueryArgs,
}

impl SlashingQuery {
    pub(super) fn run(&self, session: &mut Session) -> Result<()> {
        match self {
            Self::SigningInfo(args) => signing_info(session, args),
            Self::SigningInfos(args) => {
                let request = slashing::QuerySigningInfosRequest { pagination: Some(args.page.to_request()) };
                show(
                    session,
                    &args.query,
                    "/cosmos.slashing.v1beta1.Query/SigningInfos",
                    &request,
                    signing_infos,
                )
            }
            Self::Params(args) => {
                let request = slashing::QueryParamsRequest {};
                show(session, args, "/cosmos.slashing.v1beta1.Query/Params", &request, |answer, _| {
                    params(answer)
                })
            }
        }
    }
}

fn signing_info(session: &mut Session, args: &SigningInfoArgs) -> Result<()> {
    let address = consensus_address_for(&session.remote(&args.query.node)?, &args.validator)?;
    let request = slashing::QuerySigningInfoRequest { cons_address: address.to_string() };
    let shown = |answer: &slashing::QuerySigningInfoResponse, remote: &Remote| {
        let info = answer.val_signing_info.as_ref().context(INCOMPLETE)?;
        Ok(view(info, remote.now()?).into())
    };
    show(session, &args.query, "/cosmos.slashing.v1beta1.Query/SigningInfo", &request, shown).map_err(
        |error| {
            if is_not_found(&error) {
                anyhow!("the validator with the consensus address {address} never had a seat")
            } else {
                error
            }
        },
    )
}

/// The consensus address that `text` means.
fn consensus_address_for(remote: &Remote, text: &str) -> Result<ConsensusAddress> {
    if text.starts_with(CONSENSUS_PREFIX) {
        return ConsensusAddress::parse(text)
            .map_err(|error| anyhow!("{error}; `jmesd comet show-address` shows a node's"));
    }
    if text.trim_start().starts_with('{') {
        return Ok(consensus_address(&parse_consensus_key(text)?));
    }
    let operator = validators::find(Some(remote), text)?;
    match validators::consensus_address_of(&validators::require(remote, &operator)?) {
        Some(address) => Ok(address),
        None => bail!("{} has no consensus key any more: another validator proved that it owns it", text),
    }
}

fn status(info: &slashing::ValidatorSigningInfo, now: i64) -> String {
    let until = info.jailed_until.as_ref().map_or(0, nanos);
    match info.tombstoned {
        true => "jailed for ever: it signed twice".into(),
        false if until > now => "jailed".into(),
        false => "may sign".into(),
    }
}

fn view(info: &slashing::ValidatorSigningInfo, now: i64) -> View {
    let jailed = info.jailed_until.as_ref().filter(|until| until.seconds > 0);
    View::new()
        .with("consensus address", info.address.as_str())
        .with("status", status(info, now))
        .with("missed in the window", grouped(&info.missed_blocks_counter.to_string()))
        .with("blocks in the window", grouped(&info.index_offset.to_string()))
        .with("window begun at height", info.start_height.to_string())
        .with("jailed until", moment(jailed, now))
}

fn signing_infos(answer: &slashing::QuerySigningInfosResponse, remote: &Remote) -> Result<Shown> {
    let now = remote.now()?;
    let rows = answer.info.iter().map(|info| {
        let jailed = info.jailed_until.as_ref().filter(|until| until.seconds > 0);
        View::new()
            .with("consensus address", info.address.as_str())
            .with("status", status(info, now))
            .with("missed", grouped(&info.missed_blocks_counter.to_string()))
            .with("since height", info.start_height.to_string())
            .with("jailed until", moment(jailed, now))
    });
    Ok(Shown::rows(rows.collect(), answer.pagination.as_ref()))
}

fn params(answer: &slashing::QueryParamsResponse) -> Result<Shown> {
    let params = answer.params.as_ref().context(INCOMPLETE)?;
    // These decimals are bytes on the wire, with the same text in them as elsewhere.
    let part = |bytes: &[u8]| percent(std::str::from_utf8(bytes).context(INCOMPLETE)?);
    Ok(View::new()
        .with("window", format!("{} blocks", grouped(&params.signed_blocks_window.to_string())))
        .with("least signed in a window", part(&params.min_signed_per_window)?)
        .with("jail for downtime", duration(params.downtime_jail_duration.as_ref()))
        .with("slash for downtime", part(&params.slash_fraction_downtime)?)
        .with("slash for double signing", part(&params.slash_fraction_double_sign)?)
        .into())
}
