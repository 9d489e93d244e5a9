//! `jmesd query staking`, `slashing`, `rewards`, `emission` …: what people read, and that programs get the API's JSON.

use cosmos_sdk_proto::cosmos::base::query::v1beta1::PageResponse;
use cosmos_sdk_proto::cosmos::base::v1beta1::{Coin, DecCoin};
use cosmos_sdk_proto::cosmos::{
    distribution::v1beta1 as distribution, evidence::v1beta1 as evidence, mint::v1beta1 as mint,
    slashing::v1beta1 as slashing, staking::v1beta1 as staking,
};
use jmes_modules::kernel::Address;
use jmes_proto::jmes::{emission::v1 as emission, premint::v1 as premint, staking::v1 as seats};
use jmes_proto::{Duration, Timestamp};

use super::super::protobuf::{consensus_key, to_any};
use super::node::{Chain, Node};
use super::*;

pub(super) const VALIDATOR: &str = "/cosmos.staking.v1beta1.Query/Validator";
pub(super) const VALIDATORS: &str = "/cosmos.staking.v1beta1.Query/Validators";
pub(super) const SEATS: &str = "/jmes.staking.v1.Query/Seats";
const UNBONDINGS: &str = "/cosmos.staking.v1beta1.Query/DelegatorUnbondingDelegations";
const SIGNING_INFO: &str = "/cosmos.slashing.v1beta1.Query/SigningInfo";
/// The stand-in's latest block.
const NOW: i64 = 1_798_761_605;

/// The operator address of an account.
pub(super) fn operator(account: &str) -> String {
    Address::parse(account).unwrap().operator()
}

pub(super) fn at(seconds: i64) -> Option<Timestamp> {
    Some(Timestamp { seconds: NOW + seconds, nanos: 0 })
}

pub(super) fn ujmes(amount: &str) -> Coin {
    Coin { denom: "ujmes".into(), amount: amount.into() }
}

/// A seated validator with 1,234.5 JMES.
pub(super) fn validator(moniker: &str, account: &str, key: u8) -> staking::Validator {
    let rates = staking::CommissionRates {
        rate: "100000000000000000".into(),
        max_rate: "200000000000000000".into(),
        max_change_rate: "15000000000000000".into(),
    };
    staking::Validator {
        operator_address: operator(account),
        consensus_pubkey: Some(consensus_key(&[key; 32])),
        jailed: false,
        status: staking::BondStatus::Bonded as i32,
        tokens: "1234500000".into(),
        delegator_shares: "1234500000000000000000000000".into(),
        description: Some(staking::Description { moniker: moniker.into(), ..Default::default() }),
        commission: Some(staking::Commission { commission_rates: Some(rates), update_time: at(-86_400) }),
        min_self_delegation: "1".into(),
        ..Default::default()
    }
}

/// A chain with the validators alice and bob, both known by name.
pub(super) fn chain() -> Chain {
    let (alice, bob) = (validator("alice", ABANDON_ADDRESS, 1), validator("bob's café", SPECIAL_ADDRESS, 2));
    let jailed = staking::Validator { jailed: true, status: 1, tokens: "0".into(), ..bob };
    let all = staking::QueryValidatorsResponse {
        validators: vec![alice.clone(), jailed],
        pagination: Some(PageResponse { next_key: vec![1, 2, 3], total: 0 }),
    };
    Chain::default()
        .with(VALIDATORS, &all)
        .with(VALIDATOR, &staking::QueryValidatorResponse { validator: Some(alice) })
}

/// The result of a query.
pub(super) fn ask(chain: Chain, words: &[&str]) -> Ran {
    let (home, node) = (tempfile::TempDir::new().unwrap(), Node::start(chain));
    let words: Vec<&str> = ["query"].iter().chain(words).chain(&["--node", &node.url]).copied().collect();
    run(home.path(), "", &words)
}

