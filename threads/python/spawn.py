"""Create a thread: `start` runs a function beside its caller, and `join` waits for its end."""

import os
import sys
import threading


def say(line):
    try:
        sys.stdout.write(line + "\n")  # one write, so that the line stays whole
        sys.stdout.flush()
    except OSError:  # nobody reads any more
        os._exit(1)


def run(threads):
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


say(f"main runs in ThreadId({threading.get_ident()})")
both = threading.Barrier(2)  # forces both workers to be alive at once

# A function. What it returns is dropped, so a result must be left somewhere.
squares = {}


def work(number):
    both.wait()
    say(f"I am worker {number} in ThreadId({threading.get_ident()})")
    squares[number] = number * number


run([threading.Thread(target=work, args=(number,)) for number in (1, 2)])
say(f"squares: {squares[1]} and {squares[2]}")


# An object: a class whose `run` is what the thread does.
class Worker(threading.Thread):
    def __init__(self, number):
        super().__init__(name=f"worker-{number}")
        self.number = number

    def run(self):
        both.wait()
        name = threading.current_thread().name
        say(f"I am worker {self.number} in a thread called {name}")


run([Worker(1), Worker(2)])
say("both have ended")
