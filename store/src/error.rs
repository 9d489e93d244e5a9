//! What can go wrong in the store, told to people, and the one way out when a read cannot be answered.

use std::fmt::Display;
use std::path::{Path, PathBuf};

/// Why a store operation was refused or failed. None of these is a transaction result.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The list of store names passed to [`crate::Store::open`] cannot be used.
    #[error("the list of stores is not usable: {0}")]
    StoreList(String),
    /// The database on disk has a store that the program does not know.
    #[error(
        "the database in {path} has a store named {name:?} that this program does not know: it was written by \
         another version; use that version, or another home directory"
    )]
    ForeignStore {
        /// The database directory.
        path: PathBuf,
        /// The name found on disk.
        name: String,
    },
    /// The database on disk has a layout that this program does not read.
    #[error("the database in {path} has format {found}, this program reads format {supported}")]
    Format {
        /// The database directory.
        path: PathBuf,
        /// The format number found on disk.
        found: String,
        /// The format number this program writes.
        supported: u32,
    },
    /// Another process, or another [`crate::Store`] of this one, has the directory open.
    #[error("the database in {path} is in use by another process: stop that process first ({source})")]
    InUse {
        /// The database directory.
        path: PathBuf,
        /// What the operating system said.
        source: rocksdb::Error,
    },
    /// The database cannot be opened.
    #[error("cannot open the database in {path}: {source}")]
    Open {
        /// The database directory.
        path: PathBuf,
        /// The cause.
        source: rocksdb::Error,
    },
    /// The disk is full; nothing of the refused write is visible after a restart, or all of it.
    #[error("the disk that holds {path} is full: free some space and start again ({source})")]
    DiskFull {
        /// The database directory.
        path: PathBuf,
        /// The cause.
        source: rocksdb::Error,
    },
    /// A read or write failed.
    #[error("the database in {path} failed while {doing}: {source}")]
    Disk {
        /// The database directory.
        path: PathBuf,
        /// What was being done.
        doing: &'static str,
        /// The cause.
        source: rocksdb::Error,
    },
    /// What is on disk contradicts itself.
    #[error("the database is corrupt: {0}")]
    Corrupt(String),
    /// The height asked for is not kept, or not committed yet.
    #[error("height {height} is not available: this node keeps heights {earliest} to {latest}")]
    HeightNotKept {
        /// The height asked for.
        height: u64,
        /// The lowest height that can be read.
        earliest: u64,
        /// The last committed height.
        latest: u64,
    },
    /// Nothing has been committed yet.
    #[error("nothing has been committed yet")]
    Empty,
    /// A state is restored into an empty store only.
    #[error("the database has height {height} already: a state can only be restored into an empty one")]
    NotEmpty {
        /// The last committed height.
        height: u64,
    },
    /// Heights are prepared and committed one after the other.
    #[error("height {height} does not follow the last committed height {latest}")]
    WrongHeight {
        /// The height asked for.
        height: u64,
        /// The last committed height, 0 when there is none.
        latest: u64,
    },
    /// The changes name a store that is not open.
    #[error("there is no store number {0}")]
    UnknownStoreId(u8),
    /// There is no store of this name at the height asked for.
    #[error("there is no store named {name:?} at height {height}")]
    UnknownStore {
        /// The name asked for.
        name: String,
        /// The height asked for.
        height: u64,
    },
    /// ICS-23 has no proof of this.
    #[error("no proof for this key of store {name:?} at height {height}: {reason}")]
    Unprovable {
        /// The store's name.
        name: String,
        /// The height asked for.
        height: u64,
        /// What ICS-23 can't express.
        reason: &'static str,
    },
}

impl Error {
    /// The error for a failed read or write of the database in `path`; a full disk is told apart.
    pub(crate) fn disk(path: &Path, doing: &'static str, source: rocksdb::Error) -> Error {
        let path = path.to_path_buf();
        if source.as_ref().contains("No space left on device") {
            Error::DiskFull { path, source }
        } else {
            Error::Disk { path, doing, source }
        }
    }
}

/// Ends the process because the state on disk cannot be read: says `context` and `err` on stderr and aborts, which
/// is a non-zero exit for whoever started the node. Used where a wrong answer would become part of the chain.
pub fn fatal(context: impl Display, err: impl Display) -> ! {
    eprintln!("FATAL: {context}: {err}");
    eprintln!("The node stops here rather than go on with state it cannot trust.");
    std::process::abort()
}
