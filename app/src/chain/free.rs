//! Free transactions (§4): during the Initial Distribution Period one of a few messages alone may carry no fee, because
//! nobody has a coin yet. What would fail is refused before it enters, and their number is limited everywhere.

use super::Tx;
use cosmos_sdk_proto::cosmos::distribution::v1beta1::{
    MsgWithdrawDelegatorReward, MsgWithdrawValidatorCommission,
};
use cosmos_sdk_proto::cosmos::slashing::v1beta1::MsgUnjail;
use jmes_modules::kernel::{codes, Address, Amount, Error, Result, View};
use jmes_modules::{emission, rewards, seats, slashing, staking};
use jmes_proto::jmes::staking::v1::MsgJoin;
use prost::{Message, Name};
use std::collections::{BTreeMap, HashSet};

/// The most gas that a free transaction can name: several times what any of them uses, and little of a block.
const MAX_GAS: u64 = 1_000_000;
/// How many the mempool keeps (§4).
const MAX_PENDING: usize = 100;
/// How many of those each kind has for itself: neither joins nor withdrawals can keep the other out.
const OWN_PLACES: usize = MAX_PENDING / 2;

/// The kinds that have limits of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// MsgJoin.
    Join {
        /// Its work hash: the lower, the more work went into it.
        work: [u8; 32],
    },
    /// Leaving jail, or withdrawing a reward or commission.
    Other,
}

impl Kind {
    const fn is_join(self) -> bool {
        matches!(self, Self::Join { .. })
    }
}

/// A free transaction, as the limits see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Free {
    /// Its kind.
    pub kind: Kind,
    /// Its only signer.
    pub signer: Address,
}

/// A message that may go without a fee.
enum Request {
    Join(Box<MsgJoin>),
    Unjail(MsgUnjail),
    Reward(MsgWithdrawDelegatorReward),
    Commission(MsgWithdrawValidatorCommission),
}

/// What kind of free transaction `tx` is; `None` when it is an ordinary one. Refused when it carries no fee and is not
/// entitled to that.
pub fn check(view: &View, tx: &Tx) -> Result<Option<Kind>> {
    if !tx.fee.is_zero() || tx.signers.len() != 1 {
        return Ok(None);
    }
    let Some(request) = request(tx)? else { return Ok(None) };
    if !emission::is_idp(view)? {
        return Ok(None);
    }
    if tx.gas_limit > MAX_GAS {
        let why = format!(
            "a transaction without a fee can name at most {MAX_GAS} gas, it names {}: invalid gas limit",
            tx.gas_limit
        );
        return Err(Error::sdk(codes::INVALID_GAS_LIMIT, why));
    }
    match request {
        Request::Join(msg) => seats::check_join(view, &msg).map(|work| Some(Kind::Join { work })),
        Request::Unjail(msg) => {
            slashing::can_unjail(view, &Address::parse_operator(&msg.validator_addr)?)?;
            Ok(Some(Kind::Other))
        }
        Request::Reward(msg) => {
            let (delegator, operator) =
                (Address::parse(&msg.delegator_address)?, Address::parse_operator(&msg.validator_address)?);
            check_worth(view, rewards::pending_reward(view, &delegator, &operator)?)
        }
        Request::Commission(msg) => {
            let operator = Address::parse_operator(&msg.validator_address)?;
            check_worth(view, rewards::pending_commission(view, &operator)?)
        }
    }
}

/// Withdrawing for free must be worth a transaction.
fn check_worth(view: &View, pending: Amount) -> Result<Option<Kind>> {
    let least = seats::min_free_withdrawal(&seats::params(view)?)?;
    if pending >= least {
        return Ok(Some(Kind::Other));
    }
    let why =
        format!("withdrawing {pending}ujmes without a fee: {least}ujmes are the least; insufficient fee");
    Err(Error::sdk(codes::INSUFFICIENT_FEE, why))
}

fn request(tx: &Tx) -> Result<Option<Request>> {
    let [any] = tx.body.messages.as_slice() else { return Ok(None) };
    let name = any.type_url.strip_prefix('/').unwrap_or_default();
    Ok(if name == MsgJoin::full_name() {
        Some(Request::Join(Box::new(decode(&any.value)?)))
    } else if name == MsgUnjail::full_name() {
        Some(Request::Unjail(decode(&any.value)?))
    } else if name == MsgWithdrawDelegatorReward::full_name() {
        Some(Request::Reward(decode(&any.value)?))
    } else if name == MsgWithdrawValidatorCommission::full_name() {
        Some(Request::Commission(decode(&any.value)?))
    } else {
        None
    })
}

fn decode<M: Message + Default>(bytes: &[u8]) -> Result<M> {
    M::decode(bytes).map_err(|error| Error::sdk(codes::TX_DECODE, format!("tx parse error: {error}")))
}

