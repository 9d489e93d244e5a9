//! `jmesd version` and `jmesd completion`.

use anyhow::Result;
use clap::{Args, CommandFactory};
use clap_complete::Shell;
use serde::Serialize;

use super::{Cli, Format, Session};

#[derive(Args, Debug)]
pub(super) struct VersionArgs {
    /// Show what it was built from as well
    #[arg(long)]
    long: bool,
}

#[derive(Args, Debug)]
pub(super) struct CompletionArgs {
    /// Shell to write the script for
    shell: Shell,
}

#[derive(Serialize)]
struct Version {
    name: &'static str,
    server_name: &'static str,
    version: &'static str,
    commit: &'static str,
    engine: &'static str,
    platform: String,
    profile: &'static str,
}

pub(super) fn run(session: &mut Session, args: &VersionArgs) -> Result<()> {
    let version = env!("CARGO_PKG_VERSION");
    if !args.long && session.console.format() == Format::Text {
        return session.console.print(version);
    }
    session.console.emit_value(&Version {
        name: "jmes",
        server_name: env!("CARGO_PKG_NAME"),
        version,
        commit: crate::commit(),
        engine: "CometBFT 0.38",
        platform: format!("{}/{}", std::env::consts::OS, std::env::consts::ARCH),
        profile: if cfg!(debug_assertions) { "debug" } else { "release" },
    })
}

pub(super) fn completion(session: &mut Session, args: &CompletionArgs) -> Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "jmesd", &mut script);
    session.console.print(&String::from_utf8_lossy(&script))
}
