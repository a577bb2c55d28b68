"""One submission: launch a guest, run the hidden suite, fold what happened into a verdict."""

from grader.judge.script import ScriptRun, demo_figures, run_script
from grader.judge.session import Judge, Options, run_pytest, suite_digest

__all__ = ["Judge", "Options", "ScriptRun", "demo_figures", "run_pytest", "run_script", "suite_digest"]
