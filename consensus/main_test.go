package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"testing"

	db "github.com/cometbft/cometbft-db"
	"github.com/cometbft/cometbft/config"
	"github.com/stretchr/testify/require"
)

func TestOnlySocketAddressesGetTheSocketClient(t *testing.T) {
	for address, own := range map[string]bool{
		"unix:///tmp/app.sock": true, "tcp://127.0.0.1:26658": true,
		"kvstore": false, "noop": false, "127.0.0.1:26658": false,
	} {
		cfg := config.DefaultConfig()
		cfg.SetRoot(t.TempDir())
		cfg.ProxyApp = address
		_, is := clientCreator(cfg).(socketCreator)
		require.Equal(t, own, is, address)
		cfg.ABCI = "grpc"
		_, is = clientCreator(cfg).(socketCreator)
		require.False(t, is, address)
	}
}

func TestTheOperatorsRuntimeSettingsStay(t *testing.T) {
	before, procs := debug.SetGCPercent(77), runtime.GOMAXPROCS(1)
	defer func() { debug.SetGCPercent(before); runtime.GOMAXPROCS(procs) }()
	tuneRuntime(func(string) (string, bool) { return "set", true })
	require.Equal(t, 77, debug.SetGCPercent(77))
	require.Equal(t, 1, runtime.GOMAXPROCS(0))
	tuneRuntime(func(string) (string, bool) { return "", false })
	require.Equal(t, gcPercent, debug.SetGCPercent(77))
	require.GreaterOrEqual(t, runtime.GOMAXPROCS(0), minProcs)
}

func open(t *testing.T, root, id string) db.DB {
	t.Helper()
	cfg := config.DefaultConfig()
	cfg.SetRoot(root)
	opened, err := openDatabase(&config.DBContext{ID: id, Config: cfg})
	require.NoError(t, err)
	return opened
}

func TestOnlyTheIndexHasItsOwnBatches(t *testing.T) {
	for _, id := range []string{"blockstore", "state", "evidence"} {
		other := open(t, t.TempDir(), id)
		_, own := other.(indexDB)
		require.False(t, own, id)
		require.NoError(t, other.Close())
	}
}

func TestABatchOfManyPartsIsThereAfterReopening(t *testing.T) {
	root := t.TempDir()
	index := open(t, root, "tx_index")
	value := make([]byte, 1_000)
	batch := index.NewBatch()
	for i := range 3_000 {
		require.NoError(t, batch.Set(fmt.Appendf(nil, "key %d", i), value))
	}
	require.NoError(t, batch.Delete([]byte("key 0")))
	require.NoError(t, batch.WriteSync())
	require.ErrorIs(t, batch.Write(), errBatchClosed)
	require.ErrorIs(t, batch.Set([]byte("late"), value), errBatchClosed)
	require.NoError(t, batch.Close())
	require.NoError(t, index.Close())

	index = open(t, root, "tx_index")
	defer index.Close()
	for i := range 3_000 {
		has, err := index.Has(fmt.Appendf(nil, "key %d", i))
		require.NoError(t, err)
		require.Equal(t, i != 0, has, i)
	}
}

// The parts are sorted; what was said last of a key counts, as without sorting.
func TestOfOneKeysWritesTheLastCounts(t *testing.T) {
	index := open(t, t.TempDir(), "tx_index")
	defer index.Close()
	batch := index.NewBatch()
	for i := range 100 {
		for _, key := range []string{"b", "a", "c"} {
			require.NoError(t, batch.Set([]byte(key), fmt.Append(nil, key, i)))
		}
		require.NoError(t, batch.Delete([]byte("c")))
	}
	require.NoError(t, batch.Write())
	for key, want := range map[string][]byte{"a": []byte("a99"), "b": []byte("b99"), "c": nil} {
		value, err := index.Get([]byte(key))
		require.NoError(t, err)
		require.Equal(t, want, value, key)
	}
}

func TestAClosedBatchWritesNothing(t *testing.T) {
	index := open(t, t.TempDir(), "tx_index")
	defer index.Close()
	batch := index.NewBatch()
	require.ErrorIs(t, batch.Set(nil, []byte{1}), errKeyEmpty)
	require.ErrorIs(t, batch.Set([]byte("key"), nil), errValueNil)
	require.ErrorIs(t, batch.Delete(nil), errKeyEmpty)
	require.NoError(t, batch.Set([]byte("key"), []byte{}))
	require.NoError(t, batch.Close())
	has, err := index.Has([]byte("key"))
	require.NoError(t, err)
	require.False(t, has)
}
