//! The actors of the simulation: what they try to do, from a seed. Most attempts make sense, many do not.

mod business;
mod kinds;
mod proposals;
mod scene;

pub use kinds::Kind;

use super::JMES;
use cosmos_sdk_proto::cosmos::base::v1beta1::Coin;
use cosmos_sdk_proto::cosmos::distribution::v1beta1::{
    MsgSetWithdrawAddress, MsgWithdrawDelegatorReward, MsgWithdrawValidatorCommission,
};
use cosmos_sdk_proto::cosmos::slashing::v1beta1::MsgUnjail;
use cosmos_sdk_proto::cosmos::staking::v1beta1::{
    Description, MsgBeginRedelegate, MsgCancelUnbondingDelegation, MsgDelegate, MsgEditValidator,
    MsgUndelegate,
};
use jmes_modules::kernel::{Address, Decimal};
use jmes_modules::staking;
use jmes_tests::{Draft, Genesis, Key, Random, TestChain, Validator};
use scene::Scene;

/// Wallets that have coins in the beginning.
const WALLETS: u64 = 150;
/// Premint wallets.
const PREMINT: u64 = 6;
/// Validators that genesis seats.
const FIRST: u64 = 3;
/// Operators without a coin, who join.
const JOINERS: u64 = 40;
/// Operators with coins, who create validators.
const CREATORS: u64 = 30;

/// A transaction's draft, and who signs it.
pub type Tx = (Draft, Vec<Key>);

/// Everybody, and what they remember of what they tried.
pub struct Actors {
    wallets: Vec<Key>,
    premint: Vec<Key>,
    /// All operators: of genesis, joiners, creators.
    pub operators: Vec<Validator>,
    /// Those of them who have a validator.
    known: Vec<Address>,
    bonds: Vec<(Key, Address)>,
    unbonding: Vec<(Key, Address, u64)>,
    scene: Scene,
}

impl Actors {
    pub fn new() -> Self {
        let operators = (0..FIRST + JOINERS + CREATORS).map(Validator::new).collect();
        let keys = |from: u64, count: u64| (from..from + count).map(Key::new).collect();
        Self {
            wallets: keys(0, WALLETS),
            premint: keys(900, PREMINT),
            operators,
            known: Vec::new(),
            bonds: Vec::new(),
            unbonding: Vec::new(),
            scene: Scene::default(),
        }
    }

    /// Looks around before a block: who is a validator now, what DAOs and governance are at.
    pub fn look(&mut self, chain: &TestChain) {
        let view = chain.view();
        let all = staking::state::VALIDATORS.scan(&view, &[], None, false, usize::MAX);
        self.known =
            all.expect("views have no gas limit").into_iter().map(|(operator, _)| operator).collect();
        self.scene = Scene::of(&view);
    }

    /// `genesis` with their coins, and how many Nils those are.
    pub fn fund(&self, genesis: Genesis) -> (Genesis, u128) {
        let mut total = 0;
        let mut first = self.operators[..FIRST as usize].to_vec();
        for (one, bond) in first.iter_mut().zip([0, 5 * JMES, 20 * JMES]) {
            one.bond = bond;
            total += bond;
        }
        let mut genesis = genesis.validators(first);
        let mut give = |genesis: Genesis, owner: Address, nils: u128| {
            total += nils;
            genesis.with(owner, &format!("{nils}ujmes"))
        };
        for (number, wallet) in self.wallets.iter().enumerate() {
            // From a hundredth of a coin to some ten thousand.
            genesis =
                give(genesis, wallet.address(), 10_000 * 4_u128.pow(number as u32 % 12) + number as u128);
        }
        for creator in &self.operators[(FIRST + JOINERS) as usize..] {
            genesis = give(genesis, creator.address(), 60 * JMES);
        }
        for (number, wallet) in self.premint.iter().enumerate() {
            let nils = JMES * 10_u128.pow(number as u32) + 7;
            genesis = give(genesis, wallet.address(), nils).premint(wallet.address(), nils);
        }
        (genesis, total)
    }

