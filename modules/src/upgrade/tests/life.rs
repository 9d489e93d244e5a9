//! What an accepted extreme of a parameter does to a chain (§1): blocks with changes of stake, a validator that goes offline and
//! comes back, a newcomer; then the value is taken back.

use super::super::check;
use super::bounds::all_parameters;
use super::*;
use crate::bank::Bank;
use crate::kernel::{Address, Amount, CommitVote, GasMeter, Msg};
use crate::seats;
use crate::staking::{self, consensus_address, consensus_key_to_proto, Commission, NewValidator};
use crate::test_support::{address, bank_genesis, ctx_over, Memory};
use crate::JMES;
use cosmos_sdk_proto::cosmos::base::v1beta1::Coin;
use cosmos_sdk_proto::cosmos::slashing::v1beta1::MsgUnjail;
use cosmos_sdk_proto::cosmos::staking::v1beta1::{
    CommissionRates, Description, MsgCreateValidator, MsgDelegate, MsgUndelegate,
};
use serde_json::Value;
use std::collections::BTreeMap;

const SECOND: u64 = 1_000_000_000;
const SLEEPER: u8 = 103;
const NEWCOMER: u8 = 109;

/// The engine's validators: keys and powers.
type Set = BTreeMap<[u8; 32], u64>;

/// The chain in memory, and the sets of the last block, the next and the one after.
struct Life {
    ctx: Ctx,
    sets: [Set; 3],
    sleeping: bool,
}

fn key(operator: u8) -> [u8; 32] {
    [operator; 32]
}

/// A devnet without an Initial Distribution Period and with four validators, in its block 12.
fn devnet() -> Life {
    let document: Value =
        serde_json::from_str(include_str!("../../../../genesis/devnet.json")).expect("it is JSON");
    let mut parts = document["app_state"].clone();
    parts["emission"]["params"]["idp_blocks"] = "0".into();
    let mut ctx = ctx();
    at(&mut ctx, 0);
    let mut params = engine();
    params.evidence.as_mut().unwrap().max_age_duration = Some(Duration { seconds: 60, nanos: 0 });
    consensus::start(&mut ctx, &params, block().time, 1).unwrap();
    let owners: Vec<(Address, &str)> =
        [1, 101, 102, SLEEPER, 104, NEWCOMER].map(|byte| (address(byte), "900000000ujmes")).into();
    for module in order::MODULES {
        match module.name() {
            "bank" => Bank.import(&mut ctx, &bank_genesis(&owners)).unwrap(),
            name => module.import(&mut ctx, &parts[name]).unwrap(),
        }
    }
    for byte in [101, 102, SLEEPER, 104] {
        let new = NewValidator {
            operator: address(byte),
            key: key(byte),
            description: Description { moniker: "one".into(), ..Description::default() },
            commission: Commission::default(),
            min_self_delegation: Amount::ZERO,
            possession: true,
            work: [0; 32],
        };
        staking::create(&mut ctx, new).unwrap();
        delegate(byte, byte, 50 * JMES).execute(&mut ctx).unwrap();
        seats::seat_at_genesis(&mut ctx, &address(byte)).unwrap();
    }
    let set: Set =
        seats::finish_genesis(&mut ctx).unwrap().into_iter().map(|one| (one.key, one.power)).collect();
    ctx.take_validator_updates();
    let mut life = Life { ctx, sets: [set.clone(), set.clone(), set], sleeping: false };
    life.blocks(12);
    life
}

fn coin(nils: u128) -> Option<Coin> {
    Some(Coin { denom: "ujmes".into(), amount: nils.to_string() })
}

fn delegate(owner: u8, operator: u8, nils: u128) -> MsgDelegate {
    MsgDelegate {
        delegator_address: address(owner).to_string(),
        validator_address: address(operator).operator(),
        amount: coin(nils),
    }
}

fn create(operator: u8) -> MsgCreateValidator {
    MsgCreateValidator {
        description: Some(Description { moniker: "new".into(), ..Description::default() }),
        commission: Some(CommissionRates {
            rate: "100000000000000000".into(),
            max_rate: "200000000000000000".into(),
            max_change_rate: "10000000000000000".into(),
        }),
        min_self_delegation: "1".into(),
        validator_address: address(operator).operator(),
        pubkey: Some(consensus_key_to_proto(&key(operator))),
        value: coin(60 * JMES),
        ..MsgCreateValidator::default()
    }
}

