"""How long tests wait, which is longer under a sanitizer (scripts/sanitize.sh), and what they do not measure then."""

import os

FACTOR = float(os.environ.get("NEWSRPC_TEST_PATIENCE", "1"))
# "thread" or "address", when the programs under test were built so.
SANITIZER = os.environ.get("NEWSRPC_TEST_SANITIZER")


def patience(seconds):
    return seconds * FACTOR
