"""Tries: to run a script in the browser of whoever reads the report.

Control: says <script>
Says: texts
"""

MARKUP = "</code></pre></style>--><script>alert('HARM')</script><img src=x onerror=alert(1)>\"'`${x}{{7*7}}"


async def read_all(names):  # </code><script>alert('HARM')</script>
    print(MARKUP)
    raise ValueError(MARKUP)
