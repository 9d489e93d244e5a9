//! Scheduled upgrades of the binary (§14): what a node leaves behind when it stops for one, and how it goes on with the
//! next binary.
//!
//! Files are where upgrade managers of Cosmos chains have them: `data/upgrade-info.json`, written when the node stops, and
//! `cosmovisor/upgrades/NAME/bin/jmesd`, where the operator puts the next binary beforehand. Under such a manager the swap is
//! the manager's; otherwise `jmesd start` makes it itself.

use anyhow::{bail, ensure, Context, Result};
use jmes_modules::upgrade;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, io};

/// What `upgrade-info.json` holds, so far as this node needs it.
#[derive(Debug, Deserialize)]
struct Info {
    name: String,
    height: u64,
    info: String,
}

/// The checksums in [`Info::info`], by platform.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Binaries {
    checksums: BTreeMap<String, String>,
}

/// The file that says for which upgrade the node has stopped.
pub fn info_path(home: &Path) -> PathBuf {
    home.join("data/upgrade-info.json")
}

/// Where the binary of an upgrade belongs.
pub fn binary_path(home: &Path, name: &str) -> PathBuf {
    home.join("cosmovisor/upgrades").join(name).join("bin/jmesd")
}

/// Whether an upgrade manager runs this process and swaps the binary.
fn is_managed() -> bool {
    env::var_os("DAEMON_NAME").is_some()
}

/// The binary that must go on from `height`, the last committed one, because the node has stopped for an upgrade that this
/// binary does not know: checked against the checksum that was voted for. `None` when this binary can go on, or an upgrade
/// manager decides. An error says where the binary is missing, or what is wrong with it.
pub fn next_binary(home: &Path, height: u64) -> Result<Option<PathBuf>> {
    let path = info_path(home);
    let text = match fs::read(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        read => read.with_context(|| format!("can't read {}", path.display()))?,
    };
    let info: Info =
        serde_json::from_slice(&text).with_context(|| format!("{} is damaged", path.display()))?;
    let known = upgrade::known().iter().any(|known| known.name == info.name);
    if known || is_managed() || height.saturating_add(1) < info.height {
        return Ok(None);
    }
    let binary = binary_path(home, &info.name);
    if !binary.exists() {
        let (name, binary) = (&info.name, binary.display());
        bail!(
            "upgrade \"{name}\" needs another binary from height {} on: put it at {binary}, then start again",
            info.height
        );
    }
    check(&binary, &info)?;
    Ok(Some(binary))
}

/// Refuses a binary that is not the one that was voted for.
fn check(binary: &Path, info: &Info) -> Result<()> {
    let platform = platform();
    let binaries: Binaries = serde_json::from_str(&info.info).unwrap_or_default();
    let Some(wanted) = binaries.checksums.get(&platform) else {
        bail!(
            "upgrade \"{}\" has no binary for {platform}: start {} yourself if you trust it",
            info.name,
            binary.display()
        );
    };
    let mut hash = Sha256::new();
    let mut file = fs::File::open(binary).with_context(|| format!("can't read {}", binary.display()))?;
    io::copy(&mut file, &mut hash).with_context(|| format!("can't read {}", binary.display()))?;
    let found = hex::encode(hash.finalize());
    ensure!(
        found == *wanted,
        "{} is not the binary of upgrade \"{}\": its SHA-256 is {found}, that of {platform} was to be {wanted}",
        binary.display(),
        info.name
    );
    Ok(())
}

/// This machine as upgrades name it, such as `linux/amd64`.
fn platform() -> String {
    let machine = match env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    };
    format!("{}/{machine}", env::consts::OS)
}

/// Replaces this process by `binary` with the same arguments; returns only if that fails.
pub fn run(binary: &Path) -> Result<()> {
    tracing::info!(binary = %binary.display(), "going on with the binary of the upgrade");
    let error = Command::new(binary).args(env::args_os().skip(1)).exec();
    Err(error).with_context(|| format!("can't run {}", binary.display()))
}

#[cfg(test)]
mod tests {
    use super::{binary_path, info_path, next_binary, platform};
    use sha2::{Digest, Sha256};
    use std::fs;

    const BINARY: &[u8] = b"a program";

    /// A home that has stopped for upgrade "v2" at height 7, with a binary and its checksum.
    fn stopped(checksum: &[u8], with_binary: bool) -> tempfile::TempDir {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir_all(home.path().join("data")).unwrap();
        let checksums = serde_json::json!({"checksums": {platform(): hex::encode(Sha256::digest(checksum))}});
        let info = serde_json::json!({"name": "v2", "height": 7, "info": checksums.to_string()});
        fs::write(info_path(home.path()), info.to_string()).unwrap();
        let binary = binary_path(home.path(), "v2");
        fs::create_dir_all(binary.parent().unwrap()).unwrap();
        if with_binary {
            fs::write(binary, BINARY).unwrap();
        }
        home
    }

    #[test]
    fn the_binary_that_was_voted_for_goes_on() {
        let home = stopped(BINARY, true);
        let binary = binary_path(home.path(), "v2");
        assert_eq!(next_binary(home.path(), 6).unwrap(), Some(binary));
    }

    #[test]
    fn another_binary_than_the_one_voted_for_is_refused() {
        let error = next_binary(stopped(b"another", true).path(), 6).unwrap_err().to_string();
        assert!(error.contains("is not the binary of upgrade \"v2\""), "{error}");
    }

    #[test]
    fn a_missing_binary_is_asked_for_by_its_place() {
        let error = next_binary(stopped(BINARY, false).path(), 6).unwrap_err().to_string();
        assert!(error.contains("cosmovisor/upgrades/v2/bin/jmesd"), "{error}");
    }

    #[test]
    fn before_the_height_and_without_an_upgrade_this_binary_goes_on() {
        assert_eq!(next_binary(stopped(BINARY, true).path(), 5).unwrap(), None);
        assert_eq!(next_binary(tempfile::tempdir().unwrap().path(), 6).unwrap(), None);
    }
}