    /// What somebody tries; `None` when there is nothing to try, and for what nobody signs.
    pub fn attempt(&mut self, chain: &TestChain, kind: Kind, random: &mut Random) -> Option<Tx> {
        let alone = |(draft, author): (Draft, Key)| (draft, vec![author]);
        let (draft, signers) = match kind {
            Kind::Join => alone(self.join(chain, random)),
            Kind::Create => alone(self.create(random)),
            Kind::Edit => alone(self.edit(random)),
            Kind::Unjail => alone(self.unjail(chain, random)?),
            Kind::Bond => alone(self.bond(chain, random)),
            Kind::Undelegate => alone(self.undelegate(chain, random)?),
            Kind::Redelegate => alone(self.redelegate(random)?),
            Kind::Cancel => alone(self.cancel(random)?),
            Kind::Reward => alone(self.reward(random)?),
            Kind::Commission => alone(self.commission(random)),
            Kind::WithdrawAddress => alone(self.withdraw_address(random)),
            Kind::Send => alone(self.send(chain, random)),
            Kind::Premint => self.premint(chain, random),
            Kind::Register => self.register(random),
            Kind::Found => self.found(random)?,
            Kind::Gift => self.gift(random)?,
            Kind::Propose => self.propose(chain, random)?,
            Kind::Decide => self.decide(random)?,
            Kind::Execute => self.execute(random)?,
            Kind::Vote => self.vote(chain, random)?,
            Kind::Conclude => self.conclude(random)?,
            Kind::SendArtwork => self.send_artwork(random)?,
            Kind::Offline | Kind::DoubleSign | Kind::Time | Kind::Restart | Kind::Export => return None,
        };
        let draft = if random.once_in(30) { draft.gas(30_000 + random.number() % 100_000) } else { draft };
        Some((draft, signers))
    }

    fn wallet(&self, random: &mut Random) -> Key {
        random.pick(&self.wallets).clone()
    }

    fn operator(&self, random: &mut Random) -> &Validator {
        random.pick(&self.operators)
    }

    /// An operator who has a validator.
    pub fn known_operator(&self, random: &mut Random) -> Option<&Validator> {
        let known: Vec<_> = self.operators.iter().filter(|one| self.known.contains(&one.address())).collect();
        (!known.is_empty()).then(|| *random.pick(&known))
    }

    /// A few validators have most of the bonds; sometimes it is not a validator at all.
    fn target(&self, random: &mut Random) -> Address {
        if self.known.is_empty() || random.once_in(20) {
            return self.operator(random).address();
        }
        let end = if random.once_in(3) { self.known.len() } else { self.known.len().min(8) };
        self.known[random.below(end)]
    }

    fn join(&self, chain: &TestChain, random: &mut Random) -> (Draft, Key) {
        let joiners = &self.operators[FIRST as usize..(FIRST + JOINERS) as usize];
        let mut one = random.pick(joiners).clone();
        if random.once_in(8) {
            // With the key of another one: taken over if it was created without possession, else refused.
            one.consensus = self.operator(random).consensus.clone();
        }
        let msg = one.join(chain.id(), random.number() % 1_000);
        (Draft::new().gas(900_000).fee(0).and(&msg), one.operator)
    }

    fn create(&self, random: &mut Random) -> (Draft, Key) {
        let creators = &self.operators[(FIRST + JOINERS) as usize..];
        let one = random.pick(creators).clone().bonded(JMES * (1 + random.below(30) as u128));
        (paid().and(&one.create()), one.operator)
    }

