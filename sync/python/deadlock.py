"""Deadlock: two tasks take two locks in opposite orders, and wait for each other for ever."""

import os
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


def say(line):
    try:
        sys.stdout.write(line + "\n")  # one write, so that the line stays whole
        sys.stdout.flush()
    except OSError:  # nobody reads any more
        os._exit(1)


def task(number, first, second, meet):
    with first:
        say(f"task{number}: get {first.name}")
        meet.wait()
        with second:
            say(f"task{number}: No deadlock")


def start(number, *arguments):
    # A daemon: the program ends although the task waits for ever.
    thread = threading.Thread(
        target=task, args=(number, *arguments), name=f"task{number}", daemon=True
    )
    thread.start()
    return thread


def cycle(start):
    """The waits in a cycle through the lock `start`, or an empty list."""
    found, lock = [], start
    with graph:
        while lock.holder in waits and len(found) < len(waits):
            holder, wanted = lock.holder, waits[lock.holder]
            found.append((holder, lock, wanted, wanted.holder))
            if wanted is start:
                return found
            lock = wanted
    return []


def watch(*tasks):
    """The watchdog: waits until there is a deadlock or all tasks have ended, and tells which."""

    def alive():
        return sum(thread.is_alive() for thread in tasks)

    while not (found := cycle(lock1)) and alive():
        time.sleep(0.002)  # a deadlock wakes nobody, so look again and again
    for thread, held, wanted, holder in found:
        say(
            f"thread `{thread.name}` holds `{held.name}` "
            f"and waits for `{wanted.name}`, held by `{holder.name}`"
        )
    say(f"deadlocks: {int(bool(found))}, tasks alive: {alive()}")
    return found


lock1, lock2 = Watched("lock1"), Watched("lock2")
say("one after the other:")
alone = threading.Barrier(1)
watch(start(1, lock1, lock2, alone))
watch(start(2, lock2, lock1, alone))

say("at once:")
each_holds_one = threading.Barrier(2)
task1 = start(1, lock1, lock2, each_holds_one)
task2 = start(2, lock2, lock1, each_holds_one)
sys.exit(0 if watch(task1, task2) else 1)
