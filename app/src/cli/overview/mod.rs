//! `jmesd gov`, `jmesd dao` and `jmesd funding`: what a voter and a member of a DAO want to see first (§10 to §12).

mod dao;
mod gov;

use anyhow::Result;
use clap::Args;
use cosmos_sdk_proto::cosmos::base::query::v1beta1::{PageRequest, PageResponse};
use jmes_modules::kernel::Address;
use prost::{Message, Name};
use serde_json::Value;

use super::names::{parse_account, Account};
use super::options::{KeyringArgs, NodeArgs};
use super::people::grouped;
use super::protobuf::to_json;
use super::Session;

pub(super) use dao::dao;
pub(super) use gov::gov;

/// Entries that are asked for at once: the most that a node gives.
const PAGE: u64 = 100;
/// The most pages of a list that are read; more than anybody reads.
const PAGES: u64 = 20;

/// Whose view it is, and which node is asked.
#[derive(Args, Debug)]
pub(super) struct OverviewArgs {
    /// Whose votes to show: an address, a key or a registered name
    #[arg(long, value_name = "ACCOUNT", value_parser = parse_account)]
    from: Option<Account>,
    #[command(flatten)]
    node: NodeArgs,
    #[command(flatten)]
    keyring: KeyringArgs,
}

impl OverviewArgs {
    /// The account that `--from` names.
    fn account(&self, session: &mut Session) -> Result<Option<Address>> {
        let resolved = self.from.as_ref().map(|from| session.resolve(from, &self.keyring, Some(&self.node)));
        resolved.transpose()
    }
}

/// Reads lists page by page.
#[derive(Default)]
struct Lists {
    /// Whether one had more entries than are read.
    cut: bool,
}

impl Lists {
    /// The entries of a list.
    fn read<T>(
        &mut self,
        mut ask: impl FnMut(PageRequest) -> Result<(Vec<T>, Option<PageResponse>)>,
    ) -> Result<Vec<T>> {
        let mut entries = Vec::new();
        let mut key = Vec::new();
        for _ in 0..PAGES {
            let (more, page) = ask(PageRequest { key, limit: PAGE, ..Default::default() })?;
            entries.extend(more);
            key = page.map(|page| page.next_key).unwrap_or_default();
            if key.is_empty() {
                return Ok(entries);
            }
        }
        self.cut = true;
        Ok(entries)
    }

    /// Tells people when something is missing.
    fn tell(&self, session: &mut Session) {
        if self.cut {
            let most = grouped(&PAGES.saturating_mul(PAGE).to_string());
            session.console.note(&format!(
                "There is more than is shown: of each list only the first {most} entries were read. `jmesd query` reads on."
            ));
        }
    }
}

/// A message as the API's JSON.
fn json<M: Message + Name>(message: &M) -> Result<Value> {
    Ok(serde_json::from_str(&to_json(message)?)?)
}

/// A text for a table's cell: its beginning when it is long.
fn short(text: &str) -> String {
    const WIDTH: usize = 36;
    if text.chars().count() <= WIDTH {
        return text.to_owned();
    }
    text.chars().take(WIDTH - 1).chain(['…']).collect()
}
