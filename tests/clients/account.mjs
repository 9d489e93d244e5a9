// A CosmJS client that knows the types of JMES, and the account it signs for.

import { Registry } from "@cosmjs/proto-signing";
import {
  AminoTypes,
  assertIsDeliverTxSuccess,
  calculateFee,
  createDefaultAminoConverters,
  defaultRegistryTypes,
  GasPrice,
  SigningStargateClient,
} from "@cosmjs/stargate";

import { DENOM, HD_PATH, node, PREFIX } from "./harness.mjs";
import { jmesAminoConverters, jmesTypes } from "./types.mjs";

/** How wallets of JMES are made from a mnemonic. */
export const walletOptions = { prefix: PREFIX, hdPaths: [HD_PATH] };
/** What a unit of gas costs. */
export const gasPrice = GasPrice.fromString(`0.0025${DENOM}`);

/** What a client needs to know of JMES. */
export const clientOptions = {
  aminoTypes: new AminoTypes({ ...createDefaultAminoConverters(), ...jmesAminoConverters }),
  broadcastPollIntervalMs: 200,
  gasPrice,
  registry: new Registry([...defaultRegistryTypes, ...jmesTypes]),
};

/** The wallet's account: its address, its client, and a function that sends one message and asserts that it is done. */
export async function open(wallet) {
  const client = await SigningStargateClient.connectWithSigner(node.rpc, wallet, clientOptions);
  const [{ address }] = await wallet.getAccounts();
  const send = async (typeUrl, value) => {
    const result = await client.signAndBroadcast(address, [{ typeUrl, value }], calculateFee(2_000_000, gasPrice));
    assertIsDeliverTxSuccess(result);
    return result;
  };
  return { address, client, send };
}

/** The node's answer at a REST path; null when there is nothing. */
export async function rest(path) {
  const answer = await fetch(`${node.rest}${path}`);
  return answer.ok ? answer.json() : null;
}
