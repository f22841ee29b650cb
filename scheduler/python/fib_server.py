"""Scheduler with blocking function: one thread serves all clients, and a pool computes for them."""

import os
import socket
import sys
import threading
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from select import select

tasks = deque()  # those that can go on, each with what it is given then
r_wait = {}  # those that wait to receive, by their socket
s_wait = {}  # those that wait to send
computing = 0  # those that wait for the pool
pool = ThreadPoolExecutor(2, "worker")
done = deque()  # those that the pool has done, with the results
wake_up, woken = socket.socketpair()  # `select` sees that something is in `done`
stopping = threading.Event()
connections = answers = errors = 0


def say(line):
    try:
        sys.stdout.write(line + "\n")  # one write, so that the line stays whole
        sys.stdout.flush()
    except OSError:  # nobody reads any more
        os._exit(1)


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def run():
    while tasks or r_wait or s_wait or computing:
        if not tasks:
            look()
            continue
        task, value = tasks.popleft()
        try:
            why, what = task.send(value)
        except (StopIteration, OSError):  # it has ended, or its client is gone
            continue
        if why == "recv":
            r_wait[what] = task
        elif why == "send":
            s_wait[what] = task
        else:
            compute(task, what)


def look():
    global computing
    if stopping.is_set() and r_wait:
        # Nobody waits for a client any longer.
        tasks.extend((task, False) for task in r_wait.values())
        r_wait.clear()
        return
    readable, writable, _ = select([woken, *r_wait], s_wait, [])
    for sock in readable:
        if sock is woken:
            woken.recv(1024)
        else:
            tasks.append((r_wait.pop(sock), True))
    for sock in writable:
        tasks.append((s_wait.pop(sock), True))
    while done:
        computing -= 1
        tasks.append(done.popleft())


def compute(task, n):
    global computing
    computing += 1

    def put(future):
        done.append((task, future.result()))
        wake_up.send(b"!")

    pool.submit(computed, n).add_done_callback(put)


def accept(listener):
    global connections
    with listener:
        while (yield "recv", listener):
            client, _ = listener.accept()
            client.setblocking(False)
            connections += 1
            tasks.append((serve(client), None))


def serve(client):
    received = b""
    with client:
        while (yield "recv", client):
            some = client.recv(1024)
            if not some:
                return
            *lines, received = (received + some).split(b"\n")
            for line in lines:
                answer = yield from answer_to(line)
                left = f"{answer}\n".encode()
                while left:
                    yield "send", client
                    left = left[client.send(left) :]
            if len(received) > 64:
                return


def answer_to(line):
    global answers, errors
    text = line.decode(errors="replace").rstrip("\r")
    if not (text.isascii() and text.isdigit()):
        errors += 1
        return "error: not a number"
    if len(text) > 64 or int(text) > 45:
        errors += 1
        return "error: the largest number is 45"
    answers += 1
    n = int(text)
    if n <= 20:
        return computed(n)
    return (yield "compute", n)


# Forces the lesson: what is above 20 begins, and ends only when the clients let it.
begun, may_end = threading.Event(), threading.Event()
LONG = 10  # seconds; what is not there by then will not come


def computed(n):
    thread = threading.current_thread().name.replace("_", "-")
    say(f"{thread} computes {n}")
    if n > 20:
        begun.set()
        if not may_end.wait(LONG):
            say("nobody is served while it is computed")
    return fib(n)


# From here on, the clients.
class Client:
    def __init__(self, address):
        self.socket = socket.create_connection(address, timeout=5)
        self.file = self.socket.makefile("rw", newline="\n")

    def send(self, request):
        self.file.write(request + "\n")
        self.file.flush()

    def receive(self):
        try:
            return self.file.readline().rstrip("\n") or "the end"
        except OSError:
            return "no answer"

    def ask(self, request):
        self.send(request)
        return self.receive()


listener = socket.create_server(("127.0.0.1", 0))
listener.setblocking(False)
tasks.append((accept(listener), None))
server = threading.Thread(target=run, name="the server", daemon=True)
a, b = Client(listener.getsockname()), Client(listener.getsockname())
server.start()

say("A: 20 -> " + a.ask("20"))
say("B: 10 -> " + b.ask("10"))
say("A: x -> " + a.ask("x"))
say("A: 10 -> " + a.ask("10"))

a.send("30")
if not begun.wait(LONG):
    say("30 is not computed")
say("B: 20 -> " + b.ask("20"))

say("the server is asked to stop")
stopping.set()
wake_up.send(b"!")
say("B: " + b.receive())
may_end.set()
say("A: 30 -> " + a.receive())
say("A: " + a.receive())
server.join()
say(f"{connections} connections, {answers} answers, {errors} error")
