"""Kata 11: as they finish.

This version works, but it has the boats sail one after another, against the clock, and sorts them out
when the last one is in. Until then the spectators see nothing.
"""

import time


def run_race(boats, sail, announce):
    """Have every boat sail the course, and announce each of them. Returns the boats, the fastest first.

    `sail(boat)` sails the course, and gives what the crew says at the finish. `announce(place, boat, words)`
    tells the spectators; the fastest boat has place 1.
    """
    finishes = []
    for boat in boats:
        start = time.monotonic()
        words = sail(boat)
        finishes.append((time.monotonic() - start, boat, words))
    finishes.sort(key=lambda finish: finish[0])
    for place, (_, boat, words) in enumerate(finishes, start=1):
        announce(place, boat, words)
    return [boat for _, boat, _ in finishes]


# A regatta to try it with, in which a minute passes as quickly as a second elsewhere.

MINUTES = {"albatross": 7, "bittern": 4, "curlew": 9, "dunlin": 5}


def sail_the_bay(boat):
    time.sleep(MINUTES[boat])
    return f"{MINUTES[boat]} minutes, and not a dry thread"


def call_out(place, boat, words):
    print(f"{place}. {boat}: {words}")


def main():
    print("And they are off!")
    order = run_race(list(MINUTES), sail_the_bay, call_out)
    print(f"The cup goes to the {order[0]}.")


if __name__ == "__main__":
    main()
