//! `jmesd query identity`: registered names (§9).

use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use jmes_proto::jmes::identity::v1 as identity;

use super::{show, AccountArgs, QueryArgs, Shown};
use crate::cli::names::kind;
use crate::cli::options::PageArgs;
use crate::cli::people::{grouped, nils, View};
use crate::cli::Session;

const INCOMPLETE: &str = "the node's answer is incomplete";

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum IdentityQuery {
    /// Show who has a name
    ByName(ByNameArgs),
    /// Show the name of an account
    ByAddress(AccountArgs),
    /// Show all names, or those that begin alike
    List(ListArgs),
    /// Show the parameters
    Params(QueryArgs),
}

#[derive(Args, Debug)]
pub(in crate::cli) struct ByNameArgs {
    /// The whole name
    name: String,
    #[command(flatten)]
    query: QueryArgs,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct ListArgs {
    /// How the names begin
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    prefix: String,
    #[command(flatten)]
    page: PageArgs,
    #[command(flatten)]
    query: QueryArgs,
}

impl IdentityQuery {
    pub(super) fn run(&self, session: &mut Session) -> Result<()> {
        match self {
            Self::ByName(args) => {
                let request = identity::QueryByNameRequest { name: args.name.clone() };
                let shown = |answer: &identity::QueryByNameResponse| one(answer.identity.as_ref());
                show(session, &args.query, &path("ByName"), &request, |answer, _| shown(answer))
            }
            Self::ByAddress(args) => {
                let address = args.query.resolve(session, &args.account, &args.keyring)?;
                let request = identity::QueryByAddressRequest { address: address.to_string() };
                let shown = |answer: &identity::QueryByAddressResponse| one(answer.identity.as_ref());
                show(session, &args.query, &path("ByAddress"), &request, |answer, _| shown(answer))
            }
            Self::List(args) => {
                let request = identity::QueryIdentitiesRequest {
                    prefix: args.prefix.clone(),
                    pagination: Some(args.page.to_request()),
                };
                show(session, &args.query, &path("Identities"), &request, |answer, _| Ok(list(answer)))
            }
            Self::Params(args) => {
                let request = identity::QueryParamsRequest {};
                show(session, args, &path("Params"), &request, |answer, _| params(answer))
            }
        }
    }
}

fn path(method: &str) -> String {
    format!("/jmes.identity.v1.Query/{method}")
}

fn one(identity: Option<&identity::Identity>) -> Result<Shown> {
    Ok(view(identity.context(INCOMPLETE)?).into())
}

fn view(identity: &identity::Identity) -> View {
    View::new()
        .with("name", identity.name.as_str())
        .with("kind", kind(identity))
        .with("address", identity.address.as_str())
        .with("since height", grouped(&identity.height.to_string()))
}

fn list(answer: &identity::QueryIdentitiesResponse) -> Shown {
    Shown::rows(answer.identities.iter().map(view).collect(), answer.pagination.as_ref())
}

fn params(answer: &identity::QueryParamsResponse) -> Result<Shown> {
    let params = answer.params.as_ref().context(INCOMPLETE)?;
    Ok(View::new().with("burnt for a name", nils(&params.registration_burn)?).into())
}
