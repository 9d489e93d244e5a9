// The messages of JMES as types that CosmJS can register: name, fields and numbers as in proto/jmes, and their form in amino
// JSON, which hardware wallets show and sign.

import { createDefaultAminoConverters } from "@cosmjs/stargate";
import { BinaryReader, BinaryWriter } from "cosmjs-types/binary";
import { MsgSend as BankSend } from "cosmjs-types/cosmos/bank/v1beta1/tx";
import { Any } from "cosmjs-types/google/protobuf/any";

const same = (value) => value;
const kinds = {
  string: { wire: 2, write: (writer, value) => writer.string(value), read: (reader) => reader.string(), toAmino: same, fromAmino: same },
  uint64: { wire: 0, write: (writer, value) => writer.uint64(BigInt(value)), read: (reader) => reader.uint64(), toAmino: String, fromAmino: BigInt },
  uint32: { wire: 0, write: (writer, value) => writer.uint32(value), read: (reader) => reader.uint32(), toAmino: same, fromAmino: same },
  int64: { wire: 0, write: (writer, value) => writer.int64(BigInt(value)), read: (reader) => reader.int64(), toAmino: String, fromAmino: BigInt },
  bool: { wire: 0, write: (writer, value) => writer.bool(value), read: (reader) => reader.bool(), toAmino: same, fromAmino: same },
};

