"""Slow files: `open`, `pathlib` and `os` on the simulated tree and, as the oracle, on real files."""

# The calls that these rules would have us avoid are what is tested here.
# ruff: noqa: ASYNC230, ASYNC240, PTH100, PTH102, PTH104, PTH105, PTH106, PTH107, PTH108, PTH109, PTH110, PTH116
# ruff: noqa: PTH121, PTH123, PTH202, PTH204, PTH208, SIM115
from __future__ import annotations

import _pyio  # type: ignore[import-not-found]  # outside any world: its locks are then real ones
import asyncio
import builtins
import errno
import io
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.errors import NotSimulated
from grader.sim.children.program import Process
from grader.sim.children.programs import Programs
from grader.sim.disk.slowfiles import Costs, SlowFiles
from grader.sim.kernel import NS, Alone
from grader.sim.machine import Machine
from grader.sim.patches import simulated
from grader.sim.readings import EPOCH_NS
from grader.sim.shims.asyncio_loop import SimLoop
from grader.sim.shims.threading import SimLock


class SimulatedWorld:
    """A machine alone with a disk that costs nothing unless a test says so."""

    def __init__(self, costs: Costs | None = None) -> None:
        self.machine = Machine(Alone(), steps_per_instant=20_000)
        self.disk = SlowFiles(self.machine.kernel, root="/srv/data", costs=costs)
        self.disk.plug_into(self.machine.files)
        self.machine.files.plug_into(self.disk, (self.disk.root,), self.disk.root)
        self.root = Path(self.disk.root)

    @contextmanager
    def running(self, tmp_path: Path) -> Iterator[None]:
        with simulated(self.machine):
            yield


class RealWorld:
    """This machine: an empty folder that is the working directory."""

    root: Path

    @contextmanager
    def running(self, tmp_path: Path) -> Iterator[None]:
        self.root = tmp_path
        before = Path.cwd()
        os.chdir(tmp_path)
        try:
            yield
        finally:
            os.chdir(before)


@pytest.fixture
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    world = request.cls.make()
    with world.running(tmp_path):
        yield world


