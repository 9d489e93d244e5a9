//! Every parameter at 0 and at its maximum: genesis refuses it by name, or the chain that it makes goes on.

use super::attacks::evidence;
use super::{short, JMES};
use jmes_modules::{order, seats};
use jmes_tests::{Draft, Genesis, Signer, TestChain, Validator};
use serde_json::{json, Value};

/// A chain on which something happens: validators with and without bonds, fewer seats than want one, a period that ends after
/// 20 blocks.
fn busy() -> Genesis {
    let validators = vec![Validator::new(0), Validator::new(1).bonded(50 * JMES), Validator::new(2)];
    let genesis = short(Genesis::new().validators(validators), 20);
    genesis.set("seats/params/seats", json!(4)).set("slashing/params/signed_blocks_window", json!("10"))
}

/// That chain's genesis with every parameter of every module written out, and where they stand with their values.
fn written_out() -> (Genesis, Vec<(String, Value)>) {
    let chain = TestChain::new(&busy());
    chain.block(&[]);
    let exported = chain.export().app_state;
    let (mut genesis, mut all) = (busy(), Vec::new());
    for module in order::MODULES.iter().filter(|module| module.name() != "consensus") {
        let place = format!("{}/params", module.name());
        let params = &exported[module.name()]["params"];
        let has = module.params(&chain.view()).unwrap().as_object().is_some_and(|fields| !fields.is_empty());
        assert_eq!(params.is_object(), has, "{place}");
        if has {
            leaves(&place, params, &mut all);
            genesis = genesis.set(&place, params.clone());
        }
    }
    let gas = &exported["auth"]["gas"];
    leaves("auth/gas", gas, &mut all);
    (genesis.set("auth/gas", gas.clone()), all)
}

/// The values within `value` that have no fields of their own.
fn leaves(place: &str, value: &Value, all: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(name, field)| leaves(&format!("{place}/{name}"), field, all));
        }
        leaf => all.push((place.to_owned(), leaf.clone())),
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
        // A list that the SDK has retired, and that can't be set.
        Value::Array(list) if list.is_empty() => Vec::new(),
        other => panic!("a parameter of another kind: {other}"),
    }
}

/// Blocks with newcomers, of whom one waits; a seat falls vacant in the period and is drawn for, one validator is offline, and
/// the period ends.
fn goes_on(genesis: &Genesis) -> TestChain {
    let mut chain = TestChain::new(genesis);
    chain.block(&[]);
    for newcomer in [Validator::new(9), Validator::new(10)] {
        let join = Draft::new().fee(0).and(&newcomer.join(chain.id(), 1));
        chain.deliver(&join.sign(chain.id(), &[Signer::key(&newcomer.operator, 0, 0)]));
    }
    chain.absent.insert(Validator::new(2).consensus_address());
    chain.blocks(3);
    chain.misbehavior = vec![evidence(&chain, &Validator::new(1), 3)];
    chain.blocks(1);
    chain.misbehavior.clear();
    chain.blocks(28);
    chain.chain().check_invariants().unwrap();
    let (supply, unredeemed, _) = chain.totals();
    assert!(supply + unredeemed <= 100_000_000 * JMES + chain.issued());
    assert_eq!(chain.continued().next_validators(), chain.next_validators());
    chain
}

#[test]
fn the_blocks_of_these_tests_draw_for_a_vacant_seat() {
    let chain = goes_on(&busy());
    let seated = |number| seats::is_seated(&chain.view(), &Validator::new(number).address()).unwrap();
    assert_eq!([0, 1, 2, 9, 10].map(seated), [true, false, false, true, true], "2 was offline");
}

#[test]
fn every_parameter_at_its_ends_is_refused_by_name_or_makes_a_chain_that_goes_on() {
    let chain = TestChain::new(&Genesis::new());
    let (mut refused, mut accepted, mut unnamed) = (0, 0, Vec::new());
    let (genesis, all) = written_out();
    for (place, value) in &all {
        let name = place.rsplit('/').next().unwrap();
        for extreme in extremes(value) {
            let genesis = genesis.clone().set(place, extreme.clone());
            match chain.chain().init_chain(&genesis.origin(), &genesis.document()) {
                Ok(_) => {
                    accepted += 1;
                    println!("{place} = {extreme} makes a chain");
                    drop(goes_on(&genesis));
                }
                Err(error) => {
                    refused += 1;
                    // Of 100% it is the commission of genesis' validators that is refused.
                    let says = |word: &str| error.message.contains(word);
                    let bounds_others = name == "min_commission_rate" && says("less than min rate");
                    if !says(name) && !bounds_others {
                        unnamed.push(format!("{place} = {extreme}: {error:?}"));
                    }
                }
            }
        }
    }
    println!("{} parameters: {refused} refused, {accepted} accepted", all.len());
    assert!(unnamed.is_empty(), "refused without their names: {unnamed:#?}");
    assert!(all.len() > 70 && refused > 200 && accepted > 50, "{} {refused} {accepted}", all.len());
}
