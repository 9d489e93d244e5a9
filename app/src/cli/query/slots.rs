//! `jmesd query slots`: official roles and who holds them (§13).

use anyhow::Result;
use clap::{Args, Subcommand, ValueEnum};
use jmes_proto::jmes::slots::v1 as slots;

use super::{no_params, show, QueryArgs, Shown};
use crate::cli::names::{parse_account, Account, Names};
use crate::cli::options::{KeyringArgs, PageArgs};
use crate::cli::people::{grouped, yes, View};
use crate::cli::remote::Remote;
use crate::cli::{words, Session};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum SlotsQuery {
    /// Show who sits in the three core slots
    List(QueryArgs),
    /// Show what a DAO holds and has held, the newest first
    Features(FeaturesArgs),
    /// Show whether a DAO held a feature or slot at a height, and by which proposal
    Held(HeldArgs),
    /// Show the parameters, of which there are none
    Params(QueryArgs),
}

#[derive(Args, Debug)]
pub(in crate::cli) struct FeaturesArgs {
    /// The DAO, by name or address
    #[arg(value_parser = parse_account)]
    dao: Account,
    #[command(flatten)]
    page: PageArgs,
    #[command(flatten)]
    query: QueryArgs,
    #[command(flatten)]
    keyring: KeyringArgs,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct HeldArgs {
    /// The DAO, by name or address
    #[arg(value_parser = parse_account)]
    dao: Account,
    /// The feature or slot
    feature: Feature,
    /// The block [default: the latest]
    #[arg(value_name = "BLOCK", default_value_t = 0, hide_default_value = true)]
    at: u64,
    #[command(flatten)]
    query: QueryArgs,
    #[command(flatten)]
    keyring: KeyringArgs,
}

/// A feature or a core slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
enum Feature {
    /// May mint official artworks
    ArtDealer,
    /// Is official
    OfficialStatus,
    /// The brand slot
    Brand,
    /// The community slot
    Community,
    /// The engineering slot
    Engineering,
}

impl Feature {
    const fn name(self) -> &'static str {
        match self {
            Self::ArtDealer => "art_dealer",
            Self::OfficialStatus => "official_status",
            Self::Brand => "brand",
            Self::Community => "community",
            Self::Engineering => "engineering",
        }
    }
}

impl SlotsQuery {
    pub(super) fn run(&self, session: &mut Session) -> Result<()> {
        match self {
            Self::List(args) => {
                let request = slots::QuerySlotsRequest {};
                show(session, args, "/jmes.slots.v1.Query/Slots", &request, |answer, remote| {
                    Ok(seats(answer, remote))
                })
            }
            Self::Features(args) => {
                let dao = args.query.resolve(session, &args.dao, &args.keyring)?.to_string();
                let request = slots::QueryFeaturesRequest { dao, pagination: Some(args.page.to_request()) };
                show(session, &args.query, "/jmes.slots.v1.Query/Features", &request, |answer, _| {
                    Ok(features(answer))
                })
            }
            Self::Held(args) => {
                let dao = args.query.resolve(session, &args.dao, &args.keyring)?.to_string();
                let feature = args.feature.name().to_owned();
                let request = slots::QueryFeatureAtRequest { dao, feature, height: args.at };
                show(session, &args.query, "/jmes.slots.v1.Query/FeatureAt", &request, |answer, _| {
                    Ok(held(answer))
                })
            }
            Self::Params(args) => {
                let path = "/jmes.slots.v1.Query/Params";
                no_params::<slots::QueryParamsResponse>(session, args, path, &slots::QueryParamsRequest {})
            }
        }
    }
}

fn seats(answer: &slots::QuerySlotsResponse, remote: &Remote) -> Shown {
    let names = Names::of(remote);
    let rows = answer.slots.iter().map(|seat| {
        let view = View::new().with("slot", words::slot(seat.slot));
        if seat.dao.is_empty() {
            let vacant = view.with("dao", "vacant").with("proposal", "-").with("since height", "-");
            return vacant.with("until block of the emission", "-");
        }
        view.with("dao", names.name(&seat.dao))
            .with("proposal", seat.proposal_id.to_string())
            .with("since height", grouped(&seat.since.to_string()))
            .with("until block of the emission", grouped(&seat.until.to_string()))
    });
    Shown::rows(rows.collect(), None)
}

fn features(answer: &slots::QueryFeaturesResponse) -> Shown {
    let rows = answer.features.iter().map(|term| {
        let ended = match term.ended_height {
            0 => "holds".to_owned(),
            height => format!("ended at height {}", grouped(&height.to_string())),
        };
        View::new()
            .with("feature", term.feature.as_str())
            .with("proposal", term.proposal_id.to_string())
            .with("since height", grouped(&term.since.to_string()))
            .with("until block of the emission", grouped(&term.until.to_string()))
            .with("now", ended)
    });
    Shown::rows(rows.collect(), answer.pagination.as_ref())
}

fn held(answer: &slots::QueryFeatureAtResponse) -> Shown {
    let proposal = if answer.held { answer.proposal_id.to_string() } else { String::new() };
    View::new().with("held", yes(answer.held)).with("by proposal", proposal).into()
}