    fn edit(&self, random: &mut Random) -> (Draft, Key) {
        let known = self.known_operator(random).filter(|_| !random.once_in(4));
        let one = known.unwrap_or_else(|| self.operator(random));
        let text = "[do-not-modify]".to_owned();
        let msg = MsgEditValidator {
            description: Some(Description {
                moniker: format!("number {}", random.below(100)),
                identity: text.clone(),
                website: text.clone(),
                security_contact: text.clone(),
                details: text,
            }),
            validator_address: one.address().operator(),
            commission_rate: match random.below(3) {
                0 => String::new(),
                _ => Decimal::percent(random.below(25) as u32).to_proto(),
            },
            min_self_delegation: match random.below(4) {
                0 => (random.number() % 5_000_000).to_string(),
                _ => String::new(),
            },
        };
        (paid().and(&msg), one.operator.clone())
    }

    fn unjail(&self, chain: &TestChain, random: &mut Random) -> Option<(Draft, Key)> {
        let view = chain.view();
        let (mut jailed, mut ready) = (Vec::new(), Vec::new());
        for one in &self.operators {
            let validator = staking::validator(&view, &one.address()).expect("views have no gas limit");
            let Some(validator) = validator.filter(|validator| validator.jailed) else { continue };
            jailed.push(one);
            if !validator.tombstoned && validator.jailed_until <= chain.last_time() {
                ready.push(one);
            }
        }
        let among = if ready.is_empty() || random.once_in(4) { &jailed } else { &ready };
        if among.is_empty() {
            return None;
        }
        let one = random.pick(among);
        let draft = Draft::new().fee(0).and(&MsgUnjail { validator_addr: one.address().operator() });
        Some((draft, one.operator.clone()))
    }

    fn bond(&mut self, chain: &TestChain, random: &mut Random) -> (Draft, Key) {
        let own = random
            .once_in(4)
            .then(|| self.operator(random))
            .filter(|one| self.known.contains(&one.address()));
        let (author, target) = if let Some(one) = own {
            (one.operator.clone(), one.address())
        } else {
            (self.wallet(random), self.target(random))
        };
        let amount = part(random, chain.balance(author.address()));
        self.bonds.push((author.clone(), target));
        let msg = MsgDelegate {
            delegator_address: author.address().to_string(),
            validator_address: target.operator(),
            amount: nils(amount),
        };
        (paid().and(&msg), author)
    }

    fn known_bond(&self, random: &mut Random) -> Option<(Key, Address)> {
        (!self.bonds.is_empty()).then(|| random.pick(&self.bonds).clone())
    }

    fn undelegate(&mut self, chain: &TestChain, random: &mut Random) -> Option<(Draft, Key)> {
        let (author, target) = self.known_bond(random)?;
        let amount = part(random, bond_value(chain, author.address(), target));
        self.unbonding.push((author.clone(), target, chain.chain().height() + 1));
        let msg = MsgUndelegate {
            delegator_address: author.address().to_string(),
            validator_address: target.operator(),
            amount: nils(amount),
        };
        Some((paid().and(&msg), author))
    }

    fn redelegate(&mut self, random: &mut Random) -> Option<(Draft, Key)> {
        let ((author, source), target) = (self.known_bond(random)?, self.target(random));
        self.bonds.push((author.clone(), target));
        let msg = MsgBeginRedelegate {
            delegator_address: author.address().to_string(),
            validator_src_address: source.operator(),
            validator_dst_address: target.operator(),
            amount: nils(1 + u128::from(random.number()) % (10 * JMES)),
        };
        Some((paid().and(&msg), author))
    }

    fn cancel(&self, random: &mut Random) -> Option<(Draft, Key)> {
        if self.unbonding.is_empty() {
            return None;
        }
        let latest = &self.unbonding[self.unbonding.len().saturating_sub(20)..];
        let (author, target, height) = random.pick(latest).clone();
        let msg = MsgCancelUnbondingDelegation {
            delegator_address: author.address().to_string(),
            validator_address: target.operator(),
            amount: nils(1 + u128::from(random.number()) % JMES),
            creation_height: height as i64,
        };
        Some((paid().and(&msg), author))
    }

