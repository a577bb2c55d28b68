"""Kata 10: the first good answer.

This version works, but it asks the mirrors in turn: a slow one comes before all that are quicker.
"""

import socket


class MirrorError(Exception):
    """One mirror gives no map sheet."""


class NoMirrorError(Exception):
    """None of the mirrors gives one."""


def ask(mirror, sheet):
    """Ask one mirror for a map sheet. Raises MirrorError, with the reason, if it gives none."""
    try:
        with socket.create_connection((mirror, 7000)) as connection:
            connection.sendall(sheet.encode() + b"\n")
            answer = connection.makefile().readline()
    except OSError:
        raise MirrorError(f"{mirror} cannot be reached") from None
    if not answer.endswith("\n"):
        raise MirrorError(f"{mirror} broke off")
    if not answer.startswith("map "):
        raise MirrorError(f"{mirror} says {answer.strip()}")
    return answer.removeprefix("map ").strip()


def fetch_sheet(sheet, mirrors):
    """Fetch one map sheet from whichever mirror has it. Raises NoMirrorError, with all the reasons."""
    reasons = []
    for mirror in mirrors:
        try:
            return ask(mirror, sheet)
        except MirrorError as error:
            reasons.append(str(error))
    raise NoMirrorError("; ".join(reasons))


def main():
    print(fetch_sheet("harbour 3", ["north", "south", "east", "west"]))
    try:
        print(fetch_sheet("harbour 9", ["north", "south"]))
    except NoMirrorError as error:
        print(f"no harbour 9: {error}")


if __name__ == "__main__":
    main()
