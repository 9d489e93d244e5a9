//! Pages of lists against slices of all entries.

use crate::kernel::{page, page_where, Ctx, Key, Map, PageLimits, QueryCode, StoreId};
use crate::test_support::{cases, ctx, limit_gas};
use cosmos_sdk_proto::cosmos::base::query::v1beta1::PageRequest;
use proptest::prelude::*;

const MAP: Map<(String, u64), u64> = Map::new(StoreId(0), 1);
const LIMITS: PageLimits = PageLimits { default: 7, most: 400 };
type Entry = ((String, u64), u64);

/// Lists longer than the pieces in which state is read.
const SIZES: [u64; 7] = [0, 1, 7, 255, 256, 257, 600];

/// `count` entries under `list`, between two other lists.
fn lists(count: u64) -> Ctx {
    let mut ctx = ctx();
    for number in 0..count {
        MAP.save(&mut ctx, &("list".into(), number), &(number * 10)).unwrap();
    }
    for other in ["lis", "list\u{1}"] {
        MAP.save(&mut ctx, &(other.into(), 1), &1).unwrap();
    }
    ctx
}

fn group() -> Vec<u8> {
    let mut bytes = Vec::new();
    "list".to_owned().write(&mut bytes);
    bytes
}

fn ask(ctx: &Ctx, request: &PageRequest) -> (Vec<Entry>, Vec<u8>, u64) {
    let page = page(ctx, &MAP, &group(), Some(request), LIMITS).unwrap();
    (page.entries, page.response.next_key, page.response.total)
}

fn expected(count: u64, reverse: bool) -> Vec<Entry> {
    let mut all: Vec<Entry> = (0..count).map(|number| (("list".into(), number), number * 10)).collect();
    if reverse {
        all.reverse();
    }
    all
}

#[test]
fn following_next_key_gives_every_entry_once_in_order() {
    for count in SIZES {
        let ctx = lists(count);
        for (reverse, limit) in [(false, 1), (true, 3), (false, 256), (true, 257), (false, 1_000)] {
            if count / limit > 300 {
                continue;
            }
            let mut request = PageRequest { limit, reverse, ..PageRequest::default() };
            let mut all = Vec::new();
            loop {
                let (entries, next_key, total) = ask(&ctx, &request);
                assert_eq!(total, 0, "nobody asked for it");
                assert!(entries.len() as u64 <= limit.min(LIMITS.most));
                all.extend(entries);
                if next_key.is_empty() {
                    break;
                }
                request.key = next_key;
            }
            assert_eq!(all, expected(count, reverse), "{count} entries by {limit}");
        }
    }
}

#[test]
fn any_page_is_a_slice_of_the_list() {
    let size = proptest::sample::select(SIZES.to_vec());
    proptest!(cases(60), |(
        count in size, offset in 0..700u64, limit in prop_oneof![0..20u64, 200..700u64],
        reverse in any::<bool>(), count_total in any::<bool>(),
    )| {
        let ctx = lists(count);
        let request = PageRequest { key: Vec::new(), offset, limit, count_total, reverse };
        let (entries, next_key, total) = ask(&ctx, &request);
        let limit = if limit == 0 { LIMITS.default } else { limit.min(LIMITS.most) };
        let all = expected(count, reverse);
        let slice: Vec<Entry> = all.iter().skip(offset as usize).take(limit as usize).cloned().collect();
        prop_assert_eq!(entries, slice);
        prop_assert_eq!(total, if count_total { count } else { 0 });
        let next = all.get((offset + limit) as usize).map(|((_, number), _)| number.to_be_bytes().to_vec());
        prop_assert_eq!(next_key, next.unwrap_or_default());
    });
}

#[test]
fn no_request_is_the_first_page_of_default_length() {
    let page = page(&lists(20), &MAP, &group(), None, LIMITS).unwrap();
    assert_eq!(page.entries, expected(7, false));
    assert_eq!(page.response.next_key, 7u64.to_be_bytes());
}

#[test]
fn a_limit_above_the_most_is_cut() {
    let (entries, next_key, _) = ask(&lists(600), &PageRequest { limit: u64::MAX, ..PageRequest::default() });
    assert_eq!(entries.len(), 400);
    assert_eq!(next_key, 400u64.to_be_bytes());
}

#[test]
fn key_and_offset_together_are_refused() {
    let request = PageRequest { key: vec![1], offset: 1, ..PageRequest::default() };
    let error = page(&lists(3), &MAP, &group(), Some(&request), LIMITS).unwrap_err();
    assert_eq!(error.code, QueryCode::InvalidArgument);
    assert_eq!(error.message, "invalid request, either offset or key is expected, got both");
}

#[test]
fn a_total_is_not_counted_with_a_key() {
    let request = PageRequest {
        key: 2u64.to_be_bytes().to_vec(),
        count_total: true,
        limit: 1,
        ..PageRequest::default()
    };
    let (entries, _, total) = ask(&lists(5), &request);
    assert_eq!((entries.len(), total), (1, 0));
}

#[test]
fn a_key_that_is_no_key_starts_at_the_next_entry_and_leaves_the_list_never() {
    let ctx = lists(300);
    proptest!(cases(200), |(key in proptest::collection::vec(any::<u8>(), 1..12), reverse in any::<bool>())| {
        let request = PageRequest { key: key.clone(), limit: 400, reverse, ..PageRequest::default() };
        let (entries, _, _) = ask(&ctx, &request);
        let inside = |((_, number), _): &Entry| {
            let number = number.to_be_bytes().to_vec();
            if reverse { number <= key } else { number >= key }
        };
        let wanted: Vec<Entry> = expected(300, reverse).into_iter().filter(inside).collect();
        prop_assert_eq!(entries, wanted);
    });
}

#[test]
fn counting_a_long_list_needs_gas() {
    let mut ctx = lists(600);
    limit_gas(&mut ctx, 20_000);
    let request = PageRequest { limit: 1, count_total: true, ..PageRequest::default() };
    let error = page(&ctx, &MAP, &group(), Some(&request), LIMITS).unwrap_err();
    assert_eq!(error.code, QueryCode::ResourceExhausted);
}

#[test]
fn a_search_for_what_is_rare_goes_on_over_several_pages() {
    let ctx = lists(25_000);
    let (mut found, mut pages, mut request) = (Vec::new(), 0, PageRequest::default());
    loop {
        let rare = |key: &(String, u64), _: &u64| Ok(key.1 % 12_000 == 11_999);
        let page = page_where(&ctx, &MAP, &group(), Some(&request), LIMITS, rare).unwrap();
        found.extend(page.entries.into_iter().map(|((_, number), _)| number));
        pages += 1;
        request.key = page.response.next_key;
        if request.key.is_empty() {
            break;
        }
    }
    assert_eq!((found, pages), (vec![11_999, 23_999], 3));
}
