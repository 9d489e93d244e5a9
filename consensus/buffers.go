package main

import (
	"slices"

	abcicli "github.com/cometbft/cometbft/abci/client"
	"github.com/cometbft/cometbft/abci/types"
)

// sentRequest is a request that waits for its answer. A Flush of the client's own has no reqRes.
type sentRequest struct {
	reqRes  *abcicli.ReqRes
	matches func(*types.Response) bool
}

// queue gives requests back in the order in which they came.
type queue struct {
	requests []sentRequest
	first    int
}

func (q *queue) push(request sentRequest) {
	if q.first == len(q.requests) {
		q.requests, q.first = q.requests[:0], 0
	}
	q.requests = append(q.requests, request)
}

// pop takes the first request; false if there is none.
func (q *queue) pop() (sentRequest, bool) {
	if q.first == len(q.requests) {
		return sentRequest{}, false
	}
	request := q.requests[q.first]
	q.requests[q.first] = sentRequest{}
	q.first++
	// A queue that is never empty must not grow for ever.
	if q.first >= 1024 && q.first*2 >= len(q.requests) {
		q.requests = slices.Delete(q.requests, 0, q.first)
		q.first = 0
	}
	return request, true
}

func (q *queue) takeAll() []sentRequest {
	taken := q.requests[q.first:]
	*q = queue{}
	return taken
}

// maxKept is the capacity in bytes up to which a buffer is used again; a block can need many times more.
const maxKept = 4 << 20

// reusable empties a buffer for its next use, or lets a very large one go.
func reusable(buffer []byte) []byte {
	if cap(buffer) > maxKept {
		return nil
	}
	return buffer[:0]
}

// grow makes a buffer longer by size bytes of any content.
func grow(buffer []byte, size int) []byte {
	return slices.Grow(buffer, size)[:len(buffer)+size]
}
