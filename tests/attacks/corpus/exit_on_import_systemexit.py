"""Tries: to end the grader's process well before any check, by SystemExit(0) on import.

Control: exit code
"""

raise SystemExit(0)
