//! `jmesd query artwork`: official artworks, whose they are and where they come from (§13).

use anyhow::{ensure, Context, Result};
use clap::{Args, Subcommand};
use jmes_proto::cosmos::nft::v1beta1 as nft;
use jmes_proto::jmes::artwork::v1 as artwork;
use jmes_proto::Any;
use prost::Message;

use super::{no_params, show, QueryArgs, Shown};
use crate::cli::names::{parse_account, Account, Names};
use crate::cli::options::{KeyringArgs, PageArgs};
use crate::cli::people::{grouped, percentage, yes, View};
use crate::cli::remote::Remote;
use crate::cli::Session;

const INCOMPLETE: &str = "the node's answer is incomplete";

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ArtworkQuery {
    /// Show who minted an artwork, by what right, and whose it was
    Provenance(ProvenanceArgs),
    /// Show an artwork
    Show(ArtworkArgs),
    /// Show whose an artwork is
    Owner(ArtworkArgs),
    /// Show the artworks of a DAO, of an owner, or both
    List(ListArgs),
    /// Show a DAO's class of artworks
    Class(ClassArgs),
    /// Show the classes of all DAOs
    Classes(PageOnlyArgs),
    /// Show how many artworks a class has
    Supply(ClassArgs),
    /// Show how many artworks of a class an owner has
    Balance(BalanceArgs),
    /// Show the parameters, of which there are none
    Params(QueryArgs),
}

