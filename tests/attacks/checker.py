"""What the naive grader compares with."""


def check(answer: object, expected: list[int]) -> bool:
    """Whether the answer is the expected one, as a whole or one by one."""
    same = answer == expected
    return bool(same) or (len(answer) == len(expected) and all(map(lambda a, b: a == b, answer, expected)))  # type: ignore[arg-type]
