// CosmJS as wallets bond with it: validators, bonds and what they earn, signed in both modes.
//
// The network needs two validators, so that coins can move from one to the other.

import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";

import { Secp256k1HdWallet } from "@cosmjs/amino";
import { fromBech32, toBech32 } from "@cosmjs/encoding";
import { decodePubkey, DirectSecp256k1HdWallet, encodePubkey } from "@cosmjs/proto-signing";
import {
  assertIsDeliverTxSuccess,
  calculateFee,
  GasPrice,
  QueryClient,
  setupBankExtension,
  setupDistributionExtension,
  setupMintExtension,
  setupSlashingExtension,
  setupStakingExtension,
  SigningStargateClient,
  StargateClient,
} from "@cosmjs/stargate";
import { Comet38Client } from "@cosmjs/tendermint-rpc";

import { check, DENOM, finish, HD_PATH, mnemonicOf, network, node, PREFIX, show, until } from "./harness.mjs";

const BOND = 5_000_000n;
const walletOptions = { prefix: PREFIX, hdPaths: [HD_PATH] };
const clientOptions = { gasPrice: GasPrice.fromString(`0.0025${DENOM}`), broadcastPollIntervalMs: 200 };
const fee = calculateFee(400_000, clientOptions.gasPrice);
const paid = BigInt(fee.amount[0].amount);
const coin = (amount, denom = DENOM) => ({ denom, amount: String(amount) });

const query = QueryClient.withExtensions(
  await Comet38Client.connect(node.rpc),
  setupBankExtension,
  setupDistributionExtension,
  setupMintExtension,
  setupSlashingExtension,
  setupStakingExtension,
);
const reader = await StargateClient.connect(node.rpc);
const balance = async (address, denom = DENOM) => BigInt((await reader.getBalance(address, denom)).amount);

/** A new wallet with 1,000 JMES and its client, signing in the mode of `kind`. */
async function open(kind) {
  const wallet = await kind.generate(12, walletOptions);
  const client = await SigningStargateClient.connectWithSigner(node.rpc, wallet, clientOptions);
  const [{ address }] = await wallet.getAccounts();
  assertIsDeliverTxSuccess(await bank.sendTokens(bankAddress, address, [coin(1_000_000_000)], "auto"));
  return { address, client };
}

const bankWallet = await DirectSecp256k1HdWallet.fromMnemonic(mnemonicOf("me"), walletOptions);
const bank = await SigningStargateClient.connectWithSigner(node.rpc, bankWallet, clientOptions);
const [{ address: bankAddress }] = await bankWallet.getAccounts();

/** The whole Nils of decimal coins, which have 18 digits after the point that is not written. */
const wholeNils = (coins) =>
  coins
    .filter((one) => one.denom === DENOM)
    .reduce((sum, one) => sum + BigInt(one.amount) / 10n ** 18n, 0n);

/** What a transaction's events say was redeemed. */
const redeemed = (result) =>
  result.events
    .filter((event) => event.type === "withdraw_rewards")
    .flatMap((event) => event.attributes)
    .filter((one) => one.key === "amount" && one.value !== "")
    .reduce((sum, one) => sum + BigInt(one.value.replace(DENOM, "")), 0n);

/** Redemptions count, and bonds earn, from the end of the Initial Distribution Period on. */
await check("the Initial Distribution Period ends", () =>
  until("its end", async () => (await (await fetch(`${node.rest}/jmes/staking/v1/seats`)).json()).idp === false, 55_000),
);

let first;
let second;

await check("validators: listed with their bonds, by status and one by one", async () => {
  const { validators } = await query.staking.validators("BOND_STATUS_BONDED");
  assert.equal(validators.length, 2);
  assert.deepEqual(validators.map((one) => one.description.moniker).sort(), ["node0", "node1"]);
  for (const one of validators) {
    assert.ok(BigInt(one.tokens) >= 10_000_000_000n);
    assert.ok(one.operatorAddress.startsWith(`${PREFIX}valoper1`));
    assert.equal(one.jailed, false);
    assert.deepEqual((await query.staking.validator(one.operatorAddress)).validator.operatorAddress, one.operatorAddress);
  }
  [first, second] = validators.map((one) => one.operatorAddress);
  assert.deepEqual((await query.staking.validators("BOND_STATUS_UNBONDING")).validators, []);
  assert.equal((await query.staking.validators("")).validators.length, 2);
});

await check("parameters, pool, slashing and inflation", async () => {
  const { params } = await query.staking.params();
  assert.equal(params.bondDenom, DENOM);
  assert.equal(params.maxValidators, 100);
  const { pool } = await query.staking.pool();
  assert.ok(BigInt(pool.bondedTokens) >= 20_000_000_000n);
  assert.equal((await query.slashing.signingInfos()).info.length, 2);
  assert.ok((await query.slashing.params()).params.signedBlocksWindow > 0n);
  assert.equal((await query.mint.params()).mintDenom, DENOM);
  assert.ok((await query.mint.inflation()).toFloatApproximation() > 0);
  assert.equal((await query.distribution.params()).params.withdrawAddrEnabled, true);
});

