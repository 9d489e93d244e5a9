//! `jmesd tx gov raise`: proposals by what they are about (§11 to §14).

use std::path::PathBuf;

use anyhow::{bail, ensure, Context, Result};
use clap::{Args, Subcommand, ValueEnum};
use jmes_modules::kernel::Amount;
use jmes_modules::BASE_DENOM;
use jmes_proto::jmes::governance::v1 as governance;
use jmes_proto::jmes::governance::v1::msg_raise_proposal::Content;
use jmes_proto::jmes::governance::v1::query_cycle_response::Phase;
use jmes_proto::jmes::slots::v1::Slot;
use jmes_proto::jmes::upgrade::v1 as upgrade;
use jmes_proto::jmes::upgrade::v1::action::Action;
use prost::Message;

use super::super::checks;
use super::super::files::read;
use super::super::options::TxOptions;
use super::super::propose::{DaoArgs, Words};
use crate::cli::amount::parse_coin;
use crate::cli::names::{parse_account, Account};
use crate::cli::people::moment;
use crate::cli::protobuf::{bytes_from_json, to_any};
use crate::cli::Session;

/// The least and the most characters of a title (§11).
const TITLE: std::ops::RangeInclusive<usize> = 4..=64;
/// The least and the most characters of a description (§11).
const DESCRIPTION: std::ops::RangeInclusive<usize> = 4..=10_000;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum RaiseCommand {
    /// Ask for funding, or for an opinion
    Text(TextArgs),
    /// Ask for a feature for some months
    Feature(FeatureArgs),
    /// Ask for a core slot for some months
    CoreSlot(CoreSlotArgs),
    /// Change the protocol: parameters, versions of modules, the program of all nodes
    Improvement(ImprovementArgs),
    /// Take a core slot from the DAO that sits there
    Revoke(RevokeArgs),
}

