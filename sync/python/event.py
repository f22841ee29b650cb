"""Ensure tasks have been done: three tasks wait for an event, and one `set` lets all of them go."""

import os
import sys
import threading
import time

event = threading.Event()


def say(line):
    try:
        sys.stdout.write(line + "\n")  # one write, so that the line stays whole
        sys.stdout.flush()
    except OSError:  # nobody reads any more
        os._exit(1)


def task(number):
    say(f"task {number} waits")
    event.wait()
    say(f"task {number} runs")


def until_one_waits():
    """Forces the lesson: the event is set when one task waits, not when all do."""
    while not event._cond._waiters:  # it has no public way to ask
        time.sleep(0)


threads = [threading.Thread(target=task, args=(number,)) for number in (1, 2, 3)]
for thread in threads:
    thread.start()
until_one_waits()
say("main sets the event")
event.set()
for thread in threads:
    thread.join()
say(f"all have run, and it is still set: {str(event.is_set()).lower()}")
