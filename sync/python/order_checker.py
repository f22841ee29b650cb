"""Lock order checker: a wrong order is reported on a run that does not hang."""

import os
import sys
import threading


class Ordered:
    """A lock that notes the order of all locks, and refuses to be taken against it."""

    after = {}  # lock -> the locks that were taken while it was held
    held = threading.local()  # the locks of each thread, in order

    def __init__(self):
        self.lock = threading.Lock()

    def __enter__(self):
        stack = self.held.__dict__.setdefault("stack", [])
        for lock in stack:
            if lock in self.after.get(self, ()):  # with two locks, the shortest cycle is enough
                raise RuntimeError("Found cycle in mutex dependency graph")
            self.after.setdefault(lock, set()).add(self)
        self.lock.acquire()
        stack.append(self)

    def __exit__(self, *exception):
        self.held.stack.remove(self)
        self.lock.release()


def say(line):
    try:
        sys.stdout.write(line + "\n")  # one write, so that the line stays whole
        sys.stdout.flush()
    except OSError:  # nobody reads any more
        os._exit(1)


def run(number, first, second):
    """Runs a task to its end, before the next one begins."""
    ended = []

    def task():
        with first, second:  # where the order can be wrong
            say(f"task{number}: No deadlock")
        ended.append(True)

    thread = threading.Thread(target=task, name=f"task{number}")
    thread.start()
    thread.join()
    say(f"task{number} has {'ended' if ended else 'panicked'}")


say("one order:")
lock1, lock2 = Ordered(), Ordered()
run(1, lock1, lock2)
run(2, lock1, lock2)

say("two orders:")
lock1, lock2 = Ordered(), Ordered()
run(1, lock1, lock2)
run(2, lock2, lock1)
