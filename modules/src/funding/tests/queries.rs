//! The queries of `jmes.funding.v1`.

use super::{ask, block, blocks, chain, fund, plan, sit};
use crate::funding::{defaults, end};
use crate::kernel::{QueryCode, QueryError};
use crate::slots::Slot;
use crate::test_support::address;
use cosmos_sdk_proto::cosmos::base::query::v1beta1::PageRequest;
use jmes_proto::jmes::funding::v1 as proto;

#[test]
fn the_parameters_are_mainnets_by_default() {
    let answer: proto::QueryParamsResponse = ask(&chain(), "Params", &proto::QueryParamsRequest {}).unwrap();
    assert_eq!(answer.params, Some(defaults()));
}

#[test]
fn the_plan_says_of_each_due_stream_whether_it_is_paid_and_why() {
    let mut ctx = chain();
    let empty = plan(&ctx);
    assert_eq!((empty.height, empty.budget.as_str(), empty.spent.as_str()), (1, "9000000", "0"));
    fund(&mut ctx, 1, 1, 1_000_000, 9, 5);
    fund(&mut ctx, 2, 2, 1_200_000, 9, 7);
    sit(&mut ctx, 2, Some(Slot::Brand));
    assert!(plan(&ctx).entries.is_empty(), "they are due from the next block on");
    block(&mut ctx, 1);
    let shown = plan(&ctx);
    assert_eq!((shown.height, shown.budget.as_str(), shown.spent.as_str()), (2, "9000000", "1000000"));
    let reason =
        "not paid: 1200000 Nils are more than the 1125000 Nils that are left of the brand slot's share, 1125000 Nils";
    let first = proto::PlanEntry {
        proposal_id: 2,
        dao: address(2).to_string(),
        rate: "1200000".into(),
        net_yes: "7".into(),
        paid: false,
        reason: reason.into(),
        outcome: proto::Outcome::SlotShareExceeded.into(),
    };
    assert_eq!(shown.entries[0], first);
    let second = &shown.entries[1];
    assert_eq!((second.proposal_id, second.paid), (1, true));
    assert_eq!(second.reason, "paid 1000000 Nils a block");
}

fn streams(ctx: &crate::kernel::Ctx, dao: &str, page: PageRequest) -> (Vec<u64>, Vec<u8>) {
    let request = proto::QueryStreamsRequest { dao: dao.into(), pagination: Some(page) };
    let answer: proto::QueryStreamsResponse = ask(ctx, "Streams", &request).unwrap();
    let ids = answer.streams.iter().map(|stream| stream.proposal_id).collect();
    (ids, answer.pagination.unwrap().next_key)
}

#[test]
fn a_stream_tells_what_was_paid_and_missed_and_streams_are_listed_newest_first() {
    let mut ctx = chain();
    fund(&mut ctx, 9, 1, 9_000_000, 2, 7);
    fund(&mut ctx, 4, 2, 1_000, 5, 3);
    blocks(&mut ctx, 3);
    let stream: proto::QueryStreamResponse =
        ask(&ctx, "Stream", &proto::QueryStreamRequest { proposal_id: 4 }).unwrap();
    let expected = proto::QueryStreamResponse {
        proposal_id: 4,
        dao: address(2).to_string(),
        rate: "1000".into(),
        first_height: 2,
        last_height: 6,
        total_paid: "1000".into(),
        missed_blocks: 2,
        net_yes: "3".into(),
        active: true,
    };
    assert_eq!(stream, expected);
    let none: Result<proto::QueryStreamResponse, _> =
        ask(&ctx, "Stream", &proto::QueryStreamRequest { proposal_id: 5 });
    assert_eq!(none, Err(QueryError::new(QueryCode::NotFound, "proposal 5 has no funding")));
    (20..40).for_each(|id| fund(&mut ctx, id, 3, 1, 9, 1));
    end(&mut ctx, 25).unwrap();
    let (ids, next) = streams(&ctx, "", PageRequest::default());
    assert_eq!(ids, (30..40).rev().collect::<Vec<_>>(), "10 by default");
    let (ids, next) = streams(&ctx, "", PageRequest { key: next, limit: 11, ..PageRequest::default() });
    assert_eq!((ids.len(), ids[10]), (11, 4));
    assert_eq!(streams(&ctx, "", PageRequest { key: next, ..PageRequest::default() }), (vec![9], vec![]));
    let reversed = PageRequest { reverse: true, limit: 2, ..PageRequest::default() };
    assert_eq!(streams(&ctx, "", reversed).0, [9, 4], "the oldest first");
    let all = PageRequest { limit: 1_000, ..PageRequest::default() };
    assert_eq!(streams(&ctx, &address(2).to_string(), all.clone()), (vec![4], vec![]));
    assert_eq!(streams(&ctx, &address(3).to_string(), all).0.len(), 20);
}
