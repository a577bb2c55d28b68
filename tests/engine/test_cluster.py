"""The same jobs on a dask cluster: a real scheduler and real workers on loopback."""

from __future__ import annotations

import concurrent.futures
import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from school import job

import grader.engine.cluster as cluster
import grader.engine.scheduler as scheduler
from grader.engine.cluster import DaskEngine, Described
from grader.engine.jobs import Setup
from grader.engine.local import Failed, Result
from grader.engine.scheduler import Tls, connect, try_scheduler
from grader.errors import BadInput, JudgeError
from grader.grading.events import Judged
from grader.grading.run import GradeRequest, grade
from grader.records import Judgement, Verdict

pytestmark = pytest.mark.slow

pytest.importorskip("distributed", reason="the extra `dask` is not installed; CI installs it")

ROOT = Path(__file__).parents[2]
DOUBLES = ROOT / "tests" / "doubles"


class Cluster:
    """A scheduler and its workers, each a process of its own."""

    def __init__(self, folder: Path, *options: str, host: str = "127.0.0.1") -> None:
        self._stack = contextlib.ExitStack()
        self._folder = folder
        self._options = options
        self._host = host
        self.workers: list[subprocess.Popen[str]] = []
        process = self._start("scheduler", "--host", host, "--port", "0", "--no-dashboard")
        self.address = self._said(process, r"Scheduler at:\s+(\S+)")

    def add_worker(self, **env: str) -> None:
        """One more worker with one thread, connected when this returns."""
        options = ("--host", self._host, "--nthreads", "1", "--no-nanny", "--no-dashboard")
        process = self._start("worker", self.address, *options, **env)
        self._said(process, r"(Registered to)")
        self.workers.append(process)

    def _start(self, what: str, *arguments: str, **env: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "distributed.cli.dask_" + what, *arguments, *self._options],
            cwd=self._folder,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(DOUBLES)]), **env},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._stack.callback(_end, process)
        return process

    @staticmethod
    def _said(process: subprocess.Popen[str], pattern: str) -> str:
        said = []
        for line in process.stdout:
            said.append(line)
            if hit := re.search(pattern, line):
                return hit[1]
        raise AssertionError("".join(said))

    def close(self) -> None:
        self._stack.close()


def _end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait()
    process.stdout.close()


@pytest.fixture(scope="module")
def two_workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """One cluster for all tests that do it no harm: starting it is most of their time."""
    made = Cluster(tmp_path_factory.mktemp("cluster"))
    try:
        made.add_worker()
        made.add_worker()
        yield made
    finally:
        made.close()


@pytest.fixture
def setup(school_katas: Path, monkeypatch: pytest.MonkeyPatch) -> Setup:
    monkeypatch.syspath_prepend(str(DOUBLES))
    return Setup(seed=5, isolation="best", katas=str(school_katas), judge="fake_judge:FakeJudge")


def engine(setup: Setup, address: str) -> DaskEngine:
    return DaskEngine(setup, address, cluster._digests(setup, ["gather_readings"]))


def test_a_cluster_judges_as_this_machine_does(two_workers, setup):
    """Honest, broken and deadly submissions side by side."""
    sources = ["# accept", "# reject", "# die", "# break", *(f"# accept\n# {number}" for number in range(8))]
    results = list(engine(setup, two_workers.address).run(job(source) for source in sources))
    judged = [result for result in results if isinstance(result, Judgement)]
    failed = {result.job.source: result.why for result in results if isinstance(result, Failed)}
    assert len(judged) == 10
    assert sum(result.accepted for result in judged) == 9
    assert failed == {
        b"# die": "the judging process died: ended with code 7",
        b"# break": "the judge broke: RuntimeError: the suite is broken",
    }


@pytest.mark.real_clock
def test_what_kills_or_hangs_a_judge_twice_on_a_cluster_has_met_a_limit(two_workers, setup):
    """Watched by the dask worker, and the second time judged alone; the others have their judgements."""
    impatient = msgspec.structs.replace(setup, patience_s=1.0)
    honest = [f"# accept\n# {number}" for number in range(6)]
    jobs = [job(source) for source in (*honest[:2], "# kill", "# hang", "# spin", "# die", *honest[2:])]
    results = list(engine(impatient, two_workers.address).run(jobs))
    assert len(results) == len(jobs)
    assert sum(isinstance(result, Judgement) and result.accepted for result in results) == len(honest)
    failed = {result.job.source: result.counts_as for result in results if isinstance(result, Failed)}
    assert failed == {
        b"# kill": Verdict.MEMORY_LIMIT,
        b"# hang": Verdict.STALLED,
        b"# spin": Verdict.TIME_LIMIT,
        b"# die": Verdict.JUDGE_ERROR,
    }