#[test]
fn validators_are_a_table_for_people_and_the_apis_json_for_programs() {
    let ran = ask(chain(), &["staking", "validators"]);
    assert_eq!(ran.err, "There is more: --page-key AQID\n");
    insta::assert_snapshot!("validators", ran.out());
    let json = ask(chain(), &["staking", "validators", "-o", "json"]).json();
    assert_eq!(json["validators"][0]["commission"]["commission_rates"]["rate"], "0.100000000000000000");
    assert_eq!(json["pagination"]["next_key"], "AQID");
}

#[test]
fn a_validator_is_found_by_operator_or_account() {
    let shown = ask(chain(), &["staking", "validator", ABANDON_ADDRESS]).out();
    insta::assert_snapshot!("validator", shown);
    assert_eq!(shown, ask(chain(), &["staking", "validator", &operator(ABANDON_ADDRESS)]).out());
}

#[test]
fn an_unknown_validator_is_answered_with_those_that_may_be_meant() {
    let mut mistyped = operator(ABANDON_ADDRESS);
    // No address has this letter.
    mistyped.replace_range(20..21, "b");
    let missing = chain().without(VALIDATOR);
    for (words, expected) in [
        (["staking", "validator", "alise"], format!("Did you mean {} (alice)?", operator(ABANDON_ADDRESS))),
        (
            ["staking", "validator", "café"],
            format!("Did you mean {} (bob's café)?", operator(SPECIAL_ADDRESS)),
        ),
        (["staking", "delegations-to", &mistyped], "Did you mean".into()),
        (["slashing", "signing-info", "alise"], "Did you mean".into()),
    ] {
        let said = ask(chain(), &words).error();
        assert!(said.contains(&expected), "{said}");
    }
    let nobody = "jmes15tnufx4334r5qcmqx5vwzuery3jh4ghtqyq69l";
    let said = ask(missing, &["staking", "validator", nobody]).error();
    let expected =
        format!("there is no validator {}. `jmesd query staking validators` lists all.", operator(nobody));
    assert_eq!(said, expected);
}

#[test]
fn seats_show_power_proofs_and_who_waits() {
    let seat = |account, power, proven| seats::Seat {
        operator_address: operator(account),
        power,
        proven,
        seated_height: 7,
        incumbent: proven,
    };
    let answer = seats::QuerySeatsResponse {
        seats: vec![seat(ABANDON_ADDRESS, 1_000, true), seat(SPECIAL_ADDRESS, 1, false)],
        waiting: vec![seats::Candidate { operator_address: operator(SPECIAL_ADDRESS), since: 12 }],
        idp: true,
        idp_last: 483_840,
        waiting_total: 1,
    };
    insta::assert_snapshot!("seats", ask(chain().with(SEATS, &answer), &["staking", "seats"]).out());
    let after = seats::QuerySeatsResponse { idp: false, waiting: vec![], waiting_total: 0, ..answer };
    let shown = ask(chain().with(SEATS, &after), &["staking", "seats"]).out();
    assert!(shown.contains("over since block 483,840 of the emission"), "{shown}");
}

#[test]
fn bonds_are_shown_with_the_validators_names() {
    let delegation = staking::DelegationResponse {
        delegation: Some(staking::Delegation {
            delegator_address: SPECIAL_ADDRESS.into(),
            validator_address: operator(ABANDON_ADDRESS),
            shares: "5".into(),
        }),
        balance: Some(ujmes("5000000")),
    };
    let list = staking::QueryDelegatorDelegationsResponse {
        delegation_responses: vec![delegation.clone()],
        pagination: None,
    };
    let all = chain().with("/cosmos.staking.v1beta1.Query/DelegatorDelegations", &list);
    insta::assert_snapshot!("delegations", ask(all, &["staking", "delegations", SPECIAL_ADDRESS]).out());
    let path = "/cosmos.staking.v1beta1.Query/Delegation";
    let one = staking::QueryDelegationResponse { delegation_response: Some(delegation) };
    let words = ["staking", "delegation", SPECIAL_ADDRESS, ABANDON_ADDRESS];
    assert!(ask(chain().with(path, &one), &words).out().contains("bonded:    5 JMES (5000000 Nils)"));
    let said = ask(chain().without(path), &words).error();
    assert!(said.starts_with(&format!("{SPECIAL_ADDRESS} has nothing bonded to jmesvaloper1")), "{said}");
}

