"""Kata 2: await each step.

An article goes through the newsroom. This version works, but nothing else can run meanwhile.
"""

import time


def polish(text, is_clean, correct):
    """Correct the text, one mistake at a time, until it is clean. Returns the clean text."""
    while not is_clean(text):
        text = correct(text)
    return text


def publish(text, is_clean, correct, store, announce):
    """Polish an article, store it, announce it. Returns the number it is stored under."""
    text = polish(text, is_clean, correct)
    number = store(text)
    announce(number)
    return number


# A newsroom to try it with: every step takes its time.


def has_no_typos(text):
    time.sleep(0.5)
    return "teh" not in text


def fix_one_typo(text):
    time.sleep(1)
    return text.replace("teh", "the", 1)


def put_in_archive(text):
    time.sleep(2)
    return 100 + len(text)


def tell_readers(number):
    time.sleep(1)
    print(f"Out now: article {number}.")


def main():
    number = publish("teh cat sees teh moon", has_no_typos, fix_one_typo, put_in_archive, tell_readers)
    print(f"Published as number {number}.")


if __name__ == "__main__":
    main()
