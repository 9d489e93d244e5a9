//! `scripts/tour` and `scripts/season`, in which one voter uses CosmJS: what they tell people is what happens.

use std::process::Command;

use jmes_tests::net::{end_with_this_thread, free_port_base, jmesd, repository, run};

#[test]
fn the_tour_goes_as_told() {
    // Its own four nodes, and the one that joins.
    goes_as_told("tour", 5, 300);
}

#[test]
fn the_season_goes_as_told() {
    let said = goes_as_told("season", 4, 480);
    assert!(said.contains(" voted 7=yes "), "CosmJS did not vote");
}

/// Runs a script that needs the ports of so many nodes, at most for so many seconds.
fn goes_as_told(script: &str, nodes: u16, limit: u64) -> String {
    let base = free_port_base(nodes).to_string();
    let mut story = Command::new("timeout");
    story.args(["--signal=TERM", "--kill-after=60", &limit.to_string()]);
    story.arg(repository().join("scripts").join(script));
    story.args(["--port-base", &base]).env("JMESD", jmesd()).env("COSMJS", "1");
    end_with_this_thread(&mut story, libc::SIGTERM);
    let said = run(&mut story);
    println!("{said}");
    let end = format!("\nThe {script} is over: everything happened as told");
    assert!(said.contains(&end), "it did not reach its end");
    said
}
