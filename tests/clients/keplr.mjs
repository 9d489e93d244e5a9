// The raw calls that Keplr makes when a user adds the chain, looks at balances and sends, with the shapes that it
// reads. The wallet itself is a browser extension; its HTTP and websocket traffic is what the node sees of it.

import assert from "node:assert/strict";

import { Secp256k1HdWallet, makeSignDoc } from "@cosmjs/amino";
import { fromBase64, fromHex, toBase64 } from "@cosmjs/encoding";
import { encodePubkey, makeAuthInfoBytes, Registry } from "@cosmjs/proto-signing";
import { defaultRegistryTypes } from "@cosmjs/stargate";
import { SignMode } from "cosmjs-types/cosmos/tx/signing/v1beta1/signing";
import { AuthInfo, TxRaw } from "cosmjs-types/cosmos/tx/v1beta1/tx";

import { check, DENOM, finish, HD_PATH, mnemonicOf, network, node, PREFIX, show, until } from "./harness.mjs";

const options = { prefix: PREFIX, hdPaths: [HD_PATH] };
const wallet = await Secp256k1HdWallet.fromMnemonic(mnemonicOf("bob"), options);
const [{ address, pubkey }] = await wallet.getAccounts();
const stranger = (await (await Secp256k1HdWallet.generate(12, options)).getAccounts())[0].address;
const registry = new Registry(defaultRegistryTypes);

/** Asks over REST; gives the HTTP status and the JSON body. */
async function rest(path, body) {
  const init = body && { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  const response = await fetch(node.rest + path, init);
  assert.match(response.headers.get("content-type"), /^application\/json/, path);
  return { status: response.status, body: await response.json() };
}

const good = async (path, body) => {
  const answer = await rest(path, body);
  assert.equal(answer.status, 200, `${path}: ${show(answer)}`);
  return answer.body;
};

const account = async () => (await good(`/cosmos/auth/v1beta1/accounts/${address}`)).account;
const message = (amount) => ({
  typeUrl: "/cosmos.bank.v1beta1.MsgSend",
  value: { fromAddress: address, toAddress: stranger, amount: [{ denom: DENOM, amount }] },
});

/** The transaction as Keplr simulates it: amino mode, no public key, 64 zero bytes for a signature. */
function unsigned(sequence, amount) {
  const signerInfos = [{ modeInfo: { single: { mode: SignMode.SIGN_MODE_LEGACY_AMINO_JSON } }, sequence }];
  return toBase64(
    TxRaw.encode({
      bodyBytes: registry.encodeTxBody({ messages: [message(amount)], memo: "" }),
      authInfoBytes: AuthInfo.encode(AuthInfo.fromPartial({ signerInfos, fee: {} })).finish(),
      signatures: [new Uint8Array(64)],
    }).finish(),
  );
}

/** The signed transaction, in amino mode as with a hardware key. */
async function signed({ account_number, sequence }, amount, gas) {
  const fee = { amount: [{ denom: DENOM, amount: String(Math.ceil(gas * 0.0025)) }], gas: String(gas) };
  const value = { from_address: address, to_address: stranger, amount: [{ denom: DENOM, amount }] };
  const document = makeSignDoc([{ type: "cosmos-sdk/MsgSend", value }], fee, network.chain_id, "", account_number, sequence);
  const { signature } = await wallet.signAmino(address, document);
  const key = encodePubkey({ type: "tendermint/PubKeySecp256k1", value: toBase64(pubkey) });
  return toBase64(
    TxRaw.encode({
      bodyBytes: registry.encodeTxBody({ messages: [message(amount)], memo: "" }),
      authInfoBytes: makeAuthInfoBytes(
        [{ pubkey: key, sequence: Number(sequence) }], fee.amount, gas, undefined, undefined, SignMode.SIGN_MODE_LEGACY_AMINO_JSON),
      signatures: [fromBase64(signature.signature)],
    }).finish(),
  );
}

/** A websocket of the engine, as a tracer of transactions uses it. */
async function openSocket() {
  const socket = new WebSocket(`${node.rpc.replace("http", "ws")}/websocket`);
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = () => reject(new Error("the websocket does not open"));
  });
  const waiting = new Map();
  socket.onmessage = ({ data }) => {
    const { id, result, error } = JSON.parse(data);
    // A subscription answers once with nothing, and again with the same id when its event comes.
    if (error) waiting.get(id)?.reject(new Error(show(error)));
    else if (Object.keys(result).length > 0) waiting.get(id)?.resolve(result);
  };
  let id = 0;
  const ask = (method, params) =>
    new Promise((resolve, reject) => {
      waiting.set(++id, { resolve, reject });
      socket.send(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
    });
  return { ask, close: () => socket.close() };
}

