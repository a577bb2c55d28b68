"""The first lines of ordinary scripts cost a right answer nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from grader.catalog import load_catalog
from grader.judge import Judge, Options
from grader.records import CheckResult, Submission, Verdict

ONE_CHECK = Path(__file__).parents[1] / "attacks" / "one_check.py"
KATA = msgspec.structs.replace(load_catalog().find("4"), suite=ONE_CHECK)

FIRST_LINES = {
    "encoding": "# -*- coding: utf-8 -*-",
    "shebang": "#!/usr/bin/env python3\n# coding: latin-1\n# é",
    "future": "from __future__ import annotations",
    "docstring": '"""What it does."""\n__all__ = ["read_all"]\n__version__ = "1.0"\n__author__ = "me"',
    "logging": "import logging\nlogging.basicConfig(level=logging.INFO, format='%(asctime)s %(message)s')\nlogging.info('up')",
    "logging to stdout": "import logging, sys\nlog = logging.getLogger(__name__)\nlog.addHandler(logging.StreamHandler(sys.stdout))\nlog.warning('up')",
    "logging config": "import logging.config\nlogging.config.dictConfig({'version': 1, 'handlers': {'c': {'class': 'logging.StreamHandler', 'stream': 'ext://sys.stdout'}}, 'root': {'handlers': ['c'], 'level': 'DEBUG'}})\nlogging.debug('up')",
    "warnings": "import warnings\nwarnings.filterwarnings('ignore')\nwarnings.simplefilter('default')\nwarnings.warn('careful')",
    "capture warnings": "import logging, warnings\nlogging.captureWarnings(True)\nwarnings.warn('careful')",
    "signal handler": "import signal\nsignal.signal(signal.SIGINT, signal.SIG_DFL)\nsignal.signal(signal.SIGTERM, lambda *_: None)",
    "sigpipe": "import signal\nif hasattr(signal, 'SIGPIPE'):\n    signal.signal(signal.SIGPIPE, signal.SIG_DFL)",
    "loop signal handler": "import asyncio, signal\ndef run():\n    loop = asyncio.new_event_loop()\n    loop.add_signal_handler(signal.SIGINT, loop.stop)\n    loop.run_until_complete(asyncio.sleep(0))\nif __name__ == '__main__':\n    run()",
    "loop signal handler at import": "import asyncio, signal\nloop = asyncio.new_event_loop()\nloop.add_signal_handler(signal.SIGTERM, loop.stop)",
    "uvloop": "try:\n    import uvloop\n    uvloop.install()\nexcept ImportError:\n    pass",
    "uvloop policy": "import asyncio\ntry:\n    import uvloop\n    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())\nexcept ImportError:\n    uvloop = None",
    "nest_asyncio": "try:\n    import nest_asyncio\n    nest_asyncio.apply()\nexcept ImportError:\n    pass",
    "dotenv": "try:\n    from dotenv import load_dotenv\n    load_dotenv()\nexcept ImportError:\n    pass",
    "rich": "try:\n    from rich import print\n    from rich.console import Console\n    console = Console()\nexcept ImportError:\n    console = None",
    "click": "try:\n    import click\nexcept ModuleNotFoundError:\n    click = None",
    "aiohttp": "try:\n    import aiohttp, httpx\nexcept ImportError:\n    aiohttp = httpx = None",
    "colorama": "try:\n    import colorama\n    colorama.init()\nexcept ImportError:\n    pass",
    "tqdm": "try:\n    from tqdm import tqdm\nexcept ImportError:\n    tqdm = iter",
    "find_spec": "import importlib.util\nHAS_NUMPY = importlib.util.find_spec('numpy') is not None",
    "argparse": "import argparse\nargs = argparse.ArgumentParser(description='x').parse_args()",
    "argparse known": "import argparse\nargs, rest = argparse.ArgumentParser().parse_known_args()\nassert rest == []",
    "argv": "import sys\nNAME = sys.argv[1] if len(sys.argv) > 1 else 'oslo'\nassert NAME == 'oslo'\nPROGRAM = sys.argv[0]\nassert PROGRAM.endswith('.py')",
    "getopt": "import getopt, sys\noptions, rest = getopt.getopt(sys.argv[1:], 'v')",
    "optparse": "import optparse\noptions, rest = optparse.OptionParser().parse_args()",
    "fileinput": "import fileinput",
    "dataclasses": "from dataclasses import dataclass, field\n@dataclass(frozen=True)\nclass Reading:\n    name: str\n    values: list = field(default_factory=list)\nReading('a')",
    "typing": "from typing import Any, NamedTuple, TypedDict, TypeVar, Protocol, TYPE_CHECKING\nif TYPE_CHECKING:\n    from nowhere import Thing\nT = TypeVar('T')\nclass P(NamedTuple):\n    x: int",
    "typing_extensions": "try:\n    from typing import Self\nexcept ImportError:\n    from typing_extensions import Self",
    "enum": "import enum\nclass Kind(enum.Enum):\n    A = enum.auto()",
    "abc": "from abc import ABC, abstractmethod\nclass Base(ABC):\n    @abstractmethod\n    def f(self): ...",
    "sys.path": "import os, sys\nsys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))\nsys.path.append('..')",
    "pathlib": "from pathlib import Path\nHERE = Path(__file__).resolve().parent\nDATA = HERE / 'data.txt'\nassert not DATA.exists()",
    "os.environ": "import os\nos.environ['PYTHONASYNCIODEBUG'] = '0'\nos.environ.setdefault('TOKEN', 'x')\nos.getenv('HOME')\nos.environ.get('DEBUG', '')",
    "os.getcwd": "import os\nFOLDER = os.getcwd()\nprint(os.name, os.sep, os.getpid() > 0, os.cpu_count())",
    "faulthandler": "import faulthandler\nfaulthandler.enable()",
    "faulthandler to stderr": "import faulthandler, sys\nfaulthandler.enable(file=sys.stderr, all_threads=True)",
    "gc": "import gc\ngc.collect()\ngc.freeze()\ngc.disable()\ngc.enable()\ngc.set_threshold(10_000)",
    "atexit": "import atexit\natexit.register(print, 'bye')",
    "locale": "import locale\nlocale.setlocale(locale.LC_ALL, '')\nlocale.getpreferredencoding()",
    "locale C": "import locale\nlocale.setlocale(locale.LC_ALL, 'C')",
    "random": "import random\nrandom.seed(0)\nrandom.seed()\nrng = random.Random(1)\nrandom.SystemRandom().random()",
    "secrets": "import secrets, uuid\nTOKEN = secrets.token_hex(8)\nRUN = uuid.uuid4()\nuuid.uuid1()\nimport hashlib, hmac\nhashlib.sha256(b'x').hexdigest()",
    "contextvars": "import contextvars\nrequest = contextvars.ContextVar('request', default=None)\nrequest.set(1)",
    "functools": "import functools, itertools, operator, collections, contextlib\n@functools.lru_cache(maxsize=None)\ndef square(x):\n    return x * x\nsquare(2)",
    "cached": "import functools\n@functools.cache\ndef one():\n    return 1\none()\nclass A:\n    @functools.cached_property\n    def b(self):\n        return 1\nA().b",
    "json csv": "import csv, io, json\njson.loads(json.dumps({'a': 1}))\ncsv.reader(io.StringIO('a,b'))\nimport configparser, tomllib, pickle, base64, struct, zlib, gzip",
    "sqlite3": "import sqlite3\nbase = sqlite3.connect(':memory:')\nbase.execute('create table t (x)')",
    "thread lock": "import threading\nlock = threading.Lock()\nevent = threading.Event()\nlocal = threading.local()\ncondition = threading.Condition()\nwith lock:\n    pass",
    "thread": "import threading\ndone = []\nthread = threading.Thread(target=done.append, args=(1,), daemon=True)\nthread.start()\nthread.join()\nassert done",
    "queue": "import queue\nq = queue.Queue()\nq.put(1)\nq.get(timeout=1)",
    "asyncio semaphore": "import asyncio\nlimit = asyncio.Semaphore(1000)\nlock = asyncio.Lock()\nready = asyncio.Event()\nlines = asyncio.Queue()\nchanged = asyncio.Condition()",
    "windows policy": "import asyncio, sys\nif sys.platform == 'win32':\n    asyncio.set_event_loop_policy(asyncio.WindowsSelectorEventLoopPolicy())",
    "os.name policy": "import asyncio, os\nif os.name == 'nt':\n    asyncio.set_event_loop_policy(asyncio.WindowsSelectorEventLoopPolicy())",
    "version": "import sys\nif sys.version_info < (3, 11):\n    raise SystemExit('Python 3.11 or newer')\nassert sys.version and sys.implementation.name == 'cpython'",
    "backport": "import sys\nif sys.version_info >= (3, 11):\n    from asyncio import timeout, TaskGroup\nelse:\n    from async_timeout import timeout",
    "clocks": "import time\nSTARTED = time.perf_counter()\nNOW = time.time()\ntime.monotonic(); time.process_time(); time.time_ns(); time.strftime('%H')",
    "slept": "import time\ntime.sleep(0.1)",
    "datetime": "from datetime import datetime, timezone, timedelta, date\nSTARTED = datetime.now(timezone.utc)\ndate.today()\nimport calendar, zoneinfo",
    "recursion": "import sys\nsys.setrecursionlimit(5000)\nsys.setswitchinterval(0.001)\nsys.set_int_max_str_digits(0)",
    "resource": "try:\n    import resource\n    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))\nexcept (ImportError, ValueError, OSError):\n    pass",
    "resource read": "try:\n    import resource\n    resource.getrlimit(resource.RLIMIT_NOFILE)\n    resource.getrusage(resource.RUSAGE_SELF)\nexcept ImportError:\n    pass",
    "tracemalloc": "import tracemalloc\ntracemalloc.start()",
    "platform": "import platform\nprint(platform.python_version(), platform.system(), platform.machine(), platform.platform())",
    "default timeout": "import socket\nsocket.setdefaulttimeout(10)\nHOST = socket.gethostname()",
    "no default timeout": "import socket\nsocket.setdefaulttimeout(None)\nsocket.getdefaulttimeout()",
    "getpass": "import getpass\ntry:\n    USER = getpass.getuser()\nexcept (OSError, KeyError, ImportError):\n    USER = 'me'",
    "tempfile": "import tempfile, shutil, glob, fnmatch",
    "subprocess": "import subprocess\nimport shlex\nshlex.split('a b')",
    "print": "print('starting', flush=True)\nprint('a', 'b', sep='-', end='')",
    "print to stderr": "import sys\nprint('starting', file=sys.stderr)\nsys.stderr.write('x')",
    "input": "def main():\n    return input('name? ')\nif __name__ == '__main__':\n    main()",
    "multiprocessing": "import multiprocessing\nfrom multiprocessing import Process, Pool, cpu_count\nimport multiprocessing.shared_memory\nif __name__ == '__main__':\n    multiprocessing.freeze_support()",
    "spawn": "import multiprocessing\nmultiprocessing.set_start_method('spawn', force=True)",
    "process pool class": "from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor, as_completed",
    "executor": "from concurrent.futures import ThreadPoolExecutor\nexecutor = ThreadPoolExecutor(max_workers=4)",
    "executor used": "from concurrent.futures import ThreadPoolExecutor\nexecutor = ThreadPoolExecutor(2)\nassert executor.submit(abs, -1).result(timeout=5) == 1",
    "excepthook": "import sys, threading\nsys.excepthook = lambda *_: None\nthreading.excepthook = lambda *_: None",
    "unicode": "πλάτος = 1\nprint('naïve ☕')",
    "decimal": "import decimal, fractions, math, statistics, cmath\ndecimal.getcontext().prec = 50",
    "re": "import re, string, textwrap, unicodedata, difflib, html\nPATTERN = re.compile(r'\\d+')",
    "network": "import ssl, http.client, urllib.request, urllib.parse, ipaddress, email, smtplib, socketserver, selectors, select\nCONTEXT = ssl.create_default_context()",
    "ctypes": "import ctypes, array, mmap",
    "unittest": "import unittest, doctest, pdb, cProfile, timeit, traceback, inspect, ast, dis\nfrom unittest import mock",
    "weakref": "import weakref, copy, pprint, heapq, bisect, types, numbers",
    "terminal": "import shutil\nWIDTH = shutil.get_terminal_size().columns",
    "isatty": "import sys\nCOLOUR = sys.stdout.isatty() and sys.stdin.isatty()",
    "curses": "try:\n    import curses, readline, termios, tty\nexcept ImportError:\n    pass",
    "asyncio debug": "import asyncio, logging\nlogging.getLogger('asyncio').setLevel(logging.DEBUG)\nasyncio.log.logger.setLevel(logging.WARNING)",
    "star": "from asyncio import *\nfrom time import *\nfrom math import *",
    "main runs": "import asyncio\nasync def main():\n    await asyncio.sleep(0)\nif __name__ == '__main__':\n    asyncio.run(main())",
    "displayhook": "import sys\nsys.displayhook = print\nsys.dont_write_bytecode = True\nsys.tracebacklimit = 5",
    "no trace": "import sys\nsys.settrace(None)\nsys.setprofile(None)",
    "intern": "import sys, builtins, site, sysconfig, importlib, pkgutil\nfrom importlib import metadata, resources",
    "importlib metadata": "from importlib import metadata\ntry:\n    VERSION = metadata.version('no-such-thing')\nexcept metadata.PackageNotFoundError:\n    VERSION = '0'",
    "__main__": "import __main__\nINTERACTIVE = not hasattr(__main__, '__file__')",
    "slots": "class A:\n    __slots__ = ('a',)\n    def __class_getitem__(cls, item):\n        return cls",
}
"""Each is put before a right answer."""

STREAMS = {
    "reconfigure": "import sys\nfor s in (sys.stdin, sys.stdout, sys.stderr):\n    s.reconfigure(encoding='utf-8', errors='replace')\nsys.stdout.reconfigure(line_buffering=True)\nassert sys.stdout.errors == 'replace'",
    "buffer": "import sys\nsys.stdout.buffer.write(b'bytes\\n')\nsys.stdout.buffer.flush()\nsys.stdout.flush()\nsys.stderr.buffer.write(b'x')\nassert sys.stdin.buffer.read() == b''",
    "fileno": "import sys\nassert [s.fileno() for s in (sys.stdin, sys.stdout, sys.stderr)] == [0, 1, 2]",
    "detach": "import io, sys\nsys.stdout = io.TextIOWrapper(sys.stdout.detach(), encoding='utf-8', line_buffering=True)\nprint('detached')",
    "wrapped": "import io, sys\nsys.stdout = io.TextIOWrapper(sys.stdout.buffer, encoding='utf-8')\nsys.stderr = io.TextIOWrapper(sys.stderr.buffer, encoding='utf-8')\nprint('wrapped')",
    "codecs": "import codecs, sys\nsys.stdout = codecs.getwriter('utf-8')(sys.stdout.detach())\nprint('coded')",
    "unbuffered": "import io, sys\nsys.stdout = io.TextIOWrapper(io.open(sys.stdout.fileno(), 'wb', 0, closefd=False), write_through=True)\nprint('unbuffered')",
    "isatty": "import sys\nassert not sys.stdout.isatty() and not sys.stderr.isatty() and not sys.stdin.isatty()",
    "encoding": "import sys\nassert sys.stdout.encoding == sys.stdin.encoding == 'utf-8'\nassert (sys.stdout.errors, sys.stderr.errors) == ('strict', 'backslashreplace')\nassert sys.stdout.name == '<stdout>' and sys.stdout.mode == 'w' and sys.stdout.newlines is None",
    "writelines": "import sys\nsys.stdout.writelines(['a\\n', 'b\\n'])\nassert sys.stdout.write('abc\\n') == 4",
    "originals": "import sys\nassert sys.__stdout__ is sys.stdout and sys.__stderr__ is sys.stderr and sys.__stdin__ is sys.stdin\nsys.__stdout__.write('x\\n')",
    "asks": "import sys\nassert sys.stdout.writable() and not sys.stdout.readable() and not sys.stdout.seekable() and not sys.stdout.closed\nassert sys.stdin.readable() and sys.stdin.read() == '' and sys.stdin.readline() == '' and list(sys.stdin) == []",
    "class": "import io, sys\nassert all(type(s) is io.TextIOWrapper for s in (sys.stdin, sys.stdout, sys.stderr))",
    "print(file=...)": "import sys\nprint('a', file=sys.stdout)\nprint('b', file=sys.stderr)\nprint('c', file=sys.__stderr__, flush=True)",
    "redirect": "import contextlib, io\nwith contextlib.redirect_stdout(io.StringIO()) as kept, contextlib.redirect_stderr(kept):\n    print('x')\nassert kept.getvalue() == 'x\\n'",
    "tee": "import sys\nclass Tee:\n    def __init__(self, one): self.one = one\n    def write(self, text): return self.one.write(text)\n    def flush(self): self.one.flush()\n    def __getattr__(self, name): return getattr(self.one, name)\nsys.stdout = Tee(sys.stdout)\nprint('teed')",
    "logging handlers": "import logging, sys\nfor s in (sys.stdout, sys.stderr):\n    logging.getLogger().addHandler(logging.StreamHandler(s))\nlogging.getLogger().addHandler(logging.StreamHandler())\nlogging.error('x')\nlogging.shutdown()",
    "closed": "import os, sys\nsys.stdout.close()\nsys.stdout = open(os.devnull, 'w')\nprint('x')",
    "none": "import sys\nsys.stdout = sys.stderr = None\nprint('x')",
    "same": "import sys\nsys.stderr = sys.stdout\nprint('x', file=sys.stderr)",
    "half a letter": "import sys\nsys.stdout.buffer.write(b'\\xc3')\nsys.stdout.flush()\nsys.stdout.buffer.write(b'\\xa9\\n')\nsys.stdout.flush()",
    "latin-1": "import sys\nsys.stdout.reconfigure(encoding='latin-1')\nprint('\\xe9')",
    "newline": "import sys\nsys.stdout.reconfigure(newline='\\r\\n', write_through=True)\nprint('x')",
    "orig_argv": "import sys\nassert sys.argv == ['solution.py'] and sys.orig_argv[-1] == 'solution.py'",
    "stdin lines": "import sys, fileinput\nfor line in sys.stdin:\n    pass\nassert list(fileinput.input(encoding='utf-8')) == []",
    "input": "try:\n    input('name? ')\nexcept EOFError:\n    pass",
}
"""stdin, stdout, stderr and sys.argv as a script's."""

