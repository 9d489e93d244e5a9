//! Flags that several commands share, and what they resolve to.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Args;
use jmes_modules::kernel::Address;

use super::remote::Remote;
use super::Session;
use crate::keys::{Backend, Keyring};

/// Which node to ask.
#[derive(Args, Clone, Debug, Default)]
pub struct NodeArgs {
    /// RPC address of the node [default: what client.toml says, or tcp://localhost:26657]
    #[arg(long, value_name = "URL", env = "JMES_NODE", hide_env_values = true)]
    pub node: Option<String>,
}

/// Where keys are.
#[derive(Args, Clone, Debug, Default)]
pub struct KeyringArgs {
    /// What protects the keys [default: what client.toml says, or file]
    #[arg(long, value_name = "BACKEND", env = "JMES_KEYRING_BACKEND", hide_env_values = true)]
    pub keyring_backend: Option<Backend>,
    /// Directory of the keyring [default: the home]
    #[arg(long, value_name = "DIR", env = "JMES_KEYRING_DIR", hide_env_values = true)]
    pub keyring_dir: Option<PathBuf>,
}

/// Which part of a list to show.
#[derive(Args, Clone, Debug)]
pub struct PageArgs {
    /// Most entries to show
    #[arg(long, value_name = "N", default_value_t = 100)]
    limit: u64,
    /// Entries to skip
    #[arg(long, value_name = "N", default_value_t = 0)]
    offset: u64,
    /// Page to show, counted from 1, instead of an offset
    #[arg(long, value_name = "N", conflicts_with = "offset", value_parser = clap::value_parser!(u64).range(1..))]
    page: Option<u64>,
    /// Where to go on: `next_key` of the last answer
    #[arg(long, value_name = "BASE64", conflicts_with_all = ["offset", "page"], value_parser = parse_base64)]
    page_key: Option<Bytes>,
    /// Count all entries
    #[arg(long)]
    count_total: bool,
    /// From the end to the beginning
    #[arg(long)]
    reverse: bool,
}

/// Bytes given in base64.
#[derive(Clone, Debug)]
struct Bytes(Vec<u8>);

impl PageArgs {
    /// The request for this page.
    pub fn to_request(&self) -> cosmos_sdk_proto::cosmos::base::query::v1beta1::PageRequest {
        let offset = self.page.map_or(self.offset, |page| (page - 1).saturating_mul(self.limit));
        cosmos_sdk_proto::cosmos::base::query::v1beta1::PageRequest {
            key: self.page_key.clone().map(|bytes| bytes.0).unwrap_or_default(),
            offset,
            limit: self.limit,
            count_total: self.count_total,
            reverse: self.reverse,
        }
    }
}

impl Session {
    /// The keyring that the flags name.
    pub fn keyring(&self, args: &KeyringArgs) -> Keyring {
        let backend = args.keyring_backend.unwrap_or(self.settings.keyring_backend);
        Keyring::new(backend, args.keyring_dir.as_deref().unwrap_or(&self.home))
    }

    /// The node that the flags name; nothing is sent yet.
    ///
    /// # Errors
    /// The address can't be used.
    pub fn remote(&self, args: &NodeArgs) -> Result<Remote> {
        Remote::new(args.node.as_ref().unwrap_or(&self.settings.node))
    }
}

/// Reads an account's address; the message says what one looks like.
///
/// # Errors
/// It is not one.
pub fn parse_address(text: &str) -> Result<Address> {
    Address::parse(text).map_err(|error| anyhow::anyhow!("{error}; an account's address begins with jmes1"))
}

/// Reads a time: `15s`, `2m`, `28d`, `500ms`, or a number of seconds.
///
/// # Errors
/// It is not one.
pub fn parse_duration(text: &str) -> Result<Duration> {
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let millis = match unit {
        "ms" => Some(1),
        "" | "s" => Some(1_000),
        "m" => Some(60_000),
        "h" => Some(3_600_000),
        "d" => Some(86_400_000),
        _ => None,
    };
    let number = number.parse::<u64>().ok();
    let total = millis.zip(number).and_then(|(millis, number)| number.checked_mul(millis));
    let total =
        total.with_context(|| format!("\"{text}\" is not a time: write it like 15s, 500ms, 2m or 28d"))?;
    Ok(Duration::from_millis(total))
}

fn parse_base64(text: &str) -> Result<Bytes> {
    use base64::prelude::{Engine as _, BASE64_STANDARD};
    Ok(Bytes(BASE64_STANDARD.decode(text)?))
}
