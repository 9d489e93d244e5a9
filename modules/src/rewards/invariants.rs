//! What must always hold of income (§7). That supply and what is owed were issued (§2) is an invariant of `emission`.

use super::{earned_since, settled, state, total_power, unredeemed, Fixed};
use crate::kernel::{codes, Address, Error, Key, Result, View};
use crate::staking;

/// Powers sum to their total; nobody can redeem more than is owed.
pub(super) fn check(view: &View) -> Result<()> {
    check_powers(view)?;
    check_entitlements(view)
}

fn check_powers(view: &View) -> Result<()> {
    let powers = state::POWERS.scan(view, &[], None, false, usize::MAX)?;
    let sum: u128 = powers.iter().map(|(_, power)| u128::from(*power)).sum();
    let total = total_power(view)?;
    if sum != u128::from(total) {
        return Err(broken(format!("powers sum to {sum}, the total says {total}")));
    }
    Ok(())
}

/// Whatever a validator and its bonds can redeem is in the sum of all entitlements.
fn check_entitlements(view: &View) -> Result<()> {
    let mut sum = Fixed::ZERO;
    for (operator, _) in state::INCOMES.scan(view, &[], None, false, usize::MAX)? {
        staking::require(view, &operator)?;
    }
    for (operator, validator) in staking::state::VALIDATORS.scan(view, &[], None, false, usize::MAX)? {
        let income = settled(view, &operator)?;
        sum = sum.plus(income.commission)?.plus(income.bonds)?;
        let (mut earned, mut shares) = (Fixed::ZERO, 0u128);
        for (delegator, start) in bonds_to(view, &operator)? {
            let bond = staking::shares_of(view, &delegator, &operator)?;
            earned = earned.plus(earned_since(Some(start), bond, &income)?)?;
            shares = shares.saturating_add(bond);
        }
        let name = operator.operator();
        if earned > income.bonds {
            let (earned, owed) = (earned.floor(), income.bonds.floor());
            return Err(broken(format!("bonds to {name} have earned {earned} Nils, they are owed {owed}")));
        }
        let all = validator.shares;
        if shares != all {
            return Err(broken(format!("the bonds known of {name} have {shares} shares of {all}")));
        }
    }
    let total = unredeemed(view)?;
    if sum > Fixed::whole(total) {
        return Err(broken(format!("{} Nils can be redeemed, the total says {total}", sum.floor())));
    }
    Ok(())
}

fn bonds_to(view: &View, operator: &Address) -> Result<Vec<(Address, Fixed)>> {
    let bonds = state::BONDS.scan(view, &operator.encoded(), None, false, usize::MAX)?;
    Ok(bonds.into_iter().map(|((_, delegator), start)| (delegator, start)).collect())
}

fn broken(why: String) -> Error {
    Error::sdk(codes::LOGIC, format!("rewards: {why}"))
}
