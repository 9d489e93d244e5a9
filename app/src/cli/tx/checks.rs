//! What is asked of the node before a transaction is made, so that a refusal comes before the signature and says what to do.
//! The chain decides: where the node does not answer a question, the transaction is made.

use anyhow::{bail, ensure, Result};
use cosmos_sdk_proto::cosmos::bank::v1beta1 as bank;
use cosmos_sdk_proto::cosmos::staking::v1beta1 as staking;
use jmes_modules::kernel::{Address, Amount};
use jmes_modules::{BASE_DENOM, BONDED_DENOM};
use jmes_proto::jmes::dao::v1 as dao;
use jmes_proto::jmes::governance::v1 as governance;
use jmes_proto::jmes::premint::v1 as premint;
use jmes_proto::jmes::staking::v1 as seats;

use super::options::TxOptions;
use crate::cli::amount::describe;
use crate::cli::people::amount;
use crate::cli::query::unbonding_total;
use crate::cli::remote::{is_not_found, Remote};

/// The seats, and whether the Initial Distribution Period lasts; `None` when the node does not know.
pub(super) fn seats(remote: &Remote) -> Option<seats::QuerySeatsResponse> {
    remote.query("/jmes.staking.v1.Query/Seats", &seats::QuerySeatsRequest {}, 0).ok()
}

/// The parameters of seats; `None` when the node does not know.
pub(super) fn seat_params(remote: &Remote) -> Option<seats::Params> {
    let asked = remote.query("/jmes.staking.v1.Query/Params", &seats::QueryParamsRequest {}, 0);
    asked.ok().and_then(|answer: seats::QueryParamsResponse| answer.params)
}

/// Whether an unjail, alone in its transaction, needs no fee now (§4) and the flags leave the fee open.
pub(super) fn is_free(remote: &Remote, options: &TxOptions) -> bool {
    options.leaves_fee_open() && seats(remote).is_some_and(|seats| seats.idp)
}

/// Whether redeeming `earned` Nils, alone in its transaction, needs no fee now (§4) and the flags leave the fee open.
pub(super) fn is_free_withdrawal(remote: &Remote, options: &TxOptions, earned: Amount) -> bool {
    let least = || {
        let params = seat_params(remote)?;
        amount(&params.min_free_withdrawal).ok()
    };
    is_free(remote, options) && least().is_some_and(|least| earned >= least)
}

/// Refuses to bond from a premint wallet, which the chain never allows (§3).
pub(super) fn can_bond(remote: &Remote, account: &Address) -> Result<()> {
    ensure!(
        premint_of(remote, account).is_none(),
        "{account} is a premint wallet, whose coins can't be bonded: send unlocked coins to another account with \
         `jmesd tx bank send`, and bond from there"
    );
    Ok(())
}

/// Refuses to use `wanted` Nils and the fee when `account` can't spend them, and says where its other coins are.
pub(super) fn can_spend(
    remote: &Remote,
    options: &TxOptions,
    account: &Address,
    wanted: Amount,
) -> Result<()> {
    let Some(spendable) = spendable_of(remote, account) else { return Ok(()) };
    let fee = fee_of(options);
    if wanted.0.saturating_add(fee.0) <= spendable.0 {
        return Ok(());
    }
    let mut said = format!("{account} can spend {}, but needs {}", jmes(spendable), jmes(wanted));
    if !fee.is_zero() {
        said.push_str(&format!(" and {} for the fee", jmes(fee)));
    }
    let others: Vec<String> = not_spendable(remote, account)
        .into_iter()
        .filter(|(nils, _)| !nils.is_zero())
        .map(|(nils, what)| format!("{} {what}", jmes(nils)))
        .collect();
    if !others.is_empty() {
        said.push_str(&format!(". Of its other coins {}", others.join(", ")));
    }
    bail!(said)
}

/// Refuses to take `wanted` Nils from a bond that has less, and nothing from one that has something. `doing` is as in "to
/// unbond".
pub(super) fn has_bonded(
    remote: &Remote,
    account: &Address,
    operator: &Address,
    wanted: Amount,
    doing: &str,
) -> Result<()> {
    let request = staking::QueryDelegationRequest {
        delegator_addr: account.to_string(),
        validator_addr: operator.operator(),
    };
    let asked = remote.query("/cosmos.staking.v1beta1.Query/Delegation", &request, 0);
    let bonded = match asked {
        Err(error) if is_not_found(&error) => None,
        Err(_) => return Ok(()),
        Ok(answer) => Some(bonded_in(&answer)?),
    };
    let operator = operator.operator();
    let Some(bonded) = bonded else {
        bail!("{account} has nothing bonded to {operator}: `jmesd query staking delegations {account}` shows its bonds")
    };
    ensure!(
        bonded.is_zero() || !wanted.is_zero(),
        "{account} has {} bonded to {operator}: say how much of it {doing}",
        jmes(bonded)
    );
    ensure!(
        wanted <= bonded,
        "{account} has {} bonded to {operator}, less than the {} {doing}",
        jmes(bonded),
        jmes(wanted)
    );
    Ok(())
}

