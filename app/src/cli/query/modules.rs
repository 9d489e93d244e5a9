//! Queries of the modules' state.

use anyhow::Result;
use clap::{Args, Subcommand};
use cosmos_sdk_proto::cosmos::{auth::v1beta1 as auth, bank::v1beta1 as bank};
use jmes_modules::BASE_DENOM;
use jmes_proto::cosmos::consensus::v1 as consensus;

use super::{ask, QueryArgs};
use crate::cli::names::{parse_account, Account};
use crate::cli::options::{KeyringArgs, PageArgs};
use crate::cli::Session;

#[derive(Args, Debug)]
pub(in crate::cli) struct AccountArgs {
    /// The account: an address, a key or a registered name
    #[arg(value_parser = parse_account)]
    address: Account,
    #[command(flatten)]
    query: QueryArgs,
    #[command(flatten)]
    keyring: KeyringArgs,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct ListArgs {
    #[command(flatten)]
    page: PageArgs,
    #[command(flatten)]
    query: QueryArgs,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct OwnedArgs {
    /// The account: an address, a key or a registered name
    #[arg(value_parser = parse_account)]
    address: Account,
    #[command(flatten)]
    page: PageArgs,
    #[command(flatten)]
    query: QueryArgs,
    #[command(flatten)]
    keyring: KeyringArgs,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct BalanceArgs {
    /// The account: an address, a key or a registered name
    #[arg(value_parser = parse_account)]
    address: Account,
    /// Denomination
    #[arg(default_value = BASE_DENOM)]
    denom: String,
    #[command(flatten)]
    query: QueryArgs,
    #[command(flatten)]
    keyring: KeyringArgs,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct SupplyArgs {
    /// Show this denomination alone
    #[arg(long)]
    denom: Option<String>,
    #[command(flatten)]
    page: PageArgs,
    #[command(flatten)]
    query: QueryArgs,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct MetadataArgs {
    /// Denomination [default: all]
    denom: Option<String>,
    #[command(flatten)]
    page: PageArgs,
    #[command(flatten)]
    query: QueryArgs,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum AuthQuery {
    /// Show an account: number, sequence, public key
    Account(AccountArgs),
    /// Show all accounts
    Accounts(ListArgs),
    /// Show the parameters
    Params(QueryArgs),
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum BankQuery {
    /// Show all coins of an account
    Balances(OwnedArgs),
    /// Show an account's coins of one denomination
    Balance(BalanceArgs),
    /// Show the coins that an account can spend now
    SpendableBalances(OwnedArgs),
    /// Show how many coins there are
    TotalSupply(SupplyArgs),
    /// Show how denominations are written
    #[command(visible_alias = "denoms-metadata")]
    DenomMetadata(MetadataArgs),
    /// Show the parameters
    Params(QueryArgs),
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ConsensusQuery {
    /// Show the limits of blocks, evidence and validators' keys
    Params(QueryArgs),
}

pub(super) fn account(session: &mut Session, args: &AccountArgs) -> Result<()> {
    let address = args.query.resolve(session, &args.address, &args.keyring)?;
    let request = auth::QueryAccountRequest { address: address.to_string() };
    ask::<auth::QueryAccountResponse>(session, &args.query, "/cosmos.auth.v1beta1.Query/Account", &request)
}

impl AuthQuery {
    pub(super) fn run(&self, session: &mut Session) -> Result<()> {
        match self {
            Self::Account(args) => account(session, args),
            Self::Accounts(args) => {
                let request = auth::QueryAccountsRequest { pagination: Some(args.page.to_request()) };
                let path = "/cosmos.auth.v1beta1.Query/Accounts";
                ask::<auth::QueryAccountsResponse>(session, &args.query, path, &request)
            }
            Self::Params(args) => {
                let request = auth::QueryParamsRequest {};
                ask::<auth::QueryParamsResponse>(session, args, "/cosmos.auth.v1beta1.Query/Params", &request)
            }
        }
    }
}

impl BankQuery {
    pub(super) fn run(&self, session: &mut Session) -> Result<()> {
        match self {
            Self::Balances(args) => {
                let address = args.query.resolve(session, &args.address, &args.keyring)?.to_string();
                let pagination = Some(args.page.to_request());
                let request = bank::QueryAllBalancesRequest { address, pagination, resolve_denom: false };
                let path = "/cosmos.bank.v1beta1.Query/AllBalances";
                ask::<bank::QueryAllBalancesResponse>(session, &args.query, path, &request)
            }
            Self::Balance(args) => {
                let address = args.query.resolve(session, &args.address, &args.keyring)?;
                let request =
                    bank::QueryBalanceRequest { address: address.to_string(), denom: args.denom.clone() };
                let path = "/cosmos.bank.v1beta1.Query/Balance";
                ask::<bank::QueryBalanceResponse>(session, &args.query, path, &request)
            }
            Self::SpendableBalances(args) => {
                let address = args.query.resolve(session, &args.address, &args.keyring)?.to_string();
                let pagination = Some(args.page.to_request());
                let request = bank::QuerySpendableBalancesRequest { address, pagination };
                let path = "/cosmos.bank.v1beta1.Query/SpendableBalances";
                ask::<bank::QuerySpendableBalancesResponse>(session, &args.query, path, &request)
            }
            Self::TotalSupply(args) => total_supply(session, args),
            Self::DenomMetadata(args) => denom_metadata(session, args),
            Self::Params(args) => {
                let request = bank::QueryParamsRequest {};
                ask::<bank::QueryParamsResponse>(session, args, "/cosmos.bank.v1beta1.Query/Params", &request)
            }
        }
    }
}

fn total_supply(session: &mut Session, args: &SupplyArgs) -> Result<()> {
    if let Some(denom) = args.denom.clone() {
        let request = bank::QuerySupplyOfRequest { denom };
        let path = "/cosmos.bank.v1beta1.Query/SupplyOf";
        return ask::<bank::QuerySupplyOfResponse>(session, &args.query, path, &request);
    }
    let request = bank::QueryTotalSupplyRequest { pagination: Some(args.page.to_request()) };
    let path = "/cosmos.bank.v1beta1.Query/TotalSupply";
    ask::<bank::QueryTotalSupplyResponse>(session, &args.query, path, &request)
}

fn denom_metadata(session: &mut Session, args: &MetadataArgs) -> Result<()> {
    if let Some(denom) = args.denom.clone() {
        let request = bank::QueryDenomMetadataRequest { denom };
        let path = "/cosmos.bank.v1beta1.Query/DenomMetadata";
        return ask::<bank::QueryDenomMetadataResponse>(session, &args.query, path, &request);
    }
    let request = bank::QueryDenomsMetadataRequest { pagination: Some(args.page.to_request()) };
    let path = "/cosmos.bank.v1beta1.Query/DenomsMetadata";
    ask::<bank::QueryDenomsMetadataResponse>(session, &args.query, path, &request)
}

impl ConsensusQuery {
    pub(super) fn run(&self, session: &mut Session) -> Result<()> {
        match self {
            Self::Params(args) => {
                let request = consensus::QueryParamsRequest {};
                let path = "/cosmos.consensus.v1.Query/Params";
                ask::<consensus::QueryParamsResponse>(session, args, path, &request)
            }
        }
    }
}