    fn reward(&self, random: &mut Random) -> Option<(Draft, Key)> {
        let (author, target) = self.known_bond(random)?;
        let msg = MsgWithdrawDelegatorReward {
            delegator_address: author.address().to_string(),
            validator_address: target.operator(),
        };
        Some((paid().and(&msg), author))
    }

    fn commission(&self, random: &mut Random) -> (Draft, Key) {
        let one = self.known_operator(random).unwrap_or_else(|| self.operator(random));
        let msg = MsgWithdrawValidatorCommission { validator_address: one.address().operator() };
        let draft = if random.once_in(4) { paid() } else { Draft::new().fee(0) };
        (draft.and(&msg), one.operator.clone())
    }

    fn withdraw_address(&self, random: &mut Random) -> (Draft, Key) {
        let author = match random.below(2) {
            0 => self.wallet(random),
            _ => self.operator(random).operator.clone(),
        };
        let withdraw_address = match random.below(3) {
            0 => author.address(),
            _ => self.wallet(random).address(),
        };
        let msg = MsgSetWithdrawAddress {
            delegator_address: author.address().to_string(),
            withdraw_address: withdraw_address.to_string(),
        };
        (paid().and(&msg), author)
    }

    fn send(&self, chain: &TestChain, random: &mut Random) -> (Draft, Key) {
        let (author, to) = (self.wallet(random), self.wallet(random));
        let amount = part(random, chain.balance(author.address()));
        let draft = match random.below(4) {
            0 => paid().and_multi_send(
                author.address(),
                &[(to.address(), amount), (self.operator(random).address(), 30_000)],
            ),
            1 => paid().and_send(author.address(), self.premint[0].address(), &format!("{amount}ujmes")),
            _ => paid().and_send(author.address(), to.address(), &format!("{amount}ujmes")),
        };
        (draft, author)
    }

    /// Premint wallets sell what is unlocked, pay for others, and try to bond, which is refused.
    fn premint(&self, chain: &TestChain, random: &mut Random) -> Tx {
        let author = random.pick(&self.premint).clone();
        let other = self.wallet(random);
        let amount = part(random, chain.balance(author.address()));
        match random.below(5) {
            0 => {
                let msg = MsgDelegate {
                    delegator_address: author.address().to_string(),
                    validator_address: self.target(random).operator(),
                    amount: nils(amount),
                };
                (paid().and(&msg), vec![author])
            }
            1 => {
                let amount = part(random, chain.balance(other.address()));
                let to = self.wallet(random).address();
                let draft = paid().payer(author.address());
                let draft = draft.and_send(other.address(), to, &format!("{amount}ujmes"));
                (draft, vec![other, author])
            }
            _ => {
                let draft = paid().and_send(author.address(), other.address(), &format!("{amount}ujmes"));
                (draft, vec![author])
            }
        }
    }
}

/// A transaction that pays for as much gas as anything needs.
fn paid() -> Draft {
    Draft::new().gas(1_000_000).fee(2_500)
}

fn nils(amount: u128) -> Option<Coin> {
    Some(Coin { denom: "ujmes".into(), amount: amount.to_string() })
}

/// What the bond is worth, in Nils.
fn bond_value(chain: &TestChain, delegator: Address, operator: Address) -> u128 {
    let view = chain.view();
    let shares = staking::shares_of(&view, &delegator, &operator).expect("views have no gas limit");
    let validator = staking::validator(&view, &operator).expect("views have no gas limit");
    validator.map_or(0, |validator| validator.value_of(shares).expect("a value").0)
}

/// Some of `all`: all of it, one more, a few Nils, or any part.
fn part(random: &mut Random, all: u128) -> u128 {
    match random.below(12) {
        0 => all,
        1 => all + 1,
        2 | 3 => 1 + random.below(1_000) as u128,
        _ => (all * (1 + random.below(99) as u128) / 100).max(1),
    }
}