for (const [mode, kind] of Object.entries({ direct: DirectSecp256k1HdWallet, amino: Secp256k1HdWallet })) {
  let wallet;
  let address;

  await check(`delegate, ${mode}: the coins stay in the wallet as bujmes`, async () => {
    wallet = await open(kind);
    address = wallet.address;
    const pool = BigInt((await query.staking.pool()).pool.bondedTokens);
    const before = await balance(address);
    const result = await wallet.client.delegateTokens(address, first, coin(BOND), fee);
    assertIsDeliverTxSuccess(result);
    assert.equal(await balance(address), before - BOND - paid);
    assert.equal(await balance(address, "bujmes"), BOND);
    assert.deepEqual(await reader.getAllBalances(address), [coin(BOND, "bujmes"), coin(before - BOND - paid)]);
    assert.equal(BigInt((await query.staking.pool()).pool.bondedTokens), pool + BOND);
    assert.deepEqual(await reader.getBalanceStaked(address), coin(BOND));
    assert.deepEqual(await reader.getDelegation(address, first), coin(BOND));
    assert.equal(await reader.getDelegation(address, second), null);
    const { delegationResponse } = await query.staking.delegation(address, first);
    assert.equal(delegationResponse.balance.amount, String(BOND));
    const to = (await query.staking.validatorDelegations(first)).delegationResponses;
    assert.ok(to.some((one) => one.delegation.delegatorAddress === address), show(to));
    assert.deepEqual(
      (await query.staking.delegatorValidators(address)).validators.map((one) => one.operatorAddress),
      [first],
    );
  });

  await check(`rewards, ${mode}: read while they grow, and withdrawn to the Nil`, async () => {
    const pending = async () => wholeNils((await query.distribution.delegationRewards(address, first)).rewards);
    const seen = await until("income", async () => (await pending()) || null);
    const all = await query.distribution.delegationTotalRewards(address);
    assert.equal(all.rewards[0].validatorAddress, first);
    assert.ok(wholeNils(all.total) >= seen);
    assert.deepEqual((await query.distribution.delegatorValidators(address)).validators, [first]);
    assert.equal((await query.distribution.delegatorWithdrawAddress(address)).withdrawAddress, address);
    const before = await balance(address);
    const result = await wallet.client.withdrawRewards(address, first, fee);
    assertIsDeliverTxSuccess(result);
    assert.ok(redeemed(result) >= seen, `${redeemed(result)} redeemed, ${seen} seen before`);
    assert.equal(await balance(address), before - paid + redeemed(result));
  });

  await check(`redelegate, ${mode}: moves at once, and pays what was earned`, async () => {
    const before = await balance(address);
    const message = {
      typeUrl: "/cosmos.staking.v1beta1.MsgBeginRedelegate",
      value: { delegatorAddress: address, validatorSrcAddress: first, validatorDstAddress: second, amount: coin(2_000_000) },
    };
    const result = await wallet.client.signAndBroadcast(address, [message], fee);
    assertIsDeliverTxSuccess(result);
    assert.equal(await balance(address), before - paid + redeemed(result));
    assert.deepEqual(await reader.getDelegation(address, first), coin(BOND - 2_000_000n));
    assert.deepEqual(await reader.getDelegation(address, second), coin(2_000_000));
    assert.equal(await balance(address, "bujmes"), BOND);
    const { redelegationResponses } = await query.staking.redelegations(address, first, second);
    assert.equal(redelegationResponses[0].entries[0].balance, "2000000");
  });

  await check(`undelegate, ${mode}: unbonding with the time of its end`, async () => {
    const before = await balance(address);
    const result = await wallet.client.undelegateTokens(address, first, coin(1_000_000), fee);
    assertIsDeliverTxSuccess(result);
    assert.equal(await balance(address), before - paid + redeemed(result));
    assert.equal(await balance(address, "bujmes"), BOND - 1_000_000n);
    const { unbond } = await query.staking.unbondingDelegation(address, first);
    assert.equal(unbond.entries.length, 1);
    assert.equal(unbond.entries[0].balance, "1000000");
    assert.equal(Number(unbond.entries[0].creationHeight), result.height);
    assert.ok(Number(unbond.entries[0].completionTime.seconds) * 1000 > Date.now());
    const { unbondingResponses } = await query.staking.delegatorUnbondingDelegations(address);
    assert.deepEqual(unbondingResponses.map((one) => one.validatorAddress), [first]);
  });

  await check(`cancel unbonding, ${mode}: a part is bonded again at once`, async () => {
    const [{ creationHeight }] = (await query.staking.unbondingDelegation(address, first)).unbond.entries;
    const before = await balance(address);
    const message = {
      typeUrl: "/cosmos.staking.v1beta1.MsgCancelUnbondingDelegation",
      value: { delegatorAddress: address, validatorAddress: first, amount: coin(400_000), creationHeight },
    };
    const result = await wallet.client.signAndBroadcast(address, [message], fee);
    assertIsDeliverTxSuccess(result);
    assert.equal(await balance(address), before - paid + redeemed(result));
    assert.equal(await balance(address, "bujmes"), BOND - 600_000n);
    const { unbond } = await query.staking.unbondingDelegation(address, first);
    assert.deepEqual(unbond.entries.map((one) => one.balance), ["600000"]);
  });

  await check(`withdraw address, ${mode}: rewards go where the owner says`, async () => {
    const [{ address: heir }] = await (await kind.generate(12, walletOptions)).getAccounts();
    const messages = [
      {
        typeUrl: "/cosmos.distribution.v1beta1.MsgSetWithdrawAddress",
        value: { delegatorAddress: address, withdrawAddress: heir },
      },
      {
        typeUrl: "/cosmos.distribution.v1beta1.MsgWithdrawDelegatorReward",
        value: { delegatorAddress: address, validatorAddress: second },
      },
    ];
    const result = await wallet.client.signAndBroadcast(address, messages, fee);
    assertIsDeliverTxSuccess(result);
    assert.ok(redeemed(result) > 0n);
    assert.equal(await balance(heir), redeemed(result));
  });

  await check(`more than is bonded, ${mode}: refused with its code`, async () => {
    const result = await wallet.client.undelegateTokens(address, first, coin(BOND), fee);
    assert.notEqual(result.code, 0);
    assert.equal((await query.staking.unbondingDelegation(address, first)).unbond.entries.length, 1);
  });
}

