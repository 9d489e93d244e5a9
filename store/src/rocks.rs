//! RocksDB as the store uses it: its columns, its settings with their reasons, reads at one moment, and writes.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rocksdb::{
    BlockBasedOptions, Cache, ColumnFamily, ColumnFamilyDescriptor, DBCompressionType, DBPinnableSlice,
    DBRawIterator, ReadOptions, Snapshot, WriteBatch, WriteOptions, DB,
};

use crate::{fatal, Error, Options};

const MIB: usize = 1 << 20;

/// The column families, one for each kind of record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// Head, format, store names, the application's own entries.
    Meta,
    /// The current value of every key.
    State,
    /// What keys held before each height that changed them.
    History,
    /// Per height: changed keys, roots, replaced tree nodes.
    Heights,
    /// The nodes of the authenticated trees.
    Nodes,
    /// Key hash to raw key.
    Preimages,
}

impl Column {
    const ALL: [Column; 6] =
        [Self::Meta, Self::State, Self::History, Self::Heights, Self::Nodes, Self::Preimages];

    fn name(self) -> &'static str {
        match self {
            Self::Meta => rocksdb::DEFAULT_COLUMN_FAMILY_NAME,
            Self::State => "state",
            Self::History => "history",
            Self::Heights => "heights",
            Self::Nodes => "nodes",
            Self::Preimages => "preimages",
        }
    }
}

/// An open database.
pub struct Rocks {
    db: DB,
    path: PathBuf,
}

impl Rocks {
    /// Opens the database in `path`, or makes an empty one.
    pub fn open(path: &Path, options: &Options) -> Result<Self, Error> {
        let cache = Cache::new_lru_cache(options.block_cache_bytes);
        let columns = Column::ALL.map(|column| {
            ColumnFamilyDescriptor::new(column.name(), column_options(column, &cache, options))
        });
        let db = DB::open_cf_descriptors(&database_options(options), path, columns).map_err(|source| {
            let path = path.to_path_buf();
            // RocksDB has no error code of its own for this one.
            if source.as_ref().contains("LOCK") {
                Error::InUse { path, source }
            } else {
                match Error::disk(&path, "opening it", source) {
                    Error::Disk { path, source, .. } => Error::Open { path, source },
                    full => full,
                }
            }
        })?;
        Ok(Self { db, path: path.to_path_buf() })
    }

    /// The database directory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The handle of a column.
    pub fn column(&self, column: Column) -> &ColumnFamily {
        // Opening fails if a column is missing, so this is found.
        self.db.cf_handle(column.name()).unwrap_or_else(|| fatal("missing column family", column.name()))
    }

    /// The value of `key` now.
    pub fn value(&self, column: Column, key: &[u8]) -> Result<Option<DBPinnableSlice<'_>>, Error> {
        self.db.get_pinned_cf(self.column(column), key).map_err(|source| self.failed("reading", source))
    }

    /// An iterator over what is in `column` now, from key `lower` on and before key `upper`.
    pub fn iterator(&self, column: Column, lower: Vec<u8>, upper: Vec<u8>) -> DBRawIterator<'_> {
        self.db.raw_iterator_cf_opt(self.column(column), between(lower, upper))
    }

    /// Writes `batch`, all of it or nothing; if `sync`, returns once it is on the disk to stay.
    pub fn write(&self, batch: WriteBatch, sync: bool) -> Result<(), Error> {
        let mut options = WriteOptions::default();
        options.set_sync(sync);
        self.db.write_opt(batch, &options).map_err(|source| self.failed("writing", source))
    }

    /// Deletes everything.
    pub fn clear(&self) -> Result<(), Error> {
        let mut batch = WriteBatch::default();
        // No key begins like this: store numbers end at 254, and after the top-level tree's comes a height.
        let end = [0xff; 16];
        Column::ALL.iter().for_each(|&column| batch.delete_range_cf(self.column(column), &[][..], &end));
        self.write(batch, true)
    }

    /// The error for a failed operation on this database.
    pub fn failed(&self, doing: &'static str, source: rocksdb::Error) -> Error {
        Error::disk(&self.path, doing, source)
    }
}

#[cfg(test)]
impl Rocks {
    /// Moves what is in memory to tables.
    pub fn flush(&self) -> Result<(), Error> {
        let columns = Column::ALL.map(|column| self.column(column));
        self.db.flush_cfs_opt(&columns, &Default::default()).map_err(|source| self.failed("flushing", source))
    }

    /// Rewrites the tables of `column` so that they stay as they are.
    pub fn compact(&self, column: Column) {
        let mut options = rocksdb::CompactOptions::default();
        options.set_bottommost_level_compaction(rocksdb::BottommostLevelCompaction::Force);
        self.db.compact_range_cf_opt(self.column(column), None::<&[u8]>, None::<&[u8]>, &options);
    }

    /// The table files of `column`.
    pub fn tables(&self, column: Column) -> Vec<PathBuf> {
        let files = self.db.live_files().unwrap().into_iter();
        let own = files.filter(|file| file.column_family_name == column.name());
        own.map(|file| self.path.join(file.name.trim_start_matches('/'))).collect()
    }
}

