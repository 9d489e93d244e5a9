//! Finding the engine's binary and making sure that it is one this node can work with.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{bail, Context, Result};

/// The engine releases that speak this node's ABCI: any patch release of 0.38.
const VERSION_PREFIX: &str = "0.38.";

/// Finds the engine's binary and checks its version.
///
/// The first of these that is given or exists is taken: `explicit` (`--engine-binary`), the environment variable
/// `JMES_ENGINE`, `cometbft` beside the running program, `cometbft` in `PATH`.
///
/// # Errors
/// No binary is found, it does not run, or it is not a 0.38 release.
pub fn find_binary(explicit: Option<&Path>) -> Result<PathBuf> {
    let binary = match explicit {
        Some(path) => path.to_path_buf(),
        None => locate().context(
            "the consensus engine `cometbft` was not found: run scripts/setup, or name the binary with \
             --engine-binary or JMES_ENGINE",
        )?,
    };
    let version = version(&binary)?;
    if !version.starts_with(VERSION_PREFIX) {
        bail!("{} is CometBFT {version}; this node needs {VERSION_PREFIX}x", binary.display());
    }
    Ok(binary)
}

fn locate() -> Option<PathBuf> {
    if let Some(path) = env::var_os("JMES_ENGINE").filter(|path| !path.is_empty()) {
        return Some(path.into());
    }
    let beside = env::current_exe().ok().and_then(|exe| exe.parent().map(Path::to_path_buf));
    let path = env::var_os("PATH").unwrap_or_default();
    beside
        .into_iter()
        .chain(env::split_paths(&path))
        .map(|dir| dir.join("cometbft"))
        .find(|file| file.is_file())
}

fn version(binary: &Path) -> Result<String> {
    let output = Command::new(binary)
        .arg("version")
        .output()
        .with_context(|| format!("cannot run the consensus engine {}", binary.display()))?;
    if !output.status.success() {
        bail!("`{} version` failed ({})", binary.display(), output.status);
    }
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text.trim().trim_start_matches('v').to_owned())
}
