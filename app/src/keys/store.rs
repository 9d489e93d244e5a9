//! The keyring's directory: one JSON file for each key, readable by its owner alone. The public part is in the clear, so
//! that listing keys takes no passphrase; opening a secret checks that the two belong together.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use anyhow::{bail, ensure, Context, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::record::{check_name, key_from_json, key_to_json, Kind, Record};
use super::seal::Sealed;

const VERSION: u32 = 1;
const SUFFIX: &str = ".json";

/// Where a local key's secret is.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Secret {
    /// Here, encrypted.
    Sealed(Sealed),
    /// Here, in the clear, as 64 hex digits.
    Plain(String),
    /// In the system's secret service.
    Os,
}

/// A file's content.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Stored {
    version: u32,
    #[serde(rename = "type")]
    kind: Kind,
    pubkey: Value,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    secret: Option<Secret>,
}

/// The directory.
#[derive(Debug)]
pub(super) struct Store {
    dir: PathBuf,
}

impl Store {
    pub const fn new(dir: PathBuf) -> Self {
        Self { dir }
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The names of all keys in order; none when the directory does not exist.
    pub fn names(&self) -> Result<Vec<String>> {
        let failed = || format!("cannot read the keyring {}", self.dir.display());
        let entries = match fs::read_dir(&self.dir) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            other => other.with_context(failed)?,
        };
        let mut names = Vec::new();
        for entry in entries {
            let file = entry.with_context(failed)?.file_name();
            let name = file.to_str().and_then(|file| file.strip_suffix(SUFFIX));
            names.extend(name.filter(|name| check_name(name).is_ok()).map(str::to_owned));
        }
        names.sort();
        Ok(names)
    }

    pub fn has(&self, name: &str) -> bool {
        self.path(name).exists()
    }

    /// Reads the key `name`, with where its secret is.
    pub fn load(&self, name: &str) -> Result<(Record, Option<Secret>)> {
        let path = self.path(name);
        let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let damaged = || format!("{} is not a key file or is damaged", path.display());
        let stored: Stored = serde_json::from_slice(&bytes).with_context(damaged)?;
        ensure!(
            stored.version == VERSION,
            "{} has version {}, this program reads version {VERSION}: use a newer jmesd",
            path.display(),
            stored.version
        );
        let public_key = key_from_json(&stored.pubkey.to_string()).with_context(damaged)?;
        ensure!((stored.kind == Kind::Local) == stored.secret.is_some(), damaged());
        Ok((Record { name: name.into(), kind: stored.kind, public_key }, stored.secret))
    }

    /// Writes a new key; a file that exists is never replaced.
    pub fn add(&self, record: &Record, secret: Option<Secret>) -> Result<()> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.dir)
            .with_context(|| format!("cannot create the keyring {}", self.dir.display()))?;
        let stored =
            Stored { version: VERSION, kind: record.kind, pubkey: key_to_json(&record.public_key), secret };
        let text = serde_json::to_vec_pretty(&stored)?;
        let path = self.path(&record.name);
        let failed = || format!("cannot write {}", path.display());
        let mut file =
            OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).with_context(failed)?;
        let written = file.write_all(&text).and_then(|()| file.sync_all()).and_then(|()| self.sync());
        if written.is_err() {
            // Half a key is worse than none; the first error is the one to tell.
            let _ = fs::remove_file(&path);
        }
        written.with_context(failed)
    }

    pub fn remove(&self, name: &str) -> Result<()> {
        let path = self.path(name);
        let removed = fs::remove_file(&path).and_then(|()| self.sync());
        removed.with_context(|| format!("cannot remove {}", path.display()))
    }

    pub fn rename(&self, from: &str, to: &str) -> Result<()> {
        let (old, new) = (self.path(from), self.path(to));
        if new.exists() {
            bail!("there is a key named \"{to}\" already: delete it first, or choose another name");
        }
        let renamed = fs::rename(&old, &new).and_then(|()| self.sync());
        renamed.with_context(|| format!("cannot rename {} to {}", old.display(), new.display()))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.join(format!("{name}{SUFFIX}"))
    }

    fn sync(&self) -> std::io::Result<()> {
        File::open(&self.dir)?.sync_all()
    }
}
