// What the JavaScript suites share: numbered checks with a time limit, and the network under test.
//
// A suite is started with the network's description (`endpoints.json` as scripts/run writes it) as its argument and
// prints `ok - name` or `not ok - name: why` for each check. It exits non-zero if one fails.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import { stringToPath } from "@cosmjs/crypto";

const CHECK_LIMIT_MS = 60_000;

/** The base denomination. */
export const DENOM = "ujmes";
/** What a JMES wallet derives its first account by. */
export const HD_PATH = stringToPath("m/44'/6280'/0'/0/0");
/** The prefix of addresses. */
export const PREFIX = "jmes";

/** The network under test: chain_id, nodes[]{rpc, rest, grpc}, keys[]{name, address, mnemonic}. */
export const network = JSON.parse(readFileSync(process.argv[2], "utf8"));
/** The first node's endpoints. */
export const node = network.nodes[0];

let passed = 0;
let failed = 0;

/** Runs one check. A failure is printed and counted; the suite goes on. */
export async function check(name, run, limitMs = CHECK_LIMIT_MS) {
  let timer;
  const limit = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done after ${limitMs} ms`)), limitMs);
  });
  try {
    await Promise.race([run(), limit]);
    passed += 1;
    console.log(`ok - ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`not ok - ${name}: ${error?.stack ?? error}`);
  } finally {
    clearTimeout(timer);
  }
}

/** Ends the suite with its result. */
export function finish() {
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed === 0 && passed > 0 ? 0 : 1);
}

/** The mnemonic of a funded test key. */
export function mnemonicOf(name) {
  const key = network.keys.find((key) => key.name === name);
  assert.ok(key, `the network has no test key ${name}`);
  return key.mnemonic;
}

/** Asserts that `promise` fails with an error that has the given fields; a pattern stands for a text that fits it. */
export async function assertFails(promise, expected) {
  const error = await promise.then(
    (value) => assert.fail(`succeeded with ${show(value)}`),
    (error) => error,
  );
  for (const [field, value] of Object.entries(expected)) {
    if (value instanceof RegExp) {
      assert.match(String(error[field]), value, String(error));
    } else {
      assert.equal(error[field], value, String(error));
    }
  }
}

/** Asks again until `look` gives something other than null, undefined or false. */
export async function until(what, look, limitMs = 30_000) {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`${what} did not come within ${limitMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** A value for people, 64-bit numbers included. */
export function show(value) {
  return JSON.stringify(value, (_, inner) => (typeof inner === "bigint" ? inner.toString() : inner));
}
