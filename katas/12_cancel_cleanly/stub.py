"""Kata 12: cancel cleanly.

This version works: Ctrl-C ends the night early, what has been photographed is saved, and the telescope is
parked. But it stops with the whole program only, and an impatient second Ctrl-C spoils everything.
"""

import os
import signal
import threading
import time


def observe(targets, expose, save, park):
    """Photograph the targets, one after another. Returns the pictures.

    `expose(target)` takes a picture. However the night ends, `save(pictures)` stores the pictures that there
    are, and then `park()` turns the telescope away from the sky and closes the dome.
    """
    pictures = []
    try:
        for target in targets:
            pictures.append(expose(target))
    except KeyboardInterrupt:
        print(f"Stopped after {len(pictures)} pictures.")
        raise
    finally:
        try:
            save(pictures)
        finally:
            park()
    return pictures


# An observatory to try it with.


def take_picture(target):
    print(f"exposing {target} ...")
    time.sleep(2)
    return f"picture of {target}"


def store(pictures):
    print(f"saving {pictures} ...")
    time.sleep(1)


def close_dome():
    print("closing the dome ...")
    time.sleep(2)
    print("the dome is closed")


def main():
    ctrl_c = threading.Timer(4.5, os.kill, [os.getpid(), signal.SIGINT])
    ctrl_c.start()  # as if somebody pressed Ctrl-C after four and a half seconds
    try:
        observe(["vega", "mizar", "deneb", "altair"], take_picture, store, close_dome)
    except KeyboardInterrupt:
        print("Good night.")


if __name__ == "__main__":
    main()
