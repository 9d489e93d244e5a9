// CosmJS as wallets and web pages use it: every call of its row in the table of clients that this node's modules
// serve, and how each refusal reaches the user.

import assert from "node:assert/strict";

import { createMultisigThresholdPubkey, makeSignDoc, pubkeyToAddress, Secp256k1HdWallet } from "@cosmjs/amino";
import { sha256 } from "@cosmjs/crypto";
import { fromBase64, toHex } from "@cosmjs/encoding";
import { DirectSecp256k1HdWallet, Registry } from "@cosmjs/proto-signing";
import {
  assertIsDeliverTxSuccess,
  calculateFee,
  defaultRegistryTypes,
  GasPrice,
  makeMultisignedTxBytes,
  SigningStargateClient,
  StargateClient,
} from "@cosmjs/stargate";
import { Comet38Client } from "@cosmjs/tendermint-rpc";
import { MsgSend } from "cosmjs-types/cosmos/bank/v1beta1/tx";
import { TxRaw } from "cosmjs-types/cosmos/tx/v1beta1/tx";

import { assertFails, check, DENOM, finish, HD_PATH, mnemonicOf, network, node, PREFIX, show, until } from "./harness.mjs";

const MULTI_SEND = "/cosmos.bank.v1beta1.MsgMultiSend";
const SEND = "/cosmos.bank.v1beta1.MsgSend";
const walletOptions = { prefix: PREFIX, hdPaths: [HD_PATH] };
const clientOptions = { gasPrice: GasPrice.fromString(`0.0025${DENOM}`), broadcastPollIntervalMs: 200 };
const fee = calculateFee(200_000, clientOptions.gasPrice);

const websocket = node.rpc.replace("http", "ws");
const coins = (amount) => [{ denom: DENOM, amount: String(amount) }];
const send = (from, to, amount, denom = DENOM) => ({
  typeUrl: SEND,
  value: { fromAddress: from, toAddress: to, amount: [{ denom, amount: String(amount) }] },
});
const encode = (tx) => TxRaw.encode(tx).finish();
const attribute = (result, type, key) =>
  result.events.filter((event) => event.type === type).flatMap((event) => event.attributes).find((found) => found.key === key)?.value;

const reader = await StargateClient.connect(node.rpc);

/** A wallet with its client, signing in one mode. */
async function open(wallet, registry = new Registry(defaultRegistryTypes)) {
  const client = await SigningStargateClient.connectWithSigner(node.rpc, wallet, { ...clientOptions, registry });
  const [{ address, pubkey }] = await wallet.getAccounts();
  return { address, pubkey, client };
}

const balance = async (address) => BigInt((await reader.getBalance(address, DENOM)).amount);
const newAddress = async () => (await (await DirectSecp256k1HdWallet.generate(12, walletOptions)).getAccounts())[0].address;

const direct = await open(await DirectSecp256k1HdWallet.fromMnemonic(mnemonicOf("me"), walletOptions));
const amino = await open(await Secp256k1HdWallet.fromMnemonic(mnemonicOf("me"), walletOptions));
const me = direct.address;

await check("connect: chain id, height and blocks over HTTP", async () => {
  assert.equal(await reader.getChainId(), network.chain_id);
  assert.equal(me, network.keys.find((key) => key.name === "me").address);
  assert.ok((await reader.getHeight()) > 0);
  const block = await reader.getBlock(1);
  assert.equal(block.header.height, 1);
  assert.equal(block.header.chainId, network.chain_id);
});

await check("connect: the same over a websocket", async () => {
  const client = await StargateClient.connect(websocket);
  assert.equal(await client.getChainId(), network.chain_id);
  assert.ok(BigInt((await client.getBalance(me, DENOM)).amount) > 0n);
  client.disconnect();
});

await check("balances: one, all, and none", async () => {
  assert.ok((await balance(me)) > 0n);
  assert.deepEqual(await reader.getAllBalances(me), [await reader.getBalance(me, DENOM)]);
  const nobody = await newAddress();
  assert.deepEqual(await reader.getBalance(nobody, DENOM), { denom: DENOM, amount: "0" });
  assert.deepEqual(await reader.getAllBalances(nobody), []);
});

await check("account: unknown gives null, known has number and sequence", async () => {
  assert.equal(await reader.getAccount(await newAddress()), null);
  const account = await reader.getAccount(me);
  assert.equal(account.address, me);
  assert.equal(typeof account.accountNumber, "bigint");
  assert.equal(account.sequence, 0);
});