#[test]
fn unbonding_is_shown_with_the_time_that_is_left() {
    let entry = |height, seconds| staking::UnbondingDelegationEntry {
        creation_height: height,
        completion_time: at(seconds),
        initial_balance: "9".into(),
        balance: "2500000".into(),
        ..Default::default()
    };
    let answer = staking::QueryDelegatorUnbondingDelegationsResponse {
        unbonding_responses: vec![staking::UnbondingDelegation {
            delegator_address: SPECIAL_ADDRESS.into(),
            validator_address: operator(ABANDON_ADDRESS),
            entries: vec![entry(4, 3 * 86_400 + 60), entry(5, 7_300)],
        }],
        pagination: None,
    };
    let words = ["staking", "unbonding-delegations", SPECIAL_ADDRESS];
    insta::assert_snapshot!("unbonding", ask(Chain::default().with(UNBONDINGS, &answer), &words).out());
    let empty = staking::QueryDelegatorUnbondingDelegationsResponse::default();
    assert_eq!(ask(Chain::default().with(UNBONDINGS, &empty), &words).out(), "none\n");
}

#[test]
fn parameters_are_shown_in_their_units() {
    let bonding = staking::QueryParamsResponse {
        params: Some(staking::Params {
            unbonding_time: Some(Duration { seconds: 1_814_400, nanos: 0 }),
            max_validators: 100,
            max_entries: 7,
            historical_entries: 10_000,
            bond_denom: "ujmes".into(),
            min_commission_rate: "0".into(),
        }),
    };
    let slashing = slashing::QueryParamsResponse {
        params: Some(slashing::Params {
            signed_blocks_window: 10_000,
            min_signed_per_window: b"50000000000000000".to_vec(),
            downtime_jail_duration: Some(Duration { seconds: 600, nanos: 0 }),
            slash_fraction_double_sign: b"50000000000000000".to_vec(),
            slash_fraction_downtime: b"100000000000000".to_vec(),
        }),
    };
    let chain = || {
        Chain::default()
            .with("/cosmos.staking.v1beta1.Query/Params", &bonding)
            .with("/cosmos.slashing.v1beta1.Query/Params", &slashing)
    };
    let shown = ["staking", "slashing"].map(|module| ask(chain(), &[module, "params"]).out());
    insta::assert_snapshot!("economy_params", shown.join("\n"));
    let json = ask(chain(), &["slashing", "params", "-o", "json"]).json();
    assert_eq!(json["params"]["slash_fraction_downtime"], "0.000100000000000000");
}

#[test]
fn signing_is_shown_for_any_name_of_a_validator() {
    let info = |jailed, tombstoned| slashing::QuerySigningInfoResponse {
        val_signing_info: Some(slashing::ValidatorSigningInfo {
            address: "jmesvalcons1x".into(),
            start_height: 3,
            index_offset: 1_000,
            jailed_until: at(jailed),
            tombstoned,
            missed_blocks_counter: 12,
        }),
    };
    let asked =
        |info, name: &str| ask(chain().with(SIGNING_INFO, &info), &["slashing", "signing-info", name]).out();
    insta::assert_snapshot!("signing_info", asked(info(420, false), ABANDON_ADDRESS));
    let key =
        r#"{"@type":"/cosmos.crypto.ed25519.PubKey","key":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}"#;
    assert!(asked(info(-5, false), key).contains("may sign"));
    let never = asked(info(0, true), &operator(ABANDON_ADDRESS));
    assert!(never.contains("jailed for ever: it signed twice"), "{never}");
    let said = ask(chain().without(SIGNING_INFO), &["slashing", "signing-info", ABANDON_ADDRESS]).error();
    assert!(said.contains("never had a seat"), "{said}");
}

pub(super) fn dec(nils: &str) -> Vec<DecCoin> {
    vec![DecCoin { denom: "ujmes".into(), amount: format!("{nils}500000000000000000") }]
}

