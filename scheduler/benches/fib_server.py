"""The Python rows of benches/fib_server.rs. `CONTROL`, the address of the bench, is added below."""

import asyncio
import socket
import threading
import time
from collections import deque
from select import select


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def controlled(serve):
    """Serves on a thread of its own, and tells the bench what it asks, until it asks no more."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
    control = socket.create_connection(CONTROL)
    control.sendall(b"%d\n" % listener.getsockname()[1])
    threading.Thread(target=serve, args=(listener,), daemon=True).start()
    yield
    while control.recv(1):
        control.sendall(b"%d\n" % time.process_time_ns())
    yield
    yield 0


def asyncio_server(_):
    async def serve_client(reader, writer):
        try:
            while True:
                line = await reader.readline()
                if not line:
                    return
                n = int(line)
                if n <= 20:
                    answer = fib(n)
                else:
                    answer = await asyncio.get_running_loop().run_in_executor(None, fib, n)
                writer.write(b"%d\n" % answer)
                await writer.drain()
        except OSError:
            pass  # the client is gone
        finally:
            writer.close()

    async def serve(listener):
        server = await asyncio.start_server(serve_client, sock=listener, backlog=4096)
        async with server:
            await server.serve_forever()

    yield from controlled(lambda listener: asyncio.run(serve(listener)))


def cheatsheet_server(_):
    # As it stands there, but for what Python 3 asks for and for clients that leave. `select` takes no
    # descriptor above 1023, so a thousand connections are about as many as it can have.
    tasks = deque()
    r_wait = {}
    s_wait = {}

    def run():
        while any([tasks, r_wait, s_wait]):
            while not tasks:
                rr, sr, _ = select(r_wait, s_wait, [])
                for _ in rr:
                    tasks.append(r_wait.pop(_))
                for _ in sr:
                    tasks.append(s_wait.pop(_))
            try:
                task = tasks.popleft()
                why, what = next(task)
                if why == "recv":
                    r_wait[what] = task
                elif why == "send":
                    s_wait[what] = task
                else:
                    raise RuntimeError
            except StopIteration:
                pass

    def fib_server(sock):
        while True:
            yield "recv", sock
            c, a = sock.accept()
            tasks.append(fib_handler(c))

    def fib_handler(client):
        try:
            while True:
                yield "recv", client
                req = client.recv(1024)
                if not req:
                    break
                resp = fib(int(req))
                yield "send", client
                client.send(b"%d\n" % resp)
        except OSError:
            pass
        client.close()

    def serve(listener):
        tasks.append(fib_server(listener))
        run()

    yield from controlled(serve)
