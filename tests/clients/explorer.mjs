// What explorers, relayers and exporters read of blocks and transactions, over REST and the engine's RPC, after some blocks
// full of sends: the index is written by the engine in parts, and every part must be found.

import assert from "node:assert/strict";

import { sha256 } from "@cosmjs/crypto";
import { fromBase64, fromHex, toBase64, toBech32, toHex } from "@cosmjs/encoding";
import { DirectSecp256k1HdWallet } from "@cosmjs/proto-signing";
import { calculateFee, GasPrice, SigningStargateClient } from "@cosmjs/stargate";
import { QueryBalanceRequest, QueryBalanceResponse } from "cosmjs-types/cosmos/bank/v1beta1/query";
import { TxRaw } from "cosmjs-types/cosmos/tx/v1beta1/tx";

import { check, DENOM, finish, HD_PATH, mnemonicOf, network, node, PREFIX, show, until } from "./harness.mjs";

/** Enough that a block's part of the index is more than the engine writes at once. */
const SENDS = 300;
const SEND = "/cosmos.bank.v1beta1.MsgSend";
const walletOptions = { prefix: PREFIX, hdPaths: [HD_PATH] };
const fee = calculateFee(200_000, GasPrice.fromString(`0.0025${DENOM}`));

async function rest(path) {
  const response = await fetch(node.rest + path);
  const body = await response.json();
  assert.equal(response.status, 200, `${path}: ${show(body)}`);
  return body;
}

async function rpc(method, params = {}) {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
  const response = await fetch(node.rpc, { method: "POST", headers: { "content-type": "application/json" }, body });
  const { result, error } = await response.json();
  assert.equal(error, undefined, `${method}: ${show(error)}`);
  return result;
}

/** Pages of a search, put together. */
async function pages(method, list, params) {
  const found = [];
  for (let page = 1; ; page += 1) {
    const answer = await rpc(method, { ...params, page: String(page), per_page: "100" });
    found.push(...answer[list]);
    if (found.length >= Number(answer.total_count)) return found;
    assert.ok(answer[list].length > 0, `page ${page} of ${answer.total_count} is empty`);
  }
}

const heightOf = async () => Number((await rpc("status")).sync_info.latest_block_height);
const base64OfHex = (hex) => toBase64(fromHex(hex));

const wallet = await DirectSecp256k1HdWallet.fromMnemonic(mnemonicOf("alice"), walletOptions);
const [{ address }] = await wallet.getAccounts();
const client = await SigningStargateClient.connectWithSigner(node.rpc, wallet);
const [{ address: to }] = await (await DirectSecp256k1HdWallet.generate(12, walletOptions)).getAccounts();
/** Hashes in the order of sequences; heights in the order of blocks. */
const hashes = [];
let firstSequence;
let heights;
/** The first block with a transaction, as the engine has it. */
let block;
let height;

await check("transactions: some hundred are indexed, and found page by page in both orders", async () => {
  const { accountNumber, sequence } = await client.getSequence(address);
  firstSequence = sequence;
  const value = { fromAddress: address, toAddress: to, amount: [{ denom: DENOM, amount: "1" }] };
  const signed = [];
  for (let next = sequence; next < sequence + SENDS; next += 1) {
    const signer = { accountNumber, sequence: next, chainId: network.chain_id };
    const tx = TxRaw.encode(await client.sign(address, [{ typeUrl: SEND, value }], fee, "", signer)).finish();
    hashes.push(toHex(sha256(tx)).toUpperCase());
    signed.push(tx);
  }
  for (const tx of signed) {
    const { code, log } = await rpc("broadcast_tx_sync", { tx: toBase64(tx) });
    assert.equal(code, 0, log);
  }
  const last = await until("the last", () => client.getTx(hashes.at(-1)));
  await until("a block after it", async () => (await heightOf()) > last.height);
  const query = `transfer.recipient='${to}'`;
  const found = await pages("tx_search", "txs", { query, order_by: "asc" });
  assert.deepEqual(found.map((tx) => tx.hash), hashes);
  const backwards = await pages("tx_search", "txs", { query, order_by: "desc" });
  assert.deepEqual(backwards.map((tx) => tx.hash), [...hashes].reverse());
  heights = [...new Set(found.map((tx) => Number(tx.height)))];
  [height] = heights;
  block = await rpc("block", { height: String(height) });
});