/// A chain on which every account has earned 2 JMES from alice, and 3 JMES of commission.
pub(super) fn chain_with_income() -> Chain {
    let reward = distribution::DelegationDelegatorReward {
        validator_address: operator(ABANDON_ADDRESS),
        reward: dec("2000000"),
    };
    let rewards = distribution::QueryDelegationTotalRewardsResponse { rewards: vec![reward], total: vec![] };
    let commission = distribution::QueryValidatorCommissionResponse {
        commission: Some(distribution::ValidatorAccumulatedCommission { commission: dec("3000000") }),
    };
    chain()
        .with("/cosmos.distribution.v1beta1.Query/DelegationTotalRewards", &rewards)
        .with("/cosmos.distribution.v1beta1.Query/ValidatorCommission", &commission)
}

#[test]
fn pending_income_is_the_sum_over_bonds_and_commission_in_whole_nils() {
    let words = ["rewards", "pending", ABANDON_ADDRESS];
    insta::assert_snapshot!("pending", ask(chain_with_income(), &words).out());
    let json = ask(chain_with_income(), &["rewards", "pending", ABANDON_ADDRESS, "-o", "json"]).json();
    assert_eq!((&json["commission"], &json["total"]), (&"3000000".into(), &"5000000".into()));
    assert_eq!(json["rewards"][0]["amount"], "2000000");
    let commission = ask(chain_with_income(), &["rewards", "commission", ABANDON_ADDRESS]).out();
    assert_eq!(commission, "3 JMES (3000000 Nils)\n");
    let json =
        ask(chain_with_income(), &["distribution", "commission", ABANDON_ADDRESS, "-o", "json"]).json();
    assert_eq!(json["commission"]["commission"][0]["amount"], "3000000.500000000000000000");
    let without = Chain::default()
        .without("/cosmos.distribution.v1beta1.Query/DelegationTotalRewards")
        .without("/cosmos.distribution.v1beta1.Query/ValidatorCommission")
        .with(VALIDATORS, &staking::QueryValidatorsResponse::default());
    let nothing = ask(without, &words).out();
    assert!(nothing.starts_with("to redeem:      0 JMES (0 Nils)\n"), "{nothing}");
}

#[test]
fn the_clock_shows_pace_and_dates() {
    let answer = emission::QueryClockResponse {
        height: 1_234_567,
        n: 1_234_560,
        ahead: Some(Duration { seconds: -7_200, nanos: 0 }),
        block_time: at(0),
        genesis_time: at(-31_556_952),
    };
    let path = "/jmes.emission.v1.Query/Clock";
    let shown = ask(Chain::default().with(path, &answer), &["emission", "clock"]).out();
    insta::assert_snapshot!("clock", shown);
}

#[test]
fn rewards_are_asked_by_block_or_now() {
    let clock = emission::QueryClockResponse { n: 9, ..Default::default() };
    let reward = emission::QueryRewardResponse {
        n: 9,
        period: 0,
        reward: "18000000".into(),
        validator_share: "18000000".into(),
        dao_budget: "0".into(),
        issued: "162000000".into(),
        premint_unlocked: "18000000".into(),
    };
    let chain = || {
        Chain::default()
            .with("/jmes.emission.v1.Query/Clock", &clock)
            .with("/jmes.emission.v1.Query/Reward", &reward)
    };
    insta::assert_snapshot!("reward", ask(chain(), &["emission", "reward"]).out());
    assert_eq!(ask(chain(), &["emission", "reward", "9", "-o", "json"]).json()["issued"], "162000000");
}

#[test]
fn supply_is_shown_by_what_it_is_at() {
    let answer = emission::QuerySupplyResponse {
        total: "200000000000000".into(),
        liquid: "150000000000000".into(),
        bonded: "40000000000000".into(),
        unbonding: "10000000000000".into(),
        premint_locked: "90000000000000".into(),
        circulating: "60000000000000".into(),
        unredeemed: "1234567".into(),
        burnt: "0".into(),
        remaining: "800000000000000".into(),
        max: "1000000000000000".into(),
    };
    let path = "/jmes.emission.v1.Query/Supply";
    insta::assert_snapshot!(
        "supply",
        ask(Chain::default().with(path, &answer), &["emission", "supply"]).out()
    );
}

