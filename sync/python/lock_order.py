"""Lock order: the deadlock cured in three ways, and found on a run that does not hang."""

import sys
import threading

lock1, lock2 = threading.Lock(), threading.Lock()
meet = threading.Barrier(2)


def say(line):
    sys.stdout.write(line + "\n")  # one write, so that the line stays whole


def at_once(cure):
    """Runs a cure as two tasks at once, task2 with the locks in the opposite order."""
    tasks = [
        threading.Thread(target=cure, args=(1, lock1, lock2)),
        threading.Thread(target=cure, args=(2, lock2, lock1)),
    ]
    for task in tasks:
        task.start()
    for task in tasks:
        task.join()


def one_order(number, _one, _other):
    meet.wait()
    with lock1, lock2:
        say(f"task{number}: No deadlock")


def both_at_once(number, one, other):
    meet.wait()
    first, second = sorted((one, other), key=id)
    with first, second:
        say(f"task{number}: No deadlock")


def give_way(number, one, other):
    """Never waits for a lock while holding one."""
    met = False
    while True:
        with one:
            if not met:
                meet.wait()  # now each task holds what the other one wants
                met = True
            if other.acquire(blocking=False):
                say(f"task{number}: No deadlock")
                other.release()
                return
        one, other = other, one  # begin again with the lock that was missing


class Ordered:
    """A lock that notes the order of all locks, and refuses to go against it."""

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


def ordered(number, one, other):
    try:
        with one, other:
            say(f"task{number}: No deadlock")
    except RuntimeError as error:
        say(f"task{number}: {error}")


say("one order:")
at_once(one_order)
say("both at once:")
at_once(both_at_once)
say("giving way:")
at_once(give_way)
say("checked order, one task after the other:")
a, b = Ordered(), Ordered()
for arguments in [(1, a, b), (2, b, a)]:
    task = threading.Thread(target=ordered, args=arguments)
    task.start()
    task.join()
free = not lock1.locked() and not lock2.locked()
say(f"both locks free: {str(free).lower()}")