await check("add chain: the engine's status names the chain", async () => {
  const response = await fetch(`${node.rpc}/status`);
  const { result } = await response.json();
  assert.equal(result.node_info.network, network.chain_id);
  assert.match(result.node_info.version, /^0\.38\./);
  assert.equal(result.sync_info.catching_up, false);
});

await check("add chain: the websocket opens and answers", async () => {
  const socket = await openSocket();
  const status = await socket.ask("status", []);
  assert.equal(status.node_info.network, network.chain_id);
  socket.close();
});

await check("add chain: node_info names the chain and the versions", async () => {
  const info = await good("/cosmos/base/tendermint/v1beta1/node_info");
  assert.equal(info.default_node_info.network, network.chain_id);
  assert.match(info.application_version.cosmos_sdk_version, /^v0\.5\d\.\d+$/);
  assert.match(info.application_version.version, /^v?\d+\.\d+\.\d+$/);
  const modules = info.application_version.build_deps.map((dep) => dep.path);
  assert.ok(modules.includes("github.com/cosmos/cosmos-sdk"), show(modules));
  assert.ok(modules.includes("github.com/cometbft/cometbft"), show(modules));
});

await check("balance: a new address is a 404 with code 5", async () => {
  const { status, body } = await rest(`/cosmos/auth/v1beta1/accounts/${stranger}`);
  assert.equal(status, 404);
  assert.equal(body.code, 5);
  assert.match(body.message, new RegExp(`account ${stranger} not found`));
  assert.deepEqual(body.details, []);
});

await check("balance: an account", async () => {
  const found = await account();
  assert.equal(found["@type"], "/cosmos.auth.v1beta1.BaseAccount");
  assert.equal(found.address, address);
  assert.equal(found.pub_key, null);
  assert.match(found.account_number, /^\d+$/);
  assert.equal(found.sequence, "0");
});

for (const kind of ["balances", "spendable_balances"]) {
  await check(`balance: ${kind}, of a known and of a new address`, async () => {
    const path = `/cosmos/bank/v1beta1/${kind}`;
    const known = await good(`${path}/${address}?pagination.limit=1000`);
    assert.equal(known.balances.length, 1);
    assert.equal(known.balances[0].denom, DENOM);
    assert.match(known.balances[0].amount, /^[1-9]\d*$/);
    assert.equal(known.pagination.next_key, null);
    assert.deepEqual((await good(`${path}/${stranger}?pagination.limit=1000`)).balances, []);
  });
}

await check("balance: the probe for spendable_balances with a bad address is a 400", async () => {
  const { status, body } = await rest("/cosmos/bank/v1beta1/spendable_balances/test");
  assert.equal(status, 400);
  assert.equal(body.code, 3);
  assert.match(body.message, /bech32|address/);
});

await check("probe: IBC transfer parameters are 200 or 501", async () => {
  const { status } = await rest("/ibc/apps/transfer/v1/params");
  assert.ok(status === 200 || status === 501, `status ${status}`);
});

await check("an unknown path is a 501 with code 12", async () => {
  const { status, body } = await rest("/cosmos/nothing/v1/here");
  assert.equal(status, 501);
  assert.equal(body.code, 12);
  assert.deepEqual(body.details, []);
});

