"""Child processes: what `subprocess`, `asyncio` and `os` do with them, for real and simulated."""

from __future__ import annotations

import asyncio
import errno
import os
import shlex
import signal
import subprocess
import time
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest
from child_worlds import DistantWorld, RealWorld, SimulatedWorld

from grader.errors import Deadlock, NotSimulated
from grader.sim.children.children import OWN_PID
from grader.sim.children.program import Process
from grader.sim.children.programs import MAX_RUNNING
from grader.sim.descriptors import FIRST_DESCRIPTOR
from grader.sim.kernel import Alone
from grader.sim.machine import Machine
from grader.sim.patches import simulated

PIPE, DEVNULL, STDOUT = subprocess.PIPE, subprocess.DEVNULL, subprocess.STDOUT
BIG = 300_000
"""More bytes than a pipe holds."""


@pytest.fixture
def world(request: pytest.FixtureRequest) -> Iterator[Any]:
    world = request.cls.make()
    with world.running():
        yield world


class BlockingBehaviour:
    """`subprocess` and `os`, called by code that waits."""

    make: Callable[[], Any]

    def test_run_gives_input_and_takes_output(self, world: Any) -> None:
        done = subprocess.run(world.command("upper"), input=b"abc", capture_output=True, check=True)
        assert (done.returncode, done.stdout, done.stderr) == (0, b"ABC", b"")

    def test_text_is_encoded_and_decoded(self, world: Any) -> None:
        done = subprocess.run(
            world.command("number_lines"), input="é\nb\n", capture_output=True, encoding="utf-8"
        )
        assert done.stdout == "1 é\n2 b\n"

    def test_exit_codes_come_back_and_check_raises_on_them(self, world: Any) -> None:
        assert subprocess.call(world.command("leave", 3)) == 3
        with pytest.raises(subprocess.CalledProcessError) as failed:
            subprocess.check_output(world.command("leave", 4))
        assert failed.value.returncode == 4

    def test_standard_error_may_go_with_the_output(self, world: Any) -> None:
        done = subprocess.run(world.command("both"), stdout=PIPE, stderr=STDOUT, text=True)
        assert done.stdout == "out\nerr\n"

    def test_the_null_device_swallows_output_and_gives_no_input(self, world: Any) -> None:
        done = subprocess.run(world.command("upper"), stdin=DEVNULL, stdout=DEVNULL, stderr=PIPE)
        assert (done.returncode, done.stdout, done.stderr) == (0, None, b"")

    def test_more_than_a_pipe_holds_goes_both_ways(self, world: Any) -> None:
        done = subprocess.run(world.command("upper"), input=b"y" * BIG, capture_output=True)
        assert done.stdout == b"Y" * BIG

    def test_a_missing_program_is_named(self, world: Any) -> None:
        with pytest.raises(FileNotFoundError) as missing:
            subprocess.run(["no-such-program", "1"])
        assert (missing.value.filename, missing.value.errno) == ("no-such-program", 2)

    def test_a_shell_runs_a_command_or_says_that_there_is_none(self, world: Any) -> None:
        done = subprocess.run(
            shlex.join(world.command("show", "a b")), shell=True, capture_output=True, text=True
        )
        assert done.stdout == "['a b'] None"
        done = subprocess.run("no-such-program 1", shell=True, capture_output=True, text=True)
        assert done.returncode == 127
        assert "not found" in done.stderr

    def test_the_environment_is_passed_on(self, world: Any) -> None:
        done = subprocess.run(world.command("show"), env={"KEY": "value"}, capture_output=True, text=True)
        assert done.stdout == "[] value"

    def test_a_timeout_kills_the_child_and_keeps_what_it_said(self, world: Any) -> None:
        with pytest.raises(subprocess.TimeoutExpired) as late:
            subprocess.run(world.command("hang"), capture_output=True, timeout=0.5)
        assert (late.value.output, late.value.timeout) == (b"ready\n", 0.5)

    def test_waiting_for_a_running_child_times_out(self, world: Any) -> None:
        with subprocess.Popen(world.command("hang"), stdout=DEVNULL) as child:
            with pytest.raises(subprocess.TimeoutExpired):
                child.wait(timeout=0.01)
            assert child.poll() is None
            child.kill()
        assert child.returncode == -signal.SIGKILL

    def test_terminate_and_kill_show_as_negative_codes(self, world: Any) -> None:
        for end, code in ((subprocess.Popen.terminate, -15), (subprocess.Popen.kill, -9)):
            with subprocess.Popen(world.command("hang"), stdout=PIPE) as child:
                assert child.stdout is not None and child.stdout.readline() == b"ready\n"
                end(child)
                assert child.wait() == code
                end(child)  # A child that is known to be gone is left in peace.

    def test_a_child_may_handle_or_ignore_a_signal(self, world: Any) -> None:
        with subprocess.Popen(world.command("graceful"), stdout=PIPE) as child:
            assert child.stdout is not None and child.stdout.readline() == b"ready\n"
            child.send_signal(signal.SIGTERM)
            assert (child.stdout.read(), child.wait()) == (b"bye\n", 7)
        with subprocess.Popen(world.command("stubborn"), stdout=PIPE) as child:
            assert child.stdout is not None and child.stdout.readline() == b"ready\n"
            child.terminate()
            with pytest.raises(subprocess.TimeoutExpired):
                child.wait(timeout=0.05)
            child.kill()

    def test_a_conversation_line_by_line(self, world: Any) -> None:
        with subprocess.Popen(
            world.command("number_lines"), stdin=PIPE, stdout=PIPE, text=True, bufsize=1
        ) as child:
            assert child.stdin is not None and child.stdout is not None
            for number, word in enumerate(("one", "two", "three"), 1):
                child.stdin.write(word + "\n")
                assert child.stdout.readline() == f"{number} {word}\n"
            child.stdin.close()
            assert child.stdout.read() == ""
        assert child.returncode == 0

    def test_children_can_be_piped_together(self, world: Any) -> None:
        with (
            subprocess.Popen(world.command("say", 100_000), stdout=PIPE) as first,
            subprocess.Popen(world.command("upper"), stdin=first.stdout, stdout=PIPE) as second,
        ):
            assert first.stdout is not None
            first.stdout.close()
            assert second.communicate()[0] == b"X" * 100_000
        assert (first.returncode, second.returncode) == (0, 0)

    def test_a_writer_whose_reader_has_gone_is_ended(self, world: Any) -> None:
        with subprocess.Popen(world.command("say", BIG), stdout=PIPE) as child:
            assert child.stdout is not None
            child.stdout.close()
            assert child.wait() == -signal.SIGPIPE

    def test_writing_to_a_child_that_does_not_read_breaks(self, world: Any) -> None:
        with subprocess.Popen(world.command("deaf"), stdin=PIPE, stdout=PIPE, bufsize=0) as child:
            assert child.stdin is not None and child.stdout is not None
            assert child.stdout.read(6) == b"ready\n"
            with pytest.raises(BrokenPipeError):
                child.stdin.write(b"hello")
            child.kill()

    def test_waitpid_collects_each_child_once(self, world: Any) -> None:
        with subprocess.Popen(world.command("leave", 5)) as child:
            pid, status = os.waitpid(child.pid, 0)
            assert (pid, os.waitstatus_to_exitcode(status)) == (child.pid, 5)
            with pytest.raises(ChildProcessError):
                os.waitpid(child.pid, 0)
            # Popen finds that somebody else has collected the status, and makes do with 0.
            assert child.wait() == 0

    def test_signals_to_who_is_not_there_are_refused(self, world: Any) -> None:
        with subprocess.Popen(world.command("leave", 0)) as child:
            os.kill(child.pid, 0)
        with pytest.raises(ProcessLookupError):
            os.kill(child.pid, 0)

    def test_some_signals_do_nothing_to_a_child(self, world: Any) -> None:
        with subprocess.Popen(world.command("graceful"), stdout=PIPE) as child:
            assert child.stdout is not None and child.stdout.readline() == b"ready\n"
            child.send_signal(signal.SIGWINCH)
            child.send_signal(signal.SIGCHLD)
            child.terminate()
            assert child.wait() == 7

    def test_a_blocking_write_takes_all_that_it_is_given(self, world: Any) -> None:
        with subprocess.Popen(world.command("upper"), stdin=PIPE, stdout=PIPE, bufsize=0) as child:
            assert child.stdin is not None
            assert os.write(child.stdin.fileno(), b"y" * BIG) == BIG
            assert child.communicate()[0] == b"Y" * BIG

    def test_a_group_is_signalled_as_one(self, world: Any) -> None:
        with subprocess.Popen(world.command("hang"), stdout=DEVNULL, start_new_session=True) as child:
            assert os.getpgid(child.pid) == child.pid
            os.killpg(child.pid, signal.SIGKILL)
            assert child.wait() == -9

    def test_os_pipes_carry_bytes_between_descriptors(self, world: Any) -> None:
        reading, writing = os.pipe()
        copy = os.dup(writing)
        assert os.write(writing, b"one") == 3
        os.close(writing)
        assert os.write(copy, b"two") == 3
        assert os.read(reading, 100) == b"onetwo"
        os.set_blocking(reading, False)
        assert not os.get_blocking(reading)
        with pytest.raises(BlockingIOError):
            os.read(reading, 1)
        os.close(copy)
        assert os.read(reading, 1) == b""
        os.close(reading)
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.read(reading, 1)

    def test_a_full_pipe_takes_no_more(self, world: Any) -> None:
        reading, writing = os.pipe()
        os.set_blocking(writing, False)
        assert os.write(writing, b"z" * BIG) == 65_536
        with pytest.raises(BlockingIOError):
            os.write(writing, b"z")
        assert len(os.read(reading, BIG)) == 65_536
        os.close(reading)
        with pytest.raises(BrokenPipeError):
            os.write(writing, b"z")
        os.close(writing)

    def test_files_can_be_opened_on_pipe_ends(self, world: Any) -> None:
        reading, writing = os.pipe()
        with os.fdopen(reading) as lines, os.fdopen(writing, "w") as out:
            out.write("first\nsecond\n")
            out.flush()
            assert lines.readline() == "first\n"
            out.close()
            assert lines.read() == "second\n"

    def test_os_system_and_popen_use_a_shell(self, world: Any) -> None:
        assert os.system(shlex.join(world.command("leave", 3))) == 3 << 8
        with os.popen(shlex.join(world.command("show", 1))) as output:
            assert output.read() == "['1'] None"


