"""cosmpy as its users bond with it, over gRPC or REST; the network needs two validators.

    staking.py ENDPOINTS_FILE grpc|rest
"""

import json
import sys
import time
import urllib.request

from cosmpy.aerial.client import LedgerClient, NetworkConfig
from cosmpy.aerial.client.staking import ValidatorStatus
from cosmpy.aerial.client.utils import prepare_and_broadcast_basic_transaction
from cosmpy.aerial.exceptions import BroadcastError
from cosmpy.aerial.tx import Transaction, TxFee
from cosmpy.aerial.wallet import LocalWallet
from cosmpy.crypto.address import Address
from cosmpy.crypto.keypairs import PrivateKey
from cosmpy.mnemonic import derive_child_key_from_index, derive_master_key, derive_seed_from_mnemonic
from cosmpy.protos.cosmos.bank.v1beta1.query_pb2 import QueryBalanceRequest
from cosmpy.protos.cosmos.base.v1beta1.coin_pb2 import Coin
from cosmpy.protos.cosmos.crypto.ed25519.keys_pb2 import PubKey
from cosmpy.protos.cosmos.distribution.v1beta1.query_pb2 import QueryDelegationTotalRewardsRequest
from cosmpy.protos.cosmos.staking.v1beta1.query_pb2 import (
    QueryPoolRequest,
    QueryRedelegationsRequest,
    QueryUnbondingDelegationRequest,
    QueryValidatorRequest,
)
from cosmpy.protos.cosmos.staking.v1beta1.staking_pb2 import CommissionRates, Description
from cosmpy.protos.cosmos.staking.v1beta1.tx_pb2 import MsgCancelUnbondingDelegation, MsgCreateValidator
from ecdsa import Ed25519, SigningKey
from google.protobuf.any_pb2 import Any

from harness import Suite, load_network, raises

BOND = 5_000_000
DENOM = "ujmes"
HARDENED = 1 << 31
# m/44'/6280'/0'/0/0
HD_PATH = (HARDENED + 44, HARDENED + 6280, HARDENED, 0, 0)
PREFIX = "jmes"
FEE = TxFee(f"1000{DENOM}", 400_000)

network = load_network(sys.argv[1])
endpoint = network["nodes"][0]
url = {"grpc": f"grpc+http://{endpoint['grpc']}", "rest": f"rest+{endpoint['rest']}"}[sys.argv[2]]
client = LedgerClient(
    NetworkConfig(
        chain_id=network["chain_id"],
        url=url,
        fee_minimum_gas_price=0.0025,
        fee_denomination=DENOM,
        staking_denomination=DENOM,
    ),
    query_interval_secs=0.2,
    query_timeout_secs=30,
)
suite = Suite()


def wallet_of(name):
    mnemonic = next(key for key in network["keys"] if key["name"] == name)["mnemonic"]
    # Step by step, because cosmpy reads no paths with coin types of more than three digits.
    key, chain_code = derive_master_key(derive_seed_from_mnemonic(mnemonic))
    for index in HD_PATH:
        key, chain_code = derive_child_key_from_index(key, chain_code, index)
    return LocalWallet(PrivateKey(key), prefix=PREFIX)


def until(what, look, limit=50):
    """Asks again until `look` gives something true."""
    deadline = time.monotonic() + limit
    while not (found := look()):
        assert time.monotonic() < deadline, f"{what} did not come within {limit} s"
        time.sleep(0.1)
    return found


def bonded(wallet):
    request = QueryBalanceRequest(address=str(wallet.address()), denom="bujmes")
    return int(client.bank.Balance(request).balance.amount)


def liquid(wallet):
    return client.query_bank_balance(wallet.address(), DENOM)


def pool():
    return int(client.staking.Pool(QueryPoolRequest()).pool.bonded_tokens)


def redeemed(tx):
    """What the events of a transaction say was redeemed."""
    return int(tx.response.events.get("withdraw_rewards", {}).get("amount", DENOM).removesuffix(DENOM) or 0)


def send(message):
    """Puts a message that cosmpy has no function for into a block."""
    tx = Transaction()
    tx.add_message(message)
    return prepare_and_broadcast_basic_transaction(client, tx, me, fee=FEE).wait_to_complete()


me = LocalWallet.generate(prefix=PREFIX)
validators = []


@suite.check("the Initial Distribution Period ends")
def _():
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def is_over():
        with opener.open(f"{endpoint['rest']}/jmes/staking/v1/seats", timeout=10) as answer:
            return json.load(answer)["idp"] is False

    until("its end", is_over)
    client.send_tokens(me.address(), 1_000_000_000, DENOM, wallet_of("alice")).wait_to_complete()


@suite.check("validators: listed, by status")
def _():
    found = client.query_validators()
    assert sorted(one.moniker for one in found) == ["node0", "node1"], found
    assert all(one.tokens >= 10_000_000_000 and one.status == ValidatorStatus.BONDED for one in found)
    validators.extend(one.address for one in found)
    assert client.query_validators(ValidatorStatus.UNBONDED) == []
    assert len(client.query_validators(ValidatorStatus.UNSPECIFIED)) == 2