#[test]
fn a_premint_wallet_shows_what_unlocks_next() {
    let path = "/jmes.premint.v1.Query/Wallet";
    let answer = premint::QueryWalletResponse {
        address: ABANDON_ADDRESS.into(),
        amount: "1000000000000".into(),
        unlocked: "20000000".into(),
        locked: "999980000000".into(),
        spendable: "19000000".into(),
        held: "999999000000".into(),
        last_sale_height: 0,
        next_unlocks: vec![
            premint::Unlock { n: 1_001, unlocked: "20020000".into() },
            premint::Unlock { n: 1_002, unlocked: "20040000".into() },
        ],
    };
    let words = ["premint", "wallet", ABANDON_ADDRESS];
    insta::assert_snapshot!("premint_wallet", ask(Chain::default().with(path, &answer), &words).out());
    let said = ask(Chain::default().without(path), &words).error();
    assert!(said.contains("is no premint wallet: all of its coins are free"), "{said}");
}

#[test]
fn explorers_figures_are_percentages_and_jmes() {
    let chain = Chain::default()
        .with(
            "/cosmos.mint.v1beta1.Query/Inflation",
            &mint::QueryInflationResponse { inflation: b"123450000000000000".to_vec() },
        )
        .with(
            "/cosmos.mint.v1beta1.Query/AnnualProvisions",
            &mint::QueryAnnualProvisionsResponse {
                annual_provisions: b"113605020000000000000000000000000".to_vec(),
            },
        );
    let node = Node::start(chain);
    let home = tempfile::TempDir::new().unwrap();
    let ask = |query: &str| run(home.path(), "", &["query", "mint", query, "--node", &node.url]).out();
    assert_eq!(ask("inflation"), "12.345%\n");
    assert_eq!(ask("annual-provisions"), "113605020 JMES (113605020000000 Nils)\n");
}

#[test]
fn evidence_is_listed_with_its_time() {
    let found = evidence::Equivocation {
        height: 9,
        time: at(-3_600),
        power: 1_000,
        consensus_address: "jmesvalcons1x".into(),
    };
    let answer = evidence::QueryAllEvidenceResponse { evidence: vec![to_any(&found)], pagination: None };
    let path = "/cosmos.evidence.v1beta1.Query/AllEvidence";
    let shown = ask(Chain::default().with(path, &answer), &["evidence", "list"]).out();
    assert!(
        shown.contains("jmesvalcons1x      9       2026-12-31 23:00:05 UTC (1 hour ago)  1,000"),
        "{shown}"
    );
    let json = ask(Chain::default().with(path, &answer), &["evidence", "list", "-o", "json"]).json();
    assert_eq!(json["evidence"][0]["@type"], "/cosmos.evidence.v1beta1.Equivocation");
}

#[test]
fn a_chart_is_drawn_of_the_nodes_schedule_and_programs_get_its_numbers() {
    let period = |period: u64, reward: &str, issued: &str, unlocked: &str| emission::Period {
        period,
        first_height: 1 + 10 * period,
        last_height: 10 + 10 * period,
        reward: reward.into(),
        issued_at_end: issued.into(),
        premint_unlocked_at_end: unlocked.into(),
    };
    let schedule = emission::QueryScheduleResponse {
        periods: vec![
            period(0, "18000000", "180000000", "20000000"),
            period(1, "15728256", "337282560", "37475840"),
        ],
    };
    let clock = emission::QueryClockResponse { n: 5, ..Default::default() };
    let chain = || {
        Chain::default()
            .with("/jmes.emission.v1.Query/Schedule", &schedule)
            .with("/jmes.emission.v1.Query/Clock", &clock)
    };
    let drawn = ask(chain(), &["emission", "--chart"]).out();
    assert_eq!(drawn, ask(chain(), &["emission", "chart"]).out());
    assert!(drawn.contains("This chain is 0.50 years into its emission."), "{drawn}");
    let json = ask(chain(), &["emission", "chart", "-o", "json"]).json();
    assert_eq!(json["periods"][1]["reward"], "15728256");
    insta::assert_snapshot!("schedule", ask(chain(), &["emission", "schedule"]).out());
}
