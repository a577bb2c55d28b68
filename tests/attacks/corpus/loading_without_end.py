"""Tries: to use a whole limit in every check, by a file that can never be loaded.

Control: says spoke
"""

print("spoke", flush=True)


def again():
    return [*map(lambda _: again(), "x")]


for _ in range(40):
    try:
        again()
    except RecursionError:
        pass
again()
