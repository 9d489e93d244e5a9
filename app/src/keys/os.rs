//! The desktop's secret service (GNOME Keyring, KWallet …), reached through libsecret's program `secret-tool`.

use std::io::{ErrorKind, Write};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use anyhow::{bail, Context, Result};
use zeroize::Zeroizing;

/// The name that all entries of this program carry.
const APPLICATION: &str = "jmesd";

/// The secret service. An entry is found by the account's address, so that renaming a key does not touch it.
#[derive(Clone, Debug)]
pub(super) struct SecretService {
    program: PathBuf,
}

impl SecretService {
    /// The service behind `program`, usually `secret-tool` from `PATH`.
    pub fn new(program: impl Into<PathBuf>) -> Self {
        Self { program: program.into() }
    }

    /// Stores `secret` for `address`, in place of what was there.
    pub fn store(&self, address: &str, label: &str, secret: &[u8; 32]) -> Result<()> {
        let text = Zeroizing::new(hex::encode(secret));
        let label = format!("--label=JMES key {label}");
        self.run(&["store", &label, "application", APPLICATION, "address", address], &text).map(drop)
    }

    /// The secret of `address`.
    pub fn lookup(&self, address: &str) -> Result<Zeroizing<Vec<u8>>> {
        let output = self.run(&["lookup", "application", APPLICATION, "address", address], "")?;
        let text = Zeroizing::new(output.stdout);
        let secret = hex::decode(text.trim_ascii_end()).ok().filter(|secret| !secret.is_empty());
        secret.map(Zeroizing::new).with_context(|| {
            format!("the system's keyring has no key of {address}: it was removed there, or belongs to another user")
        })
    }

    /// Forgets the secret of `address`.
    pub fn clear(&self, address: &str) -> Result<()> {
        self.run(&["clear", "application", APPLICATION, "address", address], "").map(drop)
    }

    fn run(&self, arguments: &[&str], input: &str) -> Result<Output> {
        let spawned = Command::new(&self.program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let mut child = match spawned {
            Err(error) if error.kind() == ErrorKind::NotFound => bail!(
                "the keyring backend os needs the program `secret-tool` and a running secret service: install \
                 libsecret-tools, or use --keyring-backend file"
            ),
            other => other.with_context(|| format!("cannot run {}", self.program.display()))?,
        };
        if let Some(mut stdin) = child.stdin.take() {
            // A program that fails early closes its input; its exit status says why.
            let _ = stdin.write_all(input.as_bytes());
        }
        let output =
            child.wait_with_output().with_context(|| format!("{} failed", self.program.display()))?;
        // `lookup` of what is not there ends with status 1 and says nothing.
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        if !output.status.success() && !said.is_empty() {
            bail!("the system's keyring refused: {said} (--keyring-backend file works without it)");
        }
        if !output.status.success() && arguments.first() == Some(&"store") {
            bail!(
                "the system's keyring did not store the key ({}): use --keyring-backend file",
                output.status
            );
        }
        Ok(output)
    }
}
