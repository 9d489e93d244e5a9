//! `jmesd init`, `start`, `testnet`, `export` and `rollback`: the flags of a node's life, and what they mean.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use tracing_subscriber::EnvFilter;

use super::options::parse_duration;
use super::{Format, Session};
use crate::chain::GasPrice;
use crate::node;
use crate::node::genesis::Network as Parameters;
use crate::node::init::InitOptions;
use crate::node::settings::{parse_address, NodeSettings};
use crate::node::start::StartOptions;
use crate::node::testnet::{parse_funds, TestnetOptions};

/// The networks that a genesis can be made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Network {
    /// The public chain's parameters
    Mainnet,
    /// Short periods, for development on one machine
    Devnet,
}

impl From<Network> for Parameters {
    fn from(network: Network) -> Self {
        match network {
            Network::Mainnet => Self::Mainnet,
            Network::Devnet => Self::Devnet,
        }
    }
}

/// Who runs the consensus engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum EngineRun {
    /// This program, as its child
    Embedded,
    /// The operator
    External,
}

/// How the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum LogFormat {
    /// Text for people
    Plain,
    /// A JSON object a line
    Json,
}

#[derive(Args, Debug)]
pub(super) struct InitArgs {
    /// Name of the node that its peers see
    moniker: String,
    /// Chain id in the genesis file [default: the network's]
    #[arg(long, value_name = "ID", env = "JMES_CHAIN_ID", hide_env_values = true)]
    chain_id: Option<String>,
    /// Whose parameters the genesis file gets
    #[arg(long, value_name = "NETWORK", default_value = "mainnet")]
    network: Network,
    /// Replace a genesis file that exists
    #[arg(short = 'O', long)]
    overwrite: bool,
    /// The consensus engine [default: JMES_ENGINE, or cometbft beside this program or in PATH]
    #[arg(long, value_name = "FILE")]
    engine_binary: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(super) struct StartArgs {
    /// Who runs the consensus engine
    #[arg(long, value_name = "WHO", default_value = "embedded")]
    engine: EngineRun,
    /// The consensus engine [default: JMES_ENGINE, or cometbft beside this program or in PATH]
    #[arg(long, value_name = "FILE")]
    engine_binary: Option<PathBuf>,
    /// Level of the log: error, warn, info, debug, trace, or levels by module as in info,jmesd::api=debug
    #[arg(
        long,
        visible_alias = "log_level",
        value_name = "LEVEL",
        env = "JMES_LOG_LEVEL",
        hide_env_values = true,
        default_value = "info"
    )]
    log_level: String,
    /// How the log is written
    #[arg(long, visible_alias = "log_format", value_name = "FORMAT", default_value = "plain")]
    log_format: LogFormat,
    #[command(flatten)]
    settings: SettingsArgs,
}

/// What a start can change of app.toml.
#[derive(Args, Debug)]
#[command(next_help_heading = "Instead of what app.toml says")]
struct SettingsArgs {
    /// Least gas price of a transaction, as in 0.0025ujmes
    #[arg(long, value_name = "PRICE")]
    minimum_gas_prices: Option<GasPrice>,
    /// Heights of state that are kept: default, nothing, everything or custom
    #[arg(long, value_name = "POLICY")]
    pruning: Option<String>,
    /// Heights kept with --pruning custom
    #[arg(long, value_name = "N")]
    pruning_keep_recent: Option<u64>,
    /// Stop after committing this height; 0 for never
    #[arg(long, value_name = "HEIGHT")]
    halt_height: Option<u64>,
    /// Heights of blocks that the engine keeps; 0 for all
    #[arg(long, value_name = "N")]
    min_retain_blocks: Option<u64>,
    /// Make a snapshot after each height that is a multiple of this; 0 for none
    #[arg(long = "state-sync.snapshot-interval", value_name = "N")]
    snapshot_interval: Option<u64>,
    /// How many of the latest snapshots are kept; 0 for all
    #[arg(long = "state-sync.snapshot-keep-recent", value_name = "N")]
    snapshot_keep_recent: Option<u32>,
    /// Whether to serve REST
    #[arg(long = "api.enable", value_name = "BOOL", num_args = 0..=1, default_missing_value = "true", require_equals = true)]
    api_enable: Option<bool>,
    /// Where to serve REST
    #[arg(long = "api.address", value_name = "ADDRESS", value_parser = parse_address)]
    api_address: Option<SocketAddr>,
    /// Whether web pages of any site may read REST answers
    #[arg(long = "api.enabled-unsafe-cors", value_name = "BOOL", num_args = 0..=1, default_missing_value = "true", require_equals = true)]
    api_cors: Option<bool>,
    /// Whether to serve gRPC
    #[arg(long = "grpc.enable", value_name = "BOOL", num_args = 0..=1, default_missing_value = "true", require_equals = true)]
    grpc_enable: Option<bool>,
    /// Where to serve gRPC
    #[arg(long = "grpc.address", value_name = "ADDRESS", value_parser = parse_address)]
    grpc_address: Option<SocketAddr>,
}

