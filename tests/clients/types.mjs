// The messages of JMES as types that CosmJS can register: name, fields and numbers as in proto/jmes.

import { BinaryReader, BinaryWriter } from "cosmjs-types/binary";
import { Any } from "cosmjs-types/google/protobuf/any";

const kinds = {
  string: { wire: 2, write: (writer, value) => writer.string(value), read: (reader) => reader.string() },
  uint64: { wire: 0, write: (writer, value) => writer.uint64(BigInt(value)), read: (reader) => reader.uint64() },
  uint32: { wire: 0, write: (writer, value) => writer.uint32(value), read: (reader) => reader.uint32() },
  int64: { wire: 0, write: (writer, value) => writer.int64(BigInt(value)), read: (reader) => reader.int64() },
  bool: { wire: 0, write: (writer, value) => writer.bool(value), read: (reader) => reader.bool() },
};

/** Fields of a message in order of their numbers: [number, name, kind or message, "repeated"?]. */
function message(fields) {
  const type = {
    fromPartial: (object) => object,
    encode(object, writer = BinaryWriter.create()) {
      for (const [number, name, kind] of fields) {
        const value = object[name];
        if (value === undefined || value === "" || value === 0 || value === false) continue;
        for (const one of Array.isArray(value) ? value : [value]) {
          if (typeof kind === "string") {
            kinds[kind].write(writer.uint32((number << 3) | kinds[kind].wire), one);
          } else {
            writer.uint32((number << 3) | 2).bytes(kind.encode(one).finish());
          }
        }
      }
      return writer;
    },
    decode(input) {
      const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
      const object = {};
      while (reader.pos < reader.len) {
        const tag = reader.uint32();
        const field = fields.find(([number]) => number === tag >>> 3);
        if (!field) {
          reader.skipType(tag & 7);
          continue;
        }
        const [, name, kind, repeated] = field;
        const value = typeof kind === "string" ? kinds[kind].read(reader) : kind.decode(reader.bytes());
        if (repeated) (object[name] ??= []).push(value);
        else object[name] = value;
      }
      return object;
    },
  };
  return type;
}

const Empty = message([]);
const Duration = message([[1, "seconds", "int64"], [2, "nanos", "uint32"]]);
const Member = message([[1, "address", "string"], [2, "power", "uint64"]]);
const Funding = message([[1, "amount", "string"], [2, "months", "uint32"]]);
const Feature = message([[1, "feature", "string"]]);
const CoreSlot = message([[1, "slot", "uint32"]]);
const RevokeCoreSlot = message([[1, "slot", "uint32"], [2, "dao", "string"]]);

export const MsgRegisterUser = message([[1, "creator", "string"], [2, "name", "string"]]);
export const MsgRegisterDao = message([
  [1, "creator", "string"],
  [2, "name", "string"],
  [3, "members", Member, "repeated"],
  [4, "threshold", "uint64"],
  [5, "votingPeriod", Duration],
]);
export const MsgSubmitProposal = message([
  [1, "proposer", "string"],
  [2, "dao", "string"],
  [3, "title", "string"],
  [4, "summary", "string"],
  [5, "messages", Any, "repeated"],
  [6, "execute", "bool"],
]);
export const MsgDaoVote = message([
  [1, "voter", "string"],
  [2, "proposalId", "uint64"],
  [3, "option", "uint32"],
  [4, "execute", "bool"],
]);
export const MsgExecute = message([[1, "executor", "string"], [2, "proposalId", "uint64"]]);
export const MsgRaiseProposal = message([
  [1, "dao", "string"],
  [2, "title", "string"],
  [3, "description", "string"],
  [4, "text", Empty],
  [5, "requestFeature", Feature],
  [6, "coreSlot", CoreSlot],
  [8, "revokeCoreSlot", RevokeCoreSlot],
  [9, "funding", Funding],
]);
export const MsgVote = message([
  [1, "voter", "string"],
  [2, "proposalId", "uint64"],
  [3, "option", "uint32"],
]);
export const MsgConclude = message([[1, "sender", "string"], [2, "proposalId", "uint64"]]);
export const MsgMint = message([
  [1, "dao", "string"],
  [2, "id", "string"],
  [3, "owner", "string"],
  [4, "uri", "string"],
  [5, "uriHash", "string"],
  [6, "title", "string"],
  [7, "artist", "string"],
  [8, "royaltyBps", "uint32"],
  [9, "data", "string"],
]);

/** What a wallet adds to CosmJS's own types. */
export const jmesTypes = [
  ["/jmes.identity.v1.MsgRegisterUser", MsgRegisterUser],
  ["/jmes.dao.v1.MsgRegisterDao", MsgRegisterDao],
  ["/jmes.dao.v1.MsgSubmitProposal", MsgSubmitProposal],
  ["/jmes.dao.v1.MsgVote", MsgDaoVote],
  ["/jmes.dao.v1.MsgExecute", MsgExecute],
  ["/jmes.governance.v1.MsgRaiseProposal", MsgRaiseProposal],
  ["/jmes.governance.v1.MsgVote", MsgVote],
  ["/jmes.governance.v1.MsgConclude", MsgConclude],
  ["/jmes.artwork.v1.MsgMint", MsgMint],
];
