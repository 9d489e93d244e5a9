package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"sync"
	"testing"
	"time"

	abcicli "github.com/cometbft/cometbft/abci/client"
	"github.com/cometbft/cometbft/abci/example/kvstore"
	"github.com/cometbft/cometbft/abci/server"
	"github.com/cometbft/cometbft/abci/types"
	"github.com/cometbft/cometbft/libs/log"
	"github.com/stretchr/testify/require"
)

// patience is how long a test waits for what has to happen.
const patience = 20 * time.Second

// connect starts a client of an application that is `serve` on one connection.
func connect(t *testing.T, serve func(*bufio.Reader, net.Conn)) *socketClient {
	t.Helper()
	path := filepath.Join(t.TempDir(), "app.sock")
	listener, err := net.Listen("unix", path)
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		serve(bufio.NewReader(conn), conn)
	}()
	return start(t, path)
}

func start(t *testing.T, path string) *socketClient {
	t.Helper()
	client := newSocketClient("unix://" + path)
	client.SetLogger(log.NewNopLogger())
	require.NoError(t, client.Start())
	t.Cleanup(func() { _ = client.Stop() })
	return client
}

// swallow reads requests and answers none.
func swallow(reader *bufio.Reader, _ net.Conn) {
	for types.ReadMessage(reader, new(types.Request)) == nil {
	}
}

// answer answers every request with `respond`'s, as it comes.
func answer(respond func(*types.Request) *types.Response) func(*bufio.Reader, net.Conn) {
	return func(reader *bufio.Reader, conn net.Conn) {
		for {
			request := new(types.Request)
			if types.ReadMessage(reader, request) != nil {
				return
			}
			response := respond(request)
			if response == nil || types.WriteMessage(response, conn) != nil {
				return
			}
		}
	}
}

// waitForQuit waits until the client has stopped.
func waitForQuit(t *testing.T, client *socketClient) {
	t.Helper()
	select {
	case <-client.Quit():
	case <-time.After(patience):
		t.Fatal("the client goes on")
	}
}

// CometBFT's own server holds answers back until a Flush comes.
func TestWorksWithAServerThatAnswersAtAFlush(t *testing.T) {
	path := filepath.Join(t.TempDir(), "app.sock")
	app := server.NewSocketServer("unix://"+path, kvstore.NewInMemoryApplication())
	app.SetLogger(log.NewNopLogger())
	require.NoError(t, app.Start())
	t.Cleanup(func() { _ = app.Stop() })
	client := start(t, path)
	ctx := context.Background()

	echo, err := client.Echo(ctx, "hello")
	require.NoError(t, err)
	require.Equal(t, "hello", echo.Message)
	_, err = client.Info(ctx, &types.RequestInfo{})
	require.NoError(t, err)
	var group sync.WaitGroup
	for i := range 500 {
		group.Add(1)
		go func() {
			defer group.Done()
			checked, err := client.CheckTx(ctx, &types.RequestCheckTx{Tx: fmt.Appendf(nil, "k%d=v", i)})
			if err != nil || checked.Code != 0 {
				t.Errorf("transaction %d: %v, %v", i, checked, err)
			}
		}()
	}
	group.Wait()
	require.NoError(t, client.Flush(ctx))
	require.NoError(t, client.Error())
}

func TestAnswersGoToTheirRequestsInOrder(t *testing.T) {
	const count = 5_000
	client := connect(t, answer(func(request *types.Request) *types.Response {
		if tx := request.GetCheckTx(); tx != nil {
			return types.ToResponseCheckTx(&types.ResponseCheckTx{Data: tx.Tx})
		}
		return types.ToResponseFlush()
	}))
	var global, own []string
	client.SetResponseCallback(func(request *types.Request, response *types.Response) {
		if tx := request.GetCheckTx(); tx != nil {
			global = append(global, string(tx.Tx)+"/"+string(response.GetCheckTx().Data))
		}
	})
	ctx := context.Background()
	var want, wantOwn []string
	for i := range count {
		tx := fmt.Sprint(i)
		want, wantOwn = append(want, tx+"/"+tx), append(wantOwn, tx)
		reqRes, err := client.CheckTxAsync(ctx, &types.RequestCheckTx{Tx: []byte(tx)})
		require.NoError(t, err)
		require.NotNil(t, reqRes)
		reqRes.Wait()
		own = append(own, string(reqRes.Response.GetCheckTx().Data))
	}
	require.NoError(t, client.Flush(ctx))
	require.Equal(t, want, global)
	require.Equal(t, wantOwn, own)
}

// More bytes than may wait are sent by one who waits for no answer.
func TestRequestsBeyondTheBoundAreAllAnswered(t *testing.T) {
	client := connect(t, answer(func(request *types.Request) *types.Response {
		if request.GetCheckTx() != nil {
			return types.ToResponseCheckTx(&types.ResponseCheckTx{})
		}
		return types.ToResponseFlush()
	}))
	answered := 0
	ctx, tx := context.Background(), make([]byte, 100_000)
	for range 200 {
		reqRes, err := client.CheckTxAsync(ctx, &types.RequestCheckTx{Tx: tx})
		require.NoError(t, err)
		reqRes.SetCallback(func(*types.Response) { answered++ })
	}
	require.NoError(t, client.Flush(ctx))
	require.Equal(t, 200, answered)
}

