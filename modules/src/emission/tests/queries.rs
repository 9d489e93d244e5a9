//! The queries of `jmes.emission.v1` and `cosmos.mint.v1beta1`.

use super::{chain, jump, next_block, SECOND};
use crate::bank::Bank;
use crate::consensus;
use crate::emission::{default_params, Emission};
use crate::kernel::{Amount, Ctx, Module, QueryError};
use crate::premint::Premint;
use crate::rewards;
use crate::staking;
use crate::test_support::{address, ask, bank_genesis};
use cosmos_sdk_proto::cosmos::mint::v1beta1 as mint;
use jmes_proto::jmes::emission::v1 as proto;
use prost::Message;
use serde_json::json;
use tendermint_proto::google::protobuf::{Duration, Timestamp};
use tendermint_proto::v0_38::types::ConsensusParams;

const GENESIS: u64 = 1_699_999_000 * SECOND;

fn query<Q: Message, A: Message + Default>(ctx: &Ctx, name: &str, request: &Q) -> Result<A, QueryError> {
    ask(&Emission, ctx, &format!("/jmes.emission.v1.Query/{name}"), request)
}

fn reward(ctx: &Ctx, n: u64) -> Result<proto::QueryRewardResponse, QueryError> {
    query(ctx, "Reward", &proto::QueryRewardRequest { n })
}

#[test]
fn the_reward_of_any_height_can_be_asked_for() {
    let ctx = chain(json!({}));
    let shown = |n| {
        let answer = reward(&ctx, n).unwrap();
        assert_eq!(answer.n, n);
        let proto::QueryRewardResponse {
            period,
            reward,
            validator_share,
            dao_budget,
            issued,
            premint_unlocked,
            ..
        } = answer;
        format!("{period}: {reward} = {validator_share} + {dao_budget}; {issued}, {premint_unlocked}")
    };
    assert_eq!(shown(1), "0: 18000000 = 18000000 + 0; 18000000, 2000000");
    assert_eq!(shown(483_840), "0: 18000000 = 18000000 + 0; 8709120000000, 967680000000");
    assert_eq!(shown(483_841), "0: 18000000 = 9000000 + 9000000; 8709138000000, 967682000000");
    assert_eq!(shown(18_934_170), "2: 13743225 = 6871613 + 6871612; 299611030468590, 33290114496510");
    assert_eq!(shown(409_781_573), "64: 3028 = 1514 + 1514; 900000000000000, 100000000000000");
    assert_eq!(shown(409_781_574), "64: 0 = 0 + 0; 900000000000000, 100000000000000");
    assert_eq!(shown(u64::MAX), "2922770431507: 0 = 0 + 0; 900000000000000, 100000000000000");
    assert_eq!(reward(&ctx, 0), Err(QueryError::invalid("n is 0; the first issuance height is 1")));
}

#[test]
fn the_schedule_lists_all_periods() {
    let schedule = |ctx: &Ctx| {
        query::<_, proto::QueryScheduleResponse>(ctx, "Schedule", &proto::QueryScheduleRequest {})
            .unwrap()
            .periods
    };
    let periods = schedule(&chain(json!({})));
    assert_eq!(periods.len(), 65);
    let third = proto::Period {
        period: 2,
        first_height: 12_622_781,
        last_height: 18_934_170,
        reward: "13743225".into(),
        issued_at_end: "299611030468590".into(),
        premint_unlocked_at_end: "33290114496510".into(),
    };
    assert_eq!(periods[2], third);
    assert_eq!((periods[64].last_height, periods[64].reward.as_str()), (409_781_573, "3201"));
    let devnet = schedule(&chain(json!({"target_block_time": "1s", "seconds_per_month": "60"})));
    assert_eq!((devnet[0].last_height, devnet[1].reward.as_str()), (720, "15728256"));
    let last = devnet.last().unwrap();
    assert_eq!(last.reward, "1", "rewards end when they round to nothing");
}

fn clock(ctx: &Ctx) -> proto::QueryClockResponse {
    query(ctx, "Clock", &proto::QueryClockRequest {}).unwrap()
}

