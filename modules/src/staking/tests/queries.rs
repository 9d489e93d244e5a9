//! The queries of `cosmos.staking.v1beta1`.

use super::{bond, chain, later, state};
use crate::kernel::{Amount, Ctx, Decimal, QueryCode, QueryError};
use crate::seats;
use crate::staking::{default_params, jail, redelegation, settle_slashed, slash, unbonding, Staking};
use crate::test_support::{address, ask};
use cosmos_sdk_proto::cosmos::base::query::v1beta1::PageRequest;
use cosmos_sdk_proto::cosmos::staking::v1beta1 as proto;
use jmes_proto::Timestamp;

fn query<Q: prost::Message, A: prost::Message + Default>(
    ctx: &Ctx,
    name: &str,
    request: &Q,
) -> Result<A, QueryError> {
    ask(&Staking, ctx, &format!("/cosmos.staking.v1beta1.Query/{name}"), request)
}

#[track_caller]
fn assert_not_found<A: std::fmt::Debug>(result: Result<A, QueryError>, why: &str) {
    assert_eq!(result.unwrap_err(), QueryError::not_found(why));
}

fn operator(byte: u8) -> String {
    address(byte).operator()
}

/// `address(101)` and `address(103)` are seated; bonds, unbonding and a redelegation after a slash.
fn busy() -> Ctx {
    let mut ctx = chain(4);
    for byte in [103, 101] {
        seats::seat_at_genesis(&mut ctx, &address(byte)).unwrap();
    }
    bond(&mut ctx, &address(1), &address(101), Amount(1_000)).unwrap();
    bond(&mut ctx, &address(1), &address(102), Amount(5)).unwrap();
    bond(&mut ctx, &address(2), &address(101), Amount(3_000)).unwrap();
    unbonding::begin(&mut ctx, &address(1), &address(101), Amount(200)).unwrap();
    redelegation::begin(&mut ctx, &address(2), &address(101), &address(103), Amount(1_000)).unwrap();
    later(&mut ctx, 1);
    slash(&mut ctx, &address(101), Decimal::percent(5), 7).unwrap();
    settle_slashed(&mut ctx).unwrap();
    ctx
}

fn validators(ctx: &Ctx, status: &str, pagination: PageRequest) -> (Vec<String>, Vec<u8>, u64) {
    let request = proto::QueryValidatorsRequest { status: status.into(), pagination: Some(pagination) };
    let answer: proto::QueryValidatorsResponse = query(ctx, "Validators", &request).unwrap();
    let found = answer.validators.into_iter().map(|validator| validator.operator_address).collect();
    let page = answer.pagination.unwrap();
    (found, page.next_key, page.total)
}

#[test]
fn validators_are_listed_by_status_where_bonded_means_seated() {
    let ctx = busy();
    let names = |bytes: &[u8]| bytes.iter().copied().map(operator).collect::<Vec<_>>();
    let all = PageRequest { count_total: true, ..PageRequest::default() };
    assert_eq!(validators(&ctx, "", all.clone()), (names(&[101, 102, 103, 104]), vec![], 4));
    assert_eq!(validators(&ctx, "BOND_STATUS_BONDED", all.clone()), (names(&[101, 103]), vec![], 2));
    assert_eq!(validators(&ctx, "BOND_STATUS_UNBONDED", all.clone()), (names(&[102, 104]), vec![], 2));
    assert_eq!(validators(&ctx, "BOND_STATUS_UNBONDING", all).0, names(&[]));
    for (status, first, second) in [("BOND_STATUS_BONDED", 101, 103), ("BOND_STATUS_UNBONDED", 102, 104)] {
        for (reverse, one, two) in [(false, first, second), (true, second, first)] {
            let limit = PageRequest { limit: 1, reverse, ..PageRequest::default() };
            let (found, key, _) = validators(&ctx, status, limit.clone());
            assert_eq!(found, names(&[one]));
            let next = PageRequest { key, ..limit.clone() };
            assert_eq!(validators(&ctx, status, next), (names(&[two]), vec![], 0));
            let skipped = PageRequest { offset: 1, ..limit };
            assert_eq!(validators(&ctx, status, skipped), (names(&[two]), vec![], 0));
        }
        let both = Some(PageRequest { key: vec![1], offset: 1, ..PageRequest::default() });
        let request = proto::QueryValidatorsRequest { status: status.into(), pagination: both };
        let refused = query::<_, proto::QueryValidatorsResponse>(&ctx, "Validators", &request).unwrap_err();
        assert_eq!(refused.message, "invalid request, either offset or key is expected, got both");
    }
    let request = proto::QueryValidatorsRequest { status: "bonded".into(), pagination: None };
    let refused = query::<_, proto::QueryValidatorsResponse>(&ctx, "Validators", &request).unwrap_err();
    assert_eq!(refused, QueryError::invalid("invalid validator status bonded"));
}

