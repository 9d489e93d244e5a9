// CosmJS with the types of JMES registered: an identity, a DAO, a proposal raised by it, voted on and concluded, its
// funding and an official artwork. One validator, whose operator votes with what it has bonded.

import assert from "node:assert/strict";

import { DirectSecp256k1HdWallet } from "@cosmjs/proto-signing";
import { assertIsDeliverTxSuccess, calculateFee } from "@cosmjs/stargate";
import { MsgSend } from "cosmjs-types/cosmos/bank/v1beta1/tx";

import { gasPrice, open, rest, walletOptions } from "./account.mjs";
import { check, DENOM, finish, mnemonicOf, until } from "./harness.mjs";
import { MsgMint, MsgRaiseProposal } from "./types.mjs";

const JMES = 1_000_000n;
/** An attribute of the first event of a kind. */
function attribute(result, kind, key) {
  const event = result.events.find((one) => one.type === kind);
  assert.ok(event, `no event ${kind} among ${result.events.map((one) => one.type)}`);
  return event.attributes.find((one) => one.key === key)?.value;
}

/** Longer than a phase of the devnet's cycle, which has 60 s. */
const PHASE_MS = 75_000;
const phase = async (wanted) => {
  const cycle = await rest("/jmes/governance/v1/cycle");
  return cycle?.phase === wanted ? cycle : null;
};

const me = await open(await DirectSecp256k1HdWallet.fromMnemonic(mnemonicOf("me"), walletOptions));
const artist = await open(await DirectSecp256k1HdWallet.generate(12, walletOptions));
let dao;
let proposal;

/** The DAO's proposal with one message, executed by the proposer's own vote. */
const decide = (title, typeUrl, type, value) =>
  me.send("/jmes.dao.v1.MsgSubmitProposal", {
    proposer: me.address,
    dao,
    title,
    summary: "",
    messages: [{ typeUrl, value: type.encode(value).finish() }],
    execute: true,
  });

await check("identities: registered and found by name and by address", async () => {
  await me.send("/jmes.identity.v1.MsgRegisterUser", { creator: me.address, name: "cosmjsme" });
  const { identity } = await rest("/jmes/identity/v1/names/cosmjsme");
  assert.equal(identity.address, me.address);
  assert.equal(identity.kind, "USER");
  assert.equal((await rest(`/jmes/identity/v1/addresses/${me.address}`)).identity.name, "cosmjsme");
});

await check("bonds: coins that vote", async () => {
  const { validators } = await rest("/cosmos/staking/v1beta1/validators");
  await me.client.delegateTokens(
    me.address,
    validators[0].operator_address,
    { denom: DENOM, amount: String(20_000n * JMES) },
    calculateFee(500_000, gasPrice),
  );
  const power = await rest(`/jmes/governance/v1/voting_power/${me.address}`);
  assert.deepEqual([power.weight, power.eligible], [String(20_000n * JMES), true]);
});

await check("the Initial Distribution Period ends", () =>
  until("its end", async () => (await rest("/jmes/staking/v1/seats")).idp === false, 55_000),
);

await check("daos: registered, with coins of its own", async () => {
  await me.send("/jmes.dao.v1.MsgRegisterDao", {
    creator: me.address,
    name: "cosmjsdao",
    members: [{ address: me.address, power: 1 }],
    threshold: 1,
  });
  dao = (await rest("/jmes/identity/v1/names/cosmjsdao")).identity.address;
  assert.equal((await rest(`/jmes/dao/v1/daos/${dao}`)).dao.name, "cosmjsdao");
  assertIsDeliverTxSuccess(
    await me.client.sendTokens(me.address, dao, [{ denom: DENOM, amount: String(100n * JMES) }], "auto"),
  );
});