#[derive(Args, Debug)]
pub(super) struct TestnetArgs {
    /// Number of nodes, all of them validators
    #[arg(long, visible_alias = "v", value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..))]
    validators: u16,
    /// Chain id [default: the network's, jmes-devnet-1]
    #[arg(long, value_name = "ID", env = "JMES_CHAIN_ID", hide_env_values = true)]
    chain_id: Option<String>,
    /// Average time between blocks, as in 1s or 500ms
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = parse_duration)]
    block_time: Duration,
    /// Whose parameters the genesis file gets
    #[arg(long, value_name = "NETWORK", default_value = "devnet")]
    network: Network,
    /// First port of node 0; node i has the ports from this + 100 i on [default: the usual ports]
    #[arg(long, value_name = "PORT")]
    port_base: Option<u16>,
    /// Give an account coins at genesis; can be repeated
    #[arg(long, value_name = "ADDRESS=AMOUNTujmes")]
    fund: Vec<String>,
    /// Give accounts coins at genesis: a file with an address and an amount of ujmes on each line
    #[arg(long, value_name = "FILE")]
    fund_file: Option<PathBuf>,
    /// The consensus engine [default: JMES_ENGINE, or cometbft beside this program or in PATH]
    #[arg(long, value_name = "FILE")]
    engine_binary: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(super) struct ExportArgs {
    /// Height of the state; 0 for the latest
    #[arg(long, value_name = "HEIGHT", default_value_t = 0)]
    height: u64,
    /// Write to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    output_document: Option<PathBuf>,
}

pub(super) fn init(session: &mut Session, args: &InitArgs) -> Result<()> {
    let home = session.home.clone();
    let made = node::init::run(&InitOptions {
        home: &home,
        moniker: &args.moniker,
        chain_id: args.chain_id.as_deref(),
        network: args.network.into(),
        overwrite: args.overwrite,
        engine_binary: args.engine_binary.as_deref(),
    })?;
    session.console.emit_value(&made)
}

pub(super) fn start(session: &Session, args: StartArgs) -> Result<()> {
    crate::avoid_huge_pages();
    start_log(&args)?;
    let mut settings = NodeSettings::load(&session.home)?;
    args.settings.apply(&mut settings)?;
    // The engine knows fewer levels, and its own modules.
    let engine_log_level =
        ["error", "info", "debug"].contains(&args.log_level.as_str()).then_some(args.log_level);
    node::start::run(StartOptions {
        home: session.home.clone(),
        settings,
        external_engine: args.engine == EngineRun::External,
        engine_binary: args.engine_binary,
        engine_log_level,
    })
}

fn start_log(args: &StartArgs) -> Result<()> {
    let filter = EnvFilter::try_new(&args.log_level)
        .with_context(|| format!("--log-level {} is wrong: write a level such as info", args.log_level))?;
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match args.log_format {
        LogFormat::Plain => log.with_ansi(super::console::has_colours(&std::io::stderr())).init(),
        LogFormat::Json => log.json().init(),
    }
    Ok(())
}

impl SettingsArgs {
    fn apply(&self, settings: &mut NodeSettings) -> Result<()> {
        fn put<T: Clone>(setting: &mut T, flag: &Option<T>) {
            if let Some(value) = flag {
                setting.clone_from(value);
            }
        }
        put(&mut settings.minimum_gas_prices, &self.minimum_gas_prices);
        put(&mut settings.pruning, &self.pruning);
        put(&mut settings.pruning_keep_recent, &self.pruning_keep_recent);
        put(&mut settings.halt_height, &self.halt_height);
        put(&mut settings.min_retain_blocks, &self.min_retain_blocks);
        put(&mut settings.snapshot_interval, &self.snapshot_interval);
        put(&mut settings.snapshot_keep_recent, &self.snapshot_keep_recent);
        put(&mut settings.api_enable, &self.api_enable);
        put(&mut settings.api_address, &self.api_address);
        put(&mut settings.api_cors, &self.api_cors);
        put(&mut settings.grpc_enable, &self.grpc_enable);
        put(&mut settings.grpc_address, &self.grpc_address);
        settings.keep_recent().map(drop)
    }
}

