"""An ordinary grader, as courses have them: it imports the answer and judges it in its own process.

`python naive.py [clock]` in a folder with `solution.py` and `checker.py`. It tells its verdict by every
channel at once: exit code, the last line of stdout, `result.json`, `junit.xml`. With
`clock` the answer must be quick, too.
"""

import asyncio
import json
import sys
import time
from typing import Any

EXPECTED = [11, 22, 33]
JUNIT = '<testsuites><testsuite tests="1" failures="{}"><testcase name="t"/></testsuite></testsuites>'


def tell(passed: bool) -> None:
    with open("result.json", "w") as file:  # noqa: PTH123  # as such graders are written
        json.dump({"accepted": passed}, file)
    with open("junit.xml", "w") as file:  # noqa: PTH123  # as such graders are written
        file.write(JUNIT.format(int(not passed)))
    print("PASSED" if passed else "FAILED")  # noqa: T201  # its way to tell
    sys.exit(0 if passed else 1)


async def ask(solution: Any) -> Any:
    return await solution.read_all(["a", "b", "c"])


def grade() -> None:
    expected = list(EXPECTED)
    import solution

    begin = time.perf_counter()
    try:
        answer = asyncio.run(ask(solution))
    except Exception as error:
        print(f"It raised {error}")  # noqa: T201  # as such graders do
        tell(False)
    quick = "clock" not in sys.argv or time.perf_counter() - begin < 0.1
    import checker

    tell(quick and checker.check(answer, expected))


if __name__ == "__main__":
    grade()
