//! `config/app.toml`: what the operator decides about the application. Names and defaults are those that
//! operators of Cosmos chains know.

use crate::chain::GasPrice;
use anyhow::{anyhow, bail, Context, Result};
use std::net::SocketAddr;
use std::path::Path;
use toml_edit::DocumentMut;

/// The settings of the application, defaults filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeSettings {
    /// The least gas price of a transaction in this node's mempool.
    pub minimum_gas_prices: GasPrice,
    /// `default` (the last 100 heights), `nothing` (all heights), `everything` (the last 2) or `custom`.
    pub pruning: String,
    /// Heights kept with `custom`, at least 2.
    pub pruning_keep_recent: u64,
    /// Stop after committing this height; 0 for never.
    pub halt_height: u64,
    /// Heights of blocks that the engine keeps; 0 for all.
    pub min_retain_blocks: u64,
    /// A snapshot for nodes that join is made after each height that is a multiple of this; 0 for none.
    pub snapshot_interval: u64,
    /// How many of the latest snapshots are kept; 0 for all.
    pub snapshot_keep_recent: u32,
    /// Whether REST is served.
    pub api_enable: bool,
    /// Where REST listens.
    pub api_address: SocketAddr,
    /// Whether browsers on any site may read REST answers.
    pub api_cors: bool,
    /// Whether gRPC is served.
    pub grpc_enable: bool,
    /// Where gRPC listens.
    pub grpc_address: SocketAddr,
}

/// The file as `jmesd init` writes it, with REST and gRPC addresses to be filled in.
const TEMPLATE: &str = r#"# Settings of the JMES application. The consensus engine's are in config.toml.

# The least gas price for a transaction to enter this node's mempool.
minimum-gas-prices = "0.0025ujmes"

# Which heights of state are kept for queries and proofs: default (the last 100), nothing (is pruned, all are
# kept), everything (is pruned but the last 2), custom (pruning-keep-recent).
pruning = "default"
pruning-keep-recent = 100

# Stop after committing this height; 0 for never.
halt-height = 0

# Heights of blocks that the engine must keep for its peers; 0 for all. Never less than the evidence age.
min-retain-blocks = 0

[state-sync]
# A snapshot for nodes that join is made after each height that is a multiple of this; 0 for none.
snapshot-interval = 1000
# How many of the latest snapshots are kept; 0 for all.
snapshot-keep-recent = 2

[api]
# REST. Open it to others only behind a proxy that limits what they may ask.
enable = true
address = "REST_ADDRESS"
# Whether web pages of any site may read the answers.
enabled-unsafe-cors = false

[grpc]
enable = true
address = "GRPC_ADDRESS"
"#;

impl NodeSettings {
    /// The file's text with these addresses.
    pub fn template(rest: SocketAddr, grpc: SocketAddr) -> String {
        TEMPLATE.replace("REST_ADDRESS", &rest.to_string()).replace("GRPC_ADDRESS", &grpc.to_string())
    }

    /// Reads a home's `config/app.toml`; settings that are missing have their defaults.
    pub fn load(home: &Path) -> Result<Self> {
        let path = home.join("config/app.toml");
        let text = std::fs::read_to_string(&path).with_context(|| {
            format!(
                "can't read {}: make the home first with `jmesd init NAME --home {}`",
                path.display(),
                home.display()
            )
        })?;
        Self::parse(&text).with_context(|| format!("{} is not usable", path.display()))
    }

    /// Reads the text of an `app.toml`.
    pub fn parse(text: &str) -> Result<Self> {
        let document: DocumentMut = text.parse().context("it is not valid TOML")?;
        let reader = Reader(&document);
        let settings = Self {
            minimum_gas_prices: reader
                .text("minimum-gas-prices", "0.0025ujmes")?
                .parse()
                .map_err(|why: String| anyhow!(why))?,
            pruning: reader.text("pruning", "default")?,
            pruning_keep_recent: reader.number("pruning-keep-recent", 100)?,
            halt_height: reader.number("halt-height", 0)?,
            min_retain_blocks: reader.number("min-retain-blocks", 0)?,
            snapshot_interval: reader.number("state-sync.snapshot-interval", 1000)?,
            snapshot_keep_recent: u32::try_from(reader.number("state-sync.snapshot-keep-recent", 2)?)
                .context("`state-sync.snapshot-keep-recent` is too large")?,
            api_enable: reader.flag("api.enable", true)?,
            api_address: reader.address("api.address", "127.0.0.1:1317")?,
            api_cors: reader.flag("api.enabled-unsafe-cors", false)?,
            grpc_enable: reader.flag("grpc.enable", true)?,
            grpc_address: reader.address("grpc.address", "127.0.0.1:9090")?,
        };
        settings.keep_recent()?;
        Ok(settings)
    }

