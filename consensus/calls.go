package main

import (
	"context"

	"github.com/cometbft/cometbft/abci/types"
)

// The calls of the ABCI. Each sends its request and waits for the answer; the error is the connection's.

// Info asks the application and waits for its answer.
func (c *socketClient) Info(ctx context.Context, req *types.RequestInfo) (*types.ResponseInfo, error) {
	res, err := c.ask(ctx, types.ToRequestInfo(req), is[*types.Response_Info])
	return res.GetInfo(), err
}

// CheckTx asks the application and waits for its answer.
func (c *socketClient) CheckTx(ctx context.Context, req *types.RequestCheckTx) (*types.ResponseCheckTx, error) {
	res, err := c.ask(ctx, types.ToRequestCheckTx(req), is[*types.Response_CheckTx])
	return res.GetCheckTx(), err
}

// Query asks the application and waits for its answer.
func (c *socketClient) Query(ctx context.Context, req *types.RequestQuery) (*types.ResponseQuery, error) {
	res, err := c.ask(ctx, types.ToRequestQuery(req), is[*types.Response_Query])
	return res.GetQuery(), err
}

// InitChain asks the application and waits for its answer.
func (c *socketClient) InitChain(ctx context.Context, req *types.RequestInitChain) (*types.ResponseInitChain, error) {
	res, err := c.ask(ctx, types.ToRequestInitChain(req), is[*types.Response_InitChain])
	return res.GetInitChain(), err
}

// ListSnapshots asks the application and waits for its answer.
func (c *socketClient) ListSnapshots(ctx context.Context, req *types.RequestListSnapshots) (*types.ResponseListSnapshots, error) {
	res, err := c.ask(ctx, types.ToRequestListSnapshots(req), is[*types.Response_ListSnapshots])
	return res.GetListSnapshots(), err
}

// OfferSnapshot asks the application and waits for its answer.
func (c *socketClient) OfferSnapshot(ctx context.Context, req *types.RequestOfferSnapshot) (*types.ResponseOfferSnapshot, error) {
	res, err := c.ask(ctx, types.ToRequestOfferSnapshot(req), is[*types.Response_OfferSnapshot])
	return res.GetOfferSnapshot(), err
}

// LoadSnapshotChunk asks the application and waits for its answer.
func (c *socketClient) LoadSnapshotChunk(ctx context.Context, req *types.RequestLoadSnapshotChunk) (*types.ResponseLoadSnapshotChunk, error) {
	res, err := c.ask(ctx, types.ToRequestLoadSnapshotChunk(req), is[*types.Response_LoadSnapshotChunk])
	return res.GetLoadSnapshotChunk(), err
}

// ApplySnapshotChunk asks the application and waits for its answer.
func (c *socketClient) ApplySnapshotChunk(ctx context.Context, req *types.RequestApplySnapshotChunk) (*types.ResponseApplySnapshotChunk, error) {
	res, err := c.ask(ctx, types.ToRequestApplySnapshotChunk(req), is[*types.Response_ApplySnapshotChunk])
	return res.GetApplySnapshotChunk(), err
}

// PrepareProposal asks the application and waits for its answer.
func (c *socketClient) PrepareProposal(ctx context.Context, req *types.RequestPrepareProposal) (*types.ResponsePrepareProposal, error) {
	res, err := c.ask(ctx, types.ToRequestPrepareProposal(req), is[*types.Response_PrepareProposal])
	return res.GetPrepareProposal(), err
}

// ProcessProposal asks the application and waits for its answer.
func (c *socketClient) ProcessProposal(ctx context.Context, req *types.RequestProcessProposal) (*types.ResponseProcessProposal, error) {
	res, err := c.ask(ctx, types.ToRequestProcessProposal(req), is[*types.Response_ProcessProposal])
	return res.GetProcessProposal(), err
}

// ExtendVote asks the application and waits for its answer.
func (c *socketClient) ExtendVote(ctx context.Context, req *types.RequestExtendVote) (*types.ResponseExtendVote, error) {
	res, err := c.ask(ctx, types.ToRequestExtendVote(req), is[*types.Response_ExtendVote])
	return res.GetExtendVote(), err
}

// VerifyVoteExtension asks the application and waits for its answer.
func (c *socketClient) VerifyVoteExtension(ctx context.Context, req *types.RequestVerifyVoteExtension) (*types.ResponseVerifyVoteExtension, error) {
	res, err := c.ask(ctx, types.ToRequestVerifyVoteExtension(req), is[*types.Response_VerifyVoteExtension])
	return res.GetVerifyVoteExtension(), err
}

// FinalizeBlock asks the application and waits for its answer.
func (c *socketClient) FinalizeBlock(ctx context.Context, req *types.RequestFinalizeBlock) (*types.ResponseFinalizeBlock, error) {
	res, err := c.ask(ctx, types.ToRequestFinalizeBlock(req), is[*types.Response_FinalizeBlock])
	return res.GetFinalizeBlock(), err
}

// Commit asks the application and waits for its answer.
func (c *socketClient) Commit(ctx context.Context, _ *types.RequestCommit) (*types.ResponseCommit, error) {
	res, err := c.ask(ctx, types.ToRequestCommit(), is[*types.Response_Commit])
	return res.GetCommit(), err
}

// Echo asks the application and waits for its answer.
func (c *socketClient) Echo(ctx context.Context, message string) (*types.ResponseEcho, error) {
	res, err := c.ask(ctx, types.ToRequestEcho(message), is[*types.Response_Echo])
	return res.GetEcho(), err
}