LOOPS = {
    "get_event_loop": "import asyncio, sys\nif sys.version_info < (3, 14):\n    loop = asyncio.get_event_loop()",
    "new_event_loop": "import asyncio\nloop = asyncio.new_event_loop()",
    "set_event_loop": "import asyncio\nloop = asyncio.new_event_loop()\nasyncio.set_event_loop(loop)\nassert asyncio.get_event_loop() is loop",
    "Runner": "import asyncio\nrunner = asyncio.Runner()\nloop = runner.get_loop()",
    "Runner closed": "import asyncio\nwith asyncio.Runner() as runner:\n    runner.run(asyncio.sleep(0.1))",
    "run at import": "import asyncio\nasyncio.run(asyncio.sleep(0.1))",
    "run_until_complete": "import asyncio\nloop = asyncio.new_event_loop()\nloop.run_until_complete(asyncio.sleep(0.1))",
    "closed": "import asyncio\nloop = asyncio.new_event_loop()\nloop.close()",
    "dropped": "import asyncio\nasyncio.new_event_loop()",
    "several": "import asyncio\nloops = [asyncio.new_event_loop() for _ in range(10)]",
    "selector loop": "import asyncio, selectors\nloop = asyncio.SelectorEventLoop(selectors.DefaultSelector())",
    "selector loop set": "import asyncio\nloop = asyncio.SelectorEventLoop()\nasyncio.set_event_loop(loop)",
    "policy": "import asyncio, warnings\nwarnings.simplefilter('ignore')\nasyncio.set_event_loop_policy(asyncio.DefaultEventLoopPolicy())",
    "policy's loop": "import asyncio, warnings\nwarnings.simplefilter('ignore')\nloop = asyncio.get_event_loop_policy().new_event_loop()",
    "policy none": "import asyncio, warnings\nwarnings.simplefilter('ignore')\nasyncio.set_event_loop_policy(None)",
    "own policy": "import asyncio, warnings\nwarnings.simplefilter('ignore')\nclass Mine(asyncio.DefaultEventLoopPolicy):\n    def new_event_loop(self):\n        loop = super().new_event_loop()\n        loop.set_debug(False)\n        return loop\nasyncio.set_event_loop_policy(Mine())\nloop = asyncio.new_event_loop()",
    "future": "import asyncio\nloop = asyncio.new_event_loop()\nfuture = loop.create_future()\nother = asyncio.Future(loop=loop)",
    "global primitives": "import asyncio\nloop = asyncio.new_event_loop()\nasyncio.set_event_loop(loop)\nlock, queue, event = asyncio.Lock(), asyncio.Queue(), asyncio.Event()\nfuture = asyncio.Future()",
    "executor": "import asyncio\nfrom concurrent.futures import ThreadPoolExecutor\nloop = asyncio.new_event_loop()\nloop.set_default_executor(ThreadPoolExecutor(3))",
    "handlers": "import asyncio\nloop = asyncio.new_event_loop()\nloop.set_exception_handler(lambda loop, context: None)\nloop.set_debug(True)\nloop.slow_callback_duration = 1",
    "task factory": "import asyncio\nloop = asyncio.new_event_loop()\nloop.set_task_factory(lambda loop, coro, **more: asyncio.Task(coro, loop=loop, **more))",
}
"""An event loop made at import, in any style."""

