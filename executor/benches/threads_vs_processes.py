"""The Python rows of benches/threads_vs_processes.rs."""

from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def some_fib(times):
    return sum(fib(20) for _ in range(times))


def two_jobs(kind, pairs):
    yield
    with kind(2) as executor:
        total = sum(executor.map(some_fib, [pairs, pairs]))
    yield
    yield total


def threads(pairs):
    yield from two_jobs(ThreadPoolExecutor, pairs)


def processes(pairs):
    yield from two_jobs(ProcessPoolExecutor, pairs)