class FileBehaviour:
    """What must hold of any files. Subclasses give the world."""

    make: Callable[[], Any]

    def test_what_is_written_is_read_again(self, world: Any) -> None:
        path = world.root / "note.txt"
        assert path.write_text("héllo\nworld\n", encoding="utf-8") == 12
        assert path.read_text(encoding="utf-8") == "héllo\nworld\n"
        assert path.read_bytes() == "héllo\nworld\n".encode()
        assert path.write_bytes(b"\x00\xff") == 2
        assert path.read_bytes() == b"\x00\xff"

    def test_relative_paths_are_below_the_working_directory(self, world: Any) -> None:
        Path("here.txt").write_text("x")
        assert Path.cwd() == Path(os.getcwd()) == world.root
        assert (world.root / "here.txt").read_text() == "x"
        os.mkdir("below")
        os.chdir("below")
        Path("deep.txt").write_text("y")
        os.chdir(world.root)
        assert Path("below/../below/deep.txt").read_text() == "y"
        assert os.path.abspath("below") == str(world.root / "below")

    def test_lines_are_iterated_and_read_one_by_one(self, world: Any) -> None:
        Path("lines").write_text("one\ntwo\nthree")
        with open("lines") as file:
            assert list(file) == ["one\n", "two\n", "three"]
        with open("lines") as file:
            assert (file.readline(), file.read(2), file.readlines()) == ("one\n", "tw", ["o\n", "three"])
        with open("lines", "rb") as file:
            assert (file.readline(), file.read()) == (b"one\n", b"two\nthree")

    def test_newlines_are_translated_in_text_only(self, world: Any) -> None:
        Path("dos").write_bytes(b"a\r\nb\r")
        assert Path("dos").read_text() == "a\nb\n"
        with open("dos", newline="") as file:
            assert file.read() == "a\r\nb\r"

    def test_appending_goes_to_the_end(self, world: Any) -> None:
        for word in ("a", "b", "c"):
            with open("log", "a") as file:
                file.write(word)
        assert Path("log").read_text() == "abc"

    def test_writing_truncates_and_updating_does_not(self, world: Any) -> None:
        Path("file").write_bytes(b"0123456789")
        with open("file", "r+b") as file:
            assert file.read(2) == b"01"
            file.write(b"xx")
            file.seek(0)
            assert file.read() == b"01xx456789"
            file.seek(-1, os.SEEK_END)
            assert (file.tell(), file.read()) == (9, b"9")
            file.truncate(4)
        assert Path("file").read_bytes() == b"01xx"
        with open("file", "w+") as file:
            assert file.read() == ""
            file.write("new")
            file.seek(0)
            assert file.read() == "new"

    def test_a_hole_reads_as_zeros(self, world: Any) -> None:
        with open("hole", "wb") as file:
            file.seek(3)
            file.write(b"x")
        assert Path("hole").read_bytes() == b"\0\0\0x"

    def test_nothing_is_written_before_a_flush(self, world: Any) -> None:
        with open("buffered", "w") as file:
            file.write("kept back")
            assert Path("buffered").read_text() == ""
            file.flush()
            assert Path("buffered").read_text() == "kept back"

    def test_unbuffered_and_line_buffered_files_write_through(self, world: Any) -> None:
        with open("raw", "wb", buffering=0) as raw, open("lines", "w", buffering=1) as lines:
            assert raw.write(b"now") == 3
            lines.write("line\n")
            assert Path("raw").read_bytes() + Path("lines").read_bytes() == b"nowline\n"

    def test_missing_files_and_wrong_kinds_raise_what_they_should(self, world: Any) -> None:
        with pytest.raises(FileNotFoundError) as missing:
            open("absent")
        assert (missing.value.errno, missing.value.filename) == (errno.ENOENT, "absent")
        with pytest.raises(FileNotFoundError):
            open("absent/file", "w")
        with pytest.raises(IsADirectoryError):
            open(world.root)
        Path("there").touch()
        with pytest.raises(FileExistsError):
            open("there", "x")
        with pytest.raises(NotADirectoryError):
            os.listdir("there")

    @pytest.mark.parametrize("mode", ["", "rw", "q", "rbt", "+", "rr"])
    def test_wrong_modes_are_refused(self, world: Any, mode: str) -> None:
        with pytest.raises(ValueError):
            open("file", mode)

    def test_wrong_options_are_refused(self, world: Any) -> None:
        Path("file").touch()
        for options in ({"mode": "rb", "encoding": "utf-8"}, {"mode": "r", "buffering": 0}):
            with pytest.raises(ValueError):
                open("file", **options)
        with pytest.raises(LookupError):
            open("file", encoding="no-such-encoding")
        with pytest.raises(ValueError, match="null"):
            open("nul\0byte")

    def test_a_file_does_only_what_its_mode_says(self, world: Any) -> None:
        Path("file").write_text("x")
        with open("file") as file, pytest.raises(io.UnsupportedOperation):
            file.write("y")
        with open("file", "w") as file, pytest.raises(io.UnsupportedOperation):
            file.read()

    def test_a_closed_file_refuses(self, world: Any) -> None:
        with open("file", "w") as file:
            assert (file.name, file.mode, file.closed) == ("file", "w", False)
        assert file.closed
        with pytest.raises(ValueError, match="closed file"):
            file.write("x")

    def test_folders_are_made_listed_and_removed(self, world: Any) -> None:
        top = Path("top")
        (top / "a" / "b").mkdir(parents=True)
        (top / "a").mkdir(exist_ok=True)
        (top / "file.txt").write_text("x")
        with pytest.raises(FileExistsError):
            top.mkdir()
        assert sorted(os.listdir(top)) == ["a", "file.txt"]
        assert sorted(top.iterdir()) == [top / "a", top / "file.txt"]
        assert sorted(top.rglob("*")) == [top / "a", top / "a" / "b", top / "file.txt"]
        assert list(next(os.walk(top))[1:]) == [["a"], ["file.txt"]]
        assert sorted((entry.name, entry.is_dir(), entry.is_file()) for entry in os.scandir(top)) == [
            ("a", True, False),
            ("file.txt", False, True),
        ]
        with pytest.raises(OSError, match="not empty"):
            os.rmdir("top/a")
        os.rmdir("top/a/b")
        os.rmdir("top/a")
        assert os.listdir("top") == ["file.txt"]

    @pytest.mark.skipif(sys.version_info < (3, 14), reason="new in 3.14")
    def test_a_path_copies_and_moves_itself(self, world: Any) -> None:
        Path("a.txt").write_bytes(b"12345")
        Path("folder").mkdir()
        Path("a.txt").copy("b.txt")  # type: ignore[attr-defined]  # new in 3.14
        Path("b.txt").copy_into("folder")  # type: ignore[attr-defined]  # as above
        Path("folder").copy("other")  # type: ignore[attr-defined]  # as above
        Path("a.txt").move("c.txt")  # type: ignore[attr-defined]  # as above
        assert sorted(os.listdir()) == ["b.txt", "c.txt", "folder", "other"]
        assert Path("other", "b.txt").read_bytes() == b"12345"
        assert Path("c.txt").info.is_file()  # type: ignore[attr-defined]  # as above

    def test_what_is_there_can_be_asked(self, world: Any) -> None:
        Path("file").write_bytes(b"12345")
        Path("folder").mkdir()
        asked = (os.path.exists, os.path.isfile, os.path.isdir, os.path.islink, os.path.lexists)
        assert [ask("file") for ask in asked] == [True, True, False, False, True]
        assert [ask("folder") for ask in asked] == [True, False, True, False, True]
        assert [ask("absent") for ask in asked] == [False] * 5
        assert (Path("file").exists(), Path("absent").exists()) == (True, False)
        assert os.path.getsize("file") == Path("file").stat().st_size == 5
        assert (os.access("file", os.R_OK), os.access("absent", os.R_OK)) == (True, False)
        assert os.path.samefile("file", world.root / "file") and not os.path.samefile("file", "folder")

    def test_files_are_removed_and_renamed(self, world: Any) -> None:
        Path("a").write_text("a")
        Path("b").write_text("b")
        os.replace("a", "b")
        assert (os.listdir("."), Path("b").read_text()) == (["b"], "a")
        Path("b").rename("c")
        Path("c").unlink()
        Path("c").unlink(missing_ok=True)
        with pytest.raises(FileNotFoundError):
            os.remove("c")

    def test_an_open_file_survives_its_name(self, world: Any) -> None:
        with open("log", "w+") as file:
            file.write("old")
            file.flush()
            os.rename("log", "log.1")
            Path("log").write_text("new")
            file.write(" still")
            file.flush()
            assert Path("log.1").read_text() == "old still"
            os.unlink("log.1")
            file.seek(0)
            assert file.read() == "old still"
        assert os.listdir(".") == ["log"]

    def test_a_folder_is_renamed_with_all_in_it(self, world: Any) -> None:
        Path("a/b").mkdir(parents=True)
        Path("a/b/c").write_text("deep")
        os.rename("a", "z")
        assert Path("z/b/c").read_text() == "deep"
        assert not Path("a").exists()

    def test_descriptors_of_files_read_write_and_seek(self, world: Any) -> None:
        fd = os.open("file", os.O_RDWR | os.O_CREAT)
        assert os.write(fd, b"abcdef") == 6
        assert os.lseek(fd, 2, os.SEEK_SET) == 2
        copy = os.dup(fd)
        assert os.read(copy, 2) == b"cd"
        assert os.read(fd, 10) == b"ef"
        os.ftruncate(fd, 1)
        os.fsync(fd)
        os.close(fd)
        assert os.fstat(copy).st_size == 1
        os.close(copy)
        with pytest.raises(FileExistsError):
            os.open("file", os.O_CREAT | os.O_EXCL)

    def test_the_standard_librarys_own_users_of_files_work(self, world: Any) -> None:
        Path("a").mkdir()
        with open("a/data.json", "w") as file:
            json.dump({"k": [1, 2]}, file)
        shutil.copyfile("a/data.json", "copy.json")
        with open("copy.json") as file:
            assert json.load(file) == {"k": [1, 2]}
        assert Path("copy.json").stat().st_size == os.stat("a/data.json").st_size

    def test_the_null_device_is_empty_and_never_full(self, world: Any) -> None:
        with open(os.devnull, "r+b", buffering=0) as null:
            assert (null.write(b"x" * 100_000), null.read(5)) == (100_000, b"")


