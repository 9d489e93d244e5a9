//! `jmesd tx artwork`: minting and sending artworks (§13).

use anyhow::{ensure, Result};
use clap::{Args, Subcommand};
use jmes_proto::cosmos::nft::v1beta1 as nft;
use jmes_proto::jmes::artwork::v1 as artwork;

use super::options::TxOptions;
use super::propose::{DaoArgs, Words};
use super::submit::{sender_address, submit};
use crate::cli::names::{parse_account, Account, Names};
use crate::cli::protobuf::to_any;
use crate::cli::Session;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ArtworkCommand {
    /// Mint an official artwork of a DAO that is an art dealer or sits in a core slot
    Mint(MintArgs),
    /// Give an artwork to somebody else
    Send(SendArgs),
}

#[derive(Args, Debug)]
pub(in crate::cli) struct MintArgs {
    /// What it is called among the DAO's artworks: a letter, then letters, digits, - and :
    id: String,
    /// Who gets it: an address, a key or a registered name
    #[arg(value_parser = parse_account)]
    owner: Account,
    /// Title of the artwork
    #[arg(long, value_name = "TEXT")]
    title: String,
    /// Who made it
    #[arg(long, value_name = "TEXT")]
    artist: String,
    /// Where it is, or its description
    #[arg(long, default_value = "", hide_default_value = true)]
    uri: String,
    /// Hash of what is there
    #[arg(long, value_name = "HASH", default_value = "", hide_default_value = true)]
    uri_hash: String,
    /// What the artist shall get of a sale, in hundredths of a percent
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u32).range(..=10_000))]
    royalty_bps: u32,
    /// Whatever else belongs to it, as text
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    data: String,
    #[command(flatten)]
    dao: DaoArgs,
    #[command(flatten)]
    options: TxOptions,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct SendArgs {
    /// The DAO's class of artworks: artwork- and the DAO's name
    class_id: String,
    /// The artwork among them
    id: String,
    /// Who gets it: an address, a key or a registered name
    #[arg(value_parser = parse_account)]
    to: Account,
    #[command(flatten)]
    options: TxOptions,
}

impl ArtworkCommand {
    pub(super) fn run(&self, session: &mut Session) -> Result<()> {
        match self {
            Self::Mint(args) => mint(session, args),
            Self::Send(args) => send(session, args),
        }
    }
}

fn mint(session: &mut Session, args: &MintArgs) -> Result<()> {
    let owner = args.options.resolve(session, &args.owner)?;
    let dao = args.dao.address(session, &args.options)?;
    let message = artwork::MsgMint {
        dao: dao.to_string(),
        id: args.id.clone(),
        owner: owner.to_string(),
        uri: args.uri.clone(),
        uri_hash: args.uri_hash.clone(),
        title: args.title.clone(),
        artist: args.artist.clone(),
        royalty_bps: args.royalty_bps,
        data: args.data.clone(),
    };
    let words = Words { title: format!("Mint {}: {}", args.id, args.title), summary: String::new() };
    args.dao.send(session, &args.options, &dao, vec![to_any(&message)], words)
}

fn send(session: &mut Session, args: &SendArgs) -> Result<()> {
    let to = args.options.resolve(session, &args.to)?;
    if args.options.asks_node() {
        let sender = sender_address(session, &args.options)?.to_string();
        let remote = session.remote(&args.options.node)?;
        let request = nft::QueryOwnerRequest { class_id: args.class_id.clone(), id: args.id.clone() };
        let asked = remote.query("/cosmos.nft.v1beta1.Query/Owner", &request, 0);
        let owner = asked.ok().map(|answer: nft::QueryOwnerResponse| answer.owner).unwrap_or_default();
        ensure!(
            owner.is_empty() || owner == sender,
            "{} {} is {}'s: only its owner can send it",
            args.class_id,
            args.id,
            Names::of(&remote).full(&owner)
        );
    }
    submit(session, &args.options, args.options.sender()?, |sender| {
        Ok(vec![to_any(&nft::MsgSend {
            class_id: args.class_id.clone(),
            id: args.id.clone(),
            sender: sender.to_string(),
            receiver: to.to_string(),
        })])
    })
}
