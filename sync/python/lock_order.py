"""Lock order: the deadlock cured in three ways, and found on a run that does not hang."""

import sys
import threading
import time


class Counted:
    """A lock that knows how many threads wait for it."""

    def __init__(self):
        self.lock, self.waiting, self.counting = threading.Lock(), 0, threading.Lock()

    def __enter__(self):
        with self.counting:
            self.waiting += 1
        self.lock.acquire()
        with self.counting:
            self.waiting -= 1

    def __exit__(self, *exception):
        self.lock.release()

    def acquire(self, blocking):
        return self.lock.acquire(blocking)

    def release(self):
        self.lock.release()

    def locked(self):
        return self.lock.locked()


lock1, lock2 = Counted(), Counted()
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
    return tasks


def join(tasks):
    for task in tasks:
        task.join()


def behind(cure):
    """Keeps lock1 until both tasks wait for it. Whoever took lock2 first would be seen."""
    with lock1:
        tasks = at_once(cure)
        while lock1.waiting < 2:
            time.sleep(0)
        say(f"both tasks wait for lock1, and lock2 is free: {str(not lock2.locked()).lower()}")
    join(tasks)


def one_order(number, _one, _other):
    with lock1, lock2:
        say(f"task{number}: No deadlock")


def both_at_once(number, one, other):
    first, second = sorted((one, other), key=[lock1, lock2].index)
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
behind(one_order)
say("both at once:")
behind(both_at_once)
say("giving way:")
join(at_once(give_way))
say("checked order, one task after the other:")
a, b = Ordered(), Ordered()
for arguments in [(1, a, b), (2, b, a)]:
    task = threading.Thread(target=ordered, args=arguments)
    task.start()
    task.join()
free = not lock1.locked() and not lock2.locked()
say(f"both locks free: {str(free).lower()}")
