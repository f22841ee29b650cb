"""Create a thread: from a function, from an object, and with a local of the parent's."""

import sys
import threading


def say(line):
    sys.stdout.write(line + "\n")  # one write, so that the line stays whole


def run(threads):
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


# A function. A thread has no result: it must be left somewhere.
squares = {}


def work(number):
    say(f"I am worker {number}")
    squares[number] = number * number


run([threading.Thread(target=work, args=(number,)) for number in (1, 2)])
say(f"squares: {squares[1]} and {squares[2]}")


# An object: a class whose `run` is what the thread does.
class Worker(threading.Thread):
    def __init__(self, number):
        super().__init__(name=f"worker-{number}")
        self.number = number

    def run(self):
        name = threading.current_thread().name
        say(f"I am worker {self.number} in a thread called {name}")


run([Worker(1), Worker(2)])
say("both are back")


# A local of the parent's. Nothing checks that it outlives the threads, or who writes it.
def scope():
    word, letters = "hello", [0, 0]

    def borrow(number):
        say(f"I am worker {number} and borrow: {word}")
        letters[number - 1] = len(word)

    run([threading.Thread(target=borrow, args=(number,)) for number in (1, 2)])
    say(f"letters: {letters[0]} and {letters[1]}, and {word} is still ours")


scope()