#[test]
fn a_validator_is_shown_as_the_sdk_does() {
    let mut ctx = busy();
    jail(&mut ctx, &address(101), 5).unwrap();
    let ask = |validator_addr: String| {
        query::<_, proto::QueryValidatorResponse>(
            &ctx,
            "Validator",
            &proto::QueryValidatorRequest { validator_addr },
        )
    };
    let shown = ask(operator(101)).unwrap().validator.unwrap();
    assert_eq!((shown.operator_address, shown.jailed, shown.status), (operator(101), true, 3));
    assert_eq!((shown.tokens.as_str(), shown.delegator_shares.as_str()), ("2660", "2800000000000000000000"));
    assert_eq!(shown.min_self_delegation, "0");
    let commission = shown.commission.unwrap();
    assert_eq!(commission.update_time, Some(Timestamp { seconds: 1_700_000_000, nanos: 0 }));
    assert_eq!(commission.commission_rates.unwrap().rate, "50000000000000000");
    assert_eq!(shown.consensus_pubkey.unwrap().type_url, "/cosmos.crypto.ed25519.PubKey");
    assert_eq!(ask(operator(102)).unwrap().validator.unwrap().status, 1);
    assert_not_found(ask(operator(9)), &format!("validator {} not found", operator(9)));
    assert_eq!(ask(String::new()).unwrap_err(), QueryError::invalid("validator address cannot be empty"));
    assert_eq!(ask(address(1).to_string()).unwrap_err().code, QueryCode::InvalidArgument);
}

#[test]
fn a_bond_is_shown_with_its_shares_and_its_value() {
    let ctx = busy();
    let ask = |delegator: String, operator: String| {
        let request = proto::QueryDelegationRequest { delegator_addr: delegator, validator_addr: operator };
        query::<_, proto::QueryDelegationResponse>(&ctx, "Delegation", &request)
    };
    let found = ask(address(1).to_string(), operator(101)).unwrap().delegation_response.unwrap();
    assert_eq!(found.delegation.unwrap().shares, "800000000000000000000");
    let balance = found.balance.unwrap();
    assert_eq!((balance.amount.as_str(), balance.denom.as_str()), ("760", "ujmes"));
    let (nobody, target) = (address(9), operator(101));
    let why = format!("delegation with delegator {nobody} not found for validator {target}");
    assert_not_found(ask(nobody.to_string(), target.clone()), &why);
    let empty = QueryError::invalid("delegator address cannot be empty");
    assert_eq!(ask(String::new(), target).unwrap_err(), empty);
    let empty = QueryError::invalid("validator address cannot be empty");
    assert_eq!(ask(nobody.to_string(), String::new()).unwrap_err(), empty);
}

#[test]
fn bonds_are_listed_by_delegator_and_by_validator() {
    let ctx = busy();
    let shown = |found: &[proto::DelegationResponse]| {
        let of = |response: &proto::DelegationResponse| {
            let delegation = response.delegation.clone().unwrap();
            (
                delegation.delegator_address,
                delegation.validator_address,
                response.balance.clone().unwrap().amount,
            )
        };
        found.iter().map(of).collect::<Vec<_>>()
    };
    let request =
        proto::QueryDelegatorDelegationsRequest { delegator_addr: address(1).to_string(), pagination: None };
    let answer: proto::QueryDelegatorDelegationsResponse =
        query(&ctx, "DelegatorDelegations", &request).unwrap();
    let one = |byte, amount: &str| (address(1).to_string(), operator(byte), amount.to_owned());
    assert_eq!(shown(&answer.delegation_responses), [one(101, "760"), one(102, "5")]);
    let nobody =
        proto::QueryDelegatorDelegationsRequest { delegator_addr: address(9).to_string(), pagination: None };
    let none: proto::QueryDelegatorDelegationsResponse =
        query(&ctx, "DelegatorDelegations", &nobody).unwrap();
    assert_eq!(none.delegation_responses, []);
    let limit = Some(PageRequest { limit: 1, ..PageRequest::default() });
    let request =
        proto::QueryValidatorDelegationsRequest { validator_addr: operator(101), pagination: limit };
    let answer: proto::QueryValidatorDelegationsResponse =
        query(&ctx, "ValidatorDelegations", &request).unwrap();
    assert_eq!(shown(&answer.delegation_responses), [one(101, "760")]);
    let next = Some(PageRequest { key: answer.pagination.unwrap().next_key, ..PageRequest::default() });
    let request = proto::QueryValidatorDelegationsRequest { validator_addr: operator(101), pagination: next };
    let answer: proto::QueryValidatorDelegationsResponse =
        query(&ctx, "ValidatorDelegations", &request).unwrap();
    assert_eq!(shown(&answer.delegation_responses), [(address(2).to_string(), operator(101), "1900".into())]);
}

#[test]
fn a_delegators_validators_are_shown() {
    let ctx = busy();
    let request =
        proto::QueryDelegatorValidatorsRequest { delegator_addr: address(1).to_string(), pagination: None };
    let answer: proto::QueryDelegatorValidatorsResponse =
        query(&ctx, "DelegatorValidators", &request).unwrap();
    let found: Vec<_> =
        answer.validators.iter().map(|one| (one.operator_address.clone(), one.status)).collect();
    assert_eq!(found, [(operator(101), 3), (operator(102), 1)]);
    let ask = |byte| {
        let (delegator_addr, validator_addr) = (address(1).to_string(), operator(byte));
        let request = proto::QueryDelegatorValidatorRequest { delegator_addr, validator_addr };
        query::<_, proto::QueryDelegatorValidatorResponse>(&ctx, "DelegatorValidator", &request)
    };
    assert_eq!(ask(102).unwrap().validator.unwrap().tokens, "5");
    assert_not_found(ask(103), "no delegation for (address, validator) tuple");
}