#[test]
fn the_clock_says_how_far_ahead_the_chain_is() {
    let mut ctx = chain(json!({}));
    consensus::start(&mut ctx, &ConsensusParams::default(), GENESIS, 1).unwrap();
    let before = clock(&ctx);
    let time = |seconds: i64, nanos| Some(Timestamp { seconds: 1_699_999_000 + seconds, nanos });
    assert_eq!((before.height, before.n, before.ahead), (0, 0, Some(Duration { seconds: 0, nanos: 0 })));
    assert_eq!((before.block_time, before.genesis_time), (time(0, 0), time(0, 0)));
    let mut block = ctx.block().clone();
    (block.height, block.time) = (0, GENESIS);
    ctx.set_block(block.into());
    next_block(&mut ctx, SECOND);
    next_block(&mut ctx, SECOND + 1);
    let second = clock(&ctx);
    assert_eq!((second.height, second.n), (2, 2));
    assert_eq!(second.ahead, Some(Duration { seconds: 7, nanos: 999_999_999 }));
    assert_eq!(second.block_time, time(2, 1));
    next_block(&mut ctx, 100 * SECOND);
    assert_eq!(clock(&ctx).ahead, Some(Duration { seconds: -87, nanos: -1 }), "behind after a halt");
}

#[test]
fn the_supply_says_where_all_coins_are() {
    let mut ctx = chain(json!({}));
    staking::state::TOTAL_BONDED.save(&mut ctx, &Amount(300)).unwrap();
    staking::state::TOTAL_UNBONDING.save(&mut ctx, &Amount(20)).unwrap();
    Bank.import(&mut ctx, &bank_genesis(&[(address(1), "900000000ujmes"), (address(2), "50000ujmes")]))
        .unwrap();
    let wallet = json!({"address": address(1).to_string(), "amount": "900000000"});
    Premint.import(&mut ctx, &json!({ "wallets": [wallet] })).unwrap();
    jump(&mut ctx, 5);
    rewards::charge_fee(&mut ctx, &address(2), Amount(40)).unwrap();
    crate::bank::burn(&mut ctx, &address(2), Amount(3)).unwrap();
    let supply: proto::QuerySupplyResponse = query(&ctx, "Supply", &proto::QuerySupplyRequest {}).unwrap();
    let unredeemed = rewards::unredeemed(&ctx).unwrap().to_string();
    let expected = proto::QuerySupplyResponse {
        total: "900050277".into(),
        liquid: "900049957".into(),
        bonded: "300".into(),
        unbonding: "20".into(),
        premint_locked: "899999910".into(),
        circulating: "50367".into(),
        unredeemed,
        burnt: "3".into(),
        remaining: "899999910000000".into(),
        max: "1000000000000000".into(),
    };
    assert_eq!(supply, expected);
}

#[test]
fn the_parameters_are_those_of_genesis() {
    let ctx = chain(json!({"idp_blocks": "20"}));
    let answer: proto::QueryParamsResponse = query(&ctx, "Params", &proto::QueryParamsRequest {}).unwrap();
    assert_eq!(answer.params, Some(proto::Params { idp_blocks: 20, ..default_params() }));
}

/// What explorers read, decimals as the SDK's gRPC carries them.
fn minting(ctx: &Ctx) -> (String, String) {
    let path = |name: &str| format!("/cosmos.mint.v1beta1.Query/{name}");
    let inflation: mint::QueryInflationResponse =
        ask(&Emission, ctx, &path("Inflation"), &mint::QueryInflationRequest {}).unwrap();
    let provisions: mint::QueryAnnualProvisionsResponse =
        ask(&Emission, ctx, &path("AnnualProvisions"), &mint::QueryAnnualProvisionsRequest {}).unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (text(inflation.inflation), text(provisions.annual_provisions))
}

#[test]
fn explorers_learn_the_inflation_of_the_present_reward() {
    let mut ctx = chain(json!({}));
    let year = "113605020000000000000000000000000".to_owned();
    assert_eq!(minting(&ctx), ("0".into(), year.clone()), "no coins, no inflation");
    Bank.import(&mut ctx, &bank_genesis(&[(address(1), "100000000000000ujmes")])).unwrap();
    assert_eq!(
        minting(&ctx),
        ("1136050200000000000".into(), year),
        "113.6 million JMES a year on 100 million"
    );
    jump(&mut ctx, 6_311_391);
    assert_eq!(minting(&ctx).1, format!("{}000000000000000000", 15_728_256_u64 * 6_311_390));
    jump(&mut ctx, 409_781_574);
    assert_eq!(minting(&ctx), ("0".into(), "0".into()));
}

#[test]
fn the_parameters_of_minting_are_those_of_no_policy() {
    let path = "/cosmos.mint.v1beta1.Query/Params";
    let answer: mint::QueryParamsResponse =
        ask(&Emission, &chain(json!({})), path, &mint::QueryParamsRequest {}).unwrap();
    let params = answer.params.unwrap();
    assert_eq!((params.mint_denom.as_str(), params.blocks_per_year), ("ujmes", 6_311_390));
    let rates =
        [params.inflation_rate_change, params.inflation_max, params.inflation_min, params.goal_bonded];
    assert!(rates.iter().all(|rate| rate == "0"));
}
