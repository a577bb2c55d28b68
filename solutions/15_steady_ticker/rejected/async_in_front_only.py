"""Rejected by test_no_drift: TIME_LIMIT (async_in_front_only). The stub with `async` put in front."""

import threading
import time


class Ticker:
    def __init__(self, period, work, missed, catch_up=False):
        self.period, self.work, self.missed, self.catch_up = period, work, missed, catch_up
        self.stopped = threading.Event()

    async def run(self):
        done = 0
        while not self.stopped.is_set():
            self.work(done)
            done += 1
            time.sleep(self.period)
        return done

    def stop(self):
        self.stopped.set()
