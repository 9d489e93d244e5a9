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
use prost::Message;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

/// The most gas that a free transaction can name: several times what any of them uses, and little of a block.
const MAX_GAS: u64 = 1_000_000;
/// How many the mempool keeps (§4).
const MAX_PENDING: usize = 100;
/// How many of those joins have for themselves, and the others: neither can keep the other out.
const OWN_PLACES: usize = MAX_PENDING / 2;

/// What a free transaction does, those with the most claim to a place first. Joins have limits of their own, the others share
/// theirs: nobody is kept in jail by other people's withdrawals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// MsgJoin.
    Join {
        /// Its work hash: the lower, the more work went into it.
        work: [u8; 32],
    },
    /// Leaving jail.
    Unjail,
    /// Withdrawing a reward or commission.
    Withdrawal,
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

const JOIN: &str = "/jmes.staking.v1.MsgJoin";
const UNJAIL: &str = "/cosmos.slashing.v1beta1.MsgUnjail";
const REWARD: &str = "/cosmos.distribution.v1beta1.MsgWithdrawDelegatorReward";
const COMMISSION: &str = "/cosmos.distribution.v1beta1.MsgWithdrawValidatorCommission";

/// What kind of free transaction `tx` is; `None` when it is an ordinary one. Refused when it carries no fee and is not
/// entitled to that. Of a join only the work is checked here: whether it succeeds its message shows, which runs too.
pub fn check(view: &View, tx: &Tx) -> Result<Option<Kind>> {
    let is_free = |url: &str| [JOIN, UNJAIL, REWARD, COMMISSION].contains(&url);
    let may_be_free = || tx.body.messages.iter().any(|any| is_free(&any.type_url));
    if !tx.fee.is_zero() || !may_be_free() || !emission::is_idp(view)? {
        return Ok(None);
    }
    let Some(request) = request(tx)? else {
        let (messages, signers) = (tx.body.messages.len(), tx.signers.len());
        let why = format!(
            "a transaction without a fee has one message and one signer, this has {messages} and {signers}: insufficient fee"
        );
        return Err(Error::sdk(codes::INSUFFICIENT_FEE, why));
    };
    if tx.gas_limit > MAX_GAS {
        let why = format!(
            "a transaction without a fee can name at most {MAX_GAS} gas, it names {}: invalid gas limit",
            tx.gas_limit
        );
        return Err(Error::sdk(codes::INVALID_GAS_LIMIT, why));
    }
    match request {
        Request::Join(msg) => seats::check_work(view, &msg).map(|work| Some(Kind::Join { work })),
        Request::Unjail(msg) => {
            slashing::can_unjail(view, &Address::parse_operator(&msg.validator_addr)?)?;
            Ok(Some(Kind::Unjail))
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
        return Ok(Some(Kind::Withdrawal));
    }
    let why =
        format!("withdrawing {pending}ujmes without a fee: {least}ujmes are the least; insufficient fee");
    Err(Error::sdk(codes::INSUFFICIENT_FEE, why))
}

/// The only message of the only signer, if it may go without a fee.
fn request(tx: &Tx) -> Result<Option<Request>> {
    let ([any], [_]) = (tx.body.messages.as_slice(), tx.signers.as_slice()) else { return Ok(None) };
    Ok(Some(match any.type_url.as_str() {
        JOIN => Request::Join(Box::new(decode(&any.value)?)),
        UNJAIL => Request::Unjail(decode(&any.value)?),
        REWARD => Request::Reward(decode(&any.value)?),
        COMMISSION => Request::Commission(decode(&any.value)?),
        _ => return Ok(None),
    }))
}

fn decode<M: Message + Default>(bytes: &[u8]) -> Result<M> {
    M::decode(bytes).map_err(|error| Error::sdk(codes::TX_DECODE, format!("tx parse error: {error}")))
}

/// Whether `tx` is a join without a fee, whatever state says of it.
pub fn is_join(tx: &Tx) -> bool {
    tx.fee.is_zero() && matches!(request(tx), Ok(Some(Request::Join(_))))
}

/// What kind of free transaction `tx` would be, whatever state says of it.
fn claim(tx: &Tx, chain_id: &str) -> Option<Kind> {
    if !tx.fee.is_zero() {
        return None;
    }
    Some(match request(tx).ok()?? {
        Request::Join(msg) => {
            let key = staking::consensus_key(msg.pubkey.as_ref()).ok()?;
            Kind::Join { work: seats::work_hash(&key, tx.signers.first()?, chain_id, msg.nonce) }
        }
        Request::Unjail(_) => Kind::Unjail,
        Request::Reward(_) | Request::Commission(_) => Kind::Withdrawal,
    })
}

/// Puts those without a fee among the candidates for a block in the order of their claims: joins by their work, the others with
/// unjails first, each of the two in the places that it has (§4).
pub fn sort<T: Clone>(candidates: &mut [(T, Arc<Tx>)], chain_id: &str) {
    let with_place = |(place, (_, tx)): (usize, &(T, Arc<Tx>))| Some((claim(tx, chain_id)?, place));
    let claims: Vec<(Kind, usize)> = candidates.iter().enumerate().filter_map(with_place).collect();
    let (joins, others): (Vec<_>, Vec<_>) = claims.into_iter().partition(|(kind, _)| kind.is_join());
    for mut claims in [joins, others] {
        let places: Vec<usize> = claims.iter().map(|(_, place)| *place).collect();
        claims.sort();
        let sorted: Vec<_> = claims.iter().map(|(_, place)| candidates[*place].clone()).collect();
        for (place, candidate) in places.into_iter().zip(sorted) {
            candidates[place] = candidate;
        }
    }
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

    /// Whose place one of `kind` gets when all are taken: that of the least claim among joins, or among the others, where they
    /// have more than their own places; else of its own, one with less claim. Of equal claims the last.
    fn replaceable(&self, kind: Kind) -> Option<Address> {
        let joins = self.by_signer.values().filter(|entry| entry.kind.is_join()).count();
        let others = self.by_signer.len() - joins;
        let least = |join: bool| {
            let same = self.by_signer.iter().filter(|(_, entry)| entry.kind.is_join() == join);
            same.max_by_key(|(_, entry)| (entry.kind, entry.number))
        };
        let foreign = if kind.is_join() { others } else { joins };
        let found = if foreign > OWN_PLACES {
            least(!kind.is_join())
        } else {
            least(kind.is_join()).filter(|(_, entry)| kind < entry.kind)
        };
        found.map(|(signer, _)| *signer)
    }
}
