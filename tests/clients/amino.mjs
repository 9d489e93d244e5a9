// A hardware wallet in a DAO: every message of identities, DAOs, governance and artworks signed as amino JSON, the only form
// such a wallet shows. Each signature is over what the node derives from the message by itself, lists, oneofs and messages within
// messages included: one that differs is refused. The chain's cycles are short (see clients.rs).

import assert from "node:assert/strict";

import { Secp256k1HdWallet } from "@cosmjs/amino";
import {
  AminoTypes,
  assertIsDeliverTxSuccess,
  calculateFee,
  SigningStargateClient,
} from "@cosmjs/stargate";
import { MsgSend } from "cosmjs-types/cosmos/bank/v1beta1/tx";
import { TxRaw } from "cosmjs-types/cosmos/tx/v1beta1/tx";

import { clientOptions, gasPrice, open, rest, walletOptions } from "./account.mjs";
import { assertFails, check, DENOM, finish, mnemonicOf, node, until } from "./harness.mjs";
import { jmesAminoConverters, jmesTypes } from "./types.mjs";

const JMES = 1_000_000n;
const YES = 1;
const BRAND = 1;
const BANK_SEND = "/cosmos.bank.v1beta1.MsgSend";
const types = { ...Object.fromEntries(jmesTypes), [BANK_SEND]: MsgSend };
const coins = (amount) => [{ denom: DENOM, amount: String(amount) }];

const pack = (typeUrl, value) => ({ typeUrl, value: types[typeUrl].encode(value).finish() });
const ids = (result, kind) =>
  result.events
    .filter((event) => event.type === kind)
    .map((event) => event.attributes.find(({ key }) => key === "proposal_id").value);
const phase = async (wanted) => (await rest("/jmes/governance/v1/cycle")).phase === wanted;
const governed = async (id) => (await rest(`/jmes/governance/v1/proposals/${id}`)).proposal;

const walletOf = (name) => Secp256k1HdWallet.fromMnemonic(mnemonicOf(name), walletOptions);
const [me, alice, bob] = [await open(await walletOf("me")), await open(await walletOf("alice")), await open(await walletOf("bob"))];
const members = [me, alice, bob].map(({ address }) => ({ address, power: 1n }));
let dao;
/** What the DAO has raised: to deal in art, a core slot, a text. */
let raised;

/** A proposal of the DAO, by `me`; its id. */
async function submit(title, messages, execute = false) {
  const value = { proposer: me.address, dao, title, summary: "<as & told>", messages, execute };
  const [id] = ids(await me.send("/jmes.dao.v1.MsgSubmitProposal", value), "dao_proposal_submitted");
  return id;
}

/** The second vote of three decides, and executes. */
async function decide(title, messages) {
  const id = await submit(title, messages);
  const result = await alice.send("/jmes.dao.v1.MsgVote", {
    voter: alice.address,
    proposalId: BigInt(id),
    option: YES,
    execute: true,
  });
  assert.equal((await rest(`/jmes/dao/v1/proposals/${id}`)).proposal.status, "EXECUTED");
  return result;
}

await check("MsgRegisterUser", async () => {
  for (const [wallet, name] of [[me, "ledgerme"], [alice, "ledgeralice"], [bob, "ledgerbob"]]) {
    await wallet.send("/jmes.identity.v1.MsgRegisterUser", { creator: wallet.address, name });
    assert.equal((await rest(`/jmes/identity/v1/names/${name}`)).identity.address, wallet.address);
  }
});

await check("MsgRegisterDao, with a list and a duration", async () => {
  await until("the end of the first days", async () => (await rest("/jmes/staking/v1/seats"))?.idp === false, 55_000);
  const votingPeriod = { seconds: 60n, nanos: 500_000_000 };
  await me.send("/jmes.dao.v1.MsgRegisterDao", { creator: me.address, name: "trio", members, threshold: 2n, votingPeriod });
  dao = (await rest("/jmes/identity/v1/names/trio")).identity.address;
  assert.equal((await rest(`/jmes/dao/v1/daos/${dao}`)).dao.voting_period, "60.500s");
  assertIsDeliverTxSuccess(await me.client.sendTokens(me.address, dao, coins(200n * JMES), "auto"));
});

await check("MsgDelegate: coins that vote", async () => {
  const { validators } = await rest("/cosmos/staking/v1beta1/validators");
  const amount = { denom: DENOM, amount: String(20_000n * JMES) };
  assertIsDeliverTxSuccess(
    await me.client.delegateTokens(me.address, validators[0].operator_address, amount, calculateFee(500_000, gasPrice)),
  );
});

await check("MsgSubmitProposal with messages in it, MsgVote and MsgExecute of DAOs", async () => {
  const before = BigInt((await bob.client.getBalance(bob.address, DENOM)).amount);
  const payment = (amount) => pack(BANK_SEND, { fromAddress: dao, toAddress: bob.address, amount: coins(amount) });
  const id = await submit("Pay <Bob> & co", [payment(3n * JMES), payment(4n * JMES)]);
  const vote = { voter: alice.address, proposalId: BigInt(id), option: YES, execute: false };
  await alice.send("/jmes.dao.v1.MsgVote", vote);
  assert.equal((await rest(`/jmes/dao/v1/proposals/${id}`)).proposal.status, "PASSED");
  await alice.send("/jmes.dao.v1.MsgExecute", { executor: alice.address, proposalId: BigInt(id) });
  assert.equal((await rest(`/jmes/dao/v1/proposals/${id}`)).proposal.status, "EXECUTED");
  assert.equal(BigInt((await bob.client.getBalance(bob.address, DENOM)).amount), before + 7n * JMES);
});

