"""One submission: launch a guest, run the hidden suite, fold what happened into a verdict."""

from grader.judge.session import Judge, Options, suite_digest

__all__ = ["Judge", "Options", "suite_digest"]
