//! Snapshots of the state on disk, for nodes that join by state sync: `data/snapshots/HEIGHT` has the parts of the state of a
//! height, as files `0`, `1`, …, and `snapshot.json`, which says what they are.
//!
//! A snapshot is written beside its place and moved there when it is whole. All nodes make the same files of a height.

use anyhow::{bail, ensure, Context, Result};
use jmes_store::{Manifest, Snapshot};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

/// The form of the parts: what [`Snapshot::parts`] makes.
pub const FORMAT: u32 = 1;
/// About how large a part is, in bytes. The engine takes no larger ones than 16 MB.
const PART_BYTES: usize = 2 << 20;
/// The file that says what a snapshot is.
const DESCRIPTION: &str = "snapshot.json";
/// What the name of a snapshot that is not whole begins with.
const UNFINISHED: &str = ".unfinished-";

/// What a snapshot is. Two nodes whose descriptions are equal have the same parts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Description {
    /// The height of the state.
    pub height: u64,
    /// The form of the parts, [`FORMAT`].
    pub format: u32,
    /// The number of parts.
    pub chunks: u32,
    /// The size of all parts, in bytes.
    pub bytes: u64,
    /// The app hash of the state, in hex.
    pub app_hash: String,
    /// SHA-256 of the manifest and of the hashes of the parts, in hex: the snapshot's name among peers.
    pub hash: String,
    /// The manifest ([`Manifest::encode`]), in hex.
    pub manifest: String,
}

impl Description {
    /// The manifest.
    ///
    /// # Errors
    /// It is damaged.
    pub fn manifest(&self) -> Result<Manifest> {
        let bytes = hex::decode(&self.manifest).ok();
        bytes.and_then(|bytes| Manifest::decode(&bytes)).context("the manifest of the snapshot is damaged")
    }
}

/// The directory of a node's snapshots.
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// The snapshots of a home.
    pub fn of(home: &Path) -> Self {
        Self(home.join("data/snapshots"))
    }

    fn of_height(&self, height: u64) -> PathBuf {
        self.0.join(height.to_string())
    }

    /// The snapshots that are whole, the latest first. What can't be read is left out.
    pub fn list(&self) -> Vec<Description> {
        let Ok(entries) = fs::read_dir(&self.0) else { return Vec::new() };
        let heights = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
        let mut found: Vec<_> = heights.filter_map(|height| self.description(height).ok()).collect();
        found.sort_by_key(|description| std::cmp::Reverse(description.height));
        found
    }

    /// The snapshot of a height.
    ///
    /// # Errors
    /// There is none, or its description can't be read.
    pub fn description(&self, height: u64) -> Result<Description> {
        let path = self.of_height(height).join(DESCRIPTION);
        let text = fs::read(&path).with_context(|| {
            format!("there is no snapshot of height {height}: {} can't be read", path.display())
        })?;
        let found: Description =
            serde_json::from_slice(&text).with_context(|| format!("{} is damaged", path.display()))?;
        ensure!(found.height == height, "{} is of height {}", path.display(), found.height);
        Ok(found)
    }

    /// A part of the snapshot of a height, by its number from 0.
    ///
    /// # Errors
    /// It can't be read.
    pub fn part(&self, height: u64, number: u32) -> Result<Vec<u8>> {
        let path = self.of_height(height).join(number.to_string());
        fs::read(&path).with_context(|| format!("can't read {}", path.display()))
    }

    /// Writes the state of `snapshot`, or finds it written. `goes_on` is asked before each part.
    ///
    /// # Errors
    /// The disk fails or is full, or it was told to stop; nothing of it stays.
    pub fn make(&self, snapshot: &Snapshot, goes_on: impl Fn() -> bool) -> Result<Description> {
        let height = snapshot.height();
        if let Ok(there) = self.description(height) {
            return Ok(there);
        }
        let unfinished = self.0.join(format!("{UNFINISHED}{height}"));
        let made = self.write(snapshot, &unfinished, goes_on).and_then(|description| {
            let place = self.of_height(height);
            remove(&place)?;
            fs::rename(&unfinished, &place).with_context(|| format!("can't make {}", place.display()))?;
            Ok(description)
        });
        if made.is_err() {
            let _ = fs::remove_dir_all(&unfinished);
        }
        made
    }

    fn write(&self, snapshot: &Snapshot, to: &Path, goes_on: impl Fn() -> bool) -> Result<Description> {
        remove(to)?;
        fs::create_dir_all(to).with_context(|| format!("can't create {}", to.display()))?;
        let manifest = snapshot.manifest()?;
        let mut hash = Sha256::new_with_prefix(manifest.encode());
        let (mut chunks, mut bytes) = (0, 0);
        for part in snapshot.parts(PART_BYTES) {
            if !goes_on() {
                bail!("the node is stopping");
            }
            let part = part?;
            write_synced(&to.join(chunks.to_string()), &part)?;
            hash.update(Sha256::digest(&part));
            chunks += 1;
            bytes += part.len() as u64;
        }
        let description = Description {
            height: snapshot.height(),
            format: FORMAT,
            chunks,
            bytes,
            app_hash: hex::encode(manifest.app_hash()),
            hash: hex::encode(hash.finalize()),
            manifest: hex::encode(manifest.encode()),
        };
        write_synced(&to.join(DESCRIPTION), &serde_json::to_vec_pretty(&description)?)?;
        Ok(description)
    }

    /// Deletes the snapshot of a height.
    ///
    /// # Errors
    /// There is none, or the disk fails.
    pub fn delete(&self, height: u64) -> Result<()> {
        let place = self.of_height(height);
        ensure!(place.is_dir(), "there is no snapshot of height {height} in {}", self.0.display());
        remove(&place)
    }

    /// Deletes all but the latest `recent` snapshots (0 for none of them), and what a node left unfinished when it stopped.
    ///
    /// # Errors
    /// The disk fails.
    pub fn tidy(&self, recent: usize) -> Result<()> {
        if recent > 0 {
            self.list().iter().skip(recent).try_for_each(|old| self.delete(old.height))?;
        }
        let Ok(entries) = fs::read_dir(&self.0) else { return Ok(()) };
        let is_unfinished = |path: &PathBuf| {
            path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(UNFINISHED))
        };
        entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(is_unfinished)
            .try_for_each(|path| remove(&path))
    }
}

fn remove(path: &Path) -> Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("can't remove {}", path.display()))
        }
        _ => Ok(()),
    }
}

fn write_synced(path: &Path, bytes: &[u8]) -> Result<()> {
    let write = || {
        let mut file = File::create(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().with_context(|| format!("can't write {}", path.display()))
}
