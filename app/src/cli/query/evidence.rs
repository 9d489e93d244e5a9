//! `jmesd query evidence`: double signing that was punished (§8).

use anyhow::Result;
use clap::{Args, Subcommand};
use cosmos_sdk_proto::cosmos::evidence::v1beta1 as evidence;
use jmes_proto::Any;
use prost::Message;

use super::txs::parse_hash;
use super::{ask, show, QueryArgs, Shown};
use crate::cli::options::PageArgs;
use crate::cli::people::{grouped, moment, View};
use crate::cli::remote::Remote;
use crate::cli::Session;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum EvidenceQuery {
    /// Show all evidence
    List(ListArgs),
    /// Show one piece of evidence
    #[command(visible_alias = "evidence")]
    Show(ShowArgs),
}

#[derive(Args, Debug)]
pub(in crate::cli) struct ListArgs {
    #[command(flatten)]
    page: PageArgs,
    #[command(flatten)]
    query: QueryArgs,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct ShowArgs {
    /// Hash of the evidence
    hash: String,
    #[command(flatten)]
    query: QueryArgs,
}

impl EvidenceQuery {
    pub(super) fn run(&self, session: &mut Session) -> Result<()> {
        match self {
            Self::List(args) => {
                let request = evidence::QueryAllEvidenceRequest { pagination: Some(args.page.to_request()) };
                show(session, &args.query, "/cosmos.evidence.v1beta1.Query/AllEvidence", &request, list)
            }
            Self::Show(args) => {
                let hash = hex::encode_upper(parse_hash(&args.hash)?);
                let request = evidence::QueryEvidenceRequest { hash, ..Default::default() };
                let path = "/cosmos.evidence.v1beta1.Query/Evidence";
                ask::<evidence::QueryEvidenceResponse>(session, &args.query, path, &request)
            }
        }
    }
}

fn list(answer: &evidence::QueryAllEvidenceResponse, remote: &Remote) -> Result<Shown> {
    let now = remote.now()?;
    let rows = answer.evidence.iter().map(|any| row(any, now)).collect::<Result<_>>()?;
    Ok(Shown::rows(rows, answer.pagination.as_ref()))
}

fn row(any: &Any, now: i64) -> Result<View> {
    let found = evidence::Equivocation::decode(any.value.as_slice())?;
    Ok(View::new()
        .with("consensus address", found.consensus_address)
        .with("height", found.height.to_string())
        .with("time", moment(found.time.as_ref(), now))
        .with("power", grouped(&found.power.to_string())))
}
