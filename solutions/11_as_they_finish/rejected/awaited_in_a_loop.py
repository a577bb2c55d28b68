"""Rejected by test_announced_at_the_finish: NOT_CONCURRENT (awaited_in_a_loop). One boat after another, against the clock."""

import time


async def run_race(boats, sail, announce):
    finishes = []
    for boat in boats:
        start = time.monotonic()
        words = await sail(boat)
        finishes.append((time.monotonic() - start, boat, words))
    finishes.sort(key=lambda finish: finish[0])
    for place, (_, boat, words) in enumerate(finishes, start=1):
        announce(place, boat, words)
    return [boat for _, boat, _ in finishes]
