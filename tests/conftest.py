"""What every test may count on, however the tests were started."""

from __future__ import annotations

import signal

# A shell has what it starts in the background ignore Ctrl-C, and children inherit it:
# then no interrupt of a test would arrive.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
