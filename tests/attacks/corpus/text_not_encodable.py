"""Tries: to have text written that cannot be: lone surrogates, NUL, every control character.

Control: none: no grader is known to fall for it
Says: texts
"""

STRANGE = "\ud800\udfff" + "".join(map(chr, range(160))) + "\ufffe\uffff\u2028\u2029\U000e0001"


async def read_all(names):
    print(STRANGE)
    if len(names) % 2:
        return [STRANGE]
    raise ValueError(STRANGE)