class AsyncBehaviour:
    """asyncio's subprocesses, through its own transports."""

    make: Callable[[], Any]

    def run(self, world: Any, main: Coroutine[Any, Any, Any]) -> Any:
        with asyncio.Runner(loop_factory=world.loop) as runner:
            return runner.run(main)

    async def start(self, world: Any, *command: object, **options: Any) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(*world.command(*command), **options)

    def test_communicate_gives_and_takes_everything(self, world: Any) -> None:
        async def main() -> Any:
            child = await self.start(world, "upper", stdin=PIPE, stdout=PIPE, stderr=PIPE)
            return await child.communicate(b"y" * BIG), child.returncode

        assert self.run(world, main()) == ((b"Y" * BIG, b""), 0)

    def test_a_conversation_line_by_line(self, world: Any) -> None:
        async def main() -> Any:
            child = await self.start(world, "number_lines", stdin=PIPE, stdout=PIPE)
            assert child.stdin is not None and child.stdout is not None
            answers = []
            for word in (b"one\n", b"two\n"):
                child.stdin.write(word)
                await child.stdin.drain()
                answers.append(await child.stdout.readline())
            child.stdin.close()
            await child.stdin.wait_closed()
            return answers, await child.stdout.read(), await child.wait()

        assert self.run(world, main()) == ([b"1 one\n", b"2 two\n"], b"", 0)

    def test_a_shell_command(self, world: Any) -> None:
        async def main() -> Any:
            line = shlex.join(world.command("show", "a b"))
            child = await asyncio.create_subprocess_shell(line, stdout=PIPE)
            return (await child.communicate())[0]

        assert self.run(world, main()) == b"['a b'] None"

    def test_terminate_kill_and_wait(self, world: Any) -> None:
        async def main() -> Any:
            codes = []
            for name, end in (("hang", "terminate"), ("hang", "kill"), ("graceful", "terminate")):
                child = await self.start(world, name, stdout=PIPE)
                assert child.stdout is not None and await child.stdout.readline() == b"ready\n"
                getattr(child, end)()
                codes.append(await child.wait())
            return codes

        assert self.run(world, main()) == [-15, -9, 7]

    def test_signalling_a_child_that_has_gone(self, world: Any) -> None:
        async def main() -> None:
            child = await self.start(world, "work", 0.01)
            assert await child.wait() == 0
            with pytest.raises(ProcessLookupError):
                child.kill()

        self.run(world, main())

    def test_a_child_may_end_while_its_input_is_open(self, world: Any) -> None:
        async def main() -> int:
            child = await self.start(world, "work", 0.01, stdin=PIPE)
            return await child.wait()

        assert self.run(world, main()) == 0

    def test_a_hung_child_is_cut_off_by_a_timeout(self, world: Any) -> None:
        async def main() -> int:
            child = await self.start(world, "hang", stdout=PIPE)
            try:
                async with asyncio.timeout(0.3):
                    await child.communicate()
            except TimeoutError:
                child.kill()
            return await child.wait()

        assert self.run(world, main()) == -9

    def test_drain_waits_for_a_child_that_does_not_read(self, world: Any) -> None:
        async def main() -> bool:
            child = await self.start(world, "hang", stdin=PIPE, stdout=PIPE)
            assert child.stdin is not None
            child.stdin.write(b"z" * BIG)
            drain = asyncio.ensure_future(child.stdin.drain())
            await asyncio.sleep(0.05)
            waited = not drain.done()
            child.kill()
            with pytest.raises((BrokenPipeError, ConnectionResetError)):
                await drain
            await child.wait()
            return waited

        assert self.run(world, main())

    def test_a_missing_program_is_named(self, world: Any) -> None:
        async def main() -> None:
            with pytest.raises(FileNotFoundError, match="no-such-program"):
                await asyncio.create_subprocess_exec("no-such-program")

        self.run(world, main())

    def test_children_overlap(self, world: Any) -> None:
        async def main() -> list[int | None]:
            children = [await self.start(world, "leave", code) for code in (0, 1, 2)]
            return list(await asyncio.gather(*(child.wait() for child in children)))

        assert self.run(world, main()) == [0, 1, 2]

    def test_pipes_can_be_connected_to_the_loop(self, world: Any) -> None:
        async def main() -> bytes:
            loop, reader = asyncio.get_running_loop(), asyncio.StreamReader()
            reading, writing = os.pipe()
            source, _ = await loop.connect_read_pipe(
                lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(reading, "rb", 0)
            )
            sink, _ = await loop.connect_write_pipe(asyncio.Protocol, os.fdopen(writing, "wb", 0))
            sink.write(b"hello")
            sink.close()
            found = await reader.read()
            source.close()
            return found

        assert self.run(world, main()) == b"hello"

    def test_a_pipes_writer_learns_that_its_reader_has_gone(self, world: Any) -> None:
        async def main() -> bool:
            loop = asyncio.get_running_loop()
            lost = asyncio.Event()

            class Sink(asyncio.BaseProtocol):
                def connection_lost(self, exc: Exception | None) -> None:
                    lost.set()

            reading, writing = os.pipe()
            await loop.connect_write_pipe(Sink, os.fdopen(writing, "wb", 0))
            await asyncio.sleep(0)
            os.close(reading)
            await lost.wait()
            return True

        assert self.run(world, main())


