//! `jmesd`: the node of JMES and its wallet. Everything is in the library; here is how the process begins and ends.

use std::process::ExitCode;

fn main() -> ExitCode {
    abort_on_panic();
    // Set by `scripts/run`.
    if let Some(commit) = option_env!("JMES_COMMIT").filter(|commit| !commit.is_empty()) {
        jmesd::set_commit(commit);
    }
    jmesd::cli::run(std::env::args_os())
}

/// A node that panics in one thread must not go on in others: it prints what happened and ends at once.
fn abort_on_panic() {
    let print = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        print(panic);
        // The panic of a migration is caught and fails its conclusion (§14).
        if !jmes_modules::upgrade::is_migrating() {
            std::process::abort();
        }
    }));
}
