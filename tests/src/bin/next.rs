//! `jmesd` as its next version would be, for the tests of the swap (§14): the same node, made for the upgrade `next`.

use std::process::ExitCode;

use jmes_modules::upgrade::{know, Known};

fn main() -> ExitCode {
    know(&[Known { name: "next", run: |_| Ok(()) }]);
    jmesd::cli::run(std::env::args_os())
}