fn bonded_in(answer: &staking::QueryDelegationResponse) -> Result<Amount> {
    let balance = answer.delegation_response.as_ref().and_then(|response| response.balance.as_ref());
    balance.map_or(Ok(Amount::ZERO), |coin| amount(&coin.amount))
}

/// The fee in Nils, as far as it is known before the node has simulated the transaction.
fn fee_of(options: &TxOptions) -> Amount {
    let fee = options.fee.limit(1).and_then(|gas| options.fee.fee(gas).ok());
    let coins = fee.map(|fee| fee.amount).unwrap_or_default();
    let nils = coins.iter().find(|coin| coin.denom == BASE_DENOM && options.fee.fee_payer.is_none());
    nils.and_then(|coin| amount(&coin.amount).ok()).unwrap_or_default()
}

fn spendable_of(remote: &Remote, account: &Address) -> Option<Amount> {
    let request =
        bank::QuerySpendableBalanceByDenomRequest { address: account.to_string(), denom: BASE_DENOM.into() };
    let asked = remote.query("/cosmos.bank.v1beta1.Query/SpendableBalanceByDenom", &request, 0);
    let answer: bank::QuerySpendableBalanceByDenomResponse = asked.ok()?;
    answer.balance.map_or(Some(Amount::ZERO), |coin| amount(&coin.amount).ok())
}

/// An account's coins that it can't spend, and why.
fn not_spendable(remote: &Remote, account: &Address) -> [(Amount, &'static str); 3] {
    let locked = premint_of(remote, account).and_then(|wallet| amount(&wallet.locked).ok());
    let request = bank::QueryBalanceRequest { address: account.to_string(), denom: BONDED_DENOM.into() };
    let bonded = remote.query("/cosmos.bank.v1beta1.Query/Balance", &request, 0);
    let bonded = bonded.ok().and_then(|answer: bank::QueryBalanceResponse| answer.balance);
    let bonded = bonded.and_then(|coin| amount(&coin.amount).ok());
    let request = staking::QueryDelegatorUnbondingDelegationsRequest {
        delegator_addr: account.to_string(),
        pagination: None,
    };
    let unbonding = remote.query("/cosmos.staking.v1beta1.Query/DelegatorUnbondingDelegations", &request, 0);
    let unbonding = unbonding.ok().and_then(|answer: staking::QueryDelegatorUnbondingDelegationsResponse| {
        unbonding_total(&answer.unbonding_responses).ok()
    });
    [
        (locked.unwrap_or_default(), "are locked premint"),
        (bonded.unwrap_or_default(), "are bonded"),
        (unbonding.unwrap_or_default(), "are unbonding"),
    ]
}

/// A proposal of a DAO; `None` when the node does not answer.
pub(super) fn dao_proposal(remote: &Remote, proposal_id: u64) -> Option<dao::Proposal> {
    let request = dao::QueryProposalRequest { proposal_id };
    let asked = remote.query("/jmes.dao.v1.Query/Proposal", &request, 0);
    asked.ok().and_then(|answer: dao::QueryProposalResponse| answer.proposal)
}

/// A proposal of governance; `None` when the node does not answer.
pub(super) fn proposal(remote: &Remote, proposal_id: u64) -> Option<governance::Proposal> {
    let request = governance::QueryProposalRequest { proposal_id };
    let asked = remote.query("/jmes.governance.v1.Query/Proposal", &request, 0);
    asked.ok().and_then(|answer: governance::QueryProposalResponse| answer.proposal)
}

/// Where in the cycle the chain is; `None` when the node does not answer.
pub(super) fn cycle(remote: &Remote) -> Option<governance::QueryCycleResponse> {
    remote.query("/jmes.governance.v1.Query/Cycle", &governance::QueryCycleRequest {}, 0).ok()
}

/// Refuses a vote of an account that has too little weight (§11).
pub(super) fn can_vote(remote: &Remote, voter: &Address) -> Result<()> {
    let request = governance::QueryVotingPowerRequest { address: voter.to_string() };
    let asked = remote.query("/jmes.governance.v1.Query/VotingPower", &request, 0);
    let Some(power): Option<governance::QueryVotingPowerResponse> = asked.ok() else { return Ok(()) };
    let asked = remote.query("/jmes.governance.v1.Query/Params", &governance::QueryParamsRequest {}, 0);
    let params = asked.ok().and_then(|answer: governance::QueryParamsResponse| answer.params);
    let least = params.and_then(|params| amount(&params.min_vote_stake).ok());
    let least = least.map_or_else(|| "more".to_owned(), jmes);
    ensure!(
        power.eligible,
        "{voter} has votes of {}, and it takes {least} to vote: bond coins with `jmesd tx staking delegate`",
        jmes(amount(&power.weight)?)
    );
    Ok(())
}

fn premint_of(remote: &Remote, account: &Address) -> Option<premint::QueryWalletResponse> {
    let request = premint::QueryWalletRequest { address: account.to_string() };
    remote.query("/jmes.premint.v1.Query/Wallet", &request, 0).ok()
}

fn jmes(nils: Amount) -> String {
    describe(nils, BASE_DENOM)
}
