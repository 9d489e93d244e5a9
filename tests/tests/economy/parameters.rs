//! Every parameter at 0 and at its maximum: genesis refuses it by name, or the chain that it makes goes on.

use super::{short, with, JMES};
use jmes_modules::kernel::message_to_json;
use jmes_tests::{Draft, Genesis, Signer, TestChain, Validator};
use serde_json::{json, Value};

/// A chain on which something happens: validators with and without bonds, a period that ends after 12 blocks.
fn busy() -> Genesis {
    let validators = vec![Validator::new(0), Validator::new(1).bonded(50 * JMES), Validator::new(2)];
    short(Genesis::new().validators(validators), 12)
}

/// Where each module's parameters stand.
fn places() -> Vec<(&'static str, Value)> {
    let json = |text: &str| busy().app_state[text.split('/').next().unwrap()]["params"].clone();
    vec![
        ("seats/params", json("seats/params")),
        ("staking/params", json("staking/params")),
        ("slashing/params", json("slashing/params")),
        ("emission/params", json("emission/params")),
        ("rewards/params", message_to_json(&rewards()).unwrap()),
    ]
}

#[allow(deprecated, reason = "the message still carries the fields that the SDK has retired")]
fn rewards() -> cosmos_sdk_proto::cosmos::distribution::v1beta1::Params {
    cosmos_sdk_proto::cosmos::distribution::v1beta1::Params {
        community_tax: "0".into(),
        base_proposer_reward: "0".into(),
        bonus_proposer_reward: "0".into(),
        withdraw_addr_enabled: true,
    }
}

/// Values at both ends of what the field's form can hold, and a negative one.
fn extremes(value: &Value) -> Vec<Value> {
    match value {
        Value::Bool(value) => vec![json!(!value)],
        Value::Number(_) => vec![json!(0), json!(u32::MAX)],
        Value::String(text) if text.ends_with('s') => {
            vec![json!("0s"), json!("-1s"), json!("0.000000001s"), json!("315576000000s")]
        }
        Value::String(text) if text.contains('.') => {
            ["0.000000000000000000", "1.000000000000000000", "340282366920938463463.374607431768211455", "-1"]
                .map(|text| json!(text))
                .to_vec()
        }
        Value::String(text) if text.len() == 64 => vec![json!("0".repeat(64)), json!("")],
        Value::String(_) => {
            let most = [i64::MAX.to_string(), u64::MAX.to_string(), u128::MAX.to_string()];
            most.into_iter().chain(["0".into(), "-1".into(), String::new()]).map(|text| json!(text)).collect()
        }
        other => panic!("a parameter of another kind: {other}"),
    }
}

/// Blocks with a newcomer, one that is offline, and the period's end among them.
fn goes_on(genesis: &Genesis) {
    let mut chain = TestChain::new(genesis);
    chain.block(&[]);
    let newcomer = Validator::new(9);
    let join = Draft::new().fee(0).and(&newcomer.join(chain.id(), 1));
    chain.deliver(&join.sign(chain.id(), &[Signer::key(&newcomer.operator, 0, 0)]));
    chain.absent.insert(Validator::new(2).consensus_address());
    chain.blocks(40);
    chain.chain().check_invariants().unwrap();
    let (supply, unredeemed, _) = chain.totals();
    assert!(supply + unredeemed <= 100_000_000 * JMES + chain.issued());
    assert_eq!(chain.continued().next_validators(), chain.next_validators());
}

#[test]
fn every_parameter_at_its_ends_is_refused_by_name_or_makes_a_chain_that_goes_on() {
    let chain = TestChain::new(&Genesis::new());
    let (mut refused, mut accepted, mut unnamed) = (0, 0, Vec::new());
    for (place, params) in places() {
        for (name, value) in params.as_object().unwrap() {
            for extreme in extremes(value) {
                let genesis = busy().set(&format!("{place}/{name}"), extreme.clone());
                let genesis = if place == "rewards/params" {
                    genesis.set(place, with(&rewards(), &[(name, extreme.clone())]))
                } else {
                    genesis
                };
                match chain.chain().init_chain(&genesis.origin(), &genesis.document()) {
                    Ok(_) => {
                        accepted += 1;
                        println!("{place}/{name} = {extreme} makes a chain");
                        goes_on(&genesis);
                    }
                    Err(error) => {
                        refused += 1;
                        // Of 100% it is the commission of genesis' validators that is refused.
                        let says = |word: &str| error.message.contains(word);
                        let bounds_others = name == "min_commission_rate" && says("less than min rate");
                        if !says(name) && !bounds_others {
                            unnamed.push(format!("{place}/{name} = {extreme}: {error:?}"));
                        }
                    }
                }
            }
        }
    }
    assert!(unnamed.is_empty(), "refused without their names: {unnamed:#?}");
    assert!(refused > 50 && accepted > 20, "{refused} refused, {accepted} accepted");
}
