"""Monitor: one task at a time is inside, and there one method may call another."""

import os
import sys
import threading


def say(line):
    try:
        sys.stdout.write(line + "\n")  # one write, so that the line stays whole
        sys.stdout.flush()
    except OSError:  # nobody reads any more
        os._exit(1)


class LocksOnce:
    def __init__(self):
        self.lock, self.calls = threading.Lock(), 0

    def foo(self, id, gap):
        with self.lock:
            say(f"{id} in foo")
            gap()
            self._ker(id)

    def ker(self, id):
        with self.lock:
            self._ker(id)

    def _ker(self, id):  # call it with the lock held: only care sees to that
        say(f"{id} in ker")
        self.calls += 1


class LocksAgain:
    def __init__(self):
        self.lock, self.calls = threading.RLock(), 0

    def foo(self, id, gap):
        with self.lock:
            say(f"{id} in foo")
            gap()
            self.ker(id)

    def ker(self, id):
        with self.lock:
            say(f"{id} in ker")
            self.calls += 1


def ask(who, lock):
    gets_in = lock.acquire(blocking=False)
    say(f"{who}, and gets in: {str(gets_in).lower()}")
    if gets_in:
        lock.release()


def meet(monitor):
    """In the gap that `foo` leaves, task 2 comes and is refused."""
    refused = threading.Event()

    def task2():
        ask("2 asks", monitor.lock)
        refused.set()
        monitor.ker(2)

    def gap():
        ask("1 asks again", monitor.lock)
        second.start()
        refused.wait()

    second = threading.Thread(target=task2)
    monitor.foo(1, gap)
    second.join()


monitor = LocksOnce()
meet(monitor)
say(f"locks once, calls of ker: {monitor.calls}")

monitor = LocksAgain()
meet(monitor)
say(f"locks again, calls of ker: {monitor.calls}")