const isDefault = (value) => [undefined, "", 0, 0n, false].includes(value);
const snake = (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Fields of a message in order of their numbers: [number, name, kind or message, "repeated"?]. `oneof` is its name and what
 * its members are called in amino JSON. */
function message(fields, oneof = { members: {} }) {
  const kindOf = (kind) => (typeof kind === "string" ? kinds[kind] : kind);
  const type = {
    fromPartial: (object) => object,
    encode(object, writer = BinaryWriter.create()) {
      for (const [number, name, kind] of fields) {
        const value = object[name];
        if (isDefault(value)) continue;
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
    toAmino(object) {
      const json = {};
      for (const [, name, kind] of fields) {
        const value = object[name];
        if (isDefault(value)) continue;
        const one = kindOf(kind).toAmino;
        const shown = Array.isArray(value) ? value.map(one) : one(value);
        if (oneof.members[name]) json[oneof.name] = { type: oneof.members[name], value: { [snake(name)]: shown } };
        else json[snake(name)] = shown;
      }
      return json;
    },
    fromAmino(json) {
      const object = {};
      for (const [, name, kind] of fields) {
        const value = oneof.members[name] ? json[oneof.name]?.value[snake(name)] : json[snake(name)];
        if (value === undefined) continue;
        const one = kindOf(kind).fromAmino;
        object[name] = Array.isArray(value) ? value.map(one) : one(value);
      }
      return object;
    },
  };
  return type;
}

/** In amino JSON a duration is a number of nanoseconds. */
const Duration = {
  ...message([[1, "seconds", "int64"], [2, "nanos", "uint32"]]),
  toAmino: ({ seconds, nanos = 0 }) => String(BigInt(seconds) * 1_000_000_000n + BigInt(nanos)),
  fromAmino: (text) => ({ seconds: BigInt(text) / 1_000_000_000n, nanos: Number(BigInt(text) % 1_000_000_000n) }),
};
/** In amino JSON a message within a message is shown with its amino name. */
const Packed = {
  ...Any,
  toAmino({ typeUrl, value }) {
    const { aminoType, toAmino } = converters[typeUrl];
    return { type: aminoType, value: toAmino(types[typeUrl].decode(value)) };
  },
  fromAmino({ type, value }) {
    const [typeUrl, { fromAmino }] = Object.entries(converters).find(([, { aminoType }]) => aminoType === type);
    return { typeUrl, value: types[typeUrl].encode(types[typeUrl].fromPartial(fromAmino(value))).finish() };
  },
};

const Empty = message([]);
const Member = message([[1, "address", "string"], [2, "power", "uint64"]]);
const Funding = message([[1, "amount", "string"], [2, "months", "uint32"]]);
const Feature = message([[1, "feature", "string"]]);
const CoreSlot = message([[1, "slot", "uint32"]]);
const RevokeCoreSlot = message([[1, "slot", "uint32"], [2, "dao", "string"]]);
const Checksum = message([[1, "platform", "string"], [2, "sha256", "string"], [3, "url", "string"]]);
const Action = message(
  [
    [1, "changeParameter", message([[1, "module", "string"], [2, "parameter", "string"], [3, "value", "string"]])],
    [2, "activateVersion", message([[1, "module", "string"], [2, "version", "uint64"]])],
    [3, "scheduleUpgrade", message([[1, "name", "string"], [2, "height", "uint64"], [3, "checksums", Checksum, "repeated"]])],
    [4, "openImprovements", Empty],
  ],
  {
    name: "Action",
    members: {
      changeParameter: "jmes/ChangeParameter",
      activateVersion: "jmes/ActivateVersion",
      scheduleUpgrade: "jmes/ScheduleUpgrade",
      openImprovements: "jmes/OpenImprovements",
    },
  },
);

export const MsgRegisterUser = message([[1, "creator", "string"], [2, "name", "string"]]);
export const MsgRegisterDao = message([
  [1, "creator", "string"],
  [2, "name", "string"],
  [3, "members", Member, "repeated"],
  [4, "threshold", "uint64"],
  [5, "votingPeriod", Duration],
]);
export const MsgUpdateDao = message([
  [1, "dao", "string"],
  [2, "members", Member, "repeated"],
  [3, "threshold", "uint64"],
  [4, "votingPeriod", Duration],
]);
export const MsgSubmitProposal = message([
  [1, "proposer", "string"],
  [2, "dao", "string"],
  [3, "title", "string"],
  [4, "summary", "string"],
  [5, "messages", Packed, "repeated"],
  [6, "execute", "bool"],
]);
export const MsgDaoVote = message([
  [1, "voter", "string"],
  [2, "proposalId", "uint64"],
  [3, "option", "uint32"],
  [4, "execute", "bool"],
]);
export const MsgExecute = message([[1, "executor", "string"], [2, "proposalId", "uint64"]]);
export const MsgRaiseProposal = message(
  [
    [1, "dao", "string"],
    [2, "title", "string"],
    [3, "description", "string"],
    [4, "text", Empty],
    [5, "requestFeature", Feature],
    [6, "coreSlot", CoreSlot],
    [7, "improvement", message([[1, "actions", Action, "repeated"]])],
    [8, "revokeCoreSlot", RevokeCoreSlot],
    [9, "funding", Funding],
  ],
  {
    name: "Content",
    members: {
      text: "jmes/Text",
      requestFeature: "jmes/RequestFeature",
      coreSlot: "jmes/CoreSlot",
      improvement: "jmes/Improvement",
      revokeCoreSlot: "jmes/RevokeCoreSlot",
    },
  },
);
export const MsgWithdrawProposal = message([[1, "dao", "string"], [2, "proposalId", "uint64"]]);
export const MsgVote = message([
  [1, "voter", "string"],
  [2, "proposalId", "uint64"],
  [3, "option", "uint32"],
]);
export const MsgConclude = message([[1, "sender", "string"], [2, "proposalId", "uint64"]]);
export const MsgResignSlot = message([[1, "dao", "string"]]);
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
export const MsgSendNft = message([
  [1, "classId", "string"],
  [2, "id", "string"],
  [3, "sender", "string"],
  [4, "receiver", "string"],
]);

/** Type URL, type and amino name of every message. */
const messages = [
  ["/jmes.identity.v1.MsgRegisterUser", MsgRegisterUser, "jmes/MsgRegisterUser"],
  ["/jmes.dao.v1.MsgRegisterDao", MsgRegisterDao, "jmes/MsgRegisterDao"],
  ["/jmes.dao.v1.MsgUpdateDao", MsgUpdateDao, "jmes/MsgUpdateDao"],
  ["/jmes.dao.v1.MsgSubmitProposal", MsgSubmitProposal, "jmes/MsgSubmitDaoProposal"],
  ["/jmes.dao.v1.MsgVote", MsgDaoVote, "jmes/MsgDaoVote"],
  ["/jmes.dao.v1.MsgExecute", MsgExecute, "jmes/MsgExecuteDaoProposal"],
  ["/jmes.governance.v1.MsgRaiseProposal", MsgRaiseProposal, "jmes/MsgRaiseProposal"],
  ["/jmes.governance.v1.MsgWithdrawProposal", MsgWithdrawProposal, "jmes/MsgWithdrawProposal"],
  ["/jmes.governance.v1.MsgVote", MsgVote, "jmes/MsgVote"],
  ["/jmes.governance.v1.MsgConclude", MsgConclude, "jmes/MsgConclude"],
  ["/jmes.governance.v1.MsgResignSlot", MsgResignSlot, "jmes/MsgResignSlot"],
  ["/jmes.artwork.v1.MsgMint", MsgMint, "jmes/MsgMint"],
  // The Cosmos SDK gives this one no amino name: it goes by its URL.
  ["/cosmos.nft.v1beta1.MsgSend", MsgSendNft, "/cosmos.nft.v1beta1.MsgSend"],
];

const defaults = createDefaultAminoConverters();
const converters = {
  "/cosmos.bank.v1beta1.MsgSend": defaults["/cosmos.bank.v1beta1.MsgSend"],
  ...Object.fromEntries(
    messages.map(([typeUrl, { toAmino, fromAmino }, aminoType]) => [typeUrl, { aminoType, toAmino, fromAmino }]),
  ),
};
const types = {
  "/cosmos.bank.v1beta1.MsgSend": BankSend,
  ...Object.fromEntries(messages),
};

/** What a wallet adds to CosmJS's own types. */
export const jmesTypes = messages.map(([typeUrl, type]) => [typeUrl, type]);
/** What a wallet adds to CosmJS's own amino converters. */
export const jmesAminoConverters = { ...defaults, ...converters };
