"""Tries: to have its words taken for a format: by str.format, by %, by a template, by rich's markup.

Control: says {0.__class__
Says: texts
"""

FORMAT = "{0.__class__.__init__.__globals__} %s %(x)s %n $x ${x} [bold red]ACCEPTED[/] [link=file:///etc/passwd]x[/link] {"


async def read_all(names):
    print(FORMAT)
    raise KeyError(FORMAT, "{}", "%d")