await check("account: a malformed address is an error, not null", () =>
  assertFails(reader.getAccount("jmes1notanaddress"), { message: /InvalidArgument|invalid|bech32/i }));

await check("send, direct: simulated fee, balances to the Nil, events", async () => {
  const to = await newAddress();
  const before = await balance(me);
  const gas = await direct.client.simulate(me, [send(me, to, 1_000_000)], "");
  assert.ok(gas > 10_000 && gas < 200_000, `simulated ${gas} gas`);
  const result = await direct.client.sendTokens(me, to, coins(1_000_000), "auto", "direct");
  assertIsDeliverTxSuccess(result);
  assert.ok(result.gasUsed <= result.gasWanted, show(result));
  const paid = BigInt(attribute(result, "tx", "fee").replace(DENOM, ""));
  assert.equal(await balance(to), 1_000_000n);
  assert.equal(await balance(me), before - 1_000_000n - paid);
  assert.equal(attribute(result, "transfer", "recipient"), to);
  assert.equal(attribute(result, "transfer", "amount"), `1000000${DENOM}`);
  assert.equal(attribute(result, "message", "action"), SEND);
  assert.deepEqual(result.msgResponses.map((response) => response.typeUrl), ["/cosmos.bank.v1beta1.MsgSendResponse"]);
});

await check("account: has its public key after the first transaction", async () => {
  const account = await reader.getAccount(me);
  assert.equal(account.sequence, 1);
  assert.deepEqual(fromBase64(account.pubkey.value), direct.pubkey);
});

await check("send, amino: memo with characters that JSON escapes", async () => {
  const to = await newAddress();
  const memo = `<a> & "b" \\ ' é 💎`;
  const result = await amino.client.sendTokens(me, to, coins(7), "auto", memo);
  assertIsDeliverTxSuccess(result);
  assert.equal(await balance(to), 7n);
});

for (const [mode, wallet] of Object.entries({ direct, amino })) {
  await check(`several messages in one transaction, ${mode}: all of them happen`, async () => {
    const [first, second] = [await newAddress(), await newAddress()];
    const multi = {
      typeUrl: MULTI_SEND,
      value: {
        inputs: [{ address: me, coins: coins(30) }],
        outputs: [{ address: first, coins: coins(10) }, { address: second, coins: coins(20) }],
      },
    };
    const result = await wallet.client.signAndBroadcast(me, [send(me, first, 5), multi], "auto");
    assertIsDeliverTxSuccess(result);
    assert.deepEqual([await balance(first), await balance(second)], [15n, 20n]);
  });
}

await check("several messages in one transaction: one that fails takes back the others", async () => {
  const to = await newAddress();
  const result = await direct.client.signAndBroadcast(me, [send(me, to, 5), send(me, to, 10n ** 20n)], fee);
  assert.equal(result.code, 5, show(result));
  assert.match(result.rawLog, /message index: 1/);
  assert.equal(await balance(to), 0n);
});

await check("multisig: two of three spend, one of three does not", async () => {
  const members = await Promise.all([1, 2, 3].map(() => Secp256k1HdWallet.generate(12, walletOptions)));
  const keys = await Promise.all(
    members.map(async (member) => {
      const [{ pubkey }] = await member.getAccounts();
      return { type: "tendermint/PubKeySecp256k1", value: Buffer.from(pubkey).toString("base64") };
    }),
  );
  const multisig = createMultisigThresholdPubkey(keys, 2);
  const address = pubkeyToAddress(multisig, PREFIX);
  assertIsDeliverTxSuccess(await direct.client.sendTokens(me, address, coins(1_000_000), "auto"));

  const to = await newAddress();
  const signBy = async (signers, sequence) => {
    const { accountNumber } = await reader.getSequence(address);
    const message = { type: "cosmos-sdk/MsgSend", value: { from_address: address, to_address: to, amount: coins(11) } };
    const document = makeSignDoc([message], fee, network.chain_id, "shared", accountNumber, sequence);
    const signatures = new Map();
    for (const signer of signers) {
      const [{ address: member }] = await signer.getAccounts();
      const { signature } = await signer.signAmino(member, document);
      signatures.set(member, fromBase64(signature.signature));
    }
    const body = new Registry(defaultRegistryTypes).encodeTxBody({ messages: [send(address, to, 11)], memo: "shared" });
    return makeMultisignedTxBytes(multisig, sequence, fee, body, signatures);
  };
  await assertFails(direct.client.broadcastTx(await signBy(members.slice(0, 1), 0)), { code: 4, codespace: "sdk" });
  const pairs = [[members[0], members[2]], [members[2], members[1]]];
  for (const [sequence, pair] of pairs.entries()) {
    const result = await direct.client.broadcastTx(await signBy(pair, sequence), 30_000, 200);
    assertIsDeliverTxSuccess(result);
  }
  assert.equal(await balance(to), 22n);
  const account = await reader.getAccount(address);
  assert.equal(account.pubkey.type, "tendermint/PubKeyMultisigThreshold");
  assert.equal(account.sequence, 2);
});

