//! Queries of bonds, seats, income and premint that are tables or lists of facts for people, and the API's JSON for programs.

use cosmos_sdk_proto::cosmos::staking::v1beta1 as staking;
use jmes_modules::kernel::ConsensusAddress;
use jmes_proto::jmes::{
    emission::v1 as emission, premint::v1 as premint, rewards::v1 as rewards, staking::v1 as seats,
};
use jmes_proto::Duration;

use super::economy::{ask, at, chain, operator, ujmes, validator};
use super::node::Chain;
use super::*;

/// What people and programs get.
fn both(chain: impl Fn() -> Chain, words: &[&str]) -> (String, serde_json::Value) {
    (ask(chain(), words).out(), ask(chain(), &[words, &["-o", "json"]].concat()).json())
}

#[test]
fn premint_wallets_are_a_table_with_the_last_sale_once_it_is_known() {
    let wallet = |address: &str, last_sale_height| premint::Wallet {
        address: address.into(),
        amount: "1000000000000".into(),
        unlocked: "20000000".into(),
        locked: "999980000000".into(),
        spendable: "19000000".into(),
        held: "999999000000".into(),
        last_sale_height,
        ..Default::default()
    };
    let answer = |sold| premint::QueryWalletsResponse {
        wallets: vec![wallet(ABANDON_ADDRESS, sold), wallet(SPECIAL_ADDRESS, 0)],
        amount: "2000000000000".into(),
        unlocked: "40000000".into(),
        ..Default::default()
    };
    let path = "/jmes.premint.v1.Query/Wallets";
    let words = ["premint", "wallets"];
    let (text, json) = both(|| Chain::default().with(path, &answer(1_234)), &words);
    insta::assert_snapshot!("premint_wallets", text);
    assert_eq!(json["wallets"][0]["last_sale_height"], "1234");
    let text = ask(Chain::default().with(path, &answer(0)), &words).out();
    assert!(!text.contains("LAST SOLD"), "{text}");
    let sold = premint::QueryWalletResponse {
        address: ABANDON_ADDRESS.into(),
        amount: "5".into(),
        unlocked: "5".into(),
        locked: "0".into(),
        spendable: "4".into(),
        held: "4".into(),
        last_sale_height: 1_234,
        ..Default::default()
    };
    let one = Chain::default().with("/jmes.premint.v1.Query/Wallet", &sold);
    let text = ask(one, &["premint", "wallet", ABANDON_ADDRESS]).out();
    assert!(text.contains("last sold at height:") && text.contains("1,234"), "{text}");
    let none = premint::QueryParamsResponse { params: Some(premint::Params {}) };
    let (text, json) =
        both(|| Chain::default().with("/jmes.premint.v1.Query/Params", &none), &["premint", "params"]);
    assert_eq!((text.as_str(), json), ("there are none\n", serde_json::json!({"params": {}})));
}

#[test]
fn redelegations_are_shown_with_the_time_that_is_left() {
    let entry = staking::RedelegationEntry {
        creation_height: 4,
        completion_time: at(3 * 86_400),
        initial_balance: "9000000".into(),
        shares_dst: "9".into(),
        ..Default::default()
    };
    let response = staking::RedelegationResponse {
        redelegation: Some(staking::Redelegation {
            delegator_address: SPECIAL_ADDRESS.into(),
            validator_src_address: operator(ABANDON_ADDRESS),
            validator_dst_address: operator(SPECIAL_ADDRESS),
            entries: Vec::new(),
        }),
        entries: vec![staking::RedelegationEntryResponse {
            redelegation_entry: Some(entry),
            balance: "8500000".into(),
        }],
    };
    let path = "/cosmos.staking.v1beta1.Query/Redelegations";
    let answer =
        staking::QueryRedelegationsResponse { redelegation_responses: vec![response], pagination: None };
    let chain = || chain().with(path, &answer);
    let (text, json) = both(chain, &["staking", "redelegations", SPECIAL_ADDRESS]);
    insta::assert_snapshot!("redelegations", text);
    assert_eq!(json["redelegation_responses"][0]["entries"][0]["balance"], "8500000");
    let words = ["staking", "redelegation", SPECIAL_ADDRESS, ABANDON_ADDRESS, SPECIAL_ADDRESS];
    assert_eq!(ask(chain(), &words).out(), text);
    let said = ask(chain().without(path), &words).error();
    assert!(said.starts_with(&format!("{SPECIAL_ADDRESS} has moved nothing lately from")), "{said}");
}

