//! Premint wallets, whose coins unlock with the emission (§3). Their coins are in their account as anyone's; here stands how
//! many of them genesis gave. Nothing is written per block: what is unlocked is computed when it is asked for.

mod genesis;
mod queries;
pub mod state;
#[cfg(test)]
mod tests;

use crate::kernel::{
    codes, Address, Amount, Ctx, Error, Module, QueryRoutes, Result, Value as StoredValue, View,
};
use crate::{auth, bank, emission, staking, upgrade, BASE_DENOM};
use serde_json::Value;

/// The module.
pub struct Premint;

/// Codes of the codespace `premint`.
pub mod premint_codes {
    /// The codespace.
    pub const PREMINT: &str = "premint";
    /// A premint wallet tried to bond coins.
    pub const CANNOT_BOND: u32 = 2;
}

/// There are at most this many wallets, so that a tally may read them all (§3, §11).
pub const MAX_WALLETS: usize = 1_000;

/// What is known of a premint wallet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wallet {
    /// What genesis gave it, in Nils; never changes.
    pub amount: Amount,
    /// How much of that it still holds, in Nils: other coins leave first, and what was sold does not come back by
    /// refilling.
    pub held: Amount,
    /// The height at which premint last left it, 0 when it never did; nothing before version 2 of the module.
    pub last_sale: Option<u64>,
}

impl Module for Premint {
    fn name(&self) -> &'static str {
        "premint"
    }
    fn queries(&self, routes: &mut QueryRoutes) {
        queries::add(routes);
    }
    fn import(&self, ctx: &mut Ctx, genesis: &Value) -> Result<()> {
        genesis::import(ctx, genesis)
    }
    fn export(&self, view: &View) -> Result<Value> {
        genesis::export(view)
    }
    fn latest_version(&self) -> u64 {
        2
    }
    /// Version 2 remembers when each wallet last sold premint: what insiders do can be seen in state, and proved, without an
    /// index of all transactions. At most [`MAX_WALLETS`] records are rewritten.
    fn migrate(&self, ctx: &mut Ctx, to: u64) -> Result<()> {
        if to != 2 {
            return Err(Error::sdk(codes::NOT_SUPPORTED, format!("premint has no version {to}")));
        }
        for (address, wallet) in wallets(ctx)? {
            state::WALLETS.save(ctx, &address, &Wallet { last_sale: Some(0), ..wallet })?;
        }
        Ok(())
    }
    /// Locked coins are in their wallet, nothing of a wallet is bonded, and accounts know what they are. Records have the form
    /// of the active version.
    fn check_invariants(&self, view: &View) -> Result<()> {
        let wallets = wallets(view)?;
        let version = upgrade::active_version(view, self.name())?;
        if wallets.iter().any(|(_, wallet)| wallet.last_sale.is_some() != (version >= 2)) {
            let why = format!("a premint wallet's record does not have the form of version {version}");
            return Err(Error::sdk(codes::LOGIC, why));
        }
        for (address, wallet) in &wallets {
            let balance = bank::balance(view, address, BASE_DENOM)?;
            let locked = wallet.locked(view)?;
            let Wallet { amount, held, .. } = *wallet;
            let sound = locked <= held && held <= balance && held <= amount;
            if !(sound && is_wallet(view, address)? && staking::bonded(view, address)?.is_zero()) {
                let why = format!(
                    "premint wallet {address} has {balance} Nils, holds {held} of {amount}, {locked} are locked"
                );
                return Err(Error::sdk(codes::LOGIC, why));
            }
        }
        let accounts = auth::state::ACCOUNTS.scan(view, &[], None, false, usize::MAX)?;
        let flagged = accounts.iter().filter(|(_, account)| account.premint).count();
        if flagged != wallets.len() {
            let why = format!("{flagged} accounts say they are premint wallets, there are {}", wallets.len());
            return Err(Error::sdk(codes::LOGIC, why));
        }
        Ok(())
    }
}