await check("tracking: by hash, by event, by height", async () => {
  const to = await newAddress();
  const hash = await direct.client.signAndBroadcastSync(me, [send(me, to, 3)], "auto", "tracked");
  const found = await until("the transaction", () => reader.getTx(hash));
  assert.equal(found.hash, hash);
  assert.equal(found.code, 0);
  assert.equal(toHex(sha256(found.tx)).toUpperCase(), hash);
  for (const query of [
    [{ key: "transfer.recipient", value: to }],
    [{ key: "coin_received.receiver", value: to }, { key: "tx.height", value: found.height }],
    // The engine finds attributes together that are of one event.
    `transfer.sender='${me}' AND transfer.recipient='${to}'`,
    `message.sender='${me}' AND message.action='${SEND}' AND tx.height=${found.height}`,
  ]) {
    assert.deepEqual((await reader.searchTx(query)).map((tx) => tx.hash), [hash], show(query));
  }
  assert.equal(await reader.getTx("00".repeat(32)), null);
  assert.ok((await reader.getBlock(found.height)).txs.some((tx) => toHex(sha256(tx)).toUpperCase() === hash));
});

await check("tracking: by websocket subscription", async () => {
  const comet = await Comet38Client.connect(websocket);
  try {
    const to = await newAddress();
    const first = (stream) => new Promise((resolve, reject) => stream.take(1).addListener({ next: resolve, error: reject }));
    const event = first(comet.subscribeTx(`transfer.recipient='${to}'`));
    const block = first(comet.subscribeNewBlock());
    const subscribed = await block;
    const hash = await direct.client.signAndBroadcastSync(me, [send(me, to, 4)], "auto");
    const seen = await event;
    assert.equal(toHex(seen.hash).toUpperCase(), hash);
    assert.ok(seen.height > subscribed.header.height);
    assert.equal(seen.result.code, 0);
  } finally {
    comet.disconnect();
  }
});

/** Signs a send of 1 Nil with what the check changes. */
async function sign(changes = {}) {
  const { accountNumber, sequence } = await reader.getSequence(me);
  const { wallet = direct, messages, with: used = fee, memo = "", timeout, ...data } = changes;
  const signer = { accountNumber, sequence, chainId: network.chain_id, ...data };
  return wallet.client.sign(me, messages ?? [send(me, me, 1)], used, memo, signer, timeout);
}

await check("several transactions of one account in a row, without waiting", async () => {
  const to = await newAddress();
  const { sequence } = await reader.getSequence(me);
  const hashes = [];
  for (let next = sequence; next < sequence + 8; next += 1) {
    const wallet = next % 2 === 0 ? direct : amino;
    hashes.push(await reader.broadcastTxSync(encode(await sign({ wallet, sequence: next, messages: [send(me, to, 1)] }))));
  }
  for (const hash of hashes) {
    assert.equal((await until(hash, () => reader.getTx(hash))).code, 0);
  }
  assert.equal(await balance(to), 8n);
});

await check("wrong sequence: too low, too high, sent twice", async () => {
  const { sequence } = await reader.getSequence(me);
  for (const wrong of [sequence - 1, sequence + 1]) {
    const log = new RegExp(`account sequence mismatch, expected ${sequence}, got ${wrong}`);
    await assertFails(reader.broadcastTxSync(encode(await sign({ sequence: wrong }))), { code: 32, codespace: "sdk", log });
  }
  const bytes = encode(await sign());
  const { height } = await reader.broadcastTx(bytes, 30_000, 200);
  await until("another block", async () => (await reader.getHeight()) > height);
  await assertFails(reader.broadcastTxSync(bytes), { message: /tx already exists in cache|account sequence mismatch/ });
});

await check("too little money: the message fails in the block, fee and sequence are taken", async () => {
  const before = await balance(me);
  const { sequence } = await reader.getSequence(me);
  const result = await direct.client.sendTokens(me, await newAddress(), coins(before), fee);
  assert.equal(result.code, 5, show(result));
  assert.match(result.rawLog, /insufficient funds/);
  assert.equal(await balance(me), before - BigInt(fee.amount[0].amount));
  assert.equal((await reader.getSequence(me)).sequence, sequence + 1);
});