await check("send: simulated without a public key", async () => {
  const { sequence } = await account();
  const { gas_info, result } = await good("/cosmos/tx/v1beta1/simulate", { tx_bytes: unsigned(BigInt(sequence), "1") });
  assert.match(gas_info.gas_used, /^[1-9]\d*$/);
  assert.ok(Array.isArray(result.events));
});

await check("send: a simulation that fails says why", async () => {
  const { sequence } = await account();
  const body = { tx_bytes: unsigned(BigInt(sequence), "9".repeat(25)) };
  const answer = await rest("/cosmos/tx/v1beta1/simulate", body);
  assert.ok(answer.status >= 400, show(answer));
  assert.match(answer.body.message, /insufficient funds/);
});

await check("send: the simulated gas is enough, the websocket tells of the block, every search finds it", async () => {
  const socket = await openSocket();
  const before = await account();
  const simulated = await good("/cosmos/tx/v1beta1/simulate", { tx_bytes: unsigned(BigInt(before.sequence), "1000") });
  const tx_bytes = await signed(before, "1000", Math.ceil(Number(simulated.gas_info.gas_used) * 1.3));
  const { tx_response } = await good("/cosmos/tx/v1beta1/txs", { tx_bytes, mode: "BROADCAST_MODE_SYNC" });
  assert.equal(tx_response.code, 0, show(tx_response));
  assert.match(tx_response.txhash, /^[0-9A-F]{64}$/);
  assert.equal(tx_response.raw_log, "");
  const query = `tm.event='Tx' AND tx.hash='${tx_response.txhash}'`;
  const event = await socket.ask("subscribe", { query });
  assert.equal(event.query, query);
  assert.equal(event.data.type, "tendermint/event/Tx");
  assert.equal(event.data.value.TxResult.tx, tx_bytes);

  const hash = toBase64(fromHex(tx_response.txhash));
  const found = await until("the index", () => socket.ask("tx", { hash, prove: false }).catch(() => null));
  assert.equal(found.hash, tx_response.txhash);
  assert.equal(found.tx_result.code, 0);
  const search = { query: `tx.hash='${tx_response.txhash}'`, page: "1", per_page: "1", order_by: "asc" };
  assert.equal((await socket.ask("tx_search", search)).total_count, "1");
  socket.close();

  const shown = await good(`/cosmos/tx/v1beta1/txs/${tx_response.txhash}`);
  assert.equal(shown.tx_response.height, found.height);
  assert.equal(shown.tx_response.code, 0);
  assert.equal(shown.tx.body.messages[0]["@type"], "/cosmos.bank.v1beta1.MsgSend");
  assert.equal(shown.tx.auth_info.signer_infos[0].mode_info.single.mode, "SIGN_MODE_LEGACY_AMINO_JSON");
  assert.equal((await good(`/cosmos/bank/v1beta1/balances/${stranger}`)).balances[0].amount, "1000");
  const after = await account();
  assert.equal(after.sequence, String(BigInt(before.sequence) + 1n));
  assert.equal(after.pub_key["@type"], "/cosmos.crypto.secp256k1.PubKey");
  assert.equal(after.pub_key.key, toBase64(pubkey));
});

await check("send: a refusal has HTTP status 200 and the code in the body", async () => {
  const tx_bytes = await signed({ ...(await account()), sequence: "77" }, "1", 200_000);
  const { tx_response } = await good("/cosmos/tx/v1beta1/txs", { tx_bytes, mode: "BROADCAST_MODE_SYNC" });
  assert.equal(tx_response.code, 32);
  assert.equal(tx_response.codespace, "sdk");
  assert.match(tx_response.raw_log, /account sequence mismatch, expected \d+, got 77/);
});

await check("track: an unknown hash is a 404", async () => {
  const { status, body } = await rest(`/cosmos/tx/v1beta1/txs/${"0".repeat(64)}`);
  assert.equal(status, 404);
  assert.match(body.message, /tx not found/);
});

finish();