@suite.check("delegate: fee by simulation; the coins stay in the wallet as bujmes")
def _():
    before, total = liquid(me), pool()
    tx = client.delegate_tokens(validators[0], BOND, me).wait_to_complete()
    fee = int(tx.response.events["tx"]["fee"].removesuffix(DENOM))
    assert liquid(me) == before - BOND - fee
    assert bonded(me) == BOND
    coins = {coin.denom: int(coin.amount) for coin in client.query_bank_all_balances(me.address())}
    assert coins == {DENOM: before - BOND - fee, "bujmes": BOND}, coins
    assert pool() == total + BOND
    summary = client.query_staking_summary(me.address())
    assert summary.total_staked == BOND and summary.total_unbonding == 0
    assert str(summary.current_positions[0].validator) == str(validators[0])


@suite.check("rewards: read while they grow, and withdrawn to the Nil")
def _():
    # Over gRPC decimal coins have no point, and cosmpy gives them as they come.
    unit = 10**18 if sys.argv[2] == "grpc" else 1
    seen = until("income", lambda: client.query_staking_summary(me.address()).total_rewards // unit)
    request = QueryDelegationTotalRewardsRequest(delegator_address=str(me.address()))
    total = client.distribution.DelegationTotalRewards(request)
    assert [reward.validator_address for reward in total.rewards] == [str(validators[0])]
    before = liquid(me)
    tx = client.claim_rewards(validators[0], me, fee=FEE).wait_to_complete()
    assert redeemed(tx) >= seen, (redeemed(tx), seen)
    assert liquid(me) == before - 1_000 + redeemed(tx)


@suite.check("redelegate: moves at once, and pays what was earned")
def _():
    before = liquid(me)
    tx = client.redelegate_tokens(validators[0], validators[1], 2_000_000, me, fee=FEE).wait_to_complete()
    assert liquid(me) == before - 1_000 + redeemed(tx)
    positions = client.query_staking_summary(me.address()).current_positions
    amounts = {str(position.validator): position.amount for position in positions}
    assert amounts == {str(validators[0]): BOND - 2_000_000, str(validators[1]): 2_000_000}
    assert bonded(me) == BOND
    request = QueryRedelegationsRequest(delegator_addr=str(me.address()))
    moved = client.staking.Redelegations(request).redelegation_responses
    assert [int(entry.balance) for entry in moved[0].entries] == [2_000_000]


@suite.check("undelegate: unbonding for a while")
def _():
    before = liquid(me)
    tx = client.undelegate_tokens(validators[0], 1_000_000, me, fee=FEE).wait_to_complete()
    assert liquid(me) == before - 1_000 + redeemed(tx)
    summary = client.query_staking_summary(me.address())
    assert summary.total_staked == BOND - 1_000_000
    assert [(str(one.validator), one.amount) for one in summary.unbonding_positions] == [(str(validators[0]), 1_000_000)]
    assert bonded(me) == BOND - 1_000_000


@suite.check("cancel unbonding: a part is bonded again at once")
def _():
    request = QueryUnbondingDelegationRequest(delegator_addr=str(me.address()), validator_addr=str(validators[0]))
    entries = client.staking.UnbondingDelegation(request).unbond.entries
    before = liquid(me)
    tx = send(
        MsgCancelUnbondingDelegation(
            delegator_address=str(me.address()),
            validator_address=str(validators[0]),
            amount=Coin(amount="400000", denom=DENOM),
            creation_height=entries[0].creation_height,
        )
    )
    assert liquid(me) == before - 1_000 + redeemed(tx)
    assert bonded(me) == BOND - 600_000
    entries = client.staking.UnbondingDelegation(request).unbond.entries
    assert [int(entry.balance) for entry in entries] == [600_000]


@suite.check("more than is bonded: refused, nothing lost")
def _():
    tx = client.undelegate_tokens(validators[0], BOND, me, fee=FEE)
    raises(BroadcastError, tx.wait_to_complete)
    assert client.query_staking_summary(me.address()).total_staked == BOND - 600_000


@suite.check("create a validator: with a bond of its own")
def _():
    operator = Address(me.address(), prefix=f"{PREFIX}valoper")
    key = bytes(SigningKey.generate(curve=Ed25519).verifying_key.to_string())
    pubkey = Any()
    pubkey.Pack(PubKey(key=key), type_url_prefix="/")
    percent = 10**16
    before = liquid(me)
    send(
        MsgCreateValidator(
            description=Description(moniker="of cosmpy", website="https://example.com"),
            commission=CommissionRates(
                rate=str(5 * percent), max_rate=str(20 * percent), max_change_rate=str(percent)
            ),
            min_self_delegation="1000000",
            validator_address=str(operator),
            pubkey=pubkey,
            value=Coin(amount=str(BOND), denom=DENOM),
        )
    )
    assert liquid(me) == before - BOND - 1_000
    found = client.staking.Validator(QueryValidatorRequest(validator_addr=str(operator))).validator
    assert (found.description.moniker, found.tokens) == ("of cosmpy", str(BOND)), found
    assert found.consensus_pubkey == pubkey and found.min_self_delegation == "1000000"
    assert str(operator) in [str(one.address) for one in client.query_validators(ValidatorStatus.UNSPECIFIED)]


suite.finish()
