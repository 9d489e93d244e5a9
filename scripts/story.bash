# What scripts/tour and scripts/season share: a chain of four validators in a directory of its own, and commands that are
# shown as one would type them. Sourced with name=NAME and port=DEFAULT set, and the arguments of the script.

fail() { printf '\n%s: %s\n' "$name" "$*" >&2; exit 1; }

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
keep=
while (($#)); do
  case $1 in
    -h | --help) usage; exit 0 ;;
    --port-base) (($# > 1)) || fail "--port-base needs a value (see --help)"; port=$2; shift ;;
    --port-base=*) port=${1#*=} ;;
    --keep) keep=1 ;;
    *) fail "there is no option $1 (see --help)" ;;
  esac
  shift
done
[[ $port =~ ^[0-9]+$ ]] || fail "--port-base takes a number, not $port"

"$root/scripts/setup"
if [[ -z ${JMESD:-} ]]; then
  (cd "$root" && cargo build --quiet --release --locked --workspace --bin jmesd)
  JMESD=${CARGO_TARGET_DIR:-$root/target}/release/jmesd
fi
JMESD=$(realpath "$(command -v "$JMESD")") || fail "there is no program $JMESD"
export JMESD
# What the user has set for other homes is not for this one.
unset "${!JMES_@}"
export JMES_ENGINE=$root/.cache/cometbft

dir=$(mktemp -d "${TMPDIR:-/tmp}/jmes-$name.XXXXXX")
chain_pid=
node_pid=
# Ends a process and waits for it.
end() { [[ -z $1 ]] || { kill -TERM "$1" 2>/dev/null && wait "$1" 2>/dev/null; } || true; }
cleanup() {
  local status=$?
  trap - EXIT INT TERM
  if ((status)) && [[ -e $dir/chain.log ]]; then
    printf '\n%s: not as told. The ends of the logs:\n' "$name" >&2
    tail -n 5 "$dir/chain.log" >&2
    [[ ! -e $dir/new/jmesd.log ]] || grep -v 'INFO engine' "$dir/new/jmesd.log" | tail -n 10 >&2 || true
  fi
  end "$node_pid"
  end "$chain_pid"
  if [[ -n $keep ]]; then printf 'The files are in %s\n' "$dir"; else rm -rf "$dir"; fi
  exit "$status"
}
trap cleanup EXIT
trap 'exit 130' INT TERM
cd "$dir"

# title TEXT, say TEXT: what comes next, for people.
title() { printf '\n\n=== %s\n' "$*"; }
say() { printf '\n%s\n' "$*"; }

# call COMMAND…: the command as one would type it, and its answer; its status.
call() {
  printf '\n$ jmesd'
  printf ' %q' "$@"
  printf '\n'
  local status=0
  "$JMESD" "$@" >"$dir/answer" 2>&1 </dev/null || status=$?
  sed 's/^/  /' "$dir/answer"
  return "$status"
}
# show COMMAND…: the same, which must succeed.
show() { call "$@" || fail "the command ended with status $?"; }

# send HOME COMMAND…: the same for a transaction, until it is in a block, where it must have succeeded.
send() {
  local home=$1 hash result
  shift
  show --home "$home" tx "$@" -y
  hash=$(sed -n 's/^txhash: *//p' "$dir/answer")
  [[ -n $hash ]] || fail "the answer has no txhash"
  result=$("$JMESD" --home "$home" query wait-tx "$hash" --timeout 30s --output json)
  [[ $result == *'"code":0,'* ]] || fail "the transaction failed: $result"
  printf '  … it is in block %s\n' "$(grep -o '"height":"[0-9]*"' <<<"$result" | tr -dc '0-9')"
}

# ask COMMAND…: the node's answer in JSON, on one line, for the script itself.
ask() { "$JMESD" --home node0 --output json query "$@"; }
# wait_for SECONDS WHAT COMMAND…: until the command succeeds.
wait_for() {
  local seconds=$1 what=$2 deadline=$((SECONDS + $1))
  shift 2
  until "$@" 2>/dev/null; do
    ((SECONDS < deadline)) || fail "$what did not come within $seconds s"
    sleep 0.3
  done
}
is_idp_over() { [[ $(ask staking seats) == *'"idp":false'* ]]; }

# make_chain: the homes node0 … node3.
make_chain() {
  printf '\n$ jmesd testnet --home . --validators 4 --port-base %s\n' "$port"
  "$JMESD" testnet --home . --validators 4 --port-base "$port" >"$dir/answer" || fail 'the homes could not be made'
}
is_ready() { grep -q '^ready$' "$dir/chain.log"; }
is_ready_or_dead() { is_ready || ! kill -0 "$chain_pid"; }
# start_chain: its nodes, until each has a block.
start_chain() {
  printf '\n$ scripts/run --home . &\n'
  "$root/scripts/run" --home "$dir" >"$dir/chain.log" 2>&1 </dev/null &
  chain_pid=$!
  wait_for 120 'the first block' is_ready_or_dead
  is_ready || fail 'the chain did not start'
}
