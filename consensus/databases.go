package main

import (
	"errors"

	db "github.com/cometbft/cometbft-db"
	"github.com/cometbft/cometbft/config"
	"github.com/syndtr/goleveldb/leveldb"
	"github.com/syndtr/goleveldb/leveldb/opt"
)

// indexOptions are those of the transaction index, which gets some 27 keys for every transaction, in no order. With
// the default buffer of 4 MiB and tables of 2 MiB, sorting them takes as much time as all else that the engine does
// for a transaction. The files are the same.
var indexOptions = opt.Options{
	WriteBuffer:         32 * opt.MiB,
	CompactionTableSize: 16 * opt.MiB,
	CompactionTotalSize: 256 * opt.MiB,
}

// openDatabase opens one of the node's databases.
func openDatabase(ctx *config.DBContext) (db.DB, error) {
	if ctx.ID != "tx_index" || db.BackendType(ctx.Config.DBBackend) != db.GoLevelDBBackend {
		return config.DefaultDBProvider(ctx)
	}
	index, err := db.NewGoLevelDBWithOpts(ctx.ID, ctx.Config.DBDir(), &indexOptions)
	if err != nil {
		return nil, err
	}
	return indexDB{index}, nil
}

// indexDB is a database that writes a large batch in parts. LevelDB grows a batch by a few percent at a time, so that
// making one for a block of some thousand transactions copies it dozens of times, in memory that is new each time.
//
// Only for the index: a batch that the machine's crash interrupts can then be there in part. The index is written
// some time after its block, so a crash can leave it without the block's end anyway.
type indexDB struct {
	*db.GoLevelDB
}

// NewBatch makes an empty batch.
func (d indexDB) NewBatch() db.Batch {
	return &indexBatch{db: d.DB(), part: leveldb.MakeBatch(partSize + partSize/4)}
}

// partSize is the size in bytes from which the part of a batch is written.
const partSize = 512 << 10

var (
	errBatchClosed = errors.New("the batch has been written or closed")
	errKeyEmpty    = errors.New("a key can't be empty")
	errValueNil    = errors.New("a value can't be nil")
)

// indexBatch collects writes. It can be finished once.
type indexBatch struct {
	db *leveldb.DB
	// part is what is not written yet; nil once the batch is closed.
	part *leveldb.Batch
}

// Set adds a write.
func (b *indexBatch) Set(key, value []byte) error {
	switch {
	case len(key) == 0:
		return errKeyEmpty
	case value == nil:
		return errValueNil
	case b.part == nil:
		return errBatchClosed
	}
	if err := b.makeRoom(); err != nil {
		return err
	}
	b.part.Put(key, value)
	return nil
}

// Delete adds a removal.
func (b *indexBatch) Delete(key []byte) error {
	switch {
	case len(key) == 0:
		return errKeyEmpty
	case b.part == nil:
		return errBatchClosed
	}
	if err := b.makeRoom(); err != nil {
		return err
	}
	b.part.Delete(key)
	return nil
}

// makeRoom writes what has come together if it is much. It is called before something is added, so that there is
// always something left whose writing makes all of it durable.
func (b *indexBatch) makeRoom() error {
	if len(b.part.Dump()) < partSize {
		return nil
	}
	if err := b.db.Write(b.part, nil); err != nil {
		return err
	}
	b.part.Reset()
	return nil
}

// Write writes the rest of the batch and closes it.
func (b *indexBatch) Write() error { return b.finish(false) }

// WriteSync writes the rest of the batch, waits until all of it is on disk, and closes it.
func (b *indexBatch) WriteSync() error { return b.finish(true) }

func (b *indexBatch) finish(sync bool) error {
	if b.part == nil {
		return errBatchClosed
	}
	if err := b.db.Write(b.part, &opt.WriteOptions{Sync: sync}); err != nil {
		return err
	}
	return b.Close()
}

// Close drops what is not written; it can be called more than once.
func (b *indexBatch) Close() error {
	b.part = nil
	return nil
}
