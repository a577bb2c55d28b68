"""The same tests on every supported Python: `nox`; `nox -s smoke` for the short run that CI makes."""

import nox

from grader.pythons import TESTED

PYTHONS = list(TESTED)
nox.options.sessions = ["tests"]


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """The whole suite."""
    session.install("--editable", ".[dev,clients,dask]")
    session.run("pytest", "-n", "2", *session.posargs)


@nox.session(python=PYTHONS)
def smoke(session: nox.Session) -> None:
    """The judge, the kernel, the sockets, CPython's own tests: where versions of Python differ."""
    session.install("--editable", ".[dev]")
    sim = [f"tests/sim/test_{name}.py" for name in ("kernel", "sockets", "newer_pythons", "conformance")]
    chosen = ["tests/test_pythons.py", "tests/judge", *sim]
    session.run("pytest", "-n", "2", "-m", "not real_clock", *chosen, *session.posargs)
