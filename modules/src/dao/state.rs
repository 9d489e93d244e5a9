//! Every key of the store `dao`.

use super::types::{Ballot, Content, Dao, Proposal};
use crate::kernel::{proto_value, Address, Item, Map};
use crate::DAO;
use jmes_proto::jmes::dao::v1::Params;

/// `01` → the parameters.
pub const PARAMS: Item<Params> = Item::new(DAO, 1);
/// `02` → how many DAOs there are: the last one's id.
pub const DAO_COUNT: Item<u64> = Item::new(DAO, 2);
/// `03` → how many proposals there are: the last one's id.
pub const PROPOSAL_COUNT: Item<u64> = Item::new(DAO, 3);
/// `04 ‖ address` → the DAO. Never removed.
pub const DAOS: Map<Address, Dao> = Map::new(DAO, 4);
/// `05 ‖ id` → the DAO's address.
pub const BY_ID: Map<u64, Address> = Map::new(DAO, 5);
/// `06 ‖ member ‖ DAO's id` → it is a member.
pub const MEMBERSHIPS: Map<(Address, u64), ()> = Map::new(DAO, 6);
/// `07 ‖ id` → what becomes of the proposal. Never removed.
pub const PROPOSALS: Map<u64, Proposal> = Map::new(DAO, 7);
/// `08 ‖ id` → what the proposal says. Apart from the rest, which every vote rewrites.
pub const CONTENTS: Map<u64, Content> = Map::new(DAO, 8);
/// `09 ‖ DAO's id ‖ proposal's id` → it is the DAO's.
pub const PROPOSALS_OF: Map<(u64, u64), ()> = Map::new(DAO, 9);
/// `0a ‖ DAO's id ‖ proposer ‖ proposal's id` → its stored status is open.
pub const OPEN: Map<(u64, (Address, u64)), ()> = Map::new(DAO, 10);
/// `0b ‖ proposal's id ‖ voter` → the vote.
pub const BALLOTS: Map<(u64, Address), Ballot> = Map::new(DAO, 11);

proto_value!(Params, Content);
