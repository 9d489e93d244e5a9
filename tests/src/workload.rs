//! Transactions of many kinds from a seed: most of them right, some of them wrong in every way. Names, bonds, DAOs and votes
//! are among them; which of those can be done depends on the chain.

mod business;

use crate::{Draft, Group, Key, Random, Signer, TestChain};
use jmes_modules::kernel::Address;
use std::collections::BTreeMap;

/// How many single keys there are.
const KEYS: u64 = 8;

/// An endless source of transactions between a few wallets.
pub struct Workload {
    random: Random,
    keys: Vec<Key>,
    group: Group,
    /// Wallets that receive and never send.
    strangers: u64,
    made: Vec<Vec<u8>>,
}

/// What is known of an account while a batch is made.
#[derive(Clone, Copy)]
struct Seat {
    number: u64,
    sequence: u64,
}

impl Workload {
    /// The transactions of `seed`.
    pub fn new(seed: u64) -> Self {
        let keys = (0..KEYS).map(Key::new).collect();
        let group = Group::new(2, &[KEYS, KEYS + 1, KEYS + 2]);
        Self { random: Random::new(seed), keys, group, strangers: 0, made: Vec::new() }
    }

    /// The wallets that need coins at genesis.
    pub fn owners(&self) -> Vec<Address> {
        self.keys.iter().map(Key::address).chain([self.group.address()]).collect()
    }

    /// Transactions for the next block of `chain`, in an order in which most of them can follow one another.
    pub fn txs(&mut self, chain: &TestChain, count: usize) -> Vec<Vec<u8>> {
        let seat = |address: Address| {
            let account = chain.account(address);
            (address, Seat { number: account.number, sequence: account.sequence })
        };
        let mut seats: BTreeMap<Address, Seat> = self.owners().into_iter().map(seat).collect();
        (0..count).map(|_| self.tx(chain.id(), &mut seats)).collect()
    }

    fn tx(&mut self, chain_id: &str, seats: &mut BTreeMap<Address, Seat>) -> Vec<u8> {
        if !self.made.is_empty() && self.random.once_in(12) {
            return self.old_or_broken();
        }
        let author = self.random.below(self.keys.len() + 1);
        let from = self.keys.get(author).map_or_else(|| self.group.address(), Key::address);
        let mut draft = self.messages(from);
        let mut authors = vec![author];
        if self.random.once_in(6) {
            let other = (author + 1) % self.keys.len();
            draft = if self.random.once_in(2) {
                draft.payer(self.keys[other].address())
            } else {
                draft.and_send(self.keys[other].address(), from, "3ujmes")
            };
            authors.push(other);
        }
        let wrong = self.random.below(40);
        let chain_id = if wrong == 0 { "another-chain" } else { chain_id };
        draft = match wrong {
            1 => draft.gas(self.random.number() % 60_000),
            2 => draft.fee(u128::MAX >> 64),
            3 => draft.timeout(1),
            4 => draft.memo(&"m".repeat(300)),
            5 => draft.fee(0),
            6 => draft.gas(1 << 60),
            _ => draft,
        };
        let signers: Vec<Signer> = authors.iter().map(|author| self.signer(*author, seats)).collect();
        let tx = draft.sign(chain_id, &signers);
        if !matches!(wrong, 0 | 2..=4 | 6) {
            for signer in &signers {
                if let Some(seat) = seats.get_mut(&signer.address()) {
                    seat.sequence += 1;
                }
            }
        }
        self.made.push(tx.clone());
        tx
    }

    /// A transaction of before, whole or changed.
    fn old_or_broken(&mut self) -> Vec<u8> {
        let tx = self.random.pick(&self.made).clone();
        if self.random.once_in(3) {
            return tx;
        }
        let other = self.random.pick(&self.made).clone();
        self.random.mutate(&tx, &other)
    }

    fn messages(&mut self, from: Address) -> Draft {
        if self.random.once_in(3) {
            return business::message(&mut self.random, &self.keys, from);
        }
        let amount = 1 + self.random.number() % 20_000;
        let to = self.receiver();
        match self.random.below(10) {
            0 => Draft::new().and_multi_send(from, &[(to, 7), (self.receiver(), u128::from(amount))]),
            // The second message fails, so the first is taken back.
            1 => Draft::send(from, to, "9ujmes").and_send(from, to, "5000000000000000ujmes"),
            2 => Draft::send(from, to, "1bujmes"),
            3 => Draft::send(from, from, &format!("{amount}ujmes")),
            4 => Draft::send(from, to, "2atom")
                .and_send(from, self.receiver(), "1ujmes")
                .memo("<two> & \"more\""),
            _ => Draft::send(from, to, &format!("{amount}ujmes")),
        }
    }

    fn receiver(&mut self) -> Address {
        if self.random.once_in(5) {
            self.strangers += 1;
            return Key::new(1_000 + self.strangers).address();
        }
        self.random.pick(&self.keys).address()
    }

    fn signer(&mut self, author: usize, seats: &BTreeMap<Address, Seat>) -> Signer {
        let off = if self.random.once_in(25) { self.random.number() % 3 } else { 0 };
        let Some(key) = self.keys.get(author) else {
            let seat = seats[&self.group.address()];
            let choices: [&[usize]; 4] = [&[0, 1], &[0, 2], &[1, 2], &[0, 1, 2]];
            let signing = self.random.pick(&choices);
            return Signer::group(&self.group, signing, seat.number, seat.sequence + off);
        };
        let seat = seats[&key.address()];
        let signer = Signer::key(key, seat.number, seat.sequence + off);
        if self.random.once_in(2) {
            signer.amino()
        } else {
            signer
        }
    }
}