def test_a_class_is_graded_on_a_cluster_into_the_same_store(two_workers, tmp_path, school_katas, monkeypatch):
    """And a rerun on this machine finds it all judged."""
    monkeypatch.setenv("PYTHONPATH", str(DOUBLES))
    monkeypatch.syspath_prepend(str(DOUBLES))
    for student in ("alice", "bob", "carol"):
        (tmp_path / "class" / student).mkdir(parents=True)
        (tmp_path / "class" / student / "04.py").write_text(f"# accept\n# {student}")
    request = GradeRequest(
        path=tmp_path / "class",
        store=tmp_path / "store",
        katas_folder=school_katas,
        isolation="best",
        judge="fake_judge:FakeJudge",
    )
    events = []
    with_dask = GradeRequest(**{**_fields(request), "dask": two_workers.address})
    assert grade(with_dask, events.append).verdicts == {"ACCEPTED": 3}
    assert len([event for event in events if isinstance(event, Judged)]) == 3
    assert grade(request, events.append).known == 3


def _fields(request: GradeRequest) -> dict[str, object]:
    return {name: getattr(request, name) for name in request.__struct_fields__}


def test_a_worker_with_another_suite_is_refused_before_anything_is_judged(two_workers, setup):
    """The worker, the kata and what to do are named."""
    strange = DaskEngine(setup, two_workers.address, {"gather_readings": "0" * 64})
    with pytest.raises(BadInput, match=r"dask worker tcp://\S+ has another suite of gather_readings"):
        list(strange.run([job("# accept")]))


def test_a_worker_that_has_not_the_katas_is_refused_with_its_words(two_workers, setup):
    """An instructor's own folder has to be on every machine."""
    elsewhere = Setup(seed=1, isolation="best", katas="/no/such/folder", judge=setup.judge)
    with pytest.raises(BadInput, match="cannot judge: /no/such/folder is not a folder of katas"):
        list(DaskEngine(elsewhere, two_workers.address, {"gather_readings": "x"}).run([job("# accept")]))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"grader": "0.0.0"}, "has the grader 0.0.0"),
        ({"python": "2.7.18"}, "has Python 2.7.18"),
        ({"refusal": "not isolated fully: no Landlock"}, "cannot judge: not isolated fully: no Landlock"),
    ],
)
def test_a_worker_that_would_judge_otherwise_is_told_in_words(setup, change, words):
    """Version, Python, isolation."""
    made = DaskEngine(setup, "tcp://x:1", {})
    ours = cluster.describe(setup, [])
    said = Described(**{**{name: getattr(ours, name) for name in ours.__struct_fields__}, **change})
    assert words in made._difference(said)
    assert not made._difference(ours)
    assert "cannot judge: ModuleNotFoundError" in made._difference(
        ModuleNotFoundError("No module named 'grader'")
    )


def test_a_lost_worker_costs_only_its_jobs_and_they_are_judged_elsewhere(tmp_path, setup):
    """Killed in the middle of a run, while it is judging."""
    made = Cluster(tmp_path)
    try:
        made.add_worker()
        made.add_worker()
        sources = [f"# accept\n# {number}" for number in range(30)]
        results = engine(setup, made.address).run(job(source) for source in sources)
        judged = [next(results) for _ in range(4)]
        made.workers[0].send_signal(signal.SIGKILL)
        judged += list(results)
        assert {result.submission_sha256 for result in judged} == {job(source).sha256 for source in sources}
    finally:
        made.close()


# -- bundles ---------------------------------------------------------------------------------------
@given(count=st.integers(0, 60), room=st.integers(1, 20))
def test_every_job_is_sent_once_and_in_order_in_bundles_that_shrink_to_the_end(count, room):
    """All threads have work as long as there is any for them."""
    jobs = [job(f"# {number}") for number in range(count)]
    upcoming, bundles = cluster._Upcoming(jobs), []
    while bundle := upcoming.next_bundle(room):
        bundles.append(bundle)
    assert [each for bundle in bundles for each in bundle] == jobs
    sizes = [len(bundle) for bundle in bundles]
    assert sizes == sorted(sizes, reverse=True)
    assert max(sizes, default=0) <= cluster.BUNDLE
    assert len(bundles) >= min(count, room)


def test_a_bundle_that_the_cluster_gives_up_is_sent_again_job_by_job():
    """One of its jobs may be what killed the workers, and the others are not to blame."""
    jobs = [job(f"# {number}") for number in range(cluster.BUNDLE)]
    upcoming = cluster._Upcoming(jobs)
    bundle = upcoming.next_bundle(1)
    assert bundle == jobs
    killed: concurrent.futures.Future[list[Result]] = concurrent.futures.Future()
    killed.set_exception(RuntimeError("KilledWorker"))
    assert upcoming.results(killed, bundle) == []
    assert [upcoming.next_bundle(1) for _ in jobs] == [[each] for each in jobs]
    (failed,) = upcoming.results(killed, [jobs[0]])
    assert isinstance(failed, Failed)
    assert (failed.job, failed.why) == (jobs[0], "the cluster gave it up: RuntimeError: KilledWorker")
    assert upcoming.next_bundle(1) == []


