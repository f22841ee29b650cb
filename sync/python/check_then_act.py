"""Check, then act: what you saw while you held the lock need not hold when you lock again."""

import os
import sys
import threading


def say(line):
    try:
        sys.stdout.write(line + "\n")  # one write, so that the line stays whole
        sys.stdout.flush()
    except OSError:  # nobody reads any more
        os._exit(1)


class Account:
    def __init__(self, balance):
        self.balance, self.lock = balance, threading.Lock()


def check(number, account):
    enough = account.balance >= 80
    say(f"task{number} checks, 80 are there: {str(enough).lower()}")
    return enough


def act(number, account):
    account.balance -= 80
    say(f"task{number} has paid, {account.balance} are left")


def locked_twice(number, account, gap):
    with account.lock:
        enough = check(number, account)
    gap()
    if enough:
        with account.lock:
            act(number, account)


def locked_once(number, account, gap):
    with account.lock:
        enough = check(number, account)
        gap()
        if enough:
            act(number, account)


def two_tasks(pay):
    """Forces the tasks to meet: task2 comes in task1's gap, and gets as far as it can."""
    account, as_far_as_it_can = Account(100), threading.Event()

    def task2():
        taken = account.lock.locked()
        say(f"task2 comes, and the lock is taken: {str(taken).lower()}")
        if taken:
            as_far_as_it_can.set()
        pay(2, account, lambda: None)
        as_far_as_it_can.set()

    second = threading.Thread(target=task2)

    def task2_comes():
        second.start()
        as_far_as_it_can.wait()

    pay(1, account, task2_comes)
    second.join()
    say(f"overdrawn: {str(account.balance < 0).lower()}")


say("locked twice:")
two_tasks(locked_twice)
say("locked once:")
two_tasks(locked_once)