await check("transactions: txs?query with order_by, pages and limits", async () => {
  const search = async (order, page, limit) => {
    const query = encodeURIComponent(`transfer.recipient='${to}'`);
    return rest(`/cosmos/tx/v1beta1/txs?query=${query}&order_by=${order}&page=${page}&limit=${limit}`);
  };
  const first = await search("ORDER_BY_ASC", 1, 10);
  assert.equal(first.total, String(SENDS));
  assert.deepEqual(first.tx_responses.map((tx) => tx.txhash), hashes.slice(0, 10));
  assert.equal(first.txs.length, 10);
  assert.equal(first.txs[0].body.messages[0]["@type"], SEND);
  const third = await search("ORDER_BY_DESC", 3, 20);
  assert.deepEqual(third.tx_responses.map((tx) => tx.txhash), [...hashes].reverse().slice(40, 60));
});

await check("transactions: txs/block lists a block's with the block", async () => {
  const { txs, block_id, block: shown, pagination } = await rest(`/cosmos/tx/v1beta1/txs/block/${height}`);
  assert.equal(block_id.hash, base64OfHex(block.block_id.hash));
  assert.equal(shown.header.height, String(height));
  assert.deepEqual(shown.data.txs, block.block.data.txs);
  assert.equal(pagination.total, String(shown.data.txs.length));
  assert.equal(txs[0].body.messages[0].to_address, to);
  assert.equal(txs[0].auth_info.signer_infos[0].sequence, String(firstSequence));
});

await check("blocks: the latest and one by height are the engine's", async () => {
  const latest = await rest("/cosmos/base/tendermint/v1beta1/blocks/latest");
  assert.ok(Number(latest.block.header.height) >= heights.at(-1));
  assert.equal(latest.block.header.chain_id, network.chain_id);
  const { block_id, block: shown, sdk_block } = await rest(`/cosmos/base/tendermint/v1beta1/blocks/${height}`);
  assert.equal(block_id.hash, base64OfHex(block.block_id.hash));
  assert.equal(shown.header.app_hash, base64OfHex(block.block.header.app_hash));
  const proposer = fromHex(block.block.header.proposer_address);
  assert.equal(shown.header.proposer_address, toBase64(proposer));
  assert.equal(sdk_block.header.proposer_address, toBech32(`${PREFIX}valcons`, proposer));
  assert.deepEqual(shown.data.txs, block.block.data.txs);
});

await check("validator sets: the latest and one by height are the engine's", async () => {
  for (const at of ["latest", height]) {
    const { block_height, validators, pagination } = await rest(`/cosmos/base/tendermint/v1beta1/validatorsets/${at}`);
    const set = await rpc("validators", { height: block_height });
    assert.ok(at === "latest" ? Number(block_height) > height : block_height === String(height), block_height);
    assert.equal(pagination.total, set.total);
    assert.deepEqual(
      validators.map((one) => [one.address, one.pub_key["@type"], one.pub_key.key, one.voting_power]),
      set.validators.map((one) => [
        toBech32(`${PREFIX}valcons`, fromHex(one.address)),
        "/cosmos.crypto.ed25519.PubKey",
        one.pub_key.value,
        one.voting_power,
      ]),
    );
  }
});

await check("node: it does not sync, and its status is of a block", async () => {
  assert.deepEqual(await rest("/cosmos/base/tendermint/v1beta1/syncing"), { syncing: false });
  const status = await rest("/cosmos/base/node/v1beta1/status");
  const [earliest, latest] = [Number(status.earliest_store_height), Number(status.height)];
  assert.ok(earliest >= 1 && earliest <= latest && latest >= height, show(status));
  assert.equal(fromBase64(status.app_hash).length, 32);
  assert.equal(status.validator_hash, base64OfHex(block.block.header.validators_hash));
  assert.ok(Date.parse(status.timestamp) >= Date.parse(block.block.header.time));
  assert.equal((await rest("/cosmos/base/node/v1beta1/config")).minimum_gas_price.endsWith(DENOM), true);
});

await check("ABCIQuery: a query over REST and through the engine give the same", async () => {
  const path = "/cosmos.bank.v1beta1.Query/Balance";
  const data = QueryBalanceRequest.encode({ address: to, denom: DENOM }).finish();
  const params = new URLSearchParams({ path, data: toBase64(data), height: String(heights.at(-1)) });
  const answer = await rest(`/cosmos/base/tendermint/v1beta1/abci_query?${params}`);
  const { response } = await rpc("abci_query", { path, data: toHex(data), height: String(heights.at(-1)) });
  assert.deepEqual([answer.code, answer.value, answer.height], [0, response.value, response.height]);
  const { balance } = QueryBalanceResponse.decode(fromBase64(answer.value));
  assert.deepEqual(balance, { denom: DENOM, amount: String(SENDS) });
});