/// What every proposal has.
#[derive(Args, Debug)]
struct RaiseArgs {
    /// What voters see in a list, 4 to 64 characters
    #[arg(long, value_name = "TEXT")]
    title: String,
    /// What it is about, 4 to 10,000 characters
    #[arg(long, value_name = "TEXT")]
    description: String,
    #[command(flatten)]
    dao: DaoArgs,
    #[command(flatten)]
    options: TxOptions,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct TextArgs {
    /// What is asked for over all months, as in 100000JMES
    #[arg(long, value_parser = parse_funding, requires = "months")]
    amount: Option<Amount>,
    /// Over how many months it is paid
    #[arg(long, value_name = "N", requires = "amount", value_parser = clap::value_parser!(u32).range(1..=120))]
    months: Option<u32>,
    #[command(flatten)]
    what: RaiseArgs,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct FeatureArgs {
    /// The feature
    feature: Feature,
    #[command(flatten)]
    term: TermArgs,
    #[command(flatten)]
    what: RaiseArgs,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct CoreSlotArgs {
    /// The slot
    slot: CoreSlot,
    #[command(flatten)]
    term: TermArgs,
    #[command(flatten)]
    what: RaiseArgs,
}

/// How long a role is asked for, and what for it.
#[derive(Args, Debug)]
struct TermArgs {
    /// For how many months
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=120))]
    months: u32,
    /// Funding over all these months, as in 100000JMES [default: none]
    #[arg(long, value_parser = parse_funding)]
    amount: Option<Amount>,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct ImprovementArgs {
    /// File with {"actions": […]} as JSON; - for standard input
    #[arg(conflicts_with_all = ["set", "activate", "open_improvements", "upgrade"])]
    file: Option<PathBuf>,
    /// Set a parameter: governance.min_vote_stake="500000000", with the value as the module's `params` show it with -o json
    #[arg(long, value_name = "MODULE.PARAMETER=VALUE")]
    set: Vec<String>,
    /// Activate a version of a module that the program ships: staking=2
    #[arg(long, value_name = "MODULE=VERSION")]
    activate: Vec<String>,
    /// Let every DAO raise improvements
    #[arg(long)]
    open_improvements: bool,
    /// Stop all nodes for another program, by the name that it gives the upgrade
    #[arg(long, value_name = "NAME", requires = "upgrade_height")]
    upgrade: Option<String>,
    /// The first block that the other program makes
    #[arg(long, value_name = "HEIGHT", requires = "upgrade", value_parser = clap::value_parser!(u64).range(1..))]
    upgrade_height: Option<u64>,
    /// Checksum of the other program: linux/amd64=SHA256, or linux/amd64=SHA256,URL
    #[arg(long, value_name = "PLATFORM=SHA256", requires = "upgrade")]
    checksum: Vec<String>,
    #[command(flatten)]
    what: RaiseArgs,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct RevokeArgs {
    /// The slot
    slot: CoreSlot,
    /// The DAO that sits there, by name or address
    #[arg(value_parser = parse_account)]
    incumbent: Account,
    #[command(flatten)]
    what: RaiseArgs,
}

/// A feature to ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
enum Feature {
    /// May mint official artworks
    ArtDealer,
    /// Is official
    OfficialStatus,
}

/// A core slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum CoreSlot {
    /// Brand
    Brand,
    /// Community
    Community,
    /// Engineering
    Engineering,
}

impl CoreSlot {
    const fn number(self) -> i32 {
        match self {
            Self::Brand => Slot::Brand as i32,
            Self::Community => Slot::Community as i32,
            Self::Engineering => Slot::Engineering as i32,
        }
    }
}

impl TermArgs {
    fn funding(&self) -> governance::Funding {
        governance::Funding { amount: self.amount.unwrap_or_default().to_string(), months: self.months }
    }
}

impl RaiseCommand {
    pub(super) fn run(&self, session: &mut Session) -> Result<()> {
        match self {
            Self::Text(args) => {
                let funding = args.amount.zip(args.months);
                let funding = funding
                    .map(|(amount, months)| governance::Funding { amount: amount.to_string(), months });
                raise(session, &args.what, Content::Text(governance::Text {}), funding)
            }
            Self::Feature(args) => {
                let feature = match args.feature {
                    Feature::ArtDealer => "art_dealer",
                    Feature::OfficialStatus => "official_status",
                };
                let content = governance::RequestFeature { feature: feature.into() };
                raise(session, &args.what, Content::RequestFeature(content), Some(args.term.funding()))
            }
            Self::CoreSlot(args) => {
                let content = governance::CoreSlot { slot: args.slot.number() };
                raise(session, &args.what, Content::CoreSlot(content), Some(args.term.funding()))
            }
            Self::Improvement(args) => {
                let content = improvement(session, args)?;
                raise(session, &args.what, Content::Improvement(content), None)
            }
            Self::Revoke(args) => {
                let dao = args.what.options.resolve(session, &args.incumbent)?.to_string();
                let content = governance::RevokeCoreSlot { slot: args.slot.number(), dao };
                raise(session, &args.what, Content::RevokeCoreSlot(content), None)
            }
        }
    }
}

fn raise(
    session: &mut Session,
    args: &RaiseArgs,
    content: Content,
    funding: Option<governance::Funding>,
) -> Result<()> {
    check_text("title", &args.title, &TITLE)?;
    check_text("description", &args.description, &DESCRIPTION)?;
    let dao = args.dao.address(session, &args.options)?;
    if args.options.asks_node() {
        tell_when(session, &args.options)?;
    }
    let message = governance::MsgRaiseProposal {
        dao: dao.to_string(),
        title: args.title.clone(),
        description: args.description.clone(),
        funding,
        content: Some(content),
    };
    let words = Words { title: args.title.clone(), summary: args.description.clone() };
    args.dao.send(session, &args.options, &dao, vec![to_any(&message)], words)
}

/// Tells that proposals can't be raised now: the DAO's members may decide now, and execute later.
fn tell_when(session: &mut Session, options: &TxOptions) -> Result<()> {
    let remote = session.remote(&options.node)?;
    let Some(cycle) = checks::cycle(&remote) else { return Ok(()) };
    if Phase::try_from(cycle.phase) == Ok(Phase::Voting) {
        let begins = moment(cycle.end.as_ref(), remote.now()?);
        session.console.note(&format!(
            "Now is the time of votes: the proposal can be raised from {begins} on. Execute the DAO's proposal then."
        ));
    }
    Ok(())
}

fn check_text(what: &str, text: &str, allowed: &std::ops::RangeInclusive<usize>) -> Result<()> {
    let (least, most, length) = (allowed.start(), allowed.end(), text.chars().count());
    ensure!(allowed.contains(&length), "a {what} has {least} to {most} characters, this one {length}");
    ensure!(
        !text.chars().any(char::is_control),
        "the {what} has a control character, such as a line's end: leave it out"
    );
    Ok(())
}

fn improvement(session: &mut Session, args: &ImprovementArgs) -> Result<governance::Improvement> {
    if let Some(file) = &args.file {
        let text = read(session, file)?;
        let bytes = bytes_from_json("jmes.governance.v1.Improvement", text.trim())
            .with_context(|| format!("{} is wrong", file.display()))?;
        return Ok(governance::Improvement::decode(bytes.as_slice())?);
    }
    let mut actions = Vec::new();
    for text in &args.set {
        actions.push(Action::ChangeParameter(parse_change(text)?));
    }
    for text in &args.activate {
        let parts = text.split_once('=').and_then(|(module, version)| Some((module, version.parse().ok()?)));
        let (module, version) = parts
            .with_context(|| format!("\"{text}\" is no version of a module: write it like staking=2"))?;
        actions.push(Action::ActivateVersion(upgrade::ActivateVersion { module: module.into(), version }));
    }
    if args.open_improvements {
        actions.push(Action::OpenImprovements(upgrade::OpenImprovements {}));
    }
    if let Some((name, height)) = args.upgrade.clone().zip(args.upgrade_height) {
        let checksums = args.checksum.iter().map(|text| parse_checksum(text)).collect::<Result<_>>()?;
        actions.push(Action::ScheduleUpgrade(upgrade::ScheduleUpgrade { name, height, checksums }));
    }
    if actions.is_empty() {
        bail!("say what is to be improved: --set, --activate, --open-improvements, --upgrade, or a file");
    }
    let actions = actions.into_iter().map(|action| upgrade::Action { action: Some(action) }).collect();
    Ok(governance::Improvement { actions })
}

/// `module.parameter=value`; a value that is no JSON is a text.
fn parse_change(text: &str) -> Result<upgrade::ChangeParameter> {
    let parts = text.split_once('=').and_then(|(name, value)| Some((name.split_once('.')?, value)));
    let ((module, parameter), value) = parts.with_context(|| {
        format!("\"{text}\" sets no parameter: write it like governance.pass_threshold_percent=10")
    })?;
    let value = match serde_json::from_str::<serde_json::Value>(value) {
        Ok(_) => value.to_owned(),
        Err(_) => serde_json::Value::from(value).to_string(),
    };
    Ok(upgrade::ChangeParameter { module: module.into(), parameter: parameter.into(), value })
}

fn parse_checksum(text: &str) -> Result<upgrade::Checksum> {
    let malformed =
        || format!("\"{text}\" is no checksum: write it like linux/amd64=SHA256 with its 64 hex digits");
    let (platform, rest) = text.split_once('=').with_context(malformed)?;
    let (sha256, url) = rest.split_once(',').unwrap_or((rest, ""));
    ensure!(sha256.len() == 64 && sha256.bytes().all(|byte| byte.is_ascii_hexdigit()), malformed());
    Ok(upgrade::Checksum { platform: platform.into(), sha256: sha256.to_ascii_lowercase(), url: url.into() })
}

/// Reads an amount of JMES that is asked for; it may be nothing.
fn parse_funding(text: &str) -> Result<Amount> {
    let coin = parse_coin(text)?;
    ensure!(coin.denom == BASE_DENOM, "funding is in JMES, not in {}: write it like 100000JMES", coin.denom);
    Ok(coin.amount)
}
