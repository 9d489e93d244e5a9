//! `jmesd config`: reading and changing settings.

use std::fs;

use anyhow::{Context, Result};
use clap::Subcommand;

use super::{Session, Settings};
use crate::engine::settings::{self, File};

#[derive(Debug, Subcommand)]
pub(super) enum ConfigCommand {
    /// Show one setting, or one table of settings
    Get {
        /// File: config, app or client
        file: File,
        /// Name of the setting, as in p2p.laddr
        key: String,
    },
    /// Change one setting
    Set {
        /// File: config, app or client
        file: File,
        /// Name of the setting, as in p2p.laddr
        key: String,
        /// New value
        #[arg(allow_hyphen_values = true)]
        value: String,
    },
    /// Show a whole file
    View {
        /// File: config, app or client
        file: File,
    },
    /// Show the home directory
    Home,
}

impl ConfigCommand {
    pub(super) fn run(&self, session: &mut Session) -> Result<()> {
        let home = session.home.clone();
        match self {
            Self::Get { file, key } => session.console.print(&settings::read(&home, *file, key)?),
            Self::Set { file, key, value } => {
                if *file == File::Client {
                    return set_client(session, key, value);
                }
                settings::set(&home, *file, key, value)?;
                session.console.note("Changed; the node reads it at its next start.");
                Ok(())
            }
            Self::View { file } => {
                let path = file.path(&home);
                let text = fs::read_to_string(&path).with_context(|| {
                    format!("cannot read {} (has `jmesd init` been run?)", path.display())
                })?;
                session.console.print(&text)
            }
            Self::Home => session.console.print(&home.display().to_string()),
        }
    }
}

/// A machine that is only a client has no `init`: the file is made at the first change. A value that the command line
/// could not read again is refused.
fn set_client(session: &Session, key: &str, value: &str) -> Result<()> {
    let home = &session.home;
    Settings::default().write_new(home)?;
    let before = settings::read(home, File::Client, key)?;
    settings::set(home, File::Client, key, value)?;
    if let Err(error) = Settings::load(home) {
        settings::set(home, File::Client, key, &before)?;
        return Err(error);
    }
    Ok(())
}