func TestALargeBlockAndItsLargeAnswerPass(t *testing.T) {
	client := connect(t, answer(func(request *types.Request) *types.Response {
		if block := request.GetFinalizeBlock(); block != nil {
			return types.ToResponseFinalizeBlock(&types.ResponseFinalizeBlock{AppHash: block.Txs[0]})
		}
		return types.ToResponseFlush()
	}))
	tx := make([]byte, 30<<20)
	tx[len(tx)-1] = 7
	response, err := client.FinalizeBlock(context.Background(), &types.RequestFinalizeBlock{Txs: [][]byte{tx}})
	require.NoError(t, err)
	require.Equal(t, tx, response.AppHash)
	require.LessOrEqual(t, cap(client.unwritten), maxKept)
}

func TestAFailureStopsTheClientAndSaysWhy(t *testing.T) {
	cases := map[string]struct {
		serve func(*bufio.Reader, net.Conn)
		why   string
	}{
		"exception": {answer(func(*types.Request) *types.Response {
			return types.ToResponseException("the disk is full")
		}), "the disk is full"},
		"closed": {func(reader *bufio.Reader, _ net.Conn) {
			_ = types.ReadMessage(reader, new(types.Request))
		}, "the application: "},
		"another answer": {answer(func(*types.Request) *types.Response {
			return types.ToResponseCommit(&types.ResponseCommit{})
		}), "*types.Response_Commit where another answer is due"},
		"no message": {func(reader *bufio.Reader, conn net.Conn) {
			_ = types.ReadMessage(reader, new(types.Request))
			_, _ = conn.Write([]byte{2, 0xff, 0xff})
		}, "decode the application's answer"},
		"too large": {func(reader *bufio.Reader, conn net.Conn) {
			_ = types.ReadMessage(reader, new(types.Request))
			_, _ = conn.Write([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0x0f})
		}, "an answer of"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			client := connect(t, test.serve)
			response, err := client.Info(context.Background(), &types.RequestInfo{})
			require.Nil(t, response)
			require.ErrorContains(t, err, test.why)
			waitForQuit(t, client)
			require.ErrorContains(t, client.Error(), test.why)
			_, err = client.CheckTxAsync(context.Background(), &types.RequestCheckTx{})
			require.ErrorContains(t, err, test.why)
		})
	}
}

func TestAnAnswerThatNothingAskedForStopsTheClient(t *testing.T) {
	client := connect(t, func(reader *bufio.Reader, conn net.Conn) {
		_ = types.WriteMessage(types.ToResponseFlush(), conn)
		swallow(reader, conn)
	})
	waitForQuit(t, client)
	require.ErrorContains(t, client.Error(), "that nothing was asked for")
}

func TestStoppingReleasesWhoWaitsAndIsNoError(t *testing.T) {
	client := connect(t, swallow)
	failed := make(chan error)
	go func() {
		_, err := client.Commit(context.Background(), &types.RequestCommit{})
		failed <- err
	}()
	require.Eventually(t, func() bool {
		client.mtx.Lock()
		defer client.mtx.Unlock()
		return len(client.sent.requests) > 0
	}, patience, time.Millisecond)
	require.NoError(t, client.Stop())
	require.ErrorIs(t, <-failed, errStopped)
	require.NoError(t, client.Error())
}

func TestStoppingReleasesWhoWaitsForRoom(t *testing.T) {
	client := connect(t, func(reader *bufio.Reader, conn net.Conn) {
		_ = types.ReadMessage(reader, new(types.Request))
		select {}
	})
	failed := make(chan error)
	go func() {
		for {
			tx := make([]byte, 100_000)
			if _, err := client.CheckTxAsync(context.Background(), &types.RequestCheckTx{Tx: tx}); err != nil {
				failed <- err
				return
			}
		}
	}()
	require.Eventually(t, func() bool {
		client.mtx.Lock()
		defer client.mtx.Unlock()
		return len(client.unwritten) >= maxUnwritten
	}, patience, time.Millisecond)
	require.NoError(t, client.Stop())
	require.ErrorIs(t, <-failed, errStopped)
}

func TestACancelledContextSendsNothing(t *testing.T) {
	client := connect(t, swallow)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := client.Query(ctx, &types.RequestQuery{})
	require.True(t, errors.Is(err, context.Canceled))
	require.Empty(t, client.sent.requests)
}

func TestTheQueueKeepsItsOrderAndDoesNotGrowForEver(t *testing.T) {
	var requests queue
	next := 0
	all := make([]*abcicli.ReqRes, 100_000)
	for i := range all {
		all[i] = new(abcicli.ReqRes)
		requests.push(sentRequest{reqRes: all[i]})
		if i < 1_500 {
			continue
		}
		request, ok := requests.pop()
		require.True(t, ok)
		require.Same(t, all[next], request.reqRes)
		next++
	}
	require.Less(t, cap(requests.requests), 20_000)
	require.Len(t, requests.takeAll(), 1_500)
	_, ok := requests.pop()
	require.False(t, ok)
}
