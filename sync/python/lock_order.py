"""Lock order: three ways to take two locks without a deadlock."""

import os
import sys
import threading
import time
from contextlib import ExitStack


class Account:
    """A lock with an amount, that knows how many threads wait for it."""

    made = 0

    def __init__(self, amount):
        Account.made += 1
        self.place, self.amount = Account.made, amount
        self.lock, self.waiting, self.counting = threading.Lock(), 0, threading.Lock()

    def __enter__(self):
        with self.counting:
            self.waiting += 1
        self.lock.acquire()
        with self.counting:
            self.waiting -= 1
        return self

    def __exit__(self, *exception):
        self.lock.release()


def say(line):
    try:
        sys.stdout.write(line + "\n")  # one write, so that the line stays whole
        sys.stdout.flush()
    except OSError:  # nobody reads any more
        os._exit(1)


def lock_both(one, other):
    """Takes both in one order, whichever comes first in the call."""
    first, second = sorted((one, other), key=lambda account: account.place)
    with ExitStack() as locks:
        locks.enter_context(first)
        locks.enter_context(second)
        return locks.pop_all()


def start(*tasks):
    threads = [threading.Thread(target=task) for task in tasks]
    for thread in threads:
        thread.start()
    return threads


def join(threads):
    for thread in threads:
        thread.join()


def both_at_lock1(*tasks):
    """Forces the tasks to meet: keeps lock1 until both wait for it."""
    with lock1:
        threads = start(*tasks)
        while lock1.waiting < 2:
            time.sleep(0)
        free = not lock2.lock.locked()
        say(f"{lock1.waiting} tasks wait for lock1, and lock2 is free: {str(free).lower()}")
    join(threads)


def pay(number, amount, source, target):
    """What a task does when it has both locks."""
    source.amount -= amount
    target.amount += amount
    say(f"task{number}: No deadlock")


def in_order(number, amount):
    with lock1, lock2:
        pay(number, amount, lock1, lock2)


def both_at_once(number, amount, source, target):
    with lock_both(source, target):
        pay(number, amount, source, target)


def waits_in_order():
    with lock1:
        each_holds_one.wait()
        with lock2:  # waits: task2 will back off
            pay(1, 7, lock1, lock2)


def backs_off():
    with lock2:
        each_holds_one.wait()
        if lock1.lock.acquire(blocking=False):
            lock1.lock.release()
        else:
            say("task2: backs off")
    with lock_both(lock1, lock2):
        pay(2, 2, lock2, lock1)


lock1, lock2 = Account(15), Account(0)
say("one order:")
both_at_lock1(lambda: in_order(1, 7), lambda: in_order(2, -2))

say("both at once:")
both_at_lock1(lambda: both_at_once(1, 7, lock1, lock2), lambda: both_at_once(2, 2, lock2, lock1))

say("backing off:")
each_holds_one = threading.Barrier(2)
join(start(waits_in_order, backs_off))
say(f"lock1 holds {lock1.amount}, lock2 holds {lock2.amount}")
