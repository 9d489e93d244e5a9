"""What the Python suite uses: named checks, and the network under test.

A check prints `ok - name` or `not ok - name: why`; the suite exits non-zero if one fails.
"""

import json
import signal
import sys
import traceback

CHECK_LIMIT_SECONDS = 60


class Suite:
    """Runs checks and counts them."""

    def __init__(self):
        self._passed = 0
        self._failed = 0
        signal.signal(signal.SIGALRM, self._expire)

    @staticmethod
    def _expire(_signal, _frame):
        raise TimeoutError(f"not done after {CHECK_LIMIT_SECONDS} s")

    def check(self, name):
        """Runs the decorated function as a check; the suite goes on after a failure."""

        def run(function):
            signal.alarm(CHECK_LIMIT_SECONDS)
            try:
                function()
                self._passed += 1
                print(f"ok - {name}", flush=True)
            except Exception:  # any failure of a check is reported, never fatal to the suite
                self._failed += 1
                print(f"not ok - {name}: {traceback.format_exc()}", flush=True)
            finally:
                signal.alarm(0)
            return function

        return run

    def finish(self):
        """Ends the suite with its result."""
        print(f"{self._passed} passed, {self._failed} failed", flush=True)
        sys.exit(0 if self._passed and not self._failed else 1)


def load_network(path):
    """The network's description: chain_id, nodes[]{rpc, rest, grpc}, keys[]{name, address, mnemonic}."""
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def raises(kind, action, *texts):
    """Asserts that `action` raises `kind` with all of `texts` in its message, and gives the exception."""
    try:
        value = action()
    except kind as error:
        for text in texts:
            assert text in str(error), f"{text!r} is not in {error}"
        return error
    raise AssertionError(f"succeeded with {value}")