for (const [mode, kind] of Object.entries({ direct: DirectSecp256k1HdWallet, amino: Secp256k1HdWallet })) {
  await check(`create a validator, ${mode}: with a bond of its own`, async () => {
    const { address, client } = await open(kind);
    const operator = toBech32(`${PREFIX}valoper`, fromBech32(address).data);
    const { x } = generateKeyPairSync("ed25519").publicKey.export({ format: "jwk" });
    const value = Buffer.from(x, "base64url").toString("base64");
    const rate = (percent) => String(BigInt(percent) * 10n ** 16n);
    const message = {
      typeUrl: "/cosmos.staking.v1beta1.MsgCreateValidator",
      value: {
        // All of them: amino documents leave out what is empty, and CosmJS writes it.
        description: {
          moniker: `of ${mode}`,
          identity: "0123456789ABCDEF",
          website: "https://example.com",
          securityContact: "security@example.com",
          details: "made by CosmJS",
        },
        commission: { rate: rate(5), maxRate: rate(20), maxChangeRate: rate(1) },
        minSelfDelegation: "1000000",
        delegatorAddress: address,
        validatorAddress: operator,
        pubkey: encodePubkey({ type: "tendermint/PubKeyEd25519", value }),
        value: coin(BOND),
      },
    };
    const before = await balance(address);
    assertIsDeliverTxSuccess(await client.signAndBroadcast(address, [message], fee));
    assert.equal(await balance(address), before - BOND - paid);
    const { validator } = await query.staking.validator(operator);
    assert.equal(validator.description.moniker, `of ${mode}`);
    assert.deepEqual(decodePubkey(validator.consensusPubkey), { type: "tendermint/PubKeyEd25519", value });
    assert.equal(validator.commission.commissionRates.rate, rate(5));
    assert.deepEqual([validator.tokens, validator.minSelfDelegation], [String(BOND), "1000000"]);
    assert.deepEqual(await reader.getDelegation(address, operator), coin(BOND));
    const again = await client.signAndBroadcast(address, [message], fee);
    assert.deepEqual([again.code, await balance(address)], [4, before - BOND - 2n * paid]);
  });
}

await check("a validator's income: commission and what is outstanding", async () => {
  const { commission } = await query.distribution.validatorCommission(first);
  assert.ok(wholeNils(commission.commission) > 0n);
  assert.ok(wholeNils((await query.distribution.validatorOutstandingRewards(first)).rewards.rewards) > 0n);
  assert.deepEqual((await query.distribution.validatorSlashes(first, 1, 1_000_000)).slashes, []);
});

await check("an operator withdraws the commission", async () => {
  const wallet = await DirectSecp256k1HdWallet.fromMnemonic(mnemonicOf("validator0"), walletOptions);
  const client = await SigningStargateClient.connectWithSigner(node.rpc, wallet, clientOptions);
  const [{ address }] = await wallet.getAccounts();
  const { validators } = await query.staking.validators("BOND_STATUS_BONDED");
  const own = validators.find((one) => one.description.moniker === "node0").operatorAddress;
  const before = await balance(address);
  const message = {
    typeUrl: "/cosmos.distribution.v1beta1.MsgWithdrawValidatorCommission",
    value: { validatorAddress: own },
  };
  const result = await client.signAndBroadcast(address, [message], fee);
  assertIsDeliverTxSuccess(result);
  // Twenty blocks of the Initial Distribution Period are all the operators'.
  assert.ok((await balance(address)) - before > 50_000_000n, String((await balance(address)) - before));
});

finish();