impl Wallet {
    /// How much of what genesis gave is unlocked, spent or not, in Nils.
    pub fn unlocked(&self, view: &View) -> Result<Amount> {
        emission::unlocked(view, self.amount)
    }

    /// How much of what genesis gave is locked, in Nils.
    pub fn locked(&self, view: &View) -> Result<Amount> {
        Ok(self.amount.minus(self.unlocked(view)?).unwrap_or_default())
    }
}

/// The premint wallet at `address`, if there is one.
pub fn wallet(view: &View, address: &Address) -> Result<Option<Wallet>> {
    state::WALLETS.load(view, address)
}

/// All premint wallets in order of address.
pub fn wallets(view: &View) -> Result<Vec<(Address, Wallet)>> {
    state::WALLETS.scan(view, &[], None, false, MAX_WALLETS)
}

/// Whether `address` is a premint wallet: it can never bond coins (§3).
pub fn is_wallet(view: &View, address: &Address) -> Result<bool> {
    Ok(auth::account(view, address)?.is_some_and(|account| account.premint))
}

/// What of the wallet's coins can't be spent, in Nils; 0 for every other address.
pub fn locked(view: &View, address: &Address) -> Result<Amount> {
    wallet(view, address)?.map_or(Ok(Amount::ZERO), |wallet| wallet.locked(view))
}

/// The sum of all locked premint, in Nils.
pub fn total_locked(view: &View) -> Result<Amount> {
    let point = emission::clock(view)?.point;
    let schedule = emission::settings(view)?.schedule;
    wallets(view)?.iter().try_fold(Amount::ZERO, |sum, (_, wallet)| {
        let unlocked = schedule.unlocked(wallet.amount, point.issued)?;
        sum.plus(wallet.amount.minus(unlocked).unwrap_or_default())
    })
}

/// With what weight the wallet votes: the unlocked premint that it still holds, in Nils; 0 for every other address (§3,
/// §11).
pub fn voting_weight(view: &View, address: &Address) -> Result<Amount> {
    let Some(wallet) = wallet(view, address)? else { return Ok(Amount::ZERO) };
    Ok(wallet.held.minus(wallet.locked(view)?).unwrap_or_default())
}

/// Refused for premint wallets, for every way to bond coins (§3).
pub fn check_can_bond(ctx: &Ctx, address: &Address) -> Result<()> {
    if !is_wallet(ctx, address)? {
        return Ok(());
    }
    let why = format!("{address} is a premint wallet: it can never bond coins, unlocked ones neither; send them to another address and bond from there");
    Err(Error::new(premint_codes::PREMINT, premint_codes::CANNOT_BOND, why))
}

/// Notes that the wallet's balance went down to `balance` Nils. Called after each debit of a premint wallet.
pub fn hold_at_most(ctx: &mut Ctx, address: &Address, balance: Amount) -> Result<()> {
    match wallet(ctx, address)? {
        Some(wallet) if wallet.held > balance => {
            let last_sale = wallet.last_sale.map(|_| ctx.block().height);
            state::WALLETS.save(ctx, address, &Wallet { held: balance, last_sale, ..wallet })
        }
        _ => Ok(()),
    }
}

/// Stored as amount ‖ held (16 bytes each, big-endian); from version 2 on ‖ height of the last sale (8 bytes).
impl StoredValue for Wallet {
    fn encode(&self) -> Vec<u8> {
        let mut bytes = [self.amount.0.to_be_bytes(), self.held.0.to_be_bytes()].concat();
        bytes.extend(self.last_sale.map(u64::to_be_bytes).into_iter().flatten());
        bytes
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (amount, rest) = bytes.split_at_checked(16)?;
        let (held, last_sale) = rest.split_at_checked(16)?;
        let last_sale = if last_sale.is_empty() { None } else { Some(u64::decode(last_sale)?) };
        Some(Self { amount: Amount::decode(amount)?, held: Amount::decode(held)?, last_sale })
    }
}
