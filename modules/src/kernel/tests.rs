//! Tests of the kernel, one file for each of its parts.

mod addresses;
mod coins;
mod decimals;
mod gas;
mod overlay;
mod pages;
mod products;
mod routing;
mod typed_state;