#[derive(Args, Debug)]
pub(in crate::cli) struct ArtworkArgs {
    /// The DAO's class of artworks: artwork- and the DAO's name
    class_id: String,
    /// The artwork among them
    id: String,
    #[command(flatten)]
    query: QueryArgs,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct ProvenanceArgs {
    #[command(flatten)]
    artwork: ArtworkArgs,
    #[command(flatten)]
    page: PageArgs,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct ClassArgs {
    /// The DAO's class of artworks: artwork- and the DAO's name
    class_id: String,
    #[command(flatten)]
    query: QueryArgs,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct BalanceArgs {
    /// The DAO's class of artworks: artwork- and the DAO's name
    class_id: String,
    /// The owner: an address, a key or a registered name
    #[arg(value_parser = parse_account)]
    owner: Account,
    #[command(flatten)]
    query: QueryArgs,
    #[command(flatten)]
    keyring: KeyringArgs,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct ListArgs {
    /// Only those of this class
    #[arg(long, value_name = "CLASS", default_value = "", hide_default_value = true)]
    class: String,
    /// Only those of this owner: an address, a key or a registered name
    #[arg(long, value_name = "ACCOUNT", value_parser = parse_account)]
    owner: Option<Account>,
    #[command(flatten)]
    page: PageArgs,
    #[command(flatten)]
    query: QueryArgs,
    #[command(flatten)]
    keyring: KeyringArgs,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct PageOnlyArgs {
    #[command(flatten)]
    page: PageArgs,
    #[command(flatten)]
    query: QueryArgs,
}

impl ArtworkQuery {
    pub(super) fn run(&self, session: &mut Session) -> Result<()> {
        match self {
            Self::Provenance(args) => {
                let (class_id, id) = args.artwork.names();
                let pagination = Some(args.page.to_request());
                let request = artwork::QueryProvenanceRequest { class_id, id, pagination };
                let path = "/jmes.artwork.v1.Query/Provenance";
                show(session, &args.artwork.query, path, &request, |answer, remote| {
                    Ok(provenance(answer, remote))
                })
            }
            Self::Show(args) => {
                let (class_id, id) = args.names();
                let request = nft::QueryNftRequest { class_id, id };
                show(session, &args.query, &path("NFT"), &request, one)
            }
            Self::Owner(args) => {
                let (class_id, id) = args.names();
                let request = nft::QueryOwnerRequest { class_id, id };
                show(session, &args.query, &path("Owner"), &request, owner)
            }
            Self::List(args) => list(session, args),
            Self::Class(args) => {
                let request = nft::QueryClassRequest { class_id: args.class_id.clone() };
                show(session, &args.query, &path("Class"), &request, |answer: &nft::QueryClassResponse, _| {
                    Ok(class(answer.class.as_ref().context(INCOMPLETE)?).into())
                })
            }
            Self::Classes(args) => {
                let request = nft::QueryClassesRequest { pagination: Some(args.page.to_request()) };
                let shown = |answer: &nft::QueryClassesResponse| {
                    Shown::rows(answer.classes.iter().map(class).collect(), answer.pagination.as_ref())
                };
                show(session, &args.query, &path("Classes"), &request, |answer, _| Ok(shown(answer)))
            }
            Self::Supply(args) => {
                let request = nft::QuerySupplyRequest { class_id: args.class_id.clone() };
                show(
                    session,
                    &args.query,
                    &path("Supply"),
                    &request,
                    |answer: &nft::QuerySupplyResponse, _| Ok(grouped(&answer.amount.to_string()).into()),
                )
            }
            Self::Balance(args) => {
                let owner = args.query.resolve(session, &args.owner, &args.keyring)?.to_string();
                let request = nft::QueryBalanceRequest { class_id: args.class_id.clone(), owner };
                show(
                    session,
                    &args.query,
                    &path("Balance"),
                    &request,
                    |answer: &nft::QueryBalanceResponse, _| Ok(grouped(&answer.amount.to_string()).into()),
                )
            }
            Self::Params(args) => {
                let path = "/jmes.artwork.v1.Query/Params";
                no_params::<artwork::QueryParamsResponse>(
                    session,
                    args,
                    path,
                    &artwork::QueryParamsRequest {},
                )
            }
        }
    }
}

impl ArtworkArgs {
    fn names(&self) -> (String, String) {
        (self.class_id.clone(), self.id.clone())
    }
}

fn path(method: &str) -> String {
    format!("/cosmos.nft.v1beta1.Query/{method}")
}

fn list(session: &mut Session, args: &ListArgs) -> Result<()> {
    ensure!(
        !args.class.is_empty() || args.owner.is_some(),
        "say of whom: --class, --owner or both; `jmesd query artwork classes` shows all classes"
    );
    let owner = match &args.owner {
        Some(owner) => args.query.resolve(session, owner, &args.keyring)?.to_string(),
        None => String::new(),
    };
    let pagination = Some(args.page.to_request());
    let request = nft::QueryNfTsRequest { class_id: args.class.clone(), owner, pagination };
    show(session, &args.query, &path("NFTs"), &request, |answer: &nft::QueryNfTsResponse, _| {
        let rows = answer.nfts.iter().map(|nft| {
            let artwork = artwork_in(nft.data.as_ref()).unwrap_or_default();
            View::new()
                .with("class", nft.class_id.as_str())
                .with("id", nft.id.as_str())
                .with("title", artwork.title)
                .with("artist", artwork.artist)
                .with("uri", nft.uri.as_str())
        });
        Ok(Shown::rows(rows.collect(), answer.pagination.as_ref()))
    })
}

/// What this chain's artworks hold in their data; `None` for others.
fn artwork_in(data: Option<&Any>) -> Option<artwork::Artwork> {
    let data = data.filter(|data| data.type_url == "/jmes.artwork.v1.Artwork")?;
    artwork::Artwork::decode(data.value.as_slice()).ok()
}

fn one(answer: &nft::QueryNftResponse, remote: &Remote) -> Result<Shown> {
    let nft = answer.nft.as_ref().context(INCOMPLETE)?;
    let artwork = artwork_in(nft.data.as_ref()).unwrap_or_default();
    // A hundredth of a percent is 10^14 units.
    let royalty = jmes_modules::kernel::Decimal(u128::from(artwork.royalty_bps) * 100_000_000_000_000);
    Ok(View::new()
        .with("class", nft.class_id.as_str())
        .with("id", nft.id.as_str())
        .with("title", artwork.title)
        .with("artist", artwork.artist)
        .with("uri", nft.uri.as_str())
        .with("hash", nft.uri_hash.as_str())
        .with("royalty of a sale", percentage(royalty))
        .with("data", artwork.data)
        .with("minted by", Names::of(remote).full(&artwork.dao))
        .with("as", artwork.feature)
        .with("by proposal", artwork.proposal_id.to_string())
        .with("minted at height", grouped(&artwork.minted_height.to_string()))
        .into())
}

fn owner(answer: &nft::QueryOwnerResponse, remote: &Remote) -> Result<Shown> {
    ensure!(!answer.owner.is_empty(), "there is no such artwork");
    Ok(Names::of(remote).full(&answer.owner).into())
}

fn class(class: &nft::Class) -> View {
    View::new()
        .with("class", class.id.as_str())
        .with("name", class.name.as_str())
        .with("symbol", class.symbol.as_str())
        .with("description", class.description.as_str())
        .with("uri", class.uri.as_str())
}

fn provenance(answer: &artwork::QueryProvenanceResponse, remote: &Remote) -> Shown {
    let names = Names::of(remote);
    let transfers = answer.transfers.iter().map(|transfer| {
        let from = if transfer.from.is_empty() { "minted".into() } else { names.name(&transfer.from) };
        View::new()
            .with("height", grouped(&transfer.height.to_string()))
            .with("from", from)
            .with("to", names.name(&transfer.to))
    });
    let view = View::new()
        .with("minted by", names.full(&answer.dao))
        .with("minted at height", grouped(&answer.minted_height.to_string()))
        .with("as", answer.feature.as_str())
        .with("by proposal", answer.proposal_id.to_string())
        .with("was allowed then", yes(answer.held_then))
        .with("would be allowed now", yes(answer.held_now))
        .with("transfers, the newest first", transfers.collect::<Vec<_>>());
    Shown::page(view, answer.pagination.as_ref())
}
