//! Improvements that set parameters to their extremes (§1): each is refused, or leaves a chain that goes on and can take it back.

use cosmos_sdk_proto::cosmos::base::v1beta1::Coin;
use cosmos_sdk_proto::cosmos::slashing::v1beta1::MsgUnjail;
use cosmos_sdk_proto::cosmos::staking::v1beta1::{MsgDelegate, MsgUndelegate};
use jmes_modules::kernel::message_from_json;
use jmes_modules::order;
use jmes_proto::jmes::upgrade::v1::Action;
use jmes_tests::{Draft, Genesis, Key, TestChain, Validator};
use jmesd::node::genesis::Network;
use serde_json::{json, Value};

const JMES: u128 = 1_000_000;
/// Gas that is enough at ten times the usual prices.
const GAS: u64 = 20_000_000;

/// A devnet after its Initial Distribution Period.
fn chain() -> TestChain {
    let validators = (0..4).map(|number| Validator::new(number).bonded(50 * JMES)).collect();
    let genesis = Genesis::template(Network::Devnet)
        .validators(validators)
        .with(Key::new(1).address(), "100000000000ujmes")
        .with(Validator::new(9).address(), "100000000ujmes");
    let mut chain = TestChain::new(&genesis);
    chain.block_time = 1_000_000_000;
    chain.blocks(45);
    chain
}

fn change(module: &str, parameter: &str, value: &str) -> [Action; 1] {
    let change = json!({"change_parameter": {"module": module, "parameter": parameter, "value": value}});
    [message_from_json(&change).unwrap()]
}

fn leaves(value: &Value, path: &str, found: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                leaves(value, &path, found);
            }
        }
        Value::Null => {}
        leaf => found.push((path.into(), leaf.clone())),
    }
}

/// Both ends of what the parameter's form can hold, as JSON; and steps towards them, some of which are within the bounds.
fn extremes(value: &Value) -> Vec<String> {
    let texts = |texts: &[&str]| texts.iter().map(|text| format!("\"{text}\"")).collect();
    let powers = || (0..39).map(|power| 10_u128.pow(power).to_string());
    match value {
        Value::Bool(value) => vec![(!value).to_string()],
        Value::Number(_) => powers().take(10).chain(["0".into(), "4294967295".into()]).collect(),
        Value::Array(_) => vec!["[]".into()],
        Value::String(text) if text.ends_with('s') => {
            let mut all: Vec<String> = powers().take(9).map(|seconds| format!("\"{seconds}s\"")).collect();
            all.extend(texts(&["0s", "0.000000001s", "315576000000s"]));
            all
        }
        Value::String(text) if text.len() == 64 => texts(&[&"0".repeat(64), &"f".repeat(64)]),
        Value::String(text) if text.contains('.') => texts(&[
            "0.000000000000000000",
            "0.100000000000000000",
            "0.900000000000000000",
            "1.000000000000000000",
        ]),
        _ => powers()
            .map(|number| format!("\"{number}\""))
            .chain(texts(&[
                "0",
                "9223372036854775807",
                "18446744073709551615",
                "340282366920938463463374607431768211455",
            ]))
            .collect(),
    }
}

/// The least and the most of those that are accepted, as improvements of `chain`.
fn accepted(chain: &TestChain, module: &str, path: &str, present: &Value) -> Vec<(String, TestChain)> {
    let state = chain.export();
    let fits = |value: &String| state.clone().improved(&change(module, path, value)).is_ok();
    let mut good: Vec<String> = extremes(present).into_iter().filter(fits).collect();
    let number =
        |text: &String| text.trim_matches(|c: char| !c.is_ascii_digit()).parse::<f64>().unwrap_or(0.0);
    good.sort_by(|left, right| number(left).total_cmp(&number(right)));
    good.dedup();
    let last = good.len().saturating_sub(1);
    let ends = good.into_iter().enumerate().filter(|(at, _)| *at == 0 || *at == last);
    ends.map(|(_, value)| (value.clone(), chain.improved(&change(module, path, &value)).unwrap())).collect()
}

/// 50 blocks with transfers, changes of stake, a validator that is offline and comes back, and a new one.
fn live(chain: &mut TestChain) {
    let (wallet, newcomer, sleeper) = (Key::new(1), Validator::new(9).bonded(60 * JMES), Validator::new(3));
    let coin = |amount: u128| Some(Coin { denom: "ujmes".into(), amount: amount.to_string() });
    let delegate = |amount: u128| MsgDelegate {
        delegator_address: wallet.address().to_string(),
        validator_address: Validator::new(0).address().operator(),
        amount: coin(amount),
    };
    let undelegate = MsgUndelegate {
        delegator_address: wallet.address().to_string(),
        validator_address: Validator::new(0).address().operator(),
        amount: coin(JMES),
    };
    let unjail = MsgUnjail { validator_addr: sleeper.address().operator() };
    let usual = || Draft::new().gas(GAS).fee(50_000);
    chain.absent.insert(sleeper.consensus_address());
    for number in 0..50 {
        let txs = match number {
            2 => {
                vec![chain.sign(&usual().and_send(wallet.address(), newcomer.address(), "1ujmes"), &[&wallet])]
            }
            3 => vec![chain.sign(&usual().and(&delegate(5 * JMES)), &[&wallet])],
            6 => vec![chain.sign(&usual().and(&newcomer.create()), &[&newcomer.operator])],
            9 => vec![chain.sign(&usual().and(&undelegate), &[&wallet])],
            40 | 48 => {
                chain.absent.clear();
                vec![chain.sign(&usual().and(&unjail), &[&sleeper.operator])]
            }
            _ => Vec::new(),
        };
        let outcomes = chain.block(&txs);
        if number == 3 {
            assert_eq!(outcomes[0].error, None, "bonding works whatever the parameters are");
        }
        assert!(!chain.next_validators().is_empty());
    }
    chain.absent.clear();
    chain.chain().check_invariants().unwrap();
    assert_eq!(chain.continued().next_validators(), chain.next_validators());
}

#[test]
fn an_accepted_extreme_leaves_a_chain_that_goes_on_and_can_take_it_back() {
    let start = chain();
    let view = start.view();
    let mut lives = Vec::new();
    for module in order::MODULES {
        let mut parameters = Vec::new();
        leaves(&module.params(&view).unwrap(), "", &mut parameters);
        for (path, present) in parameters {
            for (value, mut chain) in accepted(&start, module.name(), &path, &present) {
                lives.push(format!("{}.{path} = {value}", module.name()));
                println!("{}", lives.last().unwrap());
                live(&mut chain);
                let back = chain.improved(&change(module.name(), &path, &present.to_string()));
                let mut back = back.unwrap_or_else(|error| panic!("{:?}: {error}", lives.last()));
                back.blocks(3);
                live_shortly(&mut back);
            }
        }
    }
    assert!(lives.len() > 60, "{} accepted: {lives:#?}", lives.len());
}

/// After the old value is back, the old behaviour is, too.
fn live_shortly(chain: &mut TestChain) {
    let (wallet, other) = (Key::new(1), Key::new(2));
    let send = Draft::send(wallet.address(), other.address(), "1ujmes");
    let tx = chain.sign(&send, &[&wallet]);
    assert_eq!(chain.deliver(&tx).error, None);
}
