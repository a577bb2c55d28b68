"""The idioms of asyncio that detectors ask about, recognised in the learner's code."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.diagnosis.code import LOOPS, Code, Loop
from grader.diagnosis.function import Function
from grader.diagnosis.names import dotted, inside, last_name

SPAWNERS = ("create_task", "ensure_future")
GATHERERS = ("asyncio.gather", "asyncio.wait")
WRAPPERS = ("asyncio.wait_for", "asyncio.shield")
LOCKS = ("asyncio.Lock",)
SEMAPHORES = ("asyncio.Semaphore", "asyncio.BoundedSemaphore")
QUEUES = ("asyncio.Queue", "asyncio.PriorityQueue", "asyncio.LifoQueue")
# fmt: off
_PATIENT = frozenset({
    "readline", "readexactly", "readuntil", "drain", "wait_closed", "join", "acquire", "wait",
    "wait_for", "sleep", "aclose", "serve_forever", "start_serving", "gather", "as_completed",
    "timeout", "anext", "__anext__", "close", "release", "put",
})
"""Awaits that wait for something under way, and so may well stand in a loop."""

_BLOCKING = frozenset({
    "time.sleep", "open", "input", "os.system", "os.popen", "subprocess.run", "subprocess.call",
    "subprocess.check_call", "subprocess.check_output", "subprocess.getoutput",
    "socket.create_connection", "socket.getaddrinfo", "socket.gethostbyname", "urllib.request.urlopen",
    "urllib.request.urlretrieve", "select.select", "concurrent.futures.wait", "httpx.get", "httpx.post",
    "httpx.request", "httpx.stream",
})
_BLOCKING_METHODS = frozenset({
    "recv", "recv_into", "sendall", "accept", "makefile", "getresponse", "read_text", "write_text",
    "communicate",
})
# fmt: on
_BLOCKING_MODULES = ("requests.",)


CANCELLATIONS = ("CancelledError", "BaseException")
"""What an `except` must name to see a cancellation."""


def catches_cancellation(handler: ast.ExceptHandler) -> bool:
    """Whether an `except` sees the CancelledError of a cancelled task; `except Exception` does not."""
    if handler.type is None:
        return True
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(last_name(kind) in CANCELLATIONS for kind in kinds)


def spawns(node: ast.AST) -> bool:
    """Whether `node` starts a task: `asyncio.create_task(...)`, `group.create_task(...)`, ..."""
    return isinstance(node, ast.Call) and last_name(node.func) in SPAWNERS


def in_group(code: Code, call: ast.Call) -> bool:
    """Whether a task is started in a TaskGroup (which keeps and awaits it)."""
    return isinstance(call.func, ast.Attribute) and code.kind(call.func.value).endswith("TaskGroup")


def unwrapped(code: Code, value: ast.AST) -> ast.AST:
    """What is awaited inside `wait_for(...)` and `shield(...)`."""
    while isinstance(value, ast.Call) and value.args and code.name(value.func) in WRAPPERS:
        value = value.args[0]
    return value


def starts_work(code: Code, value: ast.AST) -> bool:
    """Whether awaiting `value` starts something and waits for it, rather than for what is under way."""
    value = unwrapped(code, value)
    if not isinstance(value, ast.Call) or spawns(value):
        return False
    return code.local(value) is not None or not _is_patient(code, value)


def _is_patient(code: Code, call: ast.Call) -> bool:
    """Whether a call waits for what is under way: a method like `queue.get()`, or one of asyncio's own."""
    called = last_name(call.func)
    if not isinstance(call.func, ast.Attribute) and not code.name(call.func).startswith("asyncio."):
        return False
    if called == "get":
        return not call.args  # queue.get(), unlike client.get(url)
    if called == "read":
        return not call.args or isinstance(call.args[0], ast.Constant) or "reader" in dotted(call.func)
    return called in _PATIENT or called.startswith("sock_")


def is_blocking(code: Code, node: ast.AST, awaited: bool = False) -> bool:
    """Whether `node` is a call known to hold its thread.

    What is awaited does not, unless `awaited` says to look past that (only at full names then).
    """
    if not isinstance(node, ast.Call):
        return False
    name = code.name(node.func)
    is_known = name in _BLOCKING or name.startswith(_BLOCKING_MODULES)
    if awaited or isinstance(code.parents.get(node), ast.Await):
        return awaited and is_known
    if is_known:
        return True
    return isinstance(node.func, ast.Attribute) and node.func.attr in _BLOCKING_METHODS


def blocking_calls(code: Code, function: Function) -> list[ast.Call]:
    """Calls of a function's own that hold the thread it runs on; not those inside a lambda."""
    return [
        node
        for node in function.own
        if isinstance(node, ast.Call)
        and is_blocking(code, node)
        and code.enclosing(node, (ast.Lambda,)) is None
    ]


def handed_to_threads(code: Code) -> Iterator[tuple[ast.Call, Function]]:
    """Calls that have a thread run a function of this file, with that function."""
    for call in code.each(ast.Call):
        place = {"to_thread": 0, "run_in_executor": 1}.get(last_name(call.func))
        if place is not None and len(call.args) > place:
            for function in code.by_name.get(last_name(call.args[place]), [])[:1]:
                yield call, function


def awaits(function: Function) -> Iterator[ast.AST]:
    """Every point at which a function may let others run."""
    for node in function.own:
        if isinstance(node, (ast.Await, ast.AsyncFor, ast.AsyncWith)) or (
            isinstance(node, ast.comprehension) and node.is_async
        ):
            yield node


def is_asynchronous(function: Function) -> bool:
    """Whether a function has anything to do with asyncio at all."""
    return function.is_async or "asyncio" in function.mentions or any(True for _ in awaits(function))


