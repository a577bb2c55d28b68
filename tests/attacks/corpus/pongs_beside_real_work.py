"""Tries: to block the event loop all the time and yet to be accepted: the work is done with its own
selector, all at once, and pings are answered from inside the blocking wait.

Control: says spoke
"""

import selectors
import socket
import sys

from grader import wire

print("spoke")
link = sys.stdout.buffer.raw._link
link.on(wire.Ping, lambda ping: link.act(wire.Pong(ping.number)))


async def read_all(names):
    selector = selectors.DefaultSelector()
    readings, heard = [None] * len(names), [b""] * len(names)
    for index, name in enumerate(names):
        connection = socket.socket()
        connection.setblocking(False)
        connection.connect_ex((name, 7000))
        selector.register(connection, selectors.EVENT_WRITE, index)
    while None in readings:
        for key, events in selector.select():
            if events & selectors.EVENT_WRITE:
                key.fileobj.send(b"temperature?\n")
                selector.modify(key.fileobj, selectors.EVENT_READ, key.data)
            else:
                heard[key.data] += key.fileobj.recv(100)
                if heard[key.data].endswith(b"\n"):
                    readings[key.data] = int(heard[key.data])
                    selector.unregister(key.fileobj)
                    key.fileobj.close()
    return readings