await check("daos: a proposal spends the DAO's coins", async () => {
  await decide("Pay the artist", "/cosmos.bank.v1beta1.MsgSend", MsgSend, {
    fromAddress: dao,
    toAddress: artist.address,
    amount: [{ denom: DENOM, amount: String(5n * JMES) }],
  });
  assert.equal((await artist.client.getBalance(artist.address, DENOM)).amount, String(5n * JMES));
});

await check("daos: what the DAO can't do is refused", async () => {
  await assert.rejects(
    decide("Spend another's", "/cosmos.bank.v1beta1.MsgSend", MsgSend, {
      fromAddress: me.address,
      toAddress: artist.address,
      amount: [{ denom: DENOM, amount: "1" }],
    }),
    /signer/,
  );
});

await check("governance: a raising phase begins", async () => {
  await until("the voting phase's end", () => phase("RAISING"), PHASE_MS);
}, PHASE_MS);

await check("governance: the DAO raises a proposal", async () => {
  const result = await decide(
    "Raise our request",
    "/jmes.governance.v1.MsgRaiseProposal",
    MsgRaiseProposal,
    {
      dao,
      title: "Deal in art",
      description: "We want to mint official artworks.",
      requestFeature: { feature: "art_dealer" },
      funding: { amount: String(6n * JMES), months: 1 },
    },
  );
  proposal = attribute(result, "governance_proposal_raised", "proposal_id");
  const found = (await rest(`/jmes/governance/v1/proposals/${proposal}`)).proposal;
  assert.equal(found.status, "RAISED");
  assert.equal(found.content.request_feature.feature, "art_dealer");
});

await check("governance: voting begins", () => until("it", () => phase("VOTING"), PHASE_MS), PHASE_MS);

await check("governance: a holder of bonded coins votes", async () => {
  await me.send("/jmes.governance.v1.MsgVote", { voter: me.address, proposalId: BigInt(proposal), option: 1 });
  const { vote } = await rest(`/jmes/governance/v1/proposals/${proposal}/votes/${me.address}`);
  assert.deepEqual([vote.option, vote.counted], ["YES", true]);
});

await check("governance: the cycle turns", () => until("the tally", () => phase("RAISING"), PHASE_MS), PHASE_MS);

await check("governance: what has passed is concluded by anyone", async () => {
  const found = (await rest(`/jmes/governance/v1/proposals/${proposal}`)).proposal;
  assert.equal(found.status, "PASSED");
  await artist.send("/jmes.governance.v1.MsgConclude", { sender: artist.address, proposalId: BigInt(proposal) });
  assert.equal((await rest(`/jmes/governance/v1/proposals/${proposal}`)).proposal.status, "CONCLUDED");
});

await check("funding: the DAO is paid in every block", async () => {
  // A month of the devnet is 60 s, which are 120 blocks of this network.
  const stream = await rest(`/jmes/funding/v1/streams/${proposal}`);
  assert.equal(stream.rate, String((6n * JMES) / 120n));
  await until("a payment", async () => {
    const now = await rest(`/jmes/funding/v1/streams/${proposal}`);
    return BigInt(now.total_paid) > 0n;
  });
});

await check("artworks: an art dealer mints, and the provenance says by which right", async () => {
  const result = await decide("Mint", "/jmes.artwork.v1.MsgMint", MsgMint, {
    dao,
    id: "first-light",
    owner: artist.address,
    uri: "https://example.org/first-light",
    title: "First Light",
    artist: "An artist",
    royaltyBps: 500,
  });
  assert.ok(result.height > 0);
  const { classes } = await rest("/cosmos/nft/v1beta1/classes");
  const provenance = await rest(`/jmes/artwork/v1/provenance/${classes[0].id}/first-light`);
  assert.deepEqual(
    [provenance.dao, provenance.feature, provenance.proposal_id, provenance.held_then],
    [dao, "art_dealer", proposal, true],
  );
  const { owner } = await rest(`/cosmos/nft/v1beta1/owner/${classes[0].id}/first-light`);
  assert.equal(owner, artist.address);
});

finish();
