//! The command line: one tree of commands, one way to print results and errors.
//!
//! Results go to standard output, everything else to standard error. The exit status is 0 on success, 2 when the command
//! line is wrong, and 1 for every other failure, among them a transaction that the chain refused.

mod amount;
mod comet;
mod config;
mod console;
mod genesis;
mod keys;
mod names;
mod node;
mod options;
mod output;
mod overview;
mod people;
mod protobuf;
mod query;
mod remote;
mod settings;
mod snapshots;
mod status;
#[cfg(test)]
mod tests;
mod tx;
mod validators;
mod version;
mod words;

use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};

pub use output::Format;
pub use settings::{BroadcastMode, Settings};

use console::Console;

/// The node of the JMES chain, and its wallet
#[derive(Debug, Parser)]
#[command(name = "jmesd", version, max_term_width = 100, arg_required_else_help = true)]
struct Cli {
    #[command(flatten)]
    globals: Globals,
    #[command(subcommand)]
    command: Command,
}

#[derive(Args, Debug)]
#[command(next_help_heading = "Global options")]
struct Globals {
    /// Directory of configuration, data and keys [default: ~/.jmes]
    #[arg(long, global = true, value_name = "DIR", env = "JMES_HOME", hide_env_values = true)]
    home: Option<PathBuf>,
    /// How results are written [default: text, or what client.toml says]
    #[arg(short, long, global = true, value_name = "FORMAT", env = "JMES_OUTPUT", hide_env_values = true)]
    output: Option<Format>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a home for a node: keys, settings and a genesis file
    Init(node::InitArgs),
    /// Run the node
    Start(node::StartArgs),
    /// Make homes for a network of validators on this machine
    Testnet(node::TestnetArgs),
    /// Manage the keys of accounts
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    /// Make, sign and send transactions
    #[command(subcommand)]
    Tx(tx::TxCommand),
    /// Ask a node about the chain
    #[command(subcommand, visible_alias = "q")]
    Query(query::QueryCommand),
    /// Show where the cycle of proposals is, how they stand, and what was voted
    Gov(overview::OverviewArgs),
    /// Show one's DAOs, and what waits in them for a vote
    Dao(overview::OverviewArgs),
    /// Show what DAOs are paid in a block, and why others are not
    Funding(query::QueryArgs),
    /// Show who a node is and how far it has got
    Status(options::NodeArgs),
    /// Show and change the settings in config.toml, app.toml and client.toml
    #[command(subcommand)]
    Config(config::ConfigCommand),
    /// The consensus engine's keys, data and version
    #[command(subcommand, visible_alias = "tendermint")]
    Comet(comet::CometCommand),
    /// Edit and check the genesis file
    #[command(subcommand)]
    Genesis(genesis::GenesisCommand),
    /// Write the state as a genesis file for a new chain
    Export(node::ExportArgs),
    /// The snapshots that this node has for nodes that join
    #[command(subcommand)]
    Snapshots(snapshots::SnapshotsCommand),
    /// Go back one block, to execute it again
    Rollback,
    /// Show the version of this program
    Version(version::VersionArgs),
    /// Print a completion script for a shell
    Completion(version::CompletionArgs),
}

/// What every command has at hand.
struct Session {
    /// Where results, notes and questions go.
    pub console: Console,
    /// The directory of configuration, data and keys.
    pub home: PathBuf,
    /// What `client.toml` says.
    pub settings: Settings,
}

/// Runs the command line `arguments`, the program's name first; gives the exit status. Everything is printed.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::command().try_get_matches_from(arguments).and_then(|m| Cli::from_arg_matches(&m)) {
        Ok(cli) => cli,
        Err(usage) => {
            // Help and version are errors to the parser too, with status 0. Nobody is left to tell if this fails.
            let _ = usage.print();
            return ExitCode::from(u8::try_from(usage.exit_code()).unwrap_or(2));
        }
    };
    match open_session(&cli.globals, Console::of_process)
        .and_then(|mut session| cli.command.run(&mut session))
    {
        Ok(()) => ExitCode::SUCCESS,
        // The reader of a pipe has seen enough.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("Error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn open_session(globals: &Globals, console: impl FnOnce(Format) -> Console) -> Result<Session> {
    let home = match &globals.home {
        Some(home) => home.clone(),
        None => std::env::home_dir()
            .filter(|user| !user.as_os_str().is_empty())
            .context("this user has no home directory: name one with --home")?
            .join(".jmes"),
    };
    let settings = Settings::load(&home)?;
    let console = console(globals.output.unwrap_or(settings.output));
    Ok(Session { console, home, settings })
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<std::io::Error>().is_some_and(|io| io.kind() == ErrorKind::BrokenPipe)
}

impl Command {
    fn run(self, session: &mut Session) -> Result<()> {
        match self {
            Self::Init(args) => node::init(session, &args),
            Self::Start(args) => node::start(session, args),
            Self::Testnet(args) => node::testnet(session, &args),
            Self::Keys(command) => command.run(session),
            Self::Tx(command) => command.run(session),
            Self::Query(command) => command.run(session),
            Self::Gov(args) => overview::gov(session, &args),
            Self::Dao(args) => overview::dao(session, &args),
            Self::Funding(args) => query::plan_query(session, &args),
            Self::Status(node) => status::run(session, &node),
            Self::Config(command) => command.run(session),
            Self::Comet(command) => command.run(session),
            Self::Genesis(command) => command.run(session),
            Self::Export(args) => node::export(session, &args),
            Self::Snapshots(command) => command.run(session),
            Self::Rollback => node::rollback(session),
            Self::Version(args) => version::run(session, &args),
            Self::Completion(args) => version::completion(session, &args),
        }
    }
}