def test_no_judging_process_is_left_on_a_worker_when_the_run_ends(two_workers, setup):
    """Also when it is left in the middle of a job."""
    results = engine(setup, two_workers.address).run(
        job(source) for source in ("# accept", "# hang", "# hang 2")
    )
    next(results)
    results.close()
    left = [worker for process in two_workers.workers for worker in _children(process.pid)]
    assert left == []


def _children(pid: int) -> list[str]:
    """Command lines of the judging processes below this one, after a moment for them to end."""
    for _ in range(1000):
        found = subprocess.run(
            ["ps", "--ppid", str(pid), "-o", "args="], capture_output=True, text=True, check=False
        ).stdout.splitlines()
        found = [line for line in found if "grader.engine.worker" in line]
        if not found:
            break
        time.sleep(0.02)
    return found


def test_an_address_where_nobody_listens_is_said_at_once(setup):
    """With what to start."""
    with pytest.raises(BadInput, match=r"no dask scheduler to be reached at tcp://127\.0\.0\.1:1: .*refused"):
        list(engine(setup, "tcp://127.0.0.1:1").run([job("# accept")]))


def test_a_scheduler_that_is_there_is_found_and_nothing_else_is_taken_for_one(two_workers):
    """A worker speaks the same language."""
    with contextlib.closing(connect(two_workers.address, None)) as client:
        worker = next(iter(client.scheduler_info(n_workers=-1)["workers"]))
    with pytest.raises(BadInput, match="is no dask scheduler"):
        try_scheduler(worker)
    with pytest.raises(BadInput, match=r"an address without TLS\. Give the scheduler's tls:// address"):
        try_scheduler(two_workers.address, Tls(ca=Path("ca.pem")))


def test_a_cluster_without_workers_is_said(tmp_path, setup):
    """Not waited for."""
    made = Cluster(tmp_path)
    try:
        with pytest.raises(BadInput, match="has no workers"):
            list(engine(setup, made.address).run([job("# accept")]))
    finally:
        made.close()


def test_a_cluster_whose_last_worker_is_gone_ends_the_run_in_the_end(monkeypatch):
    """What is done stays done, and the message says how to go on."""
    gone = SimpleNamespace(status="running", scheduler_info=lambda n_workers: {"workers": {}})
    watch = cluster._Watch(gone)
    watch.check("tcp://x:1")
    monkeypatch.setattr(cluster, "PATIENCE_S", -1.0)
    with pytest.raises(JudgeError, match="run the same command again"):
        watch.check("tcp://x:1")


def test_without_the_extra_the_message_names_it(monkeypatch):
    """Not a ModuleNotFoundError."""
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(BadInput, match="`pip install distributed`"):
        scheduler.the_package()


# -- TLS -------------------------------------------------------------------------------------------
def certificates(folder: Path) -> Tls:
    """An authority of our own, and a certificate of it for this machine."""
    folder.mkdir()
    for command in (
        "req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -subj /CN=authority -days 2",
        "req -newkey rsa:2048 -nodes -keyout key.pem -out asked.csr -subj /CN=127.0.0.1",
        "x509 -req -in asked.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out cert.pem -days 2",
    ):
        subprocess.run(["openssl", *command.split()], cwd=folder, check=True, capture_output=True)
    return Tls(ca=folder / "ca.pem", cert=folder / "cert.pem", key=folder / "key.pem")


@pytest.mark.skipif(shutil.which("openssl") is None, reason="there is no openssl to make certificates with")
def test_a_cluster_of_tls_is_spoken_to_with_tls_and_strangers_are_told_why_not(tmp_path, setup):
    """It judges for us, and not for an authority that it does not know, nor without certificates."""
    ours, theirs = certificates(tmp_path / "ours"), certificates(tmp_path / "theirs")
    options = ("--tls-ca-file", str(ours.ca), "--tls-cert", str(ours.cert), "--tls-key", str(ours.key))
    made = Cluster(tmp_path, *options, host="tls://127.0.0.1")
    try:
        made.add_worker()
        assert made.address.startswith("tls://")
        digests = cluster._digests(setup, ["gather_readings"])
        (result,) = DaskEngine(setup, made.address, digests, ours).run([job("# accept")])
        assert isinstance(result, Judgement)
        for tls, words in (
            (theirs, r"certificate verify failed.* of the authority of --dask-ca"),
            (None, "takes an authority, a certificate and a key. Give --dask-ca"),
            (Tls(ca=ours.ca), "takes an authority, a certificate and a key"),
            (Tls(ca=ours.ca, cert=ours.cert, key=theirs.key), "The certificates cannot be used: .*mismatch"),
        ):
            with pytest.raises(BadInput, match=words):
                try_scheduler(made.address, tls)
        with pytest.raises(BadInput, match="no dask scheduler to be reached"):
            try_scheduler(made.address.replace("tls://", "tcp://"))
    finally:
        made.close()
