//! Pages of lists, as `cosmos.base.query.v1beta1` asks for them.

use super::context::View;
use super::query::{QueryError, QueryResult};
use super::state::{Key, Map, Value};
use cosmos_sdk_proto::cosmos::base::query::v1beta1::{PageRequest, PageResponse};

/// How long a page is when nothing is asked, and at most.
#[derive(Clone, Copy, Debug)]
pub struct PageLimits {
    /// Entries when the request has no limit.
    pub default: u64,
    /// Entries at most; a larger request gets this many and a `next_key`.
    pub most: u64,
}

/// For the standard Cosmos lists. Wallets ask for up to 1,000.
pub const COSMOS_PAGE: PageLimits = PageLimits { default: 100, most: 1_000 };

/// For the lists of identities, DAOs, proposals, payments and roles (§16).
pub const BUSINESS_PAGE: PageLimits = PageLimits { default: 10, most: 100 };

/// The same request for a list that is shown newest first unless the request reverses it (§16), of a map in order of age.
pub fn newest_first(request: Option<&PageRequest>) -> PageRequest {
    let request = request.cloned().unwrap_or_default();
    PageRequest { reverse: !request.reverse, ..request }
}

/// One page.
#[derive(Debug)]
pub struct Page<K, V> {
    /// Its entries.
    pub entries: Vec<(K, V)>,
    /// How to go on.
    pub response: PageResponse,
}

const CHUNK: usize = 256;

/// How many pieces of [`CHUNK`] entries are looked through for a page at most.
const CHUNKS: usize = 40;

/// A page of the entries of `map` whose keys begin with `group` (encoded components). `key` and
/// `offset` exclude each other, as in the Cosmos SDK; a total is counted only when asked for, within
/// the query's gas.
pub fn page<K: Key, V: Value>(
    view: &View,
    map: &Map<K, V>,
    group: &[u8],
    request: Option<&PageRequest>,
    limits: PageLimits,
) -> QueryResult<Page<K, V>> {
    page_where(view, map, group, request, limits, |_, _| Ok(true))
}

/// A [`page`] of those entries that `keep` is true for; an offset and a total count these only. Where they are rare it can be
/// shorter than asked for, or empty, and still have a `next_key`: else a long list could not be searched within a query's gas.
pub fn page_where<K: Key, V: Value>(
    view: &View,
    map: &Map<K, V>,
    group: &[u8],
    request: Option<&PageRequest>,
    limits: PageLimits,
    mut keep: impl FnMut(&K, &V) -> QueryResult<bool>,
) -> QueryResult<Page<K, V>> {
    let default = PageRequest::default();
    let request = request.unwrap_or(&default);
    if request.offset > 0 && !request.key.is_empty() {
        return Err(QueryError::invalid("invalid request, either offset or key is expected, got both"));
    }
    let limit = if request.limit == 0 { limits.default } else { request.limit.min(limits.most) };
    let mut from = (!request.key.is_empty()).then(|| request.key.clone());
    let mut skip = request.offset;
    let mut entries = Vec::new();
    let mut next_key = Vec::new();
    let mut total: u64 = 0;
    let count_total = request.count_total && request.key.is_empty();
    let mut chunks: usize = 0;
    'scan: loop {
        chunks = chunks.saturating_add(1);
        let mut found = map.scan(view, group, from.as_deref(), request.reverse, CHUNK.saturating_add(1))?;
        let more = if found.len() > CHUNK { found.pop() } else { None };
        for (key, value) in found {
            if !keep(&key, &value)? {
                continue;
            }
            total = total.saturating_add(1);
            if skip > 0 {
                skip = skip.saturating_sub(1);
            } else if (entries.len() as u64) < limit {
                entries.push((key, value));
            } else {
                if next_key.is_empty() {
                    next_key = rest_of_key(group, &key);
                }
                if !count_total {
                    break 'scan;
                }
            }
        }
        match more {
            Some((key, _)) if chunks >= CHUNKS && skip == 0 && !count_total => {
                next_key = rest_of_key(group, &key);
                break;
            }
            Some((key, _)) => from = Some(rest_of_key(group, &key)),
            None => break,
        }
    }
    let total = if count_total { total } else { 0 };
    Ok(Page { entries, response: PageResponse { next_key, total } })
}

fn rest_of_key<K: Key>(group: &[u8], key: &K) -> Vec<u8> {
    let mut bytes = key.encoded();
    bytes.split_off(group.len().min(bytes.len()))
}