class TestSimulatedFiles(FileBehaviour):
    make = SimulatedWorld

    def test_real_paths_pass_through(self, world: SimulatedWorld, tmp_path: Path) -> None:
        real = tmp_path / "real.txt"
        real.write_text("real")
        assert real.read_text() == "real"
        assert Path(__file__).exists() and os.listdir(tmp_path) == ["real.txt"]
        with pytest.raises(OSError, match="cross-device"):
            os.rename(real, "inside")
        assert world.disk.log == []

    def test_modules_can_still_be_imported(self, world: SimulatedWorld) -> None:
        sys.modules.pop("this_is_only_a_test_import", None)
        before = sys.modules.pop("colorsys", None)
        import colorsys

        assert colorsys.rgb_to_hsv(0, 0, 0) == (0.0, 0.0, 0)
        if before is not None:
            sys.modules["colorsys"] = before
        assert world.disk.log == []

    def test_the_suite_places_files_and_sees_what_became_of_them(self, world: SimulatedWorld) -> None:
        world.disk.put("logs/in.txt", b"given")
        assert Path("logs/in.txt").read_text() == "given"
        Path("logs/out.txt").write_text("made")
        assert world.disk.get("logs/out.txt") == b"made"
        assert world.disk.paths() == ("/srv/data/logs/in.txt", "/srv/data/logs/out.txt")
        with pytest.raises(KeyError):
            world.disk.get("absent")

    def test_times_are_the_virtual_clocks(self, world: SimulatedWorld) -> None:
        time.sleep(5)
        Path("file").touch()
        assert Path("file").stat().st_mtime_ns == EPOCH_NS + 5 * NS
        assert os.path.getmtime("file") == time.time()

    def test_files_left_open_can_be_listed(self, world: SimulatedWorld) -> None:
        file = open("left", "w")
        assert world.disk.still_open() == ("/srv/data/left",)
        file.close()
        assert world.disk.still_open() == ()

    def test_a_file_is_open_until_its_last_descriptor_is_closed(self, world: SimulatedWorld) -> None:
        fd = os.open("file", os.O_RDWR | os.O_CREAT)
        copy = os.dup(fd)
        os.close(fd)
        os.remove("file")
        os.write(copy, b"still there")
        assert world.disk.still_open() == ("/srv/data/file",)
        os.close(copy)
        assert world.disk.still_open() == ()

    def test_the_working_directory_stays_within_the_tree(self, world: SimulatedWorld) -> None:
        with pytest.raises(NotSimulated, match="chdir"):
            os.chdir("/")
        Path("file").touch()
        with pytest.raises(NotADirectoryError):
            os.chdir("file")

    def test_names_of_code_are_no_files(self, world: SimulatedWorld) -> None:
        assert not os.path.exists("<your code>")
        assert world.disk.log == []

    def test_a_full_or_faulty_disk_raises(self, world: SimulatedWorld) -> None:
        small = SlowFiles(world.machine.kernel, root="/srv/data", capacity_bytes=10)
        small.plug_into(world.machine.files)
        world.machine.files.plug_into(small, ("/srv/data",), "/srv/data")
        Path("a").write_bytes(b"12345")
        with pytest.raises(OSError) as full, open("b", "wb", 0) as file:
            file.write(b"123456")
        assert full.value.errno == errno.ENOSPC
        os.remove("a")
        assert Path("b").write_bytes(b"1234567890") == 10
        small.fail("open", "b", errno.EACCES)
        with pytest.raises(PermissionError):
            open("b")
        small.fail("open", "b", 0)
        assert Path("b").read_bytes() == b"1234567890"

    def test_what_a_disk_is_asked_is_never_trusted(self, world: SimulatedWorld) -> None:
        answers: list[tuple[int, int, int, bytes]] = []

        class Replies:
            def done(self, *answer: Any) -> None:
                answers.append(answer)

        disk = world.disk
        disk.plug_into(Replies())
        disk.ask(1, "format", b"/", 0, 0, 0, b"")
        disk.ask(2, "read", b"", 999, -5, -7, b"")
        disk.ask(3, "open", b"/srv/data/../../etc/passwd", 0, 0, 7, b"")
        disk.ask(4, "open", b"x" * 5_000, 0, 0, 7, b"")
        disk.ask(5, "rename", b"/srv/data", 0, 0, 0, b"/srv/data/below")
        disk.ask(6, "open", b"huge", 0, 0, 7, b"")
        time.sleep(1)
        node = answers[-1][2]
        disk.ask(7, "write", b"", node, 1 << 60, 0, b"x")
        disk.ask(8, "truncate", b"", node, 0, 1 << 60, b"")
        time.sleep(1)
        errors = {number: error for number, error, _, _ in answers}
        assert errors == {
            1: errno.EINVAL,
            2: errno.EBADF,
            3: errno.ENOENT,
            4: errno.ENAMETOOLONG,
            5: errno.EINVAL,
            6: 0,
            7: errno.ENOSPC,
            8: errno.ENOSPC,
        }

    def test_the_real_functions_are_back_afterwards(self, world: SimulatedWorld) -> None:
        ours = builtins.open
        with simulated(Machine(Alone())):
            assert builtins.open is ours
        assert builtins.open is io.open is ours, (
            "the outer world's functions are back, and here they are ours too"
        )


