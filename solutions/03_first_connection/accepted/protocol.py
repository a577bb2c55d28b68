"""A protocol whose callbacks collect the pieces; a future tells the end."""

import asyncio

PORT = 7000


class LibraryClosed(Exception):
    """Nobody answers at the library's door."""


class Listener(asyncio.Protocol):
    """Collects what is recited; `poem` is done at the end."""

    def __init__(self):
        self.data = bytearray()
        self.poem = asyncio.get_running_loop().create_future()

    def data_received(self, data):
        self.data += data

    def connection_lost(self, error):
        if self.poem.done():
            return
        if error is None:
            self.poem.set_result(bytes(self.data))
        else:
            self.poem.set_exception(error)


async def fetch_poem(host, title):
    loop = asyncio.get_running_loop()
    try:
        transport, listener = await loop.create_connection(Listener, host, PORT)
    except ConnectionRefusedError as refused:
        raise LibraryClosed(f"the library at {host} is closed") from refused
    try:
        transport.write(f"{title}\n".encode())
        transport.write_eof()
        return (await listener.poem).decode()
    finally:
        transport.close()
