//! What the integration tests share.
//!
//! - [`TestChain`]: the real chain over a real store in a directory of its own, driven as the engine drives it but
//!   without the engine; [`Genesis`] says how it begins.
//! - [`Validator`]: consensus keys and operators.
//! - [`Key`], [`Group`], [`Draft`], [`Signer`]: wallets, and the transactions they sign.
//! - [`Workload`]: plausible and implausible transactions without end; [`Random`]: the randomness of it.
//! - [`net`]: networks of real nodes with real engines.

mod chain;
mod draft;
mod engine;
mod genesis;
mod keys;
pub mod net;
mod random;
mod validators;
mod workload;

pub use chain::TestChain;
pub use draft::{Draft, Signer};
pub use engine::Powers;
pub use genesis::Genesis;
pub use keys::{Group, Key};
pub use random::{is_long, long, seed, Random};
pub use validators::Validator;
pub use workload::Workload;
