package main

import (
	"bytes"
	"cmp"
	"errors"
	"slices"

	db "github.com/cometbft/cometbft-db"
	"github.com/cometbft/cometbft/config"
	"github.com/syndtr/goleveldb/leveldb"
	"github.com/syndtr/goleveldb/leveldb/opt"
)

// indexOptions are those of the transaction index, which gets some 27 keys for every transaction, in no order. With
// LevelDB's own (a buffer of 4 MiB, tables of 2 MiB, merged as soon as there are four), sorting them takes as much time
// as all else that the engine does for a transaction. Tables are merged when twelve have come together: each time, all
// that is there of the level below is written again. A search looks into some more tables for it. The files are the
// same.
var indexOptions = opt.Options{
	WriteBuffer:            32 * opt.MiB,
	CompactionTableSize:    16 * opt.MiB,
	CompactionTotalSize:    256 * opt.MiB,
	CompactionL0Trigger:    12,
	WriteL0SlowdownTrigger: 24,
	WriteL0PauseTrigger:    36,
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

// indexDB is a database that writes a large batch in sorted parts. LevelDB grows a batch by a few percent at a time, so
// that making one for a block of some thousand transactions copies it dozens of times, in memory that is new each time;
// and to find the place of a key in its buffer takes it a third of the time if the key before stands near.
//
// Only for the index: a batch that the machine's crash interrupts can then be there in part. The index is written
// some time after its block, so a crash can leave it without the block's end anyway.
type indexDB struct {
	*db.GoLevelDB
}

// NewBatch makes an empty batch.
func (d indexDB) NewBatch() db.Batch {
	return &indexBatch{db: d.DB(), part: make([]byte, 0, partSize+partSize/4)}
}

// partSize is the size in bytes of keys and values from which the part of a batch is written.
const partSize = 1 << 20

var (
	errBatchClosed = errors.New("the batch has been written or closed")
	errKeyEmpty    = errors.New("a key can't be empty")
	errValueNil    = errors.New("a value can't be nil")
)

// indexBatch collects writes. It can be finished once.
type indexBatch struct {
	db *leveldb.DB
	// part holds keys and values of what is not written yet; nil once the batch is closed.
	part   []byte
	writes []write
	// sorted is the part as LevelDB takes it; kept for the next.
	sorted *leveldb.Batch
}

// write is one write of a part: where its key begins, where its value begins and ends.
type write struct {
	key, value, end int
	deletes         bool
}

// Set adds a write.
func (b *indexBatch) Set(key, value []byte) error {
	if value == nil {
		return errValueNil
	}
	return b.add(key, value, false)
}

// Delete adds a removal.
func (b *indexBatch) Delete(key []byte) error { return b.add(key, nil, true) }

// add writes what has come together if it is much. It does so before something is added, so that there is always
// something left whose writing makes all of it durable.
func (b *indexBatch) add(key, value []byte, deletes bool) error {
	if len(key) == 0 {
		return errKeyEmpty
	}
	if b.part == nil {
		return errBatchClosed
	}
	if len(b.part) >= partSize {
		if err := b.writePart(false); err != nil {
			return err
		}
	}
	start := len(b.part)
	b.part = append(append(b.part, key...), value...)
	b.writes = append(b.writes, write{start, start + len(key), len(b.part), deletes})
	return nil
}

// writePart writes the part in order of its keys; of one key's writes the last stays the last.
func (b *indexBatch) writePart(sync bool) error {
	key := func(w write) []byte { return b.part[w.key:w.value] }
	slices.SortFunc(b.writes, func(x, y write) int {
		return cmp.Or(bytes.Compare(key(x), key(y)), cmp.Compare(x.key, y.key))
	})
	if b.sorted == nil {
		b.sorted = leveldb.MakeBatch(len(b.part) + len(b.part)/4)
	}
	b.sorted.Reset()
	for _, w := range b.writes {
		if w.deletes {
			b.sorted.Delete(key(w))
		} else {
			b.sorted.Put(key(w), b.part[w.value:w.end])
		}
	}
	b.part, b.writes = b.part[:0], b.writes[:0]
	return b.db.Write(b.sorted, &opt.WriteOptions{Sync: sync})
}

// Write writes the rest of the batch and closes it.
func (b *indexBatch) Write() error { return b.finish(false) }

// WriteSync writes the rest of the batch, waits until all of it is on disk, and closes it.
func (b *indexBatch) WriteSync() error { return b.finish(true) }

func (b *indexBatch) finish(sync bool) error {
	if b.part == nil {
		return errBatchClosed
	}
	if err := b.writePart(sync); err != nil {
		return err
	}
	return b.Close()
}

// Close drops what is not written; it can be called more than once.
func (b *indexBatch) Close() error {
	b.part, b.writes, b.sorted = nil, nil, nil
	return nil
}