/// The database as it was when this was made, whatever is written later.
pub struct Pinned {
    // Dropped in this order: the snapshot must go before the database it belongs to.
    snapshot: Snapshot<'static>,
    rocks: Arc<Rocks>,
}

impl Pinned {
    /// Pins what `rocks` holds now.
    pub fn new(rocks: Arc<Rocks>) -> Self {
        let snapshot = rocks.db.snapshot();
        // SAFETY: the snapshot borrows `rocks.db`, which the `Arc` beside it keeps alive at the same address until
        // after the snapshot is dropped; neither is ever handed out with the longer lifetime.
        let snapshot = unsafe { std::mem::transmute::<Snapshot<'_>, Snapshot<'static>>(snapshot) };
        Self { snapshot, rocks }
    }

    /// The database this is a moment of.
    pub fn rocks(&self) -> &Rocks {
        &self.rocks
    }

    /// The value of `key` at this moment.
    pub fn value(&self, column: Column, key: &[u8]) -> Result<Option<DBPinnableSlice<'_>>, Error> {
        let value = self.snapshot.get_pinned_cf(self.rocks.column(column), key);
        value.map_err(|source| self.rocks.failed("reading", source))
    }

    /// The values of many keys, which must be in ascending order, at this moment.
    pub fn values(
        &self,
        column: Column,
        keys: &[Vec<u8>],
    ) -> Result<Vec<Option<DBPinnableSlice<'_>>>, Error> {
        let mut options = ReadOptions::default();
        options.set_snapshot(&self.snapshot);
        let values = self.rocks.db.batched_multi_get_cf_opt(self.rocks.column(column), keys, true, &options);
        values.into_iter().collect::<Result<_, _>>().map_err(|source| self.rocks.failed("reading", source))
    }

    /// An iterator over what was in `column` at this moment, from key `lower` on and before key `upper`.
    pub fn iterator(&self, column: Column, lower: Vec<u8>, upper: Vec<u8>) -> DBRawIterator<'_> {
        self.snapshot.raw_iterator_cf_opt(self.rocks.column(column), between(lower, upper))
    }
}

fn between(lower: Vec<u8>, upper: Vec<u8>) -> ReadOptions {
    let mut options = ReadOptions::default();
    options.set_iterate_lower_bound(lower);
    options.set_iterate_upper_bound(upper);
    options
}

fn database_options(options: &Options) -> rocksdb::Options {
    let mut db = rocksdb::Options::default();
    db.create_if_missing(true);
    db.create_missing_column_families(true);
    // What is behind the last synced commit is dropped when the log ends in a torn record. The engine replays blocks
    // to an application that lost its last ones, but a log lost as a whole must not go unnoticed.
    db.set_wal_recovery_mode(rocksdb::DBRecoveryMode::PointInTime);
    db.set_track_and_verify_wals_in_manifest(true);
    // Log files are used again, which makes syncs cheaper. It also chooses the record format whose reader is sure to
    // come to an end on any bytes behind the last record; with the other, some make it read one record for ever.
    db.set_recycle_log_file_num(1);
    db.set_paranoid_checks(true);
    // A restart reads the log back: this bounds how long that takes.
    db.set_max_total_wal_size(4 * options.memtable_bytes as u64);
    db.set_db_write_buffer_size(2 * options.memtable_bytes);
    db.set_max_background_jobs(2);
    db.set_bytes_per_sync(MIB as u64);
    db.set_max_open_files(options.open_files);
    db.set_keep_log_file_num(3);
    db.set_max_log_file_size(MIB);
    db.set_stats_dump_period_sec(0);
    db.set_stats_persist_period_sec(0);
    db
}

fn column_options(column: Column, cache: &Cache, options: &Options) -> rocksdb::Options {
    let mut table = BlockBasedOptions::default();
    table.set_block_cache(cache);
    table.set_block_size(4096);
    table.set_format_version(6);
    // Filters and indexes count against the cache, or they would grow with the chain outside of any limit.
    table.set_cache_index_and_filter_blocks(true);
    table.set_cache_index_and_filter_blocks_with_high_priority(true);
    table.set_pin_l0_filter_and_index_blocks_in_cache(true);
    if matches!(column, Column::State | Column::Nodes | Column::Preimages) {
        // The columns that are read by whole keys, often absent ones.
        table.set_bloom_filter(10.0, false);
        table.set_optimize_filters_for_memory(true);
    }
    let mut family = rocksdb::Options::default();
    family.set_block_based_table_factory(&table);
    // Hashes and keys don't compress, and values are small and hot.
    family.set_compression_type(DBCompressionType::None);
    family.set_level_compaction_dynamic_level_bytes(true);
    family.set_write_buffer_size(match column {
        Column::Meta => MIB,
        _ => options.memtable_bytes,
    });
    family.set_max_write_buffer_number(3);
    family.set_target_file_size_base(32 * MIB as u64);
    family.set_max_bytes_for_level_base(128 * MIB as u64);
    family
}
