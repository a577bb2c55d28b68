"""`os` as the interpreter came with it, whatever is put into `os` later.

A zygote replaces much of `os` by the simulated machine's (`grader.sim.patches`) before its guests are shut
in: from then on `os.getpid()` answers with the simulated machine's id. What the sandbox asks, it asks the
kernel. So this copy is made when the sandbox is imported, which is before anything is replaced.
"""

from __future__ import annotations

import os as _os
import types
from typing import TYPE_CHECKING

__all__ = ["os"]

if TYPE_CHECKING:
    import os
else:
    os = types.ModuleType("os", _os.__doc__)
    os.__dict__.update(vars(_os))