#[test]
fn what_is_bonded_to_and_unbonding_from_a_validator_is_shown_by_account() {
    let bond = |account: &str, amount: &str| staking::DelegationResponse {
        delegation: Some(staking::Delegation {
            delegator_address: account.into(),
            validator_address: operator(ABANDON_ADDRESS),
            shares: "5".into(),
        }),
        balance: Some(ujmes(amount)),
    };
    let bonds = staking::QueryValidatorDelegationsResponse {
        delegation_responses: vec![bond(ABANDON_ADDRESS, "1234500000"), bond(SPECIAL_ADDRESS, "1")],
        pagination: None,
    };
    let path = "/cosmos.staking.v1beta1.Query/ValidatorDelegations";
    let words = ["staking", "delegations-to", ABANDON_ADDRESS];
    let (text, json) = both(|| chain().with(path, &bonds), &words);
    insta::assert_snapshot!("delegations_to", text);
    assert_eq!(json["delegation_responses"][1]["balance"]["amount"], "1");

    let entry = staking::UnbondingDelegationEntry {
        creation_height: 4,
        completion_time: at(60),
        initial_balance: "9".into(),
        balance: "2500000".into(),
        ..Default::default()
    };
    let unbonding = staking::UnbondingDelegation {
        delegator_address: SPECIAL_ADDRESS.into(),
        validator_address: operator(ABANDON_ADDRESS),
        entries: vec![entry],
    };
    let all = staking::QueryValidatorUnbondingDelegationsResponse {
        unbonding_responses: vec![unbonding.clone()],
        pagination: None,
    };
    let path = "/cosmos.staking.v1beta1.Query/ValidatorUnbondingDelegations";
    let words = ["staking", "unbonding-delegations-from", ABANDON_ADDRESS];
    let (text, json) = both(|| chain().with(path, &all), &words);
    insta::assert_snapshot!("unbonding_from", text);
    assert_eq!(json["unbonding_responses"][0]["entries"][0]["balance"], "2500000");
    let one = staking::QueryUnbondingDelegationResponse { unbond: Some(unbonding) };
    let path = "/cosmos.staking.v1beta1.Query/UnbondingDelegation";
    let words = ["staking", "unbonding-delegation", SPECIAL_ADDRESS, ABANDON_ADDRESS];
    assert_eq!(ask(chain().with(path, &one), &words).out(), text);
    let said = ask(chain().without(path), &words).error();
    assert!(said.starts_with(&format!("{SPECIAL_ADDRESS} is unbonding nothing from")), "{said}");
}

#[test]
fn the_pool_says_what_is_bonded_and_unbonding() {
    let pool = staking::Pool { bonded_tokens: "40000000000000".into(), not_bonded_tokens: "2500000".into() };
    let answer = staking::QueryPoolResponse { pool: Some(pool) };
    let chain = || Chain::default().with("/cosmos.staking.v1beta1.Query/Pool", &answer);
    let (text, json) = both(chain, &["staking", "pool"]);
    insta::assert_snapshot!("pool", text);
    assert_eq!(json["pool"]["not_bonded_tokens"], "2500000");
}

#[test]
fn a_past_block_is_shown_with_its_validators() {
    let hist = staking::HistoricalInfo { header: None, valset: vec![validator("alice", ABANDON_ADDRESS, 1)] };
    let answer = staking::QueryHistoricalInfoResponse { hist: Some(hist) };
    let chain = || Chain::default().with("/cosmos.staking.v1beta1.Query/HistoricalInfo", &answer);
    let (text, json) = both(chain, &["staking", "historical-info", "4"]);
    insta::assert_snapshot!("historical_info", text);
    assert_eq!(json["hist"]["valset"][0]["operator_address"], operator(ABANDON_ADDRESS));
}

#[test]
fn parameters_of_seats_and_of_the_emission_are_shown_in_their_units() {
    let params = seats::Params {
        seats: 100,
        proof_signed: 67,
        proof_window: 100,
        proof_deadline: 500,
        jail_duration: Some(Duration { seconds: 600, nanos: 0 }),
        proven_power: 1_000,
        draw_blocks: 64,
        draw_waiting: 17_280,
        max_waiting: 10_000,
        work_target: "00ff".into(),
        newcomer_interval: 10,
        seniority_blocks: 120_960,
        bond_ramp_blocks: 120_961,
        max_free_joins: 5,
        max_free_others: 6,
        min_free_withdrawal: "1000000".into(),
        idp_signed_blocks_window: 30_000,
        idp_min_signed_percent: 5,
        max_bonds: 64,
        bond_doubling_blocks: 17_281,
    };
    let answer = seats::QueryParamsResponse { params: Some(params) };
    let chain = || Chain::default().with("/jmes.staking.v1.Query/Params", &answer);
    let (text, json) = both(chain, &["staking", "seat-params"]);
    insta::assert_snapshot!("seat_params", text);
    // Each number of the parameters is somewhere.
    for shown in ["67", "500", "1,000", "17,280", "120,960", "120,961", "17,281", "30,000"] {
        assert!(text.contains(shown), "{shown}: {text}");
    }
    assert_eq!(json["params"]["bond_doubling_blocks"], "17281");

    let params = emission::Params {
        target_block_time: Some(Duration { seconds: 5, nanos: 0 }),
        pace_credit: Some(Duration { seconds: 505, nanos: 0 }),
        max_supply: "1000000000000000".into(),
        initial_reward: "18000000".into(),
        reduction: "0.2".into(),
        seconds_per_month: 2_629_746,
        idp_blocks: 483_840,
        dao_share_percent: 50,
    };
    let answer = emission::QueryParamsResponse { params: Some(params) };
    let chain = || Chain::default().with("/jmes.emission.v1.Query/Params", &answer);
    let (text, json) = both(chain, &["emission", "params"]);
    insta::assert_snapshot!("emission_params", text);
    assert_eq!(json["params"]["idp_blocks"], "483840");
}

#[test]
fn income_of_a_validator_is_asked_by_its_consensus_address() {
    let answer = rewards::QueryIncomeResponse {
        income: "1234567".into(),
        commission: "1000000".into(),
        bonds: "234567".into(),
        operator_address: operator(ABANDON_ADDRESS),
        power: 1_000,
    };
    let chain = || Chain::default().with("/jmes.rewards.v1.Query/Income", &answer);
    let address = ConsensusAddress::new(&[1; 20]).unwrap().to_string();
    let (text, json) = both(chain, &["rewards", "income", &address]);
    insta::assert_snapshot!("income", text);
    assert_eq!(json["income"], "1234567");
    assert!(ask(chain(), &["rewards", "income", ABANDON_ADDRESS]).error().contains("jmesvalcons"));
}
