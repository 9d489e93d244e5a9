//! `jmesd keys`: the wallet's keys.

mod add;
mod show;
mod transfer;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Subcommand};

use super::options::KeyringArgs;
use super::Session;
use crate::keys::{Mnemonic, COIN_TYPE};

#[derive(Debug, Subcommand)]
pub(super) enum KeysCommand {
    /// Make a new key, or add one that exists
    Add(AddArgs),
    /// Delete keys for good
    Delete(DeleteArgs),
    /// Write a key as encrypted text, to move it elsewhere
    Export(ExportArgs),
    /// Add a key that `export` wrote
    Import(ImportArgs),
    /// Show all keys
    List(ListArgs),
    /// Show keys by name or address
    Show(ShowArgs),
    /// Give a key another name
    Rename(RenameArgs),
    /// Print a new mnemonic of 24 words, and keep nothing
    Mnemonic,
    /// Convert an address between its forms
    Parse(ParseArgs),
}

#[derive(Args, Debug)]
pub(super) struct AddArgs {
    /// Name of the key
    name: String,
    /// Read the mnemonic (12 to 24 words) from standard input instead of making one
    #[arg(long, conflicts_with_all = ["multisig", "pubkey"])]
    recover: bool,
    /// Read the mnemonic from a file instead of making one
    #[arg(long, value_name = "FILE", conflicts_with_all = ["recover", "multisig", "pubkey"])]
    source: Option<PathBuf>,
    /// Derivation path [default: m/44'/6280'/0'/0/0]
    #[arg(long, value_name = "PATH", conflicts_with_all = ["coin_type", "account", "index"])]
    hd_path: Option<crate::keys::HdPath>,
    /// Coin type in the derivation path
    #[arg(long, value_name = "N", default_value_t = COIN_TYPE)]
    coin_type: u32,
    /// Account number in the derivation path
    #[arg(long, value_name = "N", default_value_t = 0)]
    account: u32,
    /// Address index in the derivation path
    #[arg(long, value_name = "N", default_value_t = 0)]
    index: u32,
    /// Make a k-of-n key of these keys of the keyring
    #[arg(long, value_name = "KEY,KEY", value_delimiter = ',', conflicts_with = "pubkey")]
    multisig: Vec<String>,
    /// How many of the keys must sign
    #[arg(long, value_name = "K", default_value_t = 1, requires = "multisig")]
    multisig_threshold: u32,
    /// Keep the members of a k-of-n key in the order given instead of sorting them by address
    #[arg(long, requires = "multisig")]
    nosort: bool,
    /// Add a public key alone, given as JSON
    #[arg(long, value_name = "JSON")]
    pubkey: Option<String>,
    /// Do everything but store the key
    #[arg(long)]
    dry_run: bool,
    /// Do not print the mnemonic of a new key
    #[arg(long)]
    no_backup: bool,
    #[command(flatten)]
    keyring: KeyringArgs,
}

#[derive(Args, Debug)]
pub(super) struct DeleteArgs {
    /// Names or addresses of the keys
    #[arg(required = true, value_name = "NAME")]
    names: Vec<String>,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
    #[command(flatten)]
    keyring: KeyringArgs,
}

#[derive(Args, Debug)]
pub(super) struct ExportArgs {
    /// Name or address of the key
    name: String,
    /// Print the secret key in the clear, in hex; needs --unsafe
    #[arg(long, requires = "unsafe")]
    unarmored_hex: bool,
    /// Agree to print a secret in the clear
    #[arg(long)]
    r#unsafe: bool,
    /// Do not ask before printing a secret in the clear
    #[arg(short, long)]
    yes: bool,
    #[command(flatten)]
    keyring: KeyringArgs,
}

#[derive(Args, Debug)]
pub(super) struct ImportArgs {
    /// Name of the new key
    name: String,
    /// File that `keys export` wrote
    file: PathBuf,
    #[command(flatten)]
    keyring: KeyringArgs,
}

#[derive(Args, Debug)]
pub(super) struct ListArgs {
    /// Show names alone
    #[arg(short = 'n', long)]
    list_names: bool,
    #[command(flatten)]
    keyring: KeyringArgs,
}

#[derive(Args, Debug)]
pub(super) struct ShowArgs {
    /// Names or addresses of the keys
    #[arg(required = true, value_name = "NAME")]
    names: Vec<String>,
    /// Show the address alone
    #[arg(short, long)]
    address: bool,
    /// Show the public key alone, as JSON
    #[arg(short, long, conflicts_with = "address")]
    pubkey: bool,
    /// Form of the address
    #[arg(long, value_name = "FORM", default_value = "acc")]
    bech: AddressForm,
    #[command(flatten)]
    keyring: KeyringArgs,
}

/// The forms in which a key's 20 bytes are written (§1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum AddressForm {
    /// Account: jmes1…
    Acc,
    /// Validator operator: jmesvaloper1…
    Val,
    /// Consensus: jmesvalcons1…
    Cons,
}

#[derive(Args, Debug)]
pub(super) struct RenameArgs {
    /// Present name or address
    from: String,
    /// New name
    to: String,
    /// Accepted for other tools' sake: renaming asks nothing
    #[arg(short, long, hide = true)]
    yes: bool,
    #[command(flatten)]
    keyring: KeyringArgs,
}

#[derive(Args, Debug)]
pub(super) struct ParseArgs {
    /// Address in hex or in any bech32 form of this chain
    address: String,
}

impl KeysCommand {
    pub(super) fn run(&self, session: &mut Session) -> Result<()> {
        match self {
            Self::Add(args) => add::run(session, args),
            Self::Delete(args) => transfer::delete(session, args),
            Self::Export(args) => transfer::export(session, args),
            Self::Import(args) => transfer::import(session, args),
            Self::List(args) => show::list(session, args),
            Self::Show(args) => show::show(session, args),
            Self::Rename(args) => transfer::rename(session, args),
            Self::Mnemonic => session.console.print(&Mnemonic::generate()?.words()),
            Self::Parse(args) => show::parse(session, args),
        }
    }
}