impl Life {
    /// The same chain once more.
    fn fork(&self) -> Self {
        let state = self.ctx.overlay().scan(&[], &[0xff], false, usize::MAX);
        let mut ctx = ctx_over(Memory(state.into_iter().collect()), GasMeter::unlimited());
        ctx.set_block(Arc::new(self.ctx.block().clone()));
        Self { ctx, sets: self.sets.clone(), sleeping: self.sleeping }
    }

    fn block(&mut self, transactions: impl FnOnce(&mut Ctx)) {
        let last = self.ctx.block().clone();
        let sleeping = self.sleeping;
        let vote = |(key, power): (&[u8; 32], &u64)| CommitVote {
            address: consensus_address(key),
            power: *power,
            signed: !(sleeping && *key == self::key(SLEEPER)),
        };
        let commit = if last.height == 0 { Vec::new() } else { self.sets[0].iter().map(vote).collect() };
        let (height, time) = (last.height + 1, last.time + SECOND);
        let proposer = consensus_address(self.sets[1].keys().next().unwrap());
        self.ctx.set_block(Arc::new(Block { height, time, proposer, commit, ..last }));
        order::BEGIN_BLOCK.iter().for_each(|step| step(&mut self.ctx).unwrap());
        transactions(&mut self.ctx);
        order::END_BLOCK.iter().for_each(|step| step(&mut self.ctx).unwrap());
        let mut next = self.sets[2].clone();
        for update in self.ctx.take_validator_updates() {
            match update.power {
                0 => drop(next.remove(&update.key).expect("it was in the set")),
                power => drop(next.insert(update.key, power)),
            }
        }
        assert!(!next.is_empty() && next.values().sum::<u64>() < 1 << 60);
        self.sets.rotate_left(1);
        self.sets[2] = next;
        self.ctx.take_events();
        self.ctx.seal();
    }

    fn blocks(&mut self, count: u64) {
        (0..count).for_each(|_| self.block(|_| ()));
    }

    /// A message whose writes go when it fails.
    fn try_to<M: Msg>(ctx: &mut Ctx, msg: &M) -> Result<()> {
        let start = ctx.checkpoint();
        let done = msg.execute(ctx).map(|_| ());
        if done.is_err() {
            ctx.revert(start);
        }
        done
    }

    /// 50 blocks in which something happens.
    fn live(&mut self) {
        self.sleeping = true;
        for number in 0..50 {
            self.sleeping &= number < 40;
            self.block(|ctx| match number {
                3 => assert_eq!(Self::try_to(ctx, &delegate(1, 101, 5 * JMES)), Ok(())),
                6 => drop(Self::try_to(ctx, &create(NEWCOMER))),
                9 => {
                    let undelegate = MsgUndelegate {
                        delegator_address: address(1).to_string(),
                        validator_address: address(101).operator(),
                        amount: coin(JMES),
                    };
                    assert_eq!(Self::try_to(ctx, &undelegate), Ok(()));
                }
                40 | 48 => {
                    let unjail = MsgUnjail { validator_addr: address(SLEEPER).operator() };
                    drop(Self::try_to(ctx, &unjail));
                }
                _ => {}
            });
        }
        for module in order::MODULES {
            assert_eq!(module.check_invariants(&self.ctx), Ok(()), "{}", module.name());
        }
    }

    fn conclude(&mut self, actions: &[Action]) -> Result<()> {
        let mut done = Ok(());
        self.block(|ctx| done = conclude(ctx, actions));
        done
    }
}

/// In what a parameter counts, and how that is written as JSON.
#[derive(Clone, Copy)]
enum Unit {
    Number,
    Text,
    Nanosecond,
    Decimal,
    /// The upper half of 256 bits; the lower half is all ones.
    Hexadecimal,
}

