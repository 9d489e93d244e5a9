//! Nodes with their real engine: starting, stopping, breaking, and agreeing with each other.

mod disk;
mod kills;
mod life;
mod replay;
mod run;
mod several;
mod stories;
mod sync;
mod upgrades;
mod validators;
