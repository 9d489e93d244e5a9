//! What every module is made of: typed state over an overlay, gas, events, errors, coins, addresses,
//! and the tables that route messages and queries. The kernel names no module.

mod address;
mod amount;
mod coin;
mod context;
mod decimal;
mod error;
mod event;
mod gas;
mod genesis;
mod math;
mod module;
mod overlay;
mod page;
mod query;
mod router;
mod state;
#[cfg(test)]
mod tests;
mod text;
mod time;

pub use address::{Address, ConsensusAddress, ACCOUNT_PREFIX, CONSENSUS_PREFIX, OPERATOR_PREFIX};
pub use amount::Amount;
pub use coin::{validate_denom, Coin, Coins};
pub use context::{Block, CommitVote, Ctx, Misbehavior, Offence, ValidatorUpdate, View};
pub use decimal::Decimal;
pub use error::{codes, Error, Result};
pub use event::Event;
pub use gas::{GasMeter, GasTable};
pub use genesis::{message_from_json, message_to_json};
pub use math::{mul_div, mul_div_ceil, U256};
pub use module::Module;
pub use overlay::{Base, Change, Checkpoint, Overlay, StoreId};
pub use page::{newest_first, page, page_where, Page, PageLimits, BUSINESS_PAGE, COSMOS_PAGE};
pub use query::{QueryCode, QueryError, QueryResult};
pub use router::{AnyMsg, Msg, QueryRoutes, Routes};
pub use state::{Item, Key, Map, Value};
pub use text::check_text;
pub use time::{duration, from_duration, from_timestamp, timestamp, SECOND};

pub(crate) use state::proto_value;