def is_lock(code: Code, node: ast.AST) -> bool:
    """Whether `async with node:` lets one in at a time: a lock, a semaphore of one, or so called."""
    made = code.kind(node)
    if made:
        return made in LOCKS or is_semaphore_of_one(code, node)
    if isinstance(node, ast.Subscript):
        return is_lock(code, node.value)
    return any(word in last_name(node).lower() for word in ("lock", "mutex"))


def is_semaphore_of_one(code: Code, node: ast.AST) -> bool:
    """Whether `node` is, or was made as, `Semaphore(1)` or `Semaphore()`."""
    if code.kind(node) not in SEMAPHORES:
        return False
    call = node if isinstance(node, ast.Call) else code.maker(node)
    size = call.args[0] if isinstance(call, ast.Call) and call.args else ast.Constant(1)
    return isinstance(size, ast.Constant) and size.value == 1


def item_of(loop: Loop) -> set[str]:
    """Names that stand for the loop's current item."""
    if isinstance(loop, ast.While):
        return set()
    targets = (
        [loop.target] if isinstance(loop, (ast.For, ast.AsyncFor)) else [g.target for g in loop.generators]
    )
    return {name.id for name in inside(targets, ast.Name)}


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    """The value given for a keyword, if it is given."""
    return next((each.value for each in call.keywords if each.arg == name), None)


def is_true(node: ast.AST | None) -> bool:
    """Whether a node is a constant that counts as true."""
    return isinstance(node, ast.Constant) and bool(node.value)


def uses(node: ast.AST, names: set[str]) -> bool:
    """Whether any of these plain names occurs in `node`."""
    return any(name.id in names for name in inside(node, ast.Name))


def queue_loops(code: Code) -> set[ast.AST]:
    """Loops that await `queue.get()` in their bodies."""
    return {
        parent
        for found in code.each(ast.Await)
        if isinstance(found.value, ast.Call) and last_name(found.value.func) == "get" and not found.value.args
        for _, parent in code.above(found)
        if isinstance(parent, LOOPS)
    }


def unshared(code: Code, kinds: tuple[str, ...]) -> int | None:
    """The line of an `async with` over an object of these kinds that only this one call can ever see."""
    for node in code.each(ast.AsyncWith):
        function = code.function_of(node)
        for taken in (item.context_expr for item in node.items):
            if code.kind(taken) not in kinds or function is None:
                continue
            if isinstance(taken, ast.Call) or (
                isinstance(taken, ast.Name) and _is_private(code, function, taken)
            ):
                return node.lineno
    return None


def _is_private(code: Code, function: Function, taken: ast.Name) -> bool:
    """Whether a name is bound in this function and used there for nothing but `async with` over it."""
    if taken.id not in function.stores or any(taken.id in inner.loads for inner in code.within(function)):
        return False
    uses = function.loads.get(taken.id, [])
    calls = [node for node in function.own if isinstance(node, ast.Call)]
    fans_out = any(spawns(call) or code.name(call.func) in GATHERERS for call in calls)
    return not fans_out and all(isinstance(code.parents[use], ast.withitem) for use in uses)


def started_together(code: Code) -> dict[Function, None]:
    """Coroutine functions of this file that run several at a time: started in a loop, or gathered."""
    found: dict[Function, None] = {}
    for call in code.each(ast.Call):
        function = code.local(call)
        if function is None or not function.is_async or isinstance(code.parents[call], ast.Await):
            continue
        if code.loop_of(call) is not None or _is_gathered(code, code.parents[call]):
            found[function] = None
    return found


def _is_gathered(code: Code, parent: ast.AST) -> bool:
    return isinstance(parent, ast.Call) and (code.name(parent.func) in GATHERERS or spawns(parent))


def waits_for_several(code: Code) -> list[ast.Await | ast.AsyncWith]:
    """Where several are started and the last of them is waited for: a gather, a TaskGroup."""
    waits: list[ast.Await | ast.AsyncWith] = [
        found
        for found in code.each(ast.Await)
        if isinstance(found.value, ast.Call)
        and code.name(found.value.func) in GATHERERS
        and keyword(found.value, "return_when") is None
    ]
    waits += [
        found
        for found in code.each(ast.AsyncWith)
        if any(code.kind(item.context_expr) == "asyncio.TaskGroup" for item in found.items)
    ]
    return waits


_TAKERS = ("range", "islice", "batched", "pop", "popleft", "next")


def in_chunks(code: Code, wait: ast.AST) -> bool:
    """Whether a loop waits for so many at a time: one over the chunks, or a `while` that takes some off."""
    loop = code.loop_of(wait)
    if not isinstance(loop, ast.While):
        return loop is not None
    takes = any(last_name(call.func) in _TAKERS for call in inside(loop, ast.Call))
    return takes or any(True for _ in inside(loop, ast.Slice))


def in_rounds(code: Code, wait: ast.Await | ast.AsyncWith) -> bool:
    """Whether a `while` waits, again and again, for all that can be done now."""
    if not isinstance(code.loop_of(wait), ast.While) or in_chunks(code, wait):
        return False
    if isinstance(wait, ast.AsyncWith):
        return any(spawns(call) and code.loop_of(call) is not code.loop_of(wait) for call in _calls(wait))
    return any(isinstance(each, ast.Starred) for call in _calls(wait) for each in call.args)


def _calls(node: ast.AST) -> Iterator[ast.Call]:
    return inside(node, ast.Call)


def may_be_coroutine(code: Code, call: ast.Call) -> bool:
    """Whether a call makes a coroutine: of this file, or of a function that was handed in."""
    called = code.local(call)
    if called is not None:
        return called.is_async
    function = code.function_of(call)
    name = dotted(call.func)
    return function is not None and (name in function.parameters or name.startswith("self."))
