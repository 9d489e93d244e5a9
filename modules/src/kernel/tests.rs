//! Tests of the kernel, one file for each of its parts.

mod addresses;
mod coins;
mod gas;
mod overlay;
mod pages;
mod routing;
mod typed_state;
