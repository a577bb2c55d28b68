"""Kata 15: keep the beat.

This version works, but it drifts: a tick takes as long as its work and the pause together. And
whoever stops it has to wait until both are over.
"""

import threading
import time


class Ticker:
    """Does some work regularly: `work(0)`, `work(1)`, `work(2)` and so on."""

    def __init__(self, period, work, missed, catch_up=False):
        self.period = period
        self.work = work
        self.missed = missed
        self.catch_up = catch_up
        self.stopped = threading.Event()

    def run(self):
        """Tick until stopped. Returns how many times the work has been done."""
        done = 0
        while not self.stopped.is_set():
            self.work(done)
            done += 1
            time.sleep(self.period)
        return done

    def stop(self):
        """End `run`, which may be under way in another thread."""
        self.stopped.set()


def measure_the_tide(number):
    time.sleep(0.25)
    print(f"{time.monotonic() % 1000:9.3f}: measurement {number}")


def missed(number):
    print(f"           measurement {number} has been missed")


def main():
    ticker = Ticker(1.0, measure_the_tide, missed)
    threading.Timer(5.5, ticker.stop).start()
    print(ticker.run(), "measurements")


if __name__ == "__main__":
    main()
