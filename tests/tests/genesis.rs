//! How a chain begins: genesis transactions, the first validator set, and an engine that lists another one.

use jmes_modules::kernel::ValidatorUpdate;
use jmes_modules::{auth, seats, staking};
use jmes_tests::{Genesis, Key, TestChain, Validator};
use jmesd::chain::{Begun, Origin};
use jmesd::node::genesis::Network;
use serde_json::{json, Value};
use tendermint_abci::Application;
use tendermint_proto::v0_38::abci::RequestInitChain;
use tendermint_proto::v0_38::crypto::public_key::Sum;

fn begin(origin: &Origin, document: &Value) -> Result<Begun, String> {
    let chain = TestChain::new(&Genesis::new());
    let begun = chain.chain().init_chain(origin, document);
    begun.map_err(|error| error.message)
}

#[track_caller]
fn assert_refused(genesis: &Genesis, document: &Value, message: &str) {
    let refused = begin(&genesis.origin(), document).err().expect("it is refused");
    assert!(refused.contains(message), "{refused}");
}

fn three() -> Vec<Validator> {
    vec![Validator::new(0).bonded(5_000_000), Validator::new(1), Validator::new(2).bonded(2_000_000)]
}

#[test]
fn genesis_transactions_make_the_validators_in_the_order_of_seating() {
    let chain = TestChain::new(&Genesis::new().validators(three()));
    chain.block(&[]);
    let view = chain.view();
    let seated = seats::seats(&view).unwrap();
    let operators: Vec<_> = seated.iter().map(|seat| seat.operator).collect();
    assert_eq!(operators, three().iter().map(Validator::address).collect::<Vec<_>>());
    assert!(seated.iter().all(|seat| seat.proven && seat.power == 1_000 && seat.seated_height == 0));
    for one in three() {
        let validator = staking::require(&view, &one.address()).unwrap();
        assert_eq!((validator.key, validator.tokens.0), (Some(one.key()), one.bond));
        let account = auth::account(&view, &one.address()).unwrap().unwrap();
        assert_eq!((account.sequence, account.key), (1, Some(one.operator.public())));
    }
    assert_eq!(staking::total_bonded(&view).unwrap().0, 7_000_000);
    chain.chain().check_invariants().unwrap();
}

#[test]
fn the_engine_gets_the_validators_when_it_lists_none_and_may_list_the_same() {
    let genesis = Genesis::new().validators(three());
    let begun = begin(&genesis.origin(), &genesis.document()).unwrap();
    let listed =
        |power| three().iter().map(|one| ValidatorUpdate { key: one.key(), power }).collect::<Vec<_>>();
    assert_eq!(begun.validators, listed(1_000));

    let mut reversed = listed(1_000);
    reversed.reverse();
    let same = Origin { validators: reversed, ..genesis.origin() };
    assert_eq!(begin(&same, &genesis.document()).unwrap().app_hash, begun.app_hash);
    for other in [listed(999), listed(1_000)[..2].to_vec()] {
        let refused = begin(&Origin { validators: other, ..genesis.origin() }, &genesis.document());
        let refused = refused.err().expect("the lists differ");
        assert!(
            refused.starts_with("genesis: the validators listed for the engine are not those"),
            "{refused}"
        );
    }
}

#[test]
fn the_answer_to_init_chain_has_the_keys_and_powers() {
    let genesis = Genesis::new().validators(three());
    let chain = TestChain::new(&genesis);
    let request = RequestInitChain {
        chain_id: genesis.chain_id.clone(),
        consensus_params: Some(genesis.params.clone()),
        app_state_bytes: serde_json::to_vec(&genesis.document()).unwrap().into(),
        initial_height: 1,
        ..RequestInitChain::default()
    };
    let response = Application::init_chain(chain.chain(), request);
    let key = |sum: Option<Sum>| match sum {
        Some(Sum::Ed25519(key)) => key,
        _ => panic!("not an ed25519 key"),
    };
    let validators: Vec<_> =
        response.validators.into_iter().map(|one| (key(one.pub_key.unwrap().sum), one.power)).collect();
    assert_eq!(validators, three().iter().map(|one| (one.key().to_vec(), 1_000)).collect::<Vec<_>>());
}

#[test]
fn a_chain_without_validators_is_refused_with_what_to_do() {
    let genesis = Genesis::new().validators(Vec::new());
    assert_refused(&genesis, &genesis.document(), "jmesd genesis gentx");
    assert_refused(&genesis, &json!({}), "jmesd genesis collect-gentxs");
}

