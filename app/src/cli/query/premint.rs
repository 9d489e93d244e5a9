//! `jmesd query premint`: wallets of genesis that unlock with the emission (§3).

use anyhow::{ensure, Result};
use clap::{Args, Subcommand};
use jmes_proto::jmes::premint::v1 as premint;

use super::{no_params, show, QueryArgs, Shown};
use crate::cli::names::{parse_account, Account};
use crate::cli::options::{KeyringArgs, PageArgs};
use crate::cli::people::{amount, cell, grouped, nils, share, View};
use crate::cli::remote::is_not_found;
use crate::cli::Session;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum PremintQuery {
    /// Show what of a wallet is unlocked, and what unlocks next
    Wallet(WalletArgs),
    /// Show all wallets
    Wallets(WalletsArgs),
    /// Show the parameters, of which there are none
    Params(QueryArgs),
}

#[derive(Args, Debug)]
pub(in crate::cli) struct WalletArgs {
    /// The wallet: an address, a key or a registered name
    #[arg(value_parser = parse_account)]
    address: Account,
    #[command(flatten)]
    query: QueryArgs,
    #[command(flatten)]
    keyring: KeyringArgs,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct WalletsArgs {
    #[command(flatten)]
    page: PageArgs,
    #[command(flatten)]
    query: QueryArgs,
}

impl PremintQuery {
    pub(super) fn run(&self, session: &mut Session) -> Result<()> {
        match self {
            Self::Wallet(args) => {
                let address = args.query.resolve(session, &args.address, &args.keyring)?;
                let request = premint::QueryWalletRequest { address: address.to_string() };
                show(session, &args.query, "/jmes.premint.v1.Query/Wallet", &request, |answer, _| {
                    wallet(answer)
                })
                .or_else(|error| {
                    ensure!(
                        !is_not_found(&error),
                        "{address} is no premint wallet: all of its coins are free"
                    );
                    Err(error)
                })
            }
            Self::Wallets(args) => {
                let request = premint::QueryWalletsRequest { pagination: Some(args.page.to_request()) };
                show(session, &args.query, "/jmes.premint.v1.Query/Wallets", &request, |answer, _| {
                    wallets(answer)
                })
            }
            Self::Params(args) => {
                let path = "/jmes.premint.v1.Query/Params";
                no_params::<premint::QueryParamsResponse>(
                    session,
                    args,
                    path,
                    &premint::QueryParamsRequest {},
                )
            }
        }
    }
}

fn wallet(answer: &premint::QueryWalletResponse) -> Result<Shown> {
    let unlocked = share(amount(&answer.unlocked)?, amount(&answer.amount)?);
    let next = answer.next_unlocks.iter().map(|unlock| {
        Ok(View::new()
            .with("at block of the emission", grouped(&unlock.n.to_string()))
            .with("unlocked", cell(&unlock.unlocked)?))
    });
    let mut view = View::new()
        .with("address", answer.address.as_str())
        .with("premint", nils(&answer.amount)?)
        .with("unlocked", format!("{}, {unlocked}", nils(&answer.unlocked)?))
        .with("locked", nils(&answer.locked)?)
        .with("spendable now", nils(&answer.spendable)?)
        .with("premint still held", nils(&answer.held)?);
    if answer.last_sale_height > 0 {
        view = view.with("last sold at height", grouped(&answer.last_sale_height.to_string()));
    }
    Ok(view.with("next unlocks", next.collect::<Result<Vec<_>>>()?).into())
}

fn wallets(answer: &premint::QueryWalletsResponse) -> Result<Shown> {
    // Before version 2 of the module nobody knows.
    let sold = answer.wallets.iter().any(|wallet| wallet.last_sale_height > 0);
    let rows = answer.wallets.iter().map(|wallet| {
        let view = View::new()
            .with("address", wallet.address.as_str())
            .with("premint", cell(&wallet.amount)?)
            .with("unlocked", cell(&wallet.unlocked)?)
            .with("locked", cell(&wallet.locked)?)
            .with("spendable", cell(&wallet.spendable)?);
        Ok(match (sold, wallet.last_sale_height) {
            (false, _) => view,
            (true, 0) => view.with("last sold at height", "-"),
            (true, height) => view.with("last sold at height", grouped(&height.to_string())),
        })
    });
    let unlocked = share(amount(&answer.unlocked)?, amount(&answer.amount)?);
    let view = View::new()
        .with("premint of all wallets", nils(&answer.amount)?)
        .with("unlocked", format!("{}, {unlocked}", nils(&answer.unlocked)?))
        .with("wallets", rows.collect::<Result<Vec<_>>>()?);
    Ok(Shown::page(view, answer.pagination.as_ref()))
}