class TestSimulatedBlocking(BlockingBehaviour):
    make = SimulatedWorld

    def test_a_run_takes_exactly_the_programs_time(self, world: SimulatedWorld) -> None:
        for _ in range(3):
            subprocess.run(world.command("work", 1.25))
        assert time.monotonic() == 3.75

    def test_a_timeout_ends_exactly_at_its_deadline(self, world: SimulatedWorld) -> None:
        for seconds in (0.1, 0.3, 1.7):
            begin = time.monotonic_ns()
            with pytest.raises(subprocess.TimeoutExpired):
                subprocess.run(world.command("hang"), capture_output=True, timeout=seconds)
            assert time.monotonic_ns() - begin == round(seconds * 1e9)
            with pytest.raises(subprocess.TimeoutExpired):
                subprocess.run(world.command("hang"), stdout=DEVNULL, timeout=seconds)
            assert time.monotonic_ns() - begin == round(seconds * 2e9)

    def test_waiting_with_a_timeout_ends_when_the_child_does(self, world: SimulatedWorld) -> None:
        with subprocess.Popen(world.command("work", 0.777)) as child:
            assert (child.wait(timeout=60), time.monotonic()) == (0, 0.777)

    def test_output_without_a_pipe_is_the_parents(self, world: SimulatedWorld, capsys: Any) -> None:
        subprocess.run(world.command("both"))
        assert capsys.readouterr() == ("out\n", "err\n")

    def test_process_ids_are_no_real_ones(self, world: SimulatedWorld) -> None:
        with subprocess.Popen(world.command("leave", 0)) as child:
            assert child.pid > OWN_PID == os.getpid()
        for real in (2, os.getppid() + 1, OWN_PID - 1):
            with pytest.raises(ProcessLookupError):
                os.kill(real, signal.SIGTERM)
        for refused in (1, -1):
            with pytest.raises(PermissionError):
                os.kill(refused, signal.SIGTERM)
        with pytest.raises(ProcessLookupError):
            os.killpg(12, signal.SIGTERM)

    def test_a_process_signals_itself_by_its_id(self, world: SimulatedWorld) -> None:
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)

    def test_the_end_of_a_child_is_signalled(self, world: SimulatedWorld) -> None:
        seen: list[float] = []
        signal.signal(signal.SIGCHLD, lambda *_: seen.append(time.monotonic()))
        with subprocess.Popen(world.command("work", 2)):
            time.sleep(3)
        assert seen == [2.0]

    def test_any_child_can_be_waited_for_in_the_order_of_their_ends(self, world: SimulatedWorld) -> None:
        children = [subprocess.Popen(world.command("work", seconds)) for seconds in (3, 1, 2)]
        ended = [os.wait()[0] for _ in children]
        assert ended == [children[index].pid for index in (1, 2, 0)]
        assert [child.wait() for child in children] == [0, 0, 0]
        with pytest.raises(ChildProcessError):
            os.wait()

    def test_asking_without_waiting(self, world: SimulatedWorld) -> None:
        with subprocess.Popen(world.command("work", 1)) as child:
            assert os.waitpid(-1, os.WNOHANG) == (0, 0)
            assert child.poll() is None
            time.sleep(1)
            time.sleep(0.5)
            assert child.poll() == 0

    def test_real_descriptors_pass_through(self, world: SimulatedWorld, tmp_path: Any) -> None:
        path = tmp_path / "real"
        with path.open("w") as file:
            assert file.fileno() < FIRST_DESCRIPTOR
            os.write(file.fileno(), b"real")
            assert os.fstat(file.fileno()).st_size == 4
        assert path.read_text() == "real"

    def test_the_judge_sees_each_run(self, world: SimulatedWorld) -> None:
        child = subprocess.Popen(world.command("work", 1))
        left = subprocess.Popen(world.command("hang"), stdout=DEVNULL)
        assert [run.argv[0] for run in world.programs.alive()] == ["work", "hang"]
        time.sleep(2)
        (zombie,) = world.programs.unreaped()
        assert (zombie.argv, zombie.start_ns, zombie.end_ns) == (("work", "1"), 0, 10**9)
        child.wait()
        assert (zombie.reaped_ns, zombie.returncode) == (2 * 10**9, 0)
        assert world.programs.unreaped() == ()
        left.kill()
        left.wait()
        assert world.programs.alive() == ()

    def test_no_descriptor_is_left_behind(self, world: SimulatedWorld) -> None:
        before = len(world.machine.descriptors)
        subprocess.run(world.command("upper"), input=b"a", capture_output=True)
        with pytest.raises(FileNotFoundError):
            subprocess.run(["no-such-program"], capture_output=True)
        with pytest.raises(subprocess.TimeoutExpired):
            subprocess.run(world.command("hang"), capture_output=True, timeout=1)
        assert len(world.machine.descriptors) == before

    def test_waiting_for_a_child_that_hangs_is_a_deadlock(self, world: SimulatedWorld) -> None:
        child = subprocess.Popen(world.command("hang"), stdout=DEVNULL)
        with pytest.raises(Deadlock):
            child.wait()
        child.kill()
        child.wait()

    def test_a_forgotten_child_does_not_reach_the_next_world(self, world: SimulatedWorld) -> None:
        kept = subprocess._active  # type: ignore[attr-defined]  # where Popen keeps children it lost
        child = subprocess.Popen(world.command("hang"), stdout=DEVNULL)
        with pytest.warns(ResourceWarning, match="still running"):
            child.__del__()  # type: ignore[attr-defined]  # as the garbage collector would
        assert kept == [child]
        with simulated(Machine(Alone())):
            assert subprocess._active == []  # type: ignore[attr-defined]  # as above
        child.kill()
        child.wait()

    def test_a_killed_program_is_cancelled_and_a_kill_cannot_be_handled(self, world: SimulatedWorld) -> None:
        ended: list[float] = []

        async def tidy(proc: Process) -> None:
            proc.on_signal(signal.SIGKILL, None)
            try:
                await proc.sleep(100)
            finally:
                ended.append(time.monotonic())

        world.programs.add("tidy", tidy)
        child = subprocess.Popen(["tidy"])
        time.sleep(1)
        child.kill()
        assert child.wait() == -signal.SIGKILL
        time.sleep(1)
        assert ended == [1.0]

    def test_writes_of_one_program_do_not_mix(self, world: SimulatedWorld) -> None:
        async def two_voices(proc: Process) -> None:
            await asyncio.gather(proc.stdout.write(b"a" * BIG), proc.stdout.write(b"b" * BIG))

        world.programs.add("two_voices", two_voices)
        assert subprocess.check_output(["two_voices"]) == b"a" * BIG + b"b" * BIG
        assert world.programs.errors == []

    def test_there_is_a_limit_to_how_many_run_at_once(self, world: SimulatedWorld) -> None:
        children = []
        with pytest.raises(BlockingIOError, match="temporarily unavailable"):
            while True:
                children.append(subprocess.Popen(world.command("work", 1)))
        assert len(children) == MAX_RUNNING
        assert [child.wait() for child in children] == [0] * MAX_RUNNING
        assert subprocess.call(world.command("leave", 0)) == 0

    def test_a_program_that_breaks_is_the_suites_mistake(self, world: SimulatedWorld) -> None:
        async def broken(proc: Process) -> None:
            raise LookupError("a mistake")

        world.programs.add("broken", broken)
        assert subprocess.call(["broken"]) == 1
        (error,) = world.programs.errors
        assert isinstance(error, LookupError)

    def test_a_program_killed_in_mid_write_is_gone_at_once(self, world: SimulatedWorld) -> None:
        with subprocess.Popen(world.command("say", BIG), stdout=PIPE) as child:
            time.sleep(1)
            child.kill()
            assert (child.wait(), time.monotonic()) == (-9, 1.0)
            assert child.stdout is not None and len(child.stdout.read()) == 65_536

    @pytest.mark.parametrize(
        "line", ["say 1 | upper", "say 1 > file", "say $HOME", "say *", 'say "`x`"', "a & b"]
    )
    def test_what_a_shell_does_beyond_one_command_is_refused_by_name(
        self, world: SimulatedWorld, line: str
    ) -> None:
        with pytest.raises(NotSimulated, match="shell command with"):
            subprocess.run(line, shell=True)

    def test_quoted_signs_are_no_syntax(self, world: SimulatedWorld) -> None:
        done = subprocess.run("show 'a|b' \"c;d\" e\\>f", shell=True, capture_output=True, text=True)
        assert done.stdout == "['a|b', 'c;d', 'e>f'] None"

    @pytest.mark.parametrize("name", ["fork", "execv", "posix_spawn", "setsid", "wait4"])
    def test_what_is_not_simulated_is_refused_by_name(self, world: SimulatedWorld, name: str) -> None:
        with pytest.raises(NotSimulated, match=name):
            getattr(os, name)()

    @pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="this platform has no such call")
    def test_a_descriptor_of_a_process_is_a_call_that_this_kernel_lacks(self, world: SimulatedWorld) -> None:
        with pytest.raises(OSError, match=r"os\.pidfd_open is not simulated") as failure:
            os.pidfd_open(os.getpid(), 0)
        assert failure.value.errno == errno.ENOSYS

    def test_options_that_are_not_simulated_are_refused_by_name(self, world: SimulatedWorld) -> None:
        with pytest.raises(NotSimulated, match="preexec_fn"):
            subprocess.run(world.command("leave", 0), preexec_fn=print)
        with (
            pytest.raises(NotSimulated, match="SIGSTOP"),
            subprocess.Popen(world.command("work", 1)) as child,
        ):
            child.send_signal(signal.SIGSTOP)

    def test_a_world_without_programs_says_so(self, world: SimulatedWorld) -> None:
        world.machine.children.plug_into(None)  # type: ignore[arg-type]  # takes away what the fixture gave
        with pytest.raises(NotSimulated, match="no programs"):
            subprocess.run(["anything"])


