//! `jmesd snapshots`: the snapshots of the state that this node has for nodes that join.

use anyhow::Result;
use clap::Subcommand;
use serde_json::{json, Value};

use super::Session;
use crate::node::{open_store, settings::NodeSettings};
use crate::snapshots::{Description, Folder};

#[derive(Debug, Subcommand)]
pub(super) enum SnapshotsCommand {
    /// Show the snapshots that this node has, the latest first
    List,
    /// Make a snapshot of the state; the node must be stopped
    Export {
        /// Height of the state; 0 for the latest
        #[arg(long, value_name = "HEIGHT", default_value_t = 0)]
        height: u64,
    },
    /// Delete a snapshot
    Delete {
        /// Its height
        height: u64,
    },
}

impl SnapshotsCommand {
    pub(super) fn run(&self, session: &mut Session) -> Result<()> {
        let folder = Folder::of(&session.home);
        match self {
            Self::List => {
                let found: Vec<Value> = folder.list().iter().map(show).collect();
                session.console.emit_value(&json!({ "snapshots": found }))
            }
            Self::Export { height } => {
                let store = open_store(&session.home, &NodeSettings::load(&session.home)?)?;
                let height = if *height == 0 { store.snapshot().height() } else { *height };
                let made = folder.make(&store.snapshot_at(height)?, || true)?;
                session.console.emit_value(&show(&made))
            }
            Self::Delete { height } => {
                folder.delete(*height)?;
                session.console.note(&format!("Deleted the snapshot of height {height}."));
                Ok(())
            }
        }
    }
}

/// A snapshot without its manifest, which only programs read.
fn show(snapshot: &Description) -> Value {
    json!({
        "height": snapshot.height,
        "format": snapshot.format,
        "chunks": snapshot.chunks,
        "bytes": snapshot.bytes,
        "app_hash": snapshot.app_hash,
        "hash": snapshot.hash,
    })
}
