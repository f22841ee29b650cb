"""Deadlock: two tasks take two locks in opposite orders, and a watchdog says who waits for whom."""

import sys
import threading
import time

graph = threading.Lock()  # guards the holders and the waits of all locks
waits = {}  # thread -> the lock it waits for


class Watched:
    """A lock with a name that records who holds it and who waits for it."""

    def __init__(self, name):
        self.name, self.holder, self.lock = name, None, threading.Lock()

    def __enter__(self):
        me = threading.current_thread()
        with graph:
            waits[me] = self
        self.lock.acquire()
        with graph:
            del waits[me]
            self.holder = me

    def __exit__(self, *exception):
        with graph:
            self.holder = None  # off the record before it is unlocked
        self.lock.release()


def deadlock(start):
    """The waits in a circle through the lock `start`, or an empty list."""
    circle, lock = [], start
    with graph:
        while lock.holder in waits and len(circle) < len(waits):
            holder, wanted = lock.holder, waits[lock.holder]
            circle.append((holder, lock, wanted, wanted.holder))
            if wanted is start:
                return circle
            lock = wanted
    return []


def say(line):
    sys.stdout.write(line + "\n")  # one write, so that the line stays whole


def task(number, first, second):
    with first:
        say(f"task{number}: get {first.name}")
        each_holds_one.wait()
        with second:
            say(f"task{number}: No deadlock")


lock1, lock2 = Watched("lock1"), Watched("lock2")
each_holds_one = threading.Barrier(2)
tasks = [
    threading.Thread(target=task, args=(1, lock1, lock2), name="task1", daemon=True),
    threading.Thread(target=task, args=(2, lock2, lock1), name="task2", daemon=True),
]
for thread in tasks:
    thread.start()

# The watchdog. A deadlock wakes nobody, so look again every 10 ms.
while not (circle := deadlock(lock1)):
    if not all(thread.is_alive() for thread in tasks):
        say("a task has ended: there was no deadlock to show")
        sys.exit(1)
    time.sleep(0.01)
say(f"a circle of {len(circle)} waits:")
for thread, held, wanted, holder in circle:
    say(
        f"thread `{thread.name}` holds `{held.name}` "
        f"and waits for `{wanted.name}`, held by `{holder.name}`"
    )
alive = all(thread.is_alive() for thread in tasks)
say(f"both tasks alive: {str(alive).lower()}")
# The tasks are daemons: the program ends although they wait for ever.