USED = """
import asyncio

loop = asyncio.{made}
{more}

async def read_station(name):
    reader, writer = await asyncio.open_connection(name, 7000)
    writer.write(b"temperature?\\n")
    answer = await reader.readline()
    writer.close()
    await writer.wait_closed()
    return int(answer)


async def read_all(names):
    assert asyncio.get_running_loop() is loop
    tasks = [loop.create_task(read_station(name)) for name in names]
    later = loop.create_future()
    loop.call_later(0.1, later.set_result, None)
    await later
    await loop.run_in_executor(None, abs, 1)
    return await asyncio.gather(*tasks)
"""


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    with Judge(Options(explain=False)) as one:
        yield one


def judged(judge: Judge, source: str) -> CheckResult:
    encoding = "latin-1" if "coding: latin-1" in source else "utf-8"
    (check,) = judge.judge(KATA, Submission(source=source.encode(encoding), filename="solution.py")).checks
    return check


def is_accepted(judge: Judge, first_lines: str, answer: str) -> None:
    future = "from __future__ import annotations\n"
    answer = answer.replace(future, "") if first_lines != future.strip() else answer
    check = judged(judge, f"{first_lines}\n{answer}")
    assert check.verdict is Verdict.ACCEPTED, check.rationale


def test_there_are_eighty_of_them() -> None:
    assert len(FIRST_LINES) >= 80


