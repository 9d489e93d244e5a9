//! `jmesd`, the node of JMES: the application that a CometBFT engine drives, its doors and its command line.

pub mod abci;
pub mod api;
pub mod chain;
pub mod cli;
pub mod engine;
pub mod keys;
pub mod node;
pub mod rpc;
pub mod snapshots;

use std::sync::OnceLock;

static COMMIT: OnceLock<&str> = OnceLock::new();

/// The commit that the program was built from, as far as its build knew it.
pub fn commit() -> &'static str {
    COMMIT.get().copied().unwrap_or("unknown")
}

/// Says what [`commit`] is; the first call counts. The program's own few lines know it and not this library, which need
/// not be compiled anew with each commit.
pub fn set_commit(commit: &'static str) {
    COMMIT.get_or_init(|| commit);
}

/// A transaction takes some hundred small pieces of memory, many of them given back by another thread than the one that
/// took them, which this allocator does more cheaply than the C library's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Keeps huge pages from this process, which the allocator asks for: with them an idle node takes nearly twice the memory.
pub fn avoid_huge_pages() {
    #[cfg(target_os = "linux")]
    // SAFETY: prctl with these arguments only sets a flag of this process; where it is unknown, nothing happens.
    unsafe {
        libc::prctl(libc::PR_SET_THP_DISABLE, 1, 0, 0, 0);
    }
}