class TestSlowness:
    """Costs are virtual time, and it is the calling thread that waits."""

    @pytest.fixture
    def slow(self, tmp_path: Path) -> Iterator[SimulatedWorld]:
        world = SimulatedWorld(Costs(open_ns=NS // 10, read_ns=NS, write_ns=2 * NS, look_ns=NS // 100))
        with world.running(tmp_path):
            yield world

    def run(self, world: SimulatedWorld, main: Any) -> Any:
        with asyncio.Runner(loop_factory=lambda: SimLoop(world.machine)) as runner:
            return runner.run(main)

    def test_each_operation_costs_its_time(self, slow: SimulatedWorld) -> None:
        slow.disk.put("file", b"x" * 100_000)
        assert len(Path("file").read_bytes()) == 100_000
        assert time.monotonic() == 1.1
        Path("file").write_bytes(b"y" * 100_000)
        assert time.monotonic() == 3.2
        os.listdir()
        assert time.monotonic() == 3.21

    def test_a_file_may_have_costs_of_its_own(self, slow: SimulatedWorld) -> None:
        slow.disk.put("quick", b"x", costs=Costs())
        Path("quick").read_text()
        assert time.monotonic() == 0.0

    def test_a_read_on_the_loop_blocks_it_and_one_in_a_thread_does_not(self, slow: SimulatedWorld) -> None:
        slow.disk.put("file", b"x")
        beats: list[float] = []

        async def heart() -> None:
            while True:
                beats.append(time.monotonic())
                await asyncio.sleep(0.5)

        async def main(read: Any) -> None:
            beating = asyncio.create_task(heart())
            await asyncio.sleep(0)
            beats.clear()
            await read()
            beating.cancel()

        async def on_the_loop() -> None:
            Path("file").read_text()

        async def in_a_thread() -> None:
            await asyncio.to_thread(Path("file").read_text)

        self.run(slow, main(on_the_loop))
        assert beats == []
        self.run(slow, main(in_a_thread))
        assert len(beats) == 2

    def test_reads_in_threads_overlap(self, slow: SimulatedWorld) -> None:
        for name in "abc":
            slow.disk.put(name, name.encode())

        async def main() -> list[str]:
            return await asyncio.gather(*(asyncio.to_thread(Path(name).read_text) for name in "abc"))

        assert self.run(slow, main()) == ["a", "b", "c"]
        assert time.monotonic() == 1.1

    def test_two_threads_may_write_to_one_file(self, slow: SimulatedWorld) -> None:
        assert _pyio.Lock is not SimLock

        async def main() -> None:
            with open("log", "wb", buffering=4) as log:
                await asyncio.gather(
                    *(asyncio.to_thread(log.write, word) for word in (b"first\n", b"second\n"))
                )

        self.run(slow, main())
        assert sorted(slow.disk.get("log").splitlines()) == [b"first", b"second"]

    def test_the_log_says_who_did_what_when(self, slow: SimulatedWorld) -> None:
        with open("log", "ab", buffering=0) as log:
            log.write(b"one")
            time.sleep(5)
            log.write(b"two")
        writes = [
            (one.path, one.data, one.start_ns, one.end_ns) for one in slow.disk.log if one.kind == "write"
        ]
        tenth = NS // 10
        assert writes == [
            ("/srv/data/log", b"one", tenth, tenth + 2 * NS),
            ("/srv/data/log", b"two", tenth + 7 * NS, tenth + 9 * NS),
        ]
        assert [one.kind for one in slow.disk.log] == ["open", "write", "write", "close"]

    def test_the_observer_is_told_what_waited(self, slow: SimulatedWorld) -> None:
        slow.disk.put("file", b"x")
        seen: list[str] = []

        class Observer:
            def blocked(self, what: str, start_ns: int, end_ns: int) -> None:
                seen.append(what)

        slow.machine.kernel.observer = Observer()
        with open("file") as file:
            file.read()
        assert seen[0] == "open('file')" and set(seen[1:]) == {"file.read"}

    def test_a_child_may_read_and_write_files(self, slow: SimulatedWorld) -> None:
        async def upper(proc: Process) -> None:
            await proc.stdout.write((await proc.stdin.read()).upper())

        async def main() -> int:
            programs = Programs(slow.machine.kernel, asyncio.get_running_loop(), {"upper": upper})
            programs.plug_into(slow.machine.children)
            slow.machine.children.plug_into(programs)
            slow.disk.put("in", b"abc")
            with open("in", "rb") as given, open("out", "wb") as made:
                child = await asyncio.create_subprocess_exec("upper", stdin=given, stdout=made)
            return await child.wait()

        assert self.run(slow, main()) == 0
        assert slow.disk.get("out") == b"ABC"
        assert slow.disk.still_open() == ()

    def test_a_real_file_cannot_be_a_childs(self, slow: SimulatedWorld, tmp_path: Path) -> None:
        async def nothing(proc: Process) -> None: ...

        async def main() -> None:
            programs = Programs(slow.machine.kernel, asyncio.get_running_loop(), {"nothing": nothing})
            programs.plug_into(slow.machine.children)
            slow.machine.children.plug_into(programs)
            with (
                (tmp_path / "real").open("wb") as real,
                pytest.raises(NotSimulated, match="real file"),
            ):
                subprocess.Popen(["nothing"], stdout=real)  # noqa: ASYNC220  # it does not even start

        self.run(slow, main())


@pytest.mark.real_clock
class TestRealFiles(FileBehaviour):
    make = RealWorld


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.binary(max_size=20)),
        st.tuples(st.just("read"), st.sampled_from([-1, 1, 2, 5, 20])),
        st.tuples(st.just("seek"), st.integers(0, 30)),
        st.tuples(st.just("truncate"), st.integers(0, 30)),
        st.tuples(st.just("flush"), st.none()),
    ),
    max_size=12,
)


# Appending is compared without a buffer: what stands ahead in one of them is an affair of its own.
OPENINGS = [("w+b", 0), ("w+b", 4), ("w+b", -1), ("r+b", 0), ("r+b", 4), ("r+b", -1), ("a+b", 0)]


@given(STEPS, st.sampled_from(OPENINGS))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_sequence_of_steps_does_what_it_does_to_a_real_file(
    tmp_path: Path, steps: list[tuple[str, Any]], opening: tuple[str, int]
) -> None:
    """Positions, truncation, buffering and appending agree, step by step."""

    def play(path: Any) -> tuple[list[Any], bytes]:
        with open(path, "wb") as file:
            file.write(b"0123456789")
        seen = []
        with open(path, *opening) as file:
            for name, argument in steps:
                seen.append(getattr(file, name)(*([] if argument is None else [argument])))
                seen.append(file.tell())
        with open(path, "rb") as file:
            return seen, file.read()

    expected = play(tmp_path / "real")
    with simulated(SimulatedWorld().machine):
        assert play("simulated") == expected