    /// How many heights of state are kept; `None` for all.
    pub fn keep_recent(&self) -> Result<Option<u64>> {
        match (self.pruning.as_str(), self.pruning_keep_recent) {
            ("default", _) => Ok(Some(100)),
            ("nothing", _) => Ok(None),
            ("everything", _) => Ok(Some(2)),
            ("custom", keep) if keep >= 2 => Ok(Some(keep)),
            ("custom", keep) => bail!("pruning-keep-recent is {keep}, the least is 2"),
            (other, _) => bail!("pruning is \"{other}\": choose default, nothing, everything or custom"),
        }
    }
}

struct Reader<'a>(&'a DocumentMut);

impl Reader<'_> {
    fn value<T>(
        &self,
        key: &str,
        default: T,
        read: impl Fn(&toml_edit::Value) -> Option<T>,
        kind: &str,
    ) -> Result<T> {
        let mut item = Some(self.0.as_item());
        for part in key.split('.') {
            item = item.and_then(|item| item.get(part));
        }
        let Some(item) = item else { return Ok(default) };
        let value = item.as_value().with_context(|| format!("`{key}` must be {kind}"))?;
        read(value).with_context(|| format!("`{key}` must be {kind}, it is {}", value.to_string().trim()))
    }

    fn text(&self, key: &str, default: &str) -> Result<String> {
        self.value(key, default.to_owned(), |value| value.as_str().map(str::to_owned), "a text")
    }

    /// Numbers may stand in quotes, as other nodes of this ecosystem write them.
    fn number(&self, key: &str, default: u64) -> Result<u64> {
        let read = |value: &toml_edit::Value| match value.as_str() {
            Some(text) => text.parse().ok(),
            None => value.as_integer().and_then(|number| u64::try_from(number).ok()),
        };
        self.value(key, default, read, "a whole number")
    }

    fn flag(&self, key: &str, default: bool) -> Result<bool> {
        self.value(key, default, toml_edit::Value::as_bool, "true or false")
    }

    fn address(&self, key: &str, default: &str) -> Result<SocketAddr> {
        parse_address(&self.text(key, default)?).map_err(|why| anyhow!("`{key}` {why}"))
    }
}

/// Reads where to listen: an address and a port, also with a scheme (`tcp://`) or the host name `localhost`.
pub fn parse_address(text: &str) -> Result<SocketAddr, String> {
    let plain = text.split_once("://").map_or(text, |(_, rest)| rest).replace("localhost", "127.0.0.1");
    plain
        .parse()
        .map_err(|_| format!("must be an address and a port such as 127.0.0.1:1317, it is \"{text}\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template() -> String {
        NodeSettings::template("127.0.0.1:1317".parse().unwrap(), "127.0.0.1:9090".parse().unwrap())
    }

    #[test]
    fn the_template_says_the_defaults() {
        assert_eq!(NodeSettings::parse(&template()).unwrap(), NodeSettings::parse("").unwrap());
    }

    #[test]
    fn addresses_are_written_in_all_usual_ways() {
        for (text, address) in [
            ("127.0.0.1:1317", "127.0.0.1:1317"),
            ("tcp://0.0.0.0:1317", "0.0.0.0:1317"),
            ("localhost:9090", "127.0.0.1:9090"),
            ("tcp://localhost:1317", "127.0.0.1:1317"),
            ("[::1]:1317", "[::1]:1317"),
        ] {
            assert_eq!(parse_address(text), Ok(address.parse().unwrap()), "{text}");
            let settings = NodeSettings::parse(&format!("[grpc]\naddress = \"{text}\"")).unwrap();
            assert_eq!(settings.grpc_address, address.parse().unwrap());
        }
        for wrong in ["", "localhost", "1317", "tcp://", "127.0.0.1:99999", "example.org:1317"] {
            assert!(parse_address(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_wrong_setting_is_named_with_its_value() {
        for (line, said) in [
            ("pruning = \"some\"", "pruning is \"some\""),
            ("halt-height = -1", "`halt-height` must be a whole number"),
            ("minimum-gas-prices = \"1stake\"", "invalid gas price \"1stake\""),
            ("[api]\naddress = \"nowhere\"", "`api.address` must be an address"),
            ("[api]\nenable = 1", "`api.enable` must be true or false"),
            ("pruning = \"custom\"\npruning-keep-recent = 1", "the least is 2"),
        ] {
            let error = format!("{:#}", NodeSettings::parse(line).unwrap_err());
            assert!(error.contains(said), "{error}");
        }
    }
}