#[test]
fn wrong_genesis_transactions_are_refused_with_their_place() {
    let genesis = Genesis::new();
    let document = |change: &dyn Fn(&mut Value)| {
        let mut document = genesis.document();
        change(&mut document["genutil"]["gen_txs"]);
        document
    };
    let first = |change: &dyn Fn(&mut Value)| document(&|txs| change(&mut txs[0]));
    let place = "genesis: genutil.gen_txs[0]: ";
    let wrong_signature = first(&|tx| tx["signatures"][0] = json!("AAAA"));
    assert_refused(&genesis, &wrong_signature, &format!("{place}signature verification failed"));
    let other_chain = Genesis { chain_id: "jmes-other-1".into(), ..Genesis::new() };
    assert_refused(&other_chain, &genesis.document(), "signature verification failed");
    assert_refused(&genesis, &first(&|tx| *tx = json!({"bdoy": 1})), place);
    let fee = json!([{"denom": "ujmes", "amount": "5"}]);
    let with_fee = first(&|tx| tx["auth_info"]["fee"]["amount"] = fee.clone());
    assert_refused(&genesis, &with_fee, "a genesis transaction pays no fee");
    let later = first(&|tx| tx["auth_info"]["signer_infos"][0]["sequence"] = json!("1"));
    assert_refused(&genesis, &later, "is signed with sequence 0");
    let two = first(&|tx| {
        let again = tx["body"]["messages"][0].clone();
        tx["body"]["messages"].as_array_mut().unwrap().push(again);
    });
    assert_refused(&genesis, &two, "has one message");
    let (from, to) = (Validator::new(0).address().to_string(), Key::new(1).address().to_string());
    let send = json!({"@type": "/cosmos.bank.v1beta1.MsgSend", "from_address": from, "to_address": to, "amount": []});
    assert_refused(
        &genesis,
        &first(&|tx| tx["body"]["messages"][0] = send.clone()),
        "its message is a MsgCreateValidator",
    );
    let twice = document(&|txs| {
        let again = txs[0].clone();
        txs.as_array_mut().unwrap().push(again);
    });
    assert_refused(&genesis, &twice, "genesis: genutil.gen_txs[1]: ");
    let mut unknown = genesis.document();
    unknown["genutil"]["gentxs"] = json!([]);
    assert_refused(&genesis, &unknown, "genutil: unknown field \"gentxs\"");
    unknown["genutil"] = json!({"gen_txs": "none"});
    assert_refused(&genesis, &unknown, "genutil.gen_txs: expected a list");
}

#[test]
fn what_the_operator_bonds_must_be_in_its_wallet() {
    let mut genesis = Genesis::new();
    genesis.validators = vec![Validator::new(0).bonded(5_000_000)];
    assert_refused(&genesis, &genesis.document(), "genesis: genutil.gen_txs[0]: ");
}

#[test]
fn seats_earn_by_their_power_and_have_windows_also_in_the_state_of_a_chain_that_has_run() {
    let old = TestChain::new(&Genesis::new().validators(three()));
    old.blocks(3);
    let exported = old.export();
    let refused = |change: &dyn Fn(&mut Value), why: &str| {
        let mut genesis = exported.clone();
        change(&mut genesis.app_state);
        assert_refused(&genesis, &genesis.document(), why);
    };
    begin(&exported.origin(), &exported.document()).unwrap();
    refused(
        &|state| state["rewards"]["validators"][0]["power"] = json!("7"),
        "has power 1000, but earns by 7",
    );
    let without_window =
        |state: &mut Value| drop(state["slashing"]["signing_infos"].as_array_mut().unwrap().pop());
    refused(&without_window, "has no signing info");
}

#[test]
fn the_templates_accept_evidence_as_long_as_coins_unbond_on_mainnet_21_days() {
    for (network, unbonding) in [(Network::Mainnet, 21 * 86_400), (Network::Devnet, 60)] {
        let mut genesis = Genesis::template(network);
        let chain = TestChain::new(&genesis);
        chain.block(&[]);
        let params = staking::params(&chain.view()).unwrap();
        assert_eq!(params.unbonding_time.unwrap().seconds, unbonding);
        let age = genesis.params.evidence.as_mut().unwrap().max_age_duration.as_mut().unwrap();
        assert!(age.seconds >= unbonding);
        age.seconds = unbonding - 1;
        let why = format!(
            "evidence.max_age_duration is {}000000000 ns, less than unbonding_time, {unbonding}000000000 ns",
            unbonding - 1
        );
        assert_refused(&genesis, &genesis.document(), &why);
    }
}

#[test]
fn an_exported_chain_starts_anew_with_the_set_it_had() {
    let genesis = Genesis::new().validators(three()).with(Key::new(0).address(), "7000000ujmes");
    let old = TestChain::new(&genesis);
    old.blocks(3);
    let exported = old.export();
    assert_eq!(exported.initial_height, 4);
    let new = TestChain::new(&exported);
    assert_eq!(new.validators(), old.next_validators());
    new.blocks(2);
    assert_eq!(new.chain().height(), 5);
    new.chain().check_invariants().unwrap();
    assert_eq!(new.balance(Key::new(0).address()), 7_000_000);
}