pub(super) fn testnet(session: &mut Session, args: &TestnetArgs) -> Result<()> {
    let home = session.home.clone();
    let made = node::testnet::run(&TestnetOptions {
        home: &home,
        validators: args.validators,
        chain_id: args.chain_id.as_deref(),
        block_time: args.block_time,
        network: args.network.into(),
        port_base: args.port_base,
        fund: parse_funds(&args.fund, args.fund_file.as_deref())?,
        engine_binary: args.engine_binary.as_deref(),
    })?;
    session.console.emit_value(&made)
}

pub(super) fn export(session: &mut Session, args: &ExportArgs) -> Result<()> {
    let state = node::export::run(&session.home, args.height)?;
    match &args.output_document {
        Some(path) => node::genesis::save(path, &state),
        // A genesis document is JSON whatever the format for people.
        None => session.console.print(&serde_json::to_string_pretty(&state)?),
    }
}

pub(super) fn rollback(session: &mut Session) -> Result<()> {
    let height = node::rollback(&session.home)?;
    match session.console.format() {
        Format::Json => session.console.emit_value(&serde_json::json!({ "height": height })),
        Format::Text => session.console.print(&format!("The last height is now {height}.")),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Flags {
        #[command(flatten)]
        settings: SettingsArgs,
    }

    fn apply(flags: &[&str]) -> Result<NodeSettings> {
        let mut settings = NodeSettings::parse("")?;
        Flags::try_parse_from(["start"].iter().chain(flags))?.settings.apply(&mut settings)?;
        Ok(settings)
    }

    #[test]
    fn every_flag_of_a_start_wins_over_app_toml() {
        let usual = NodeSettings::parse("").unwrap();
        assert_eq!(apply(&[]).unwrap(), usual);
        let changed = NodeSettings {
            minimum_gas_prices: "0.5ujmes".parse().unwrap(),
            pruning: "custom".into(),
            pruning_keep_recent: 7,
            halt_height: 8,
            min_retain_blocks: 9,
            snapshot_interval: 10,
            snapshot_keep_recent: 11,
            api_enable: false,
            api_address: "0.0.0.0:11".parse().unwrap(),
            api_cors: true,
            grpc_enable: false,
            grpc_address: "127.0.0.1:13".parse().unwrap(),
        };
        let flags = [
            "--minimum-gas-prices=0.5ujmes",
            "--pruning=custom",
            "--pruning-keep-recent=7",
            "--halt-height=8",
            "--min-retain-blocks=9",
            "--state-sync.snapshot-interval=10",
            "--state-sync.snapshot-keep-recent=11",
            "--api.enable=false",
            "--api.address=tcp://0.0.0.0:11",
            "--api.enabled-unsafe-cors",
            "--grpc.enable=false",
            "--grpc.address=localhost:13",
        ];
        assert_eq!(apply(&flags).unwrap(), changed);
        // Each alone changes something, and nothing is a flag that this test does not know.
        for flag in flags.iter().filter(|flag| !flag.starts_with("--pruning-keep-recent")) {
            let one = apply(&[*flag]);
            assert_ne!(one.unwrap(), usual, "{flag}");
        }
        let known = <Flags as clap::CommandFactory>::command().get_arguments().count();
        assert_eq!(known, flags.len());
    }

    #[test]
    fn a_flag_that_no_node_can_start_with_is_refused() {
        for (flags, said) in [
            (&["--pruning=some"][..], "pruning is \"some\""),
            (&["--pruning=custom", "--pruning-keep-recent=1"], "the least is 2"),
            (&["--api.address=1317"], "must be an address and a port"),
            (&["--halt-height=-1"], "--halt-height"),
        ] {
            let said_of_it = apply(flags).unwrap_err().to_string();
            assert!(said_of_it.contains(said), "{said_of_it}");
        }
    }
}
