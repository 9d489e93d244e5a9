//! The queries of `jmes.premint.v1`.

use super::{state, wallet, wallets, Wallet};
use crate::kernel::{page, Address, Amount, PageLimits, QueryError, QueryResult, QueryRoutes, Result, View};
use crate::{bank, emission, BASE_DENOM};
use jmes_proto::jmes::premint::v1 as proto;

/// §16.
const PAGE: PageLimits = PageLimits { default: 10, most: 100 };

/// Unlocks are told this many months ahead.
const MONTHS: u64 = 12;

pub(super) fn add(routes: &mut QueryRoutes) {
    routes.add("/jmes.premint.v1.Query/Wallet", query_wallet);
    routes.add("/jmes.premint.v1.Query/Wallets", query_wallets);
    routes.add("/jmes.premint.v1.Query/Params", query_params);
}

fn show(view: &View, address: &Address, wallet: &Wallet) -> Result<proto::Wallet> {
    Ok(proto::Wallet {
        address: address.to_string(),
        amount: wallet.amount.to_string(),
        unlocked: wallet.unlocked(view)?.to_string(),
        locked: wallet.locked(view)?.to_string(),
        spendable: bank::spendable(view, address, BASE_DENOM)?.to_string(),
        held: wallet.held.to_string(),
        next_unlocks: Vec::new(),
        last_sale_height: wallet.last_sale.unwrap_or(0),
    })
}

fn next_unlocks(view: &View, amount: Amount) -> Result<Vec<proto::Unlock>> {
    let (now, settings) = (emission::issuance_height(view)?, emission::settings(view)?);
    let after = |months| {
        let n = now.saturating_add(settings.blocks_in_months(months)?);
        let issued = settings.schedule.at(n)?.issued;
        let unlocked = settings.schedule.unlocked(amount, issued)?.to_string();
        Ok(proto::Unlock { n, unlocked })
    };
    (1..=MONTHS).map(after).collect()
}

fn query_wallet(view: &View, request: proto::QueryWalletRequest) -> QueryResult<proto::QueryWalletResponse> {
    let address = Address::parse(&request.address)?;
    let wallet = wallet(view, &address)?
        .ok_or_else(|| QueryError::not_found(format!("{address} is not a premint wallet")))?;
    let proto::Wallet { address, amount, unlocked, locked, spendable, held, last_sale_height, .. } =
        show(view, &address, &wallet)?;
    Ok(proto::QueryWalletResponse {
        address,
        amount,
        unlocked,
        locked,
        spendable,
        held,
        next_unlocks: next_unlocks(view, wallet.amount)?,
        last_sale_height,
    })
}

fn query_wallets(
    view: &View,
    request: proto::QueryWalletsRequest,
) -> QueryResult<proto::QueryWalletsResponse> {
    let page = page(view, &state::WALLETS, &[], request.pagination.as_ref(), PAGE)?;
    let shown = page.entries.iter().map(|(address, wallet)| show(view, address, wallet));
    let (mut amount, mut unlocked) = (Amount::ZERO, Amount::ZERO);
    for (_, wallet) in wallets(view)? {
        amount = amount.plus(wallet.amount)?;
        unlocked = unlocked.plus(wallet.unlocked(view)?)?;
    }
    Ok(proto::QueryWalletsResponse {
        wallets: shown.collect::<Result<_>>()?,
        pagination: Some(page.response),
        amount: amount.to_string(),
        unlocked: unlocked.to_string(),
    })
}

fn query_params(_: &View, _: proto::QueryParamsRequest) -> QueryResult<proto::QueryParamsResponse> {
    Ok(proto::QueryParamsResponse { params: Some(proto::Params {}) })
}
