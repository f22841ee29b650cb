"""Monitor: a method that locks calls another one that locks, without waiting for itself."""

import os
import sys
import threading

meet = threading.Barrier(2)


def say(line):
    try:
        sys.stdout.write(line + "\n")  # one write, so that the line stays whole
        sys.stdout.flush()
    except OSError:  # nobody reads any more
        os._exit(1)


class LockOnce:
    """Public methods lock. A method with a leading underscore is called under the lock."""

    def __init__(self):
        self.lock, self.kers = threading.Lock(), 0

    def foo(self, number):
        with self.lock:
            say(f"{number} in foo")
            while_1_is_in_foo(lambda: None)
            self._ker(number)

    def ker(self, number):
        with self.lock:
            self._ker(number)

    def _ker(self, number):
        self.kers += 1
        say(f"{number} in ker")


class Reentrant:
    def __init__(self):
        self.lock, self.kers = threading.RLock(), 0

    def foo(self, number):
        with self.lock:
            say(f"{number} in foo")
            while_1_is_in_foo(lambda: None)
            self.ker(number)  # locks again

    def ker(self, number):
        with self.lock:
            self.kers += 1
            say(f"{number} in ker")


def is_refused(lock):
    entered = lock.acquire(blocking=False)
    if entered:
        lock.release()
    return str(not entered).lower()


def while_1_is_in_foo(act):
    """Forces the tasks to meet: 1 is in `foo` from the first wait to the second."""
    meet.wait()
    act()
    meet.wait()


def run(monitor):
    task1 = threading.Thread(target=monitor.foo, args=(1,))
    task1.start()
    while_1_is_in_foo(lambda: say(f"2 is refused: {is_refused(monitor.lock)}"))
    task2 = threading.Thread(target=monitor.ker, args=(2,))
    task2.start()
    task1.join()
    task2.join()
    say(f"calls of ker: {monitor.kers}")


say("lock once:")
once = LockOnce()
run(once)
say("re-entrant:")
run(Reentrant())
with once.lock:
    say(f"a plain lock refuses its own holder: {is_refused(once.lock)}")
