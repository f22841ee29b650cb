"""The Python rows of benches/no_gil.rs."""

import threading


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def in_turn(pairs):
    yield
    both = sum(fib(20) + fib(20) for _ in range(pairs))
    yield
    yield both


def on_two_threads(pairs):
    sums = []
    yield
    threads = [
        threading.Thread(target=lambda: sums.append(sum(fib(20) for _ in range(pairs))))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    yield
    yield sum(sums)
