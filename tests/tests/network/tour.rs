//! `scripts/tour`: what it tells people is what happens.

use std::process::Command;

use jmes_tests::net::{end_with_this_thread, free_port_base, jmesd, repository, run};

#[test]
fn the_tour_goes_as_told() {
    // Its own four nodes, and the one that joins.
    let base = free_port_base(5).to_string();
    let mut tour = Command::new("timeout");
    tour.args(["--signal=TERM", "--kill-after=60", "300"]).arg(repository().join("scripts/tour"));
    tour.args(["--port-base", &base]).env("JMESD", jmesd());
    end_with_this_thread(&mut tour, libc::SIGTERM);
    let said = run(&mut tour);
    println!("{said}");
    assert!(said.contains("\nThe tour is over: everything happened as told"), "it did not reach its end");
}
