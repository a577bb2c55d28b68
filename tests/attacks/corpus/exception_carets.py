"""Tries: to have the judge write out a syntax error with billions of carets below it.

Control: says spoke
"""

print("spoke", flush=True)


async def read_all(names):
    raise SyntaxError("no", ("solution.py", 1, 1, "x" * 99, 1, 3_000_000_000))