class TestSimulatedAsync(AsyncBehaviour):
    make = SimulatedWorld

    def test_children_overlap_in_virtual_time(self, world: SimulatedWorld) -> None:
        async def main() -> None:
            async def one(seconds: float) -> None:
                child = await self.start(world, "work", seconds)
                await child.wait()

            await asyncio.gather(*(one(seconds) for seconds in (1, 2, 3)))

        self.run(world, main())
        assert time.monotonic() == 3.0

    def test_more_children_than_threads_are_watched(self, world: SimulatedWorld) -> None:
        async def main() -> set[int | None]:
            children = [await self.start(world, "work", 1) for _ in range(100)]
            return set(await asyncio.gather(*(child.wait() for child in children)))

        assert self.run(world, main()) == {0}
        assert world.programs.unreaped() == ()

    def test_a_blocking_run_on_the_loop_is_seen_as_blocking_it(self, world: SimulatedWorld) -> None:
        seen: list[tuple[str, int, int]] = []

        class Observer:
            def blocked(self, what: str, start_ns: int, end_ns: int) -> None:
                seen.append((what, start_ns, end_ns))

        async def main() -> None:
            world.machine.kernel.observer = Observer()
            subprocess.run(world.command("work", 1))  # noqa: ASYNC221  # blocking is what this is about
            subprocess.run(world.command("work", 1), capture_output=True)  # noqa: ASYNC221  # likewise

            with subprocess.Popen(world.command("work", 1), stdout=PIPE) as child:  # noqa: ASYNC220  # likewise
                assert child.stdout is not None
                child.stdout.read()

        self.run(world, main())
        assert seen == [
            ("Popen.wait", 0, 10**9),
            ("Popen.communicate", 10**9, 2 * 10**9),
            ("pipe.read", 2 * 10**9, 3 * 10**9),
        ]

    def test_a_child_left_behind_stays_alive(self, world: SimulatedWorld) -> None:
        async def main() -> Any:
            child = await self.start(world, "hang", stdout=DEVNULL)
            return child._transport  # type: ignore[attr-defined]  # to be closed below, out of the loop

        transport = self.run(world, main())
        assert [run.argv for run in world.programs.alive()] == [("hang",)]
        transport.close()
        transport._proc.wait()
        assert [run.returncode for run in world.programs.runs] == [-9]


class TestDistantBlocking(BlockingBehaviour):
    make = DistantWorld


class TestDistantAsync(AsyncBehaviour):
    make = DistantWorld


@pytest.mark.real_clock
class TestRealBlocking(BlockingBehaviour):
    make = RealWorld


@pytest.mark.real_clock
class TestRealAsync(AsyncBehaviour):
    make = RealWorld