await check("ABCIQuery: a key of a store comes with the proofs of both levels", async () => {
  // Any key does, one that is not there included.
  const params = new URLSearchParams({ path: "/store/bank/key", data: toBase64(Uint8Array.of(1)), prove: "true" });
  const { proof_ops, height: at } = await rest(`/cosmos/base/tendermint/v1beta1/abci_query?${params}`);
  assert.deepEqual(proof_ops.ops.map((op) => op.type), ["ics23:jmt", "ics23:jmt"]);
  assert.equal(Buffer.from(fromBase64(proof_ops.ops[1].key)).toString(), "bank");
  assert.ok(Number(at) >= height);
});

await check("RPC block_search: by height, and ranges in both orders", async () => {
  const one = await rpc("block_search", { query: `block.height=${height}` });
  assert.deepEqual([one.total_count, one.blocks[0].block_id.hash], ["1", block.block_id.hash]);
  const last = heights.at(-1);
  const range = Array.from({ length: last }, (_, index) => String(index + 1));
  for (const [order_by, wanted] of [["asc", range], ["desc", [...range].reverse()]]) {
    const found = await pages("block_search", "blocks", { query: `block.height<=${last}`, order_by });
    assert.deepEqual(found.map((entry) => entry.block.header.height), wanted);
  }
});

await check("RPC block_results: results and events of every transaction of a block", async () => {
  for (const at of heights) {
    const results = await rpc("block_results", { height: String(at) });
    const { block: shown } = await rpc("block", { height: String(at) });
    assert.equal(results.height, String(at));
    assert.equal(results.txs_results.length, shown.data.txs.length);
    for (const result of results.txs_results) {
      assert.equal(result.code, 0, result.log);
      const transfers = result.events.filter((event) => event.type === "transfer");
      assert.ok(transfers.some((event) => event.attributes.some(({ key, value }) => key === "recipient" && value === to)));
    }
    const next = await rpc("header", { height: String(at + 1) });
    assert.equal(results.app_hash, base64OfHex(next.header.app_hash));
  }
});

await check("RPC consensus_params are those of genesis and of the application", async () => {
  const { consensus_params } = await rpc("consensus_params", { height: String(height) });
  const { genesis } = await rpc("genesis");
  assert.deepEqual(consensus_params.block, genesis.consensus_params.block);
  assert.deepEqual(consensus_params.evidence, genesis.consensus_params.evidence);
  const { params } = await rest("/cosmos/consensus/v1/params");
  assert.equal(params.block.max_bytes, consensus_params.block.max_bytes);
  assert.equal(params.block.max_gas, consensus_params.block.max_gas);
});

await check("RPC abci_info: what the application has committed", async () => {
  const { response } = await rpc("abci_info");
  assert.equal(response.data, "jmesd");
  const next = String(Number(response.last_block_height) + 1);
  const { header } = await until("the next block", async () => {
    return (await heightOf()) >= Number(next) && rpc("header", { height: next });
  });
  assert.equal(response.last_block_app_hash, base64OfHex(header.app_hash));
});

await check("RPC dump_consensus_state and consensus_state: the round under way", async () => {
  const before = await heightOf();
  const { round_state, peers } = await rpc("dump_consensus_state");
  assert.ok(Number(round_state.height) > before, round_state.height);
  const { validators } = await rpc("validators", { height: round_state.height });
  const powers = (set) => set.map((one) => [one.address, one.voting_power]);
  assert.deepEqual(powers(round_state.validators.validators), powers(validators));
  assert.deepEqual(peers, []);
  const short = (await rpc("consensus_state")).round_state;
  assert.match(short["height/round/step"], /^\d+\/\d+\/\d+$/);
});

await check("RPC: what else exporters and relayers ask", async () => {
  assert.deepEqual(await rpc("health"), {});
  assert.equal((await rpc("commit", { height: String(height) })).signed_header.commit.block_id.hash, block.block_id.hash);
  const { block_metas, last_height } = await rpc("blockchain", { minHeight: String(height), maxHeight: String(height) });
  assert.equal(block_metas[0].num_txs, String(block.block.data.txs.length));
  assert.ok(Number(last_height) >= height);
  assert.equal((await rpc("net_info")).n_peers, "0");
  await until("an empty mempool", async () => (await rpc("num_unconfirmed_txs")).total === "0");
  const { tx_result, proof } = await rpc("tx", { hash: base64OfHex(hashes[0]), prove: true });
  assert.equal(tx_result.code, 0);
  assert.equal(proof.root_hash, block.block.header.data_hash);
  assert.equal((await rpc("block_by_hash", { hash: base64OfHex(block.block_id.hash) })).block.header.height, String(height));
});

finish();
