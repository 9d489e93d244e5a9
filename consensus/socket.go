package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime"
	"sync"
	"time"

	abcicli "github.com/cometbft/cometbft/abci/client"
	"github.com/cometbft/cometbft/abci/types"
	cmtnet "github.com/cometbft/cometbft/libs/net"
	"github.com/cometbft/cometbft/libs/service"
)

const (
	// connectInterval is the time between attempts to reach an application that is not there yet.
	connectInterval = time.Second
	// maxUnwritten is how many bytes of requests may wait to be written before who sends more has to wait.
	maxUnwritten = 1 << 20
	// readBuffer is the size in bytes of the buffer that answers are read through.
	readBuffer = 64 << 10
	// maxAnswer is the most bytes an answer may have.
	maxAnswer = 1<<31 - 1
)

// errStopped is what calls get from a client that was stopped without an error.
var errStopped = errors.New("the connection to the application is closed")

// socketClient is one connection to an application behind a unix or TCP socket (the ABCI socket protocol: messages
// with their length before them, answered in the order in which they were sent).
//
// Requests are encoded by whoever sends them; a writer takes all that have come together and writes them at once,
// with a Flush behind them for applications that hold back their answers until then. A reader hands out the answers
// and runs the callbacks. If the connection fails the client stops, and Error says why.
type socketClient struct {
	service.BaseService
	address string
	conn    net.Conn

	mtx sync.Mutex
	// unwritten has the encoded requests that the writer has not taken.
	unwritten []byte
	// sent has what is not answered yet, in order.
	sent queue
	// work wakes the writer, space those who wait for room in unwritten.
	work, space sync.Cond
	onResponse  abcicli.Callback
	stopped     bool
	err         error
}

var _ abcicli.Client = (*socketClient)(nil)

// newSocketClient makes a client of the application at address, which is not connected before Start.
func newSocketClient(address string) *socketClient {
	client := &socketClient{address: address}
	client.work.L, client.space.L = &client.mtx, &client.mtx
	client.BaseService = *service.NewBaseService(nil, "socketClient", client)
	return client
}

// OnStart connects; it tries until the application is there.
func (c *socketClient) OnStart() error {
	for {
		conn, err := cmtnet.Connect(c.address)
		if err == nil {
			c.conn = conn
			go c.write()
			go c.read()
			return nil
		}
		c.Logger.Error("The application can't be reached, trying again", "address", c.address, "err", err)
		time.Sleep(connectInterval)
	}
}

// OnStop closes the connection and releases all who wait.
func (c *socketClient) OnStop() {
	c.mtx.Lock()
	c.stopped = true
	abandoned := c.sent.takeAll()
	c.mtx.Unlock()
	c.work.Broadcast()
	c.space.Broadcast()
	if c.conn != nil {
		_ = c.conn.Close()
	}
	for _, request := range abandoned {
		if request.reqRes != nil {
			request.reqRes.Done()
		}
	}
}

// Error says what stopped the client; nil if nothing did or it was stopped on purpose.
func (c *socketClient) Error() error {
	c.mtx.Lock()
	defer c.mtx.Unlock()
	return c.err
}

// SetResponseCallback sets what is called with every request and its answer, in order.
func (c *socketClient) SetResponseCallback(callback abcicli.Callback) {
	c.mtx.Lock()
	c.onResponse = callback
	c.mtx.Unlock()
}

// CheckTxAsync sends a transaction to be checked and returns; the answer goes to the callbacks.
func (c *socketClient) CheckTxAsync(ctx context.Context, req *types.RequestCheckTx) (*abcicli.ReqRes, error) {
	return c.send(ctx, types.ToRequestCheckTx(req), is[*types.Response_CheckTx])
}

// Flush waits until everything sent before it is answered.
func (c *socketClient) Flush(ctx context.Context) error {
	_, err := c.ask(ctx, types.ToRequestFlush(), is[*types.Response_Flush])
	return err
}

// ask sends a request and waits for its answer.
func (c *socketClient) ask(
	ctx context.Context, request *types.Request, matches func(*types.Response) bool,
) (*types.Response, error) {
	reqRes, err := c.send(ctx, request, matches)
	if err != nil {
		return nil, err
	}
	reqRes.Wait()
	if reqRes.Response == nil {
		return nil, c.reason()
	}
	return reqRes.Response, nil
}

// send encodes a request for the writer, when there is room for it.
func (c *socketClient) send(
	ctx context.Context, request *types.Request, matches func(*types.Response) bool,
) (*abcicli.ReqRes, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	reqRes := abcicli.NewReqRes(request)
	c.mtx.Lock()
	defer c.mtx.Unlock()
	for len(c.unwritten) >= maxUnwritten && !c.stopped {
		c.space.Wait()
	}
	if c.stopped {
		return nil, c.reasonLocked()
	}
	if err := c.append(request); err != nil {
		return nil, err
	}
	c.sent.push(sentRequest{reqRes, matches})
	c.work.Signal()
	return reqRes, nil
}