@pytest.mark.parametrize("name", FIRST_LINES)
def test_a_right_answer_is_accepted_after_these_first_lines(name: str, judge: Judge, gather_answer: str) -> None:
    is_accepted(judge, FIRST_LINES[name], gather_answer)


@pytest.mark.parametrize("name", STREAMS)
def test_streams_and_arguments_look_as_a_scripts_do(name: str, judge: Judge, gather_answer: str) -> None:
    is_accepted(judge, STREAMS[name], gather_answer)


@pytest.mark.parametrize("name", LOOPS)
def test_a_loop_made_at_import_costs_nothing(name: str, judge: Judge, gather_answer: str) -> None:
    is_accepted(judge, LOOPS[name], gather_answer)


@pytest.mark.parametrize(
    ("made", "more"),
    [
        ("new_event_loop()", ""),
        ("new_event_loop()", "asyncio.set_event_loop(loop)"),
        ("Runner().get_loop()", ""),
        ("new_event_loop()", "loop.run_until_complete(asyncio.sleep(0))"),
    ],
)
def test_the_loop_made_at_import_is_the_one_that_runs(made: str, more: str, judge: Judge) -> None:
    """So that what a script keeps of it is of use: `loop.create_task`, `loop.run_in_executor`."""
    is_accepted(judge, USED.format(made=made, more=more), "")


def test_what_is_printed_comes_to_the_judge_whole(judge: Judge, gather_answer: str) -> None:
    first = "import sys\nprint('é☕')\nsys.stdout.buffer.write(b'\\xc3'); sys.stdout.flush()\n"
    first += "sys.stdout.buffer.write(b'\\xa9\\n'); sys.stdout.flush()\nprint('last', end='')\n"
    check = judged(judge, first + gather_answer)
    assert check.output == "é☕\né\nlast"


def test_a_connection_of_the_learners_own_is_still_told_as_open(judge: Judge, gather_answer: str) -> None:
    first = "import asyncio, socket\nloop = asyncio.new_event_loop()\nleft = socket.socketpair()\n"
    check = judged(judge, first + gather_answer)
    assert (check.verdict, check.line) == (Verdict.LEAKED, 3)
