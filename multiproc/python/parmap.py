"""A parallel map by hand: a child and a pipe for each item, and all pipes are read in time."""

import multiprocessing
import os
import sys
import threading
import time
from multiprocessing.connection import wait

fork = multiprocessing.get_context("fork")


def say(line):
    try:
        sys.stdout.write(line + "\n")  # one write, so that the line stays whole
        sys.stdout.flush()
    except OSError:  # nobody reads any more
        if multiprocessing.parent_process() is None:  # a child goes on: its partner waits for it
            for child in multiprocessing.active_children():
                child.kill()
            os._exit(1)


def start(work):
    """A child that sends what `work` returns, and our end of its pipe.

    The default, `duplex=True`, is a socket, which holds more than a pipe does.
    """
    ours, theirs = fork.Pipe(duplex=False)
    child = fork.Process(target=lambda: theirs.send(work()))
    child.start()
    theirs.close()  # or the end of its data would never come
    return child, ours


def parmap(children, items, f):
    threads = threading.active_count()
    if threads > 1:  # Python would fork all the same
        raise RuntimeError(f"this process has {threads} threads, and a fork would copy one of them")
    results, running, waiting = [None] * len(items), {}, list(enumerate(items))
    while waiting or running:
        while waiting and len(running) < children:
            number, item = waiting.pop(0)
            child, ours = start(lambda: f(item))
            running[ours] = number, child
        for ours in wait(list(running)):
            number, child = running.pop(ours)
            results[number] = ours.recv()
            child.join()
            ours.close()
    return results


gate = fork.Barrier(2)


def power(x):
    say(f"item {x} begins")
    gate.wait(10)  # an item that has begun stays until there are two
    time.sleep(0.04 / x)  # the work
    say(f"item {x} ends")
    return x**x, os.getpid()


def how_much_a_pipe_holds():
    ours, full = os.pipe()
    os.set_blocking(full, False)  # what finds no room is not waited for
    holds = os.write(full, bytes(1 << 24))
    os.close(ours)
    os.close(full)
    return holds


def join_then_read(size):
    ours, theirs = fork.Pipe(duplex=False)
    message = bytes(size - 4)  # the length goes before it, in four bytes
    child = fork.Process(target=lambda: theirs.send_bytes(message))
    child.start()
    theirs.close()
    child.join(1)  # the cheatsheet's order; it would never end, and a look at the clock ends it
    pid = child.pid
    how = "joined"
    if child.is_alive():
        how = "given up"
        say(f"{size} bytes: child {pid} waits for room in its pipe, we wait for child {pid}")
    say(f"{size} bytes, {how} and read: {4 + len(ours.recv_bytes())} have come")
    child.join()


found = parmap(2, [1, 2, 3, 4], power)
children = {pid for _, pid in found} - {os.getpid()}  # this process is none
say(f"{[power for power, _ in found]} from {len(children)} children")

holds = how_much_a_pipe_holds()
join_then_read(holds)
join_then_read(holds + 1)
large = parmap(2, [1 << 20] * 4, bytes)
whole = [result for result in large if len(result) == 1 << 20]
say(f"4 times {1 << 20} bytes, read while the children run: {len(whole)} have come")

end = threading.Event()
other = threading.Thread(target=end.wait)
other.start()
try:
    parmap(2, [1, 2], abs)
except RuntimeError as error:
    say(f"beside another thread: {error}")
end.set()
other.join()
try:
    os.waitpid(-1, os.WNOHANG)
    say("no child is left: false")
except ChildProcessError:
    say("no child is left: true")