// append encodes a request behind those that wait.
func (c *socketClient) append(request *types.Request) error {
	size := request.Size()
	start := len(c.unwritten)
	buffer := binary.AppendUvarint(c.unwritten, uint64(size))
	body := len(buffer)
	buffer = grow(buffer, size)
	if _, err := request.MarshalToSizedBuffer(buffer[body:]); err != nil {
		c.unwritten = buffer[:start]
		return fmt.Errorf("encode request: %w", err)
	}
	c.unwritten = buffer
	return nil
}

// write writes requests as long as the client runs.
func (c *socketClient) write() {
	var batch []byte
	for {
		c.mtx.Lock()
		for len(c.unwritten) == 0 && !c.stopped {
			c.work.Wait()
		}
		c.mtx.Unlock()
		// Whoever is about to send a request too does so first: then one write, and one wake-up of the
		// application, are for all of them. When nobody is, this costs nothing.
		runtime.Gosched()
		c.mtx.Lock()
		if c.stopped {
			c.mtx.Unlock()
			return
		}
		if err := c.append(types.ToRequestFlush()); err != nil {
			c.mtx.Unlock()
			c.fail(err)
			return
		}
		c.sent.push(sentRequest{nil, is[*types.Response_Flush]})
		batch, c.unwritten = c.unwritten, reusable(batch)
		c.mtx.Unlock()
		c.space.Broadcast()
		if _, err := c.conn.Write(batch); err != nil {
			c.fail(fmt.Errorf("write to the application: %w", err))
			return
		}
	}
}

// read hands out answers as long as the client runs.
func (c *socketClient) read() {
	reader := bufio.NewReaderSize(c.conn, readBuffer)
	var buffer []byte
	for {
		response := new(types.Response)
		var err error
		if buffer, err = readMessage(reader, buffer, response); err == nil {
			err = c.receive(response)
		}
		if err != nil {
			c.fail(err)
			return
		}
	}
}

// receive gives an answer to the request that is the next to be answered.
func (c *socketClient) receive(response *types.Response) error {
	if exception := response.GetException(); exception != nil {
		return errors.New(exception.Error)
	}
	c.mtx.Lock()
	request, expected := c.sent.pop()
	callback := c.onResponse
	c.mtx.Unlock()
	if !expected {
		return fmt.Errorf("the application sent a %T that nothing was asked for", response.Value)
	}
	reqRes := request.reqRes
	if !request.matches(response) {
		if reqRes != nil {
			reqRes.Done()
		}
		return fmt.Errorf("the application sent a %T where another answer is due", response.Value)
	}
	if reqRes == nil {
		return nil
	}
	reqRes.Response = response
	reqRes.Done()
	if callback != nil {
		callback(reqRes.Request, response)
	}
	reqRes.InvokeCallback()
	return nil
}

// fail stops the client for an error, unless it is stopped already.
func (c *socketClient) fail(err error) {
	c.mtx.Lock()
	first := !c.stopped && c.err == nil
	if first {
		c.err = err
	}
	c.mtx.Unlock()
	if !first {
		return
	}
	c.Logger.Error("Stopping the connection to the application", "err", err)
	if err := c.Stop(); err != nil && !errors.Is(err, service.ErrAlreadyStopped) {
		c.Logger.Error("The connection to the application can't be stopped", "err", err)
	}
}

// reason says why a request has no answer.
func (c *socketClient) reason() error {
	c.mtx.Lock()
	defer c.mtx.Unlock()
	return c.reasonLocked()
}

func (c *socketClient) reasonLocked() error {
	if c.err != nil {
		return c.err
	}
	return errStopped
}

// readMessage reads one message and decodes it, in a buffer that is kept for the next.
func readMessage(reader *bufio.Reader, buffer []byte, response *types.Response) ([]byte, error) {
	size, err := binary.ReadUvarint(reader)
	if err != nil {
		return buffer, fmt.Errorf("read from the application: %w", err)
	}
	if size > maxAnswer {
		return buffer, fmt.Errorf("the application sent an answer of %d bytes, more than %d", size, maxAnswer)
	}
	buffer = grow(reusable(buffer), int(size))
	if _, err := io.ReadFull(reader, buffer); err != nil {
		return buffer, fmt.Errorf("read from the application: %w", err)
	}
	if err := response.Unmarshal(buffer); err != nil {
		return buffer, fmt.Errorf("decode the application's answer: %w", err)
	}
	return buffer, nil
}

// is says whether an answer is of kind T.
func is[T any](response *types.Response) bool {
	_, ok := any(response.Value).(T)
	return ok
}
