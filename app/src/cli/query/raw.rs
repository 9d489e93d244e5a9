//! `jmesd query raw`: any query of the node, by its path in the descriptor set.

use anyhow::{Context, Result};
use clap::Args;

use super::QueryArgs;
use crate::cli::protobuf::{bytes_from_json, bytes_to_json};
use crate::cli::Session;

#[derive(Args, Debug)]
pub(in crate::cli) struct RawArgs {
    /// Path of the query, as in /cosmos.bank.v1beta1.Query/Balance
    path: String,
    /// Request as JSON
    #[arg(default_value = "{}")]
    request: String,
    #[command(flatten)]
    query: QueryArgs,
}

pub(super) fn raw(session: &mut Session, args: &RawArgs) -> Result<()> {
    let service_and_method = args.path.trim_start_matches('/').split_once('/');
    let method = service_and_method.and_then(|(service, method)| {
        let service = jmes_proto::pool().get_service_by_name(service)?;
        let found = service.methods().find(|known| known.name() == method);
        found
    });
    let method = method.with_context(|| {
        format!("there is no query {}: a path is written like /cosmos.bank.v1beta1.Query/Balance", args.path)
    })?;
    let request = bytes_from_json(method.input().full_name(), &args.request)?;
    let path = format!("/{}/{}", method.parent_service().full_name(), method.name());
    let answer = session.remote(&args.query.node)?.answer(&path, request, args.query.height)?;
    session.console.emit(&bytes_to_json(method.output().full_name(), &answer)?)
}