/// Whether `tx` is a join without a fee, whatever state says of it.
pub fn is_join(tx: &Tx) -> bool {
    tx.fee.is_zero() && matches!(request(tx), Ok(Some(Request::Join(_))))
}

/// The work hash of a join without a fee.
pub fn work(tx: &Tx, chain_id: &str) -> Option<[u8; 32]> {
    let Ok(Some(Request::Join(msg))) = request(tx) else { return None };
    let key = staking::consensus_key(msg.pubkey.as_ref()).ok()?;
    let operator = tx.signers.first().filter(|_| tx.fee.is_zero())?;
    Some(seats::work_hash(&key, operator, chain_id, msg.nonce))
}

/// Whether bytes could be a transaction of a join: the type of its first message stands near the beginning.
pub fn may_be_join(bytes: &[u8]) -> bool {
    let name = MsgJoin::NAME.as_bytes();
    let head = bytes.get(..64).unwrap_or(bytes);
    head.windows(name.len()).any(|window| window == name)
}

/// How many more free transactions a block takes.
#[derive(Default)]
pub struct Room {
    joins: u32,
    others: u32,
}

impl Room {
    /// The room of an empty block.
    pub fn of_block(view: &View) -> Result<Self> {
        let params = seats::params(view)?;
        Ok(Self { joins: params.max_free_joins, others: params.max_free_others })
    }

    /// Takes the place of one more, if there is one.
    pub fn take(&mut self, free: Free) -> bool {
        let left = if free.kind.is_join() { &mut self.joins } else { &mut self.others };
        let Some(rest) = left.checked_sub(1) else { return false };
        *left = rest;
        true
    }
}

/// A free transaction in the mempool.
#[derive(Clone, Copy)]
struct Entry {
    kind: Kind,
    hash: [u8; 32],
    /// The order of arrival.
    number: u64,
}

/// The free transactions in the mempool: at most 100, one of a signer (§4).
///
/// The engine does not take a transaction out of its mempool but when it is checked again after a block. So one that is
/// replaced by a better one stays there until then, and is refused then.
#[derive(Default)]
pub struct Pending {
    by_signer: BTreeMap<Address, Entry>,
    /// What was replaced since the last commit.
    replaced: HashSet<[u8; 32]>,
    /// What was replaced before it.
    refused: HashSet<[u8; 32]>,
    arrivals: u64,
}

impl Pending {
    /// Forgets what is pending after a commit: the engine has it checked again now, and what was replaced is refused then.
    pub fn after_commit(&mut self) {
        *self = Self { refused: std::mem::take(&mut self.replaced), ..Self::default() };
    }

    /// Lets a free transaction in; `sdk/20` when there is no place for it.
    pub fn admit(&mut self, hash: [u8; 32], free: Free) -> Result<()> {
        let Free { kind, signer, .. } = free;
        let full = |why: &str| Err(Error::sdk(codes::MEMPOOL_FULL, format!("{why}: mempool is full")));
        if self.refused.contains(&hash) {
            return full("a free transaction with more claim to a place has come");
        }
        if self.by_signer.get(&signer).is_some_and(|pending| pending.hash != hash) {
            return full(&format!("another free transaction of {signer} is pending"));
        }
        if self.by_signer.len() >= MAX_PENDING && !self.by_signer.contains_key(&signer) {
            let Some(out) = self.replaceable(kind) else {
                return full(&format!("{MAX_PENDING} free transactions are pending"));
            };
            if let Some(entry) = self.by_signer.remove(&out) {
                self.replaced.insert(entry.hash);
            }
        }
        self.arrivals += 1;
        self.by_signer.insert(signer, Entry { kind, hash, number: self.arrivals });
        Ok(())
    }

    /// Whose place one of `kind` gets when all are taken: that of a kind that has more than its own places, of joins the
    /// one with the least work, of others the last; else a join that of one with less work.
    fn replaceable(&self, kind: Kind) -> Option<Address> {
        let joins = self.by_signer.values().filter(|entry| entry.kind.is_join()).count();
        let others = self.by_signer.len() - joins;
        let worst = |join: bool| {
            let same = self.by_signer.iter().filter(|(_, entry)| entry.kind.is_join() == join);
            same.max_by_key(|(_, entry)| (entry.kind, entry.number))
        };
        let found = match kind {
            Kind::Join { .. } if others > OWN_PLACES => worst(false),
            Kind::Join { .. } => worst(true).filter(|(_, entry)| kind < entry.kind),
            Kind::Other if joins > OWN_PLACES => worst(true),
            Kind::Other => None,
        };
        found.map(|(signer, _)| *signer)
    }
}