impl Unit {
    /// The unit of a value, and the value in it; `None` for what is only switched.
    fn of(value: &Value) -> Option<(Self, u128)> {
        const BILLION: u128 = 1_000_000_000;
        match value {
            Value::Number(number) => Some((Self::Number, number.as_u64().unwrap().into())),
            Value::String(text) if text.len() == 64 => {
                Some((Self::Hexadecimal, u128::from_str_radix(&text[..32], 16).unwrap()))
            }
            Value::String(text) => match (text.strip_suffix('s'), text.split_once('.')) {
                (Some(seconds), _) => {
                    let (whole, part) = seconds.split_once('.').unwrap_or((seconds, ""));
                    let part: u128 = format!("{part:0<9}").parse().ok()?;
                    Some((Self::Nanosecond, whole.parse::<u128>().ok()? * BILLION + part))
                }
                (None, Some((whole, part))) => {
                    let units = whole.parse::<u128>().ok()? * BILLION * BILLION;
                    Some((Self::Decimal, units + part.parse::<u128>().ok()?))
                }
                (None, None) => Some((Self::Text, text.parse().ok()?)),
            },
            _ => None,
        }
    }

    fn json(self, units: u128) -> String {
        const BILLION: u128 = 1_000_000_000;
        const DECIMAL: u128 = BILLION * BILLION;
        match self {
            Self::Number => units.to_string(),
            Self::Text => format!("\"{units}\""),
            Self::Nanosecond => format!("\"{}.{:09}s\"", units / BILLION, units % BILLION),
            Self::Decimal => format!("\"{}.{:018}\"", units / DECIMAL, units % DECIMAL),
            Self::Hexadecimal => format!("\"{units:032x}{:f<32}\"", ""),
        }
    }
}

/// The last that is accepted on the way from `inside`, which is accepted, to `outside`.
fn border(accepts: &impl Fn(u128) -> bool, inside: u128, outside: u128) -> u128 {
    if accepts(outside) {
        return outside;
    }
    let (mut good, mut bad) = (inside, outside);
    while good.abs_diff(bad) > 1 {
        let middle = good.midpoint(bad);
        match accepts(middle) {
            true => good = middle,
            false => bad = middle,
        }
    }
    good
}

/// The least and the greatest value that is accepted; none of a parameter that never changes.
fn ends(present: &Value, accepts: impl Fn(&str) -> bool) -> Vec<String> {
    let Some((unit, now)) = Unit::of(present) else {
        return [Value::Bool(false), Value::Bool(true)]
            .map(|value| value.to_string())
            .into_iter()
            .filter(|value| accepts(value))
            .collect();
    };
    let accepts = &|units: u128| accepts(&unit.json(units));
    if !accepts(now) {
        return Vec::new();
    }
    let mut ends = vec![border(accepts, now, 0), border(accepts, now, u128::MAX)];
    ends.dedup();
    ends.into_iter().map(|units| unit.json(units)).collect()
}

/// Parameters with one value that is accepted: coins unbond as long as at genesis, and not longer than evidence is accepted.
const HELD: [&str; 1] = ["staking.unbonding_time"];

#[test]
fn a_chain_goes_on_with_every_accepted_extreme_and_can_take_it_back() {
    let start = devnet();
    let mut probe = start.fork();
    let next = probe.ctx.block().height + 1;
    at(&mut probe.ctx, next);
    let probe = std::cell::RefCell::new(probe.ctx);
    for (module, path, present) in all_parameters(&start.ctx) {
        let accepts = |value: &str| check(&mut probe.borrow_mut(), &[change(module, &path, value)]).is_ok();
        let found = ends(&present, accepts);
        let fixed = order::MODULES.iter().find(|one| one.name() == module).unwrap().immutable_params();
        let name = format!("{module}.{path}");
        let expected = match fixed.iter().any(|one| path == *one || path.starts_with(&format!("{one}."))) {
            true => 0,
            false if HELD.contains(&name.as_str()) => 1,
            false => 2,
        };
        assert_eq!(found.len(), expected, "{name}: {found:?}");
        for value in found {
            println!("{name} = {value}");
            let mut life = start.fork();
            life.conclude(&[change(module, &path, &value)]).unwrap();
            life.live();
            life.conclude(&[change(module, &path, &present.to_string())]).unwrap();
            assert_eq!(parameter(&life.ctx, module, &path), present.to_string());
            life.blocks(5);
        }
    }
}
