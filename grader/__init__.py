"""Katas that teach asyncio, and the grader that proves their answers overlap."""

__version__ = "0.1.0"