await check("MsgUpdateDao", async () => {
  const votingPeriod = { seconds: 90n };
  await decide("Longer", [pack("/jmes.dao.v1.MsgUpdateDao", { dao, members, threshold: 2n, votingPeriod })]);
  assert.equal((await rest(`/jmes/dao/v1/daos/${dao}`)).dao.voting_period, "90s");
});

await check("MsgRaiseProposal of every kind", async () => {
  const raise = (title, content) =>
    pack("/jmes.governance.v1.MsgRaiseProposal", { dao, title, description: "As it says.", ...content });
  const actions = [
    { changeParameter: { module: "governance", parameter: "proposal_burn", value: '"5000000"' } },
    { activateVersion: { module: "premint", version: 2n } },
    { scheduleUpgrade: { name: "v9", height: 900_000n, checksums: [{ platform: "linux/amd64", sha256: "0f".repeat(32) }] } },
    { openImprovements: {} },
  ];
  // Only core DAOs may raise the first, and the second needs somebody in the slot: it is the signature that counts here.
  await submit("Not yet ours to raise", [
    raise("Improve", { improvement: { actions } }),
    raise("Revoke", { revokeCoreSlot: { slot: BRAND, dao }, funding: { amount: "0", months: 1 } }),
  ]);
  await until("a voting phase", () => phase("VOTING"));
  await until("the raising phase after it", () => phase("RAISING"));
  const result = await decide("Raise", [
    raise("Deal in art", { requestFeature: { feature: "art_dealer" }, funding: { amount: "0", months: 2 } }),
    raise("Take the brand", { coreSlot: { slot: BRAND }, funding: { amount: String(6n * JMES), months: 3 } }),
    raise("An opinion", { text: {} }),
  ]);
  raised = ids(result, "governance_proposal_raised");
  const found = await Promise.all(raised.map(governed));
  assert.deepEqual(found.map(({ content }) => Object.keys(content)[0]), ["request_feature", "core_slot", "text"]);
  assert.deepEqual(found.map(({ funding }) => funding?.amount ?? null), ["0", String(6n * JMES), null]);
});

await check("MsgWithdrawProposal", async () => {
  const proposalId = BigInt(raised[2]);
  await decide("Not so important", [pack("/jmes.governance.v1.MsgWithdrawProposal", { dao, proposalId })]);
  assert.equal((await governed(raised[2])).status, "WITHDRAWN");
});

await check("MsgVote of governance", async () => {
  await until("the voting phase", () => phase("VOTING"));
  for (const id of raised.slice(0, 2)) {
    await me.send("/jmes.governance.v1.MsgVote", { voter: me.address, proposalId: BigInt(id), option: YES });
    const { vote } = await rest(`/jmes/governance/v1/proposals/${id}/votes/${me.address}`);
    assert.deepEqual([vote.option, vote.counted], ["YES", true]);
  }
});

await check("MsgConclude", async () => {
  await until("the tally", () => phase("RAISING"));
  for (const id of raised.slice(0, 2)) {
    await bob.send("/jmes.governance.v1.MsgConclude", { sender: bob.address, proposalId: BigInt(id) });
    assert.equal((await governed(id)).status, "CONCLUDED");
  }
  const { slots } = await rest("/jmes/slots/v1/slots");
  assert.equal(slots.find(({ slot }) => slot === "BRAND").dao, dao);
});

await check("MsgMint, and MsgSend of NFTs, which goes by its type URL", async () => {
  const value = { dao, id: "first-light", owner: me.address, uri: "https://example.org/?a=1&b=<2>", title: "First Light", artist: "A" };
  await decide("Mint", [pack("/jmes.artwork.v1.MsgMint", { ...value, royaltyBps: 500 })]);
  const { classes } = await rest("/cosmos/nft/v1beta1/classes");
  const nft = { classId: classes[0].id, id: "first-light", sender: me.address, receiver: bob.address };
  await me.send("/cosmos.nft.v1beta1.MsgSend", nft);
  assert.equal((await rest(`/cosmos/nft/v1beta1/owner/${nft.classId}/first-light`)).owner, bob.address);
});

await check("MsgResignSlot", async () => {
  await decide("Enough", [pack("/jmes.governance.v1.MsgResignSlot", { dao })]);
  const { slots } = await rest("/jmes/slots/v1/slots");
  assert.equal(slots.find(({ slot }) => slot === "BRAND")?.dao ?? "", "");
});

await check("a wallet that shows something else is refused", async () => {
  const url = "/jmes.dao.v1.MsgSubmitProposal";
  const converter = jmesAminoConverters[url];
  const toAmino = (value) => ({ ...converter.toAmino(value), title: "Something harmless" });
  const wrong = new AminoTypes({ ...jmesAminoConverters, [url]: { ...converter, toAmino } });
  const wallet = await walletOf("me");
  // CosmJS sends what was shown; this one sends the proposal instead.
  const shown = await SigningStargateClient.connectWithSigner(node.rpc, wallet, { ...clientOptions, aminoTypes: wrong });
  const value = { proposer: me.address, dao, title: "Take it all", summary: "", messages: [], execute: false };
  const tx = await shown.sign(me.address, [{ typeUrl: url, value }], calculateFee(300_000, gasPrice), "");
  tx.bodyBytes = clientOptions.registry.encodeTxBody({ messages: [{ typeUrl: url, value }], memo: "" });
  await assertFails(shown.broadcastTxSync(TxRaw.encode(tx).finish()), { code: 4, codespace: "sdk" });
});

finish();