await check("too little money for the fee: refused at the door", async () => {
  const dear = { amount: coins(10n ** 18n), gas: "200000" };
  await assertFails(reader.broadcastTxSync(encode(await sign({ with: dear }))), { code: 5, log: /insufficient funds/ });
});

await check("bad signature: changed, of another chain, of another account", async () => {
  const unauthorized = { code: 4, codespace: "sdk", log: /signature verification failed/ };
  const changed = await sign();
  changed.signatures[0][5] ^= 1;
  await assertFails(reader.broadcastTxSync(encode(changed)), unauthorized);
  for (const wallet of [direct, amino]) {
    await assertFails(reader.broadcastTxSync(encode(await sign({ wallet, chainId: "other-1" }))), unauthorized);
    await assertFails(reader.broadcastTxSync(encode(await sign({ wallet, accountNumber: 999_999n }))), unauthorized);
  }
});

await check("out of gas: refused at the door when the checks alone take more", async () => {
  const poor = { amount: coins(1_000), gas: "1000" };
  const log = /out of gas.*gasWanted: 1000, gasUsed: \d+/;
  await assertFails(reader.broadcastTxSync(encode(await sign({ with: poor }))), { code: 11, codespace: "sdk", log });
});

await check("out of gas: in the block when the message takes more, fee and sequence are taken", async () => {
  const to = await newAddress();
  const { sequence } = await reader.getSequence(me);
  const gas = (await direct.client.simulate(me, [send(me, to, 1)], "")) - 1_000;
  const result = await direct.client.sendTokens(me, to, coins(1), calculateFee(gas, clientOptions.gasPrice));
  assert.equal(result.code, 11, show(result));
  assert.match(result.rawLog, new RegExp(`out of gas.*gasWanted: ${gas}, gasUsed: \\d+`));
  assert.equal(await balance(to), 0n);
  assert.equal((await reader.getSequence(me)).sequence, sequence + 1);
});

await check("insufficient fee: the log says what is required", async () => {
  const cheap = { amount: coins(499), gas: "200000" };
  const log = new RegExp(`insufficient fees.*required: 500${DENOM}`);
  await assertFails(reader.broadcastTxSync(encode(await sign({ with: cheap }))), { code: 13, codespace: "sdk", log });
});

await check("unknown message type: refused with its name", async () => {
  const typeUrl = "/jmes.nothing.v1.MsgNothing";
  const registry = new Registry([...defaultRegistryTypes, [typeUrl, MsgSend]]);
  const { client } = await open(await DirectSecp256k1HdWallet.fromMnemonic(mnemonicOf("me"), walletOptions), registry);
  const messages = [{ ...send(me, me, 1), typeUrl }];
  const log = /jmes\.nothing\.v1\.MsgNothing/;
  const refused = { code: 6, codespace: "sdk", log };
  await assertFails(reader.broadcastTxSync(encode(await sign({ wallet: { client }, messages }))), refused);
});

await check("memo too long: 256 characters pass, 257 do not", async () => {
  const log = /maximum number of characters is 256 but received 257/;
  await assertFails(reader.broadcastTxSync(encode(await sign({ memo: "ä".repeat(257) }))), { code: 12, codespace: "sdk", log });
  const roomy = calculateFee(300_000, clientOptions.gasPrice);
  assertIsDeliverTxSuccess(await reader.broadcastTx(encode(await sign({ memo: "ä".repeat(256), with: roomy })), 30_000, 200));
});

await check("timeout height: refused once it has passed", async () => {
  await assertFails(reader.broadcastTxSync(encode(await sign({ timeout: 1n }))), { code: 30, codespace: "sdk" });
  const height = await reader.getHeight();
  for (const wallet of [direct, amino]) {
    const bytes = encode(await sign({ wallet, timeout: BigInt(height + 100) }));
    assertIsDeliverTxSuccess(await reader.broadcastTx(bytes, 30_000, 200));
  }
});

await check("the view of bonded coins can't be sent", async () => {
  const result = await direct.client.signAndBroadcast(me, [send(me, await newAddress(), 1, "bujmes")], fee);
  assert.equal(result.code, 5, show(result));
});

await check("bytes that are no transaction: refused with sdk/2", () =>
  assertFails(reader.broadcastTxSync(Uint8Array.from([1, 2, 3, 4])), { code: 2, codespace: "sdk" }));

finish();
