//! What is checked before the engine starts, because the engine itself would notice it late, vaguely or never: the
//! genesis file and the ports.

use std::fs;
use std::io::ErrorKind;
use std::net::{TcpListener, ToSocketAddrs};
use std::path::Path;

use anyhow::{bail, Context, Result};
use sha2::{Digest, Sha256};

use super::settings::{self, File};

/// Checks that the engine can start in `home`.
///
/// # Errors
/// The genesis file is missing or is not the one the data was made with, `config.toml` cannot be read, or a port is
/// taken.
pub(super) fn check(home: &Path) -> Result<()> {
    check_genesis(home)?;
    check_ports(home)
}

/// The engine keeps the genesis document in its database at the first start and ignores the file from then on, so a
/// changed file would silently do nothing: the hash of the file is kept beside the data and compared.
fn check_genesis(home: &Path) -> Result<()> {
    let path = home.join("config/genesis.json");
    let genesis =
        fs::read(&path).with_context(|| format!("cannot read the genesis file {}", path.display()))?;
    let now = hex::encode(Sha256::digest(&genesis));
    let record = home.join("data/genesis.sha256");
    if home.join("data/state.db").exists() {
        if let Ok(then) = fs::read_to_string(&record) {
            if then.trim() != now {
                bail!(
                    "the genesis file {} is not the one this node's data was made with (SHA-256 {now}, then {}): \
                     put the old file back, or run `jmesd comet unsafe-reset-all` to start from the new one",
                    path.display(),
                    then.trim(),
                );
            }
            return Ok(());
        }
    }
    fs::create_dir_all(home.join("data"))
        .and_then(|()| fs::write(&record, now))
        .with_context(|| format!("cannot write {}", record.display()))
}

fn check_ports(home: &Path) -> Result<()> {
    let config = settings::load(&File::Config.path(home))?;
    let mut keys = vec!["rpc.laddr", "rpc.grpc_laddr", "rpc.pprof_laddr", "p2p.laddr"];
    if settings::switch(&config, "instrumentation.prometheus").unwrap_or(false) {
        keys.push("instrumentation.prometheus_listen_addr");
    }
    let mut taken = Vec::new();
    for key in keys {
        let addresses = settings::text(&config, key).unwrap_or_default();
        for address in addresses.split(',').map(str::trim) {
            if let Some(problem) = problem_with(address) {
                taken.push(format!("{key} = {address}: {problem}"));
            }
        }
    }
    if taken.is_empty() {
        return Ok(());
    }
    bail!(
        "the consensus engine cannot listen where {} says:\n  {}\nStop the other program, or choose another address \
         with `jmesd config set config KEY ADDRESS`.",
        File::Config.path(home).display(),
        taken.join("\n  "),
    )
}

/// Why nothing can listen on `address` (`tcp://host:port`, `host:port` or `:port`); `None` if all is well or the
/// address is empty or not TCP.
fn problem_with(address: &str) -> Option<String> {
    let address = address.strip_prefix("tcp://").unwrap_or(address);
    if address.is_empty() || address.contains("://") {
        return None;
    }
    let address = if address.starts_with(':') { format!("0.0.0.0{address}") } else { address.to_owned() };
    let resolved = match address.to_socket_addrs() {
        Ok(resolved) => resolved,
        Err(error) => return Some(format!("not an address to listen on ({error})")),
    };
    resolved.into_iter().find_map(|at| match TcpListener::bind(at) {
        Ok(_) => None,
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            Some(format!("port {} is already in use", at.port()))
        }
        Err(error) => Some(error.to_string()),
    })
}
