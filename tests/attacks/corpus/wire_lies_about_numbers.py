"""Tries: to use connections that were never opened, with negative and huge counts.

Control: says spoke
"""

import sys

from grader import wire

print("spoke")
link = sys.stdout.buffer.raw._link
big = (1 << 63) - 1


async def read_all(names):
    for number in (0, 1, 2, 4, -1, -big, big):
        for action in (
            wire.Transmit(number, b"x"), wire.Finish(number), wire.Close(number), wire.Abort(number),
            wire.Consumed(number, -big), wire.Consumed(number, big), wire.Unlisten(number),
            wire.ClosePort(number), wire.Listen(number, ("", big)), wire.OpenPort(number, ("", -big)),
            wire.Reaped(number), wire.SignalChild(number, big), wire.HaveRead(number, b"x"),
            wire.HaveWritten(number, big, -big), wire.Resolve(number, "\0" * 1000), wire.CallbackCancel(number),
            wire.Spawn(number, b"\0\xff", (b"\xff",), b"", (b"=", b"\xff")),
            wire.AskDisk(number, "list\0", b"\xff\0", big, -big, big, b"\xff"),
            wire.SendDatagram(("", -big), ("0.0.0.0", big), b""),
        ):
            link.act(action)
    raise ValueError
