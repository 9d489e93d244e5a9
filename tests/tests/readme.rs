//! The commands that README.md tells people to type, run as they are written.
//!
//! A `sh` block after the line `<!-- test -->` must end with status 0. The blocks run in one shell, in their order,
//! beside the network that README.md's first command, `scripts/run`, has started. So that this works while another
//! network runs on the machine, the network gets a home and ports of its own, and the blocks' mentions of the usual ones are
//! replaced by those; so is the node's binary, which is built with the tests. People type more slowly than blocks come: each
//! transaction is waited for, and must succeed in its block; and they look at the clock: DAOs are registered when the first
//! days are over, and the half of a cycle that a command is for is waited for. Those halves are short here.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use jmes_tests::net::{change_genesis, free_port_base, jmesd, repository, run, Script};
use serde_json::json;
use tempfile::TempDir;

const MARK: &str = "<!-- test -->";

/// Stands in for the node's binary, whose path is `JMESD`: called with a home, and then with what people type.
const PATIENT: &str = r#"#!/usr/bin/env bash
set -euo pipefail
# until WORDS TEXT: until the answer to the query has the text.
until_it_says() { until [[ $("$JMESD" "$home" "$dir" query $1 --output json) == *"$2"* ]]; do sleep 0.2; done; }
home=$1 dir=$2
case ${*:3} in
  'tx dao register '*) until_it_says 'staking seats' '"idp":false' ;;
  'tx gov raise text '*)
    # The whole of a half.
    until_it_says 'gov cycle' '"VOTING"'
    until_it_says 'gov cycle' '"RAISING"'
    ;;
  'tx gov vote '*) until_it_says 'gov cycle' '"VOTING"' ;;
  'tx gov conclude '*) until_it_says 'gov cycle' '"RAISING"' ;;
esac
answer=$("$JMESD" "$@")
printf '%s\n' "$answer"
[[ $3 == tx && $* != *--generate-only* ]] || exit 0
hash=$(sed -n 's/^txhash: *//p' <<<"$answer")
result=$("$JMESD" "$1" "$2" query wait-tx "$hash" --timeout 60s --output json)
[[ $result == *'"code":0,'* ]] || { printf 'it failed: %s\n' "$result" >&2; exit 1; }
"#;
/// The longest for the commands together.
const LIMIT: Duration = Duration::from_secs(240);

#[test]
fn the_commands_of_the_readme_work_as_written() {
    let readme = fs::read_to_string(repository().join("README.md")).expect("README.md");
    assert!(readme.contains("```sh\nscripts/run\n```"), "README.md does not begin a chain with scripts/run");
    let blocks = marked_blocks(&readme);
    assert!(!blocks.is_empty(), "README.md has no sh block after a line {MARK}");

    let dir = TempDir::new().expect("a temporary directory");
    let home = dir.path().join("localnet");
    let base = free_port_base(1);
    let home = home.to_str().expect("a path in UTF-8");
    let patient = dir.path().join("jmesd");
    fs::write(&patient, PATIENT).expect("a file can be written");
    fs::set_permissions(&patient, Permissions::from_mode(0o755)).expect("its mode can be set");
    let replacements = [
        ("target/release/jmesd", patient.to_str().expect("a path in UTF-8").to_owned()),
        (".localnet", home.to_owned()),
        ("scripts/verify-artwork", repository().join("scripts/verify-artwork").display().to_string()),
        (":26657", format!(":{}", base + 1)),
        (":1317", format!(":{}", base + 2)),
        (":9090", format!(":{}", base + 3)),
    ];
    run(Command::new(jmesd()).args(["testnet", "--home", home, "--port-base", &base.to_string()]));
    change_genesis(&Path::new(home).join("node0"), |state| {
        state["governance"]["params"]["raising_period"] = json!("15s");
        state["governance"]["params"]["voting_period"] = json!("10s");
    });
    let network = Script::start(&["--home", home]);
    // People see that an answer is an error; a script has to ask for it.
    let mut script = "set -euo pipefail\ncurl() { command curl --fail-with-body \"$@\"; }\n".to_owned();
    for block in blocks {
        let replace = |text: String, (from, to): &(&str, String)| text.replace(from, to);
        script += &replacements.iter().fold(block, replace);
    }
    let output = run(Command::new("timeout")
        .args([&LIMIT.as_secs().to_string(), "bash", "-xc", &script])
        .env("JMESD", jmesd())
        .current_dir(dir.path()));
    println!("{output}");
    assert!(dir.path().join("emission.svg").exists(), "the picture is not there");
    network.interrupt();
}

/// The `sh` blocks that follow a line with the mark.
fn marked_blocks(readme: &str) -> Vec<String> {
    let block = |part: &str| {
        let code = part.strip_prefix("\n```sh\n").expect("a sh block after the mark");
        code.split_once("```").expect("the end of the block").0.to_owned()
    };
    readme.split(MARK).skip(1).map(block).collect()
}
