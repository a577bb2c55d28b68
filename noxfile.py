"""The same tests on every supported Python: `nox`; `nox -s smoke` for the short run that CI makes."""

import nox

PYTHONS = ["3.11", "3.12", "3.13"]
nox.options.sessions = ["tests"]


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """The whole suite."""
    session.install("--editable", ".[dev,clients,dask]")
    session.run("pytest", "-n", "2", *session.posargs)


@nox.session(python=PYTHONS)
def smoke(session: nox.Session) -> None:
    """Simulation and judge only: what differs between versions of Python."""
    session.install("--editable", ".[dev]")
    session.run("pytest", "-n", "2", "tests/sim", "tests/judge", "tests/guest", *session.posargs)