#[test]
fn unbonding_is_shown_settled_against_slashes() {
    let ctx = busy();
    let expected = proto::UnbondingDelegation {
        delegator_address: address(1).to_string(),
        validator_address: operator(101),
        entries: vec![proto::UnbondingDelegationEntry {
            creation_height: 7,
            completion_time: Some(Timestamp { seconds: 1_700_000_000 + 1_814_400, nanos: 0 }),
            initial_balance: "200".into(),
            balance: "190".into(),
            unbonding_id: 1,
            unbonding_on_hold_ref_count: 0,
        }],
    };
    let ask = |delegator: u8| {
        let (delegator_addr, validator_addr) = (address(delegator).to_string(), operator(101));
        let request = proto::QueryUnbondingDelegationRequest { delegator_addr, validator_addr };
        query::<_, proto::QueryUnbondingDelegationResponse>(&ctx, "UnbondingDelegation", &request)
    };
    assert_eq!(ask(1).unwrap().unbond, Some(expected.clone()));
    let why = format!(
        "unbonding delegation with delegator {} not found for validator {}",
        address(2),
        operator(101)
    );
    assert_not_found(ask(2), &why);
    let request = proto::QueryDelegatorUnbondingDelegationsRequest {
        delegator_addr: address(1).to_string(),
        pagination: None,
    };
    let by_delegator: proto::QueryDelegatorUnbondingDelegationsResponse =
        query(&ctx, "DelegatorUnbondingDelegations", &request).unwrap();
    assert_eq!(by_delegator.unbonding_responses, std::slice::from_ref(&expected));
    let request =
        proto::QueryValidatorUnbondingDelegationsRequest { validator_addr: operator(101), pagination: None };
    let by_validator: proto::QueryValidatorUnbondingDelegationsResponse =
        query(&ctx, "ValidatorUnbondingDelegations", &request).unwrap();
    assert_eq!(by_validator.unbonding_responses, [expected]);
}

#[test]
fn redelegations_are_found_by_route_by_source_and_by_delegator() {
    let ctx = busy();
    let ask = |delegator: Option<u8>, source: Option<u8>, target: Option<u8>| {
        let request = proto::QueryRedelegationsRequest {
            delegator_addr: delegator.map_or_else(String::new, |byte| address(byte).to_string()),
            src_validator_addr: source.map_or_else(String::new, operator),
            dst_validator_addr: target.map_or_else(String::new, operator),
            pagination: None,
        };
        query::<_, proto::QueryRedelegationsResponse>(&ctx, "Redelegations", &request)
    };
    let found = ask(Some(2), Some(101), Some(103)).unwrap().redelegation_responses;
    let (redelegation, entry) = (found[0].redelegation.clone().unwrap(), found[0].entries[0].clone());
    assert_eq!(redelegation.delegator_address, address(2).to_string());
    let route = (redelegation.validator_src_address, redelegation.validator_dst_address);
    assert_eq!(route, (operator(101), operator(103)));
    let inner = entry.redelegation_entry.unwrap();
    assert_eq!(
        (inner.initial_balance.as_str(), inner.shares_dst.as_str()),
        ("1000", "950000000000000000000")
    );
    assert_eq!((entry.balance.as_str(), inner.creation_height, inner.unbonding_id), ("950", 7, 2));
    assert_eq!(ask(None, Some(101), None).unwrap().redelegation_responses, found);
    assert_eq!(ask(Some(2), None, None).unwrap().redelegation_responses, found);
    assert_eq!(ask(Some(1), None, None).unwrap().redelegation_responses, []);
    let why = format!(
        "redelegation not found for delegator address {} from validator address {}",
        address(1),
        operator(101)
    );
    assert_not_found(ask(Some(1), Some(101), Some(103)), &why);
    let empty = QueryError::invalid("delegator address cannot be empty");
    assert_eq!(ask(None, None, None).unwrap_err(), empty);
}

#[test]
fn the_pool_is_the_sum_of_what_is_bonded_and_of_what_is_unbonding() {
    let ctx = busy();
    let answer: proto::QueryPoolResponse = query(&ctx, "Pool", &proto::QueryPoolRequest {}).unwrap();
    let expected = proto::Pool { not_bonded_tokens: "200".into(), bonded_tokens: "3615".into() };
    assert_eq!(answer.pool, Some(expected));
}

#[test]
fn the_parameters_name_the_number_of_seats() {
    let mut ctx = chain(0);
    state::PARAMS.save(&mut ctx, &proto::Params { max_validators: 7, ..default_params() }).unwrap();
    let answer: proto::QueryParamsResponse = query(&ctx, "Params", &proto::QueryParamsRequest {}).unwrap();
    assert_eq!(answer.params, Some(default_params()));
}
