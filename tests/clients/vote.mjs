// A holder's votes by CosmJS, all in one transaction; scripts/season calls it when COSMJS is set.
//   node vote.mjs endpoints.json KEY PROPOSAL=yes|no…

import { DirectSecp256k1HdWallet } from "@cosmjs/proto-signing";
import { assertIsDeliverTxSuccess, calculateFee } from "@cosmjs/stargate";

import { gasPrice, open, walletOptions } from "./account.mjs";
import { mnemonicOf } from "./harness.mjs";

const OPTIONS = { yes: 1, no: 2 };
const [key, ...votes] = process.argv.slice(3);
const { address, client } = await open(await DirectSecp256k1HdWallet.fromMnemonic(mnemonicOf(key), walletOptions));
const messages = votes.map((vote) => {
  const [proposal, option] = vote.split("=");
  return {
    typeUrl: "/jmes.governance.v1.MsgVote",
    value: { voter: address, proposalId: BigInt(proposal), option: OPTIONS[option] },
  };
});
const result = await client.signAndBroadcast(address, messages, calculateFee(400_000 * votes.length, gasPrice));
assertIsDeliverTxSuccess(result);
console.log(`${address} voted ${votes.join(" ")} in block ${result.height}`);
process.exit(0);
