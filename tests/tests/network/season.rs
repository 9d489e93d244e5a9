//! `scripts/season`: what it tells people is what happens.

use std::process::Command;

use jmes_tests::net::{end_with_this_thread, free_port_base, jmesd, repository, run};

#[test]
fn the_season_goes_as_told() {
    // Its own four nodes, and the one that joins.
    let base = free_port_base(5).to_string();
    let mut season = Command::new("timeout");
    season.args(["--signal=TERM", "--kill-after=60", "300"]).arg(repository().join("scripts/season"));
    season.args(["--port-base", &base]).env("JMESD", jmesd());
    end_with_this_thread(&mut season, libc::SIGTERM);
    let said = run(&mut season);
    println!("{said}");
    assert!(said.contains("\nThe season is over: everything happened as told"), "it did not reach its end");
}
