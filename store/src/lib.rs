//! placeholder

pub mod tree;
