//! Messages with every field wrong: each refusal has a code and a text of its own, costs the fee and nothing else.

use cosmos_sdk_proto::cosmos::base::v1beta1::Coin;
use cosmos_sdk_proto::cosmos::staking::v1beta1::{CommissionRates, Description};
use jmes_modules::kernel::codes;
use jmes_modules::staking;
use jmes_tests::{Draft, Key, TestChain, Validator};
use prost::{Message, Name};
use std::fmt::Write;

/// The fee of each attempt, in Nils.
const FEE: u128 = 2_500;

/// Wrong messages of one type, each with what is wrong.
pub struct Wrong<M> {
    right: M,
    cases: Vec<(String, M)>,
}

impl<M: Message + Name + Clone> Wrong<M> {
    /// Wrong messages that differ from the `right` one.
    pub const fn of(right: M) -> Self {
        Self { right, cases: Vec::new() }
    }

    /// One more, with what is wrong.
    pub fn case(mut self, what: &str, change: impl FnOnce(&mut M)) -> Self {
        let mut msg = self.right.clone();
        change(&mut msg);
        self.cases.push((what.into(), msg));
        self
    }

    /// Every way in which the text of an address can be wrong.
    pub fn address(mut self, field: &str, place: impl Fn(&mut M) -> &mut String) -> Self {
        let right = place(&mut self.right.clone()).clone();
        let mut torn = right.clone();
        torn.pop();
        let flipped = if right.ends_with('q') { "p" } else { "q" };
        let other = if right.starts_with("jmesvaloper") {
            Key::new(0).address().to_string()
        } else {
            Key::new(0).address().operator()
        };
        let texts = [
            ("empty", String::new()),
            ("no bech32", "alice".into()),
            ("wrong checksum", torn + flipped),
            ("another prefix", other),
            ("of another chain", "cosmos1qqqsyqcyq5rqwzqfpg9scrgwpugpzysnrujsuw".into()),
            ("too long", "jmes1".to_owned() + &"q".repeat(3_000)),
        ];
        for (what, text) in texts {
            self = self.case(&format!("{field}: {what}"), |msg| *place(msg) = text);
        }
        self
    }

    /// Every way in which a coin can be wrong.
    pub fn coin(mut self, field: &str, place: impl Fn(&mut M) -> &mut Option<Coin>) -> Self {
        let coin = |amount: &str, denom: &str| Some(Coin { amount: amount.into(), denom: denom.into() });
        let most = u128::MAX.to_string();
        let coins = [
            ("none", None),
            ("no amount", coin("", "ujmes")),
            ("nothing", coin("0", "ujmes")),
            ("negative", coin("-5", "ujmes")),
            ("a fraction", coin("1.5", "ujmes")),
            ("no number", coin("many", "ujmes")),
            ("leading zeros", coin("007", "ujmes")),
            ("2^128", coin("340282366920938463463374607431768211456", "ujmes")),
            ("2^128 - 1", coin(&most, "ujmes")),
            ("the bonded view", coin("5000000", "bujmes")),
            ("another denomination", coin("5000000", "atom")),
            ("no denomination", coin("5000000", "")),
            ("no such denomination", coin("5000000", "u!")),
        ];
        for (what, coin) in coins {
            self = self.case(&format!("{field}: {what}"), |msg| *place(msg) = coin);
        }
        self
    }

    /// Every way in which texts and rates of a validator can be wrong.
    pub fn description(mut self, place: impl Fn(&mut M) -> &mut Option<Description>) -> Self {
        self = self.case("description: none", |msg| *place(msg) = None);
        type Field = fn(&mut Description) -> &mut String;
        let fields: [(&str, usize, Field); 5] = [
            ("moniker", 70, |it| &mut it.moniker),
            ("identity", 3_000, |it| &mut it.identity),
            ("website", 140, |it| &mut it.website),
            ("security contact", 140, |it| &mut it.security_contact),
            ("details", 280, |it| &mut it.details),
        ];
        for (name, most, field) in fields {
            self = self.case(&format!("{name}: too long"), |msg| {
                let description = place(msg).get_or_insert_default();
                *field(description) = "x".repeat(most + 1);
            });
        }
        self
    }

    pub fn commission(mut self, place: impl Fn(&mut M) -> &mut Option<CommissionRates>) -> Self {
        self = self.case("commission: none", |msg| *place(msg) = None);
        let one = "1000000000000000000";
        let rates = [
            ("rate above its maximum", one, "1", "0"),
            ("maximum above 1", "0", "1000000000000000001", "0"),
            ("change above the maximum", "0", "5", "6"),
            ("negative", "-1", one, "0"),
            ("no number", "0", "lots", "0"),
            ("2^128", "0", one, "340282366920938463463374607431768211456"),
        ];
        for (what, rate, max_rate, max_change_rate) in rates {
            let [rate, max_rate, max_change_rate] = [rate, max_rate, max_change_rate].map(Into::into);
            self = self.case(&format!("commission: {what}"), |msg| {
                *place(msg) = Some(CommissionRates { rate, max_rate, max_change_rate });
            });
        }
        self
    }

    pub fn key(self, place: impl Fn(&mut M) -> &mut Option<jmes_proto::Any>) -> Self {
        let secp = Key::new(5).public().to_any();
        self.case("pubkey: none", |msg| *place(msg) = None)
            .case("pubkey: of another type", |msg| *place(msg) = Some(secp))
            .case("pubkey: 31 bytes", |msg| {
                let key = cosmos_sdk_proto::cosmos::crypto::ed25519::PubKey { key: vec![1; 31] };
                place(msg).as_mut().unwrap().value = key.encode_to_vec();
            })
            .case("pubkey: no message", |msg| place(msg).as_mut().unwrap().value = vec![0xff; 5])
            .case("pubkey: of the validator that is there", |msg| {
                *place(msg) = Some(Validator::new(0).pubkey())
            })
    }

    /// Delivers every case, signed by `author`, and writes how it was refused.
    pub fn deliver(self, chain: &TestChain, author: &Key, report: &mut String) {
        let name = M::full_name();
        for (what, msg) in self.cases {
            let draft = Draft::new().gas(1_000_000).fee(FEE).and(&msg);
            let before = books(chain, author);
            let outcome = chain.deliver(&chain.sign(&draft, &[author]));
            let error = outcome.error.unwrap_or_else(|| panic!("{name}: {what} is done"));
            let broken = (error.codespace, error.code) == ("sdk", codes::LOGIC);
            assert!(error.code > 1 && !broken, "{name}: {what}: {error:?}");
            let text: String = error.message.chars().take(300).collect();
            assert_eq!(text, error.message, "{name}: {what}: the text is too long");
            assert!(text.len() > 10, "{name}: {what}: {text}");
            writeln!(report, "{name}: {what}: {}/{}: {text}", error.codespace, error.code).unwrap();
            let (charged, after) = (before.0.saturating_sub(FEE), books(chain, author));
            assert!(
                after.0 == before.0 || after.0 == charged,
                "{name}: {what}: the wallet had {before:?}, has {after:?}"
            );
            assert_eq!(after.1, before.1, "{name}: {what}");
        }
        chain.chain().check_invariants().unwrap();
    }
}

/// The liquid coins of `owner`; its bonds and what is unbonding.
fn books(chain: &TestChain, owner: &Key) -> (u128, (u128, u128, u128)) {
    let (view, address) = (chain.view(), owner.address());
    let bonded = staking::bonded(&view, &address).unwrap().0;
    let unbonding = staking::unbonding(&view, &address).unwrap().0;
    (chain.balance(address), (bonded, unbonding, staking::total_bonded(&view).unwrap().0))
}
