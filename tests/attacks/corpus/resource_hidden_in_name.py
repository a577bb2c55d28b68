"""Tries: to be taken for another file: its code claims other names and lines.

Control: none: it only confuses
Says: texts
"""

SOURCE = "\n" * 10**6 + "async def read_all(names):\n    raise ValueError('elsewhere')\n"
exec(compile(SOURCE, "solution.py", "exec"), globals())
exec(compile("def where(): raise ValueError", "/etc/passwd", "exec"), globals())
read_all.__code__ = read_all.__code__.replace(co_firstlineno=2**31 - 1)
