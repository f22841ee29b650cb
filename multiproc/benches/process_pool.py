"""The Python rows of benches/process_pool.rs."""

import multiprocessing
import threading
from concurrent.futures import ProcessPoolExecutor

LARGE = 8 << 20


def square(x):
    return x * x


def squares(results):
    return sum(results) & (2**64 - 1)


def echo(data):
    return data


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


fork = multiprocessing.get_context("fork")


def ready(pool):
    list(pool.map(square, [0]))
    return pool


def start_executor(pools):
    yield
    found = 0
    for _ in range(pools):
        with ProcessPoolExecutor(4, mp_context=fork) as pool:
            found += sum(pool.map(square, range(4)))
    yield
    yield found


def start_pools(context, pools):
    yield
    found = 0
    for _ in range(pools):
        with context.Pool(4) as pool:
            found += sum(pool.map(square, range(4)))
            pool.close()
            pool.join()
    yield
    yield found


def start_fork(pools):
    return start_pools(fork, pools)


def start_spawn(pools):
    # A function that a fresh interpreter finds: `-c` gives it no file to read ours from.
    yield
    found = 0
    for _ in range(pools):
        with multiprocessing.get_context("spawn").Pool(4) as pool:
            found += sum(pool.map(int.bit_length, [1, 2, 4, 8])) + 4
            pool.close()
            pool.join()
    yield
    yield found


def executor_one_by_one(thousands):
    with ready(ProcessPoolExecutor(2, mp_context=fork)) as pool:
        yield
        found = squares(pool.map(square, range(1000 * thousands)))
        yield
    yield found


def pool_one_by_one(thousands):
    with ready(fork.Pool(2)) as pool:
        yield
        found = squares(pool.imap_unordered(square, range(1000 * thousands)))
        yield
    yield found


def pool_map(maps):
    with ready(fork.Pool(2)) as pool:
        yield
        found = squares(sum(pool.map(square, range(100_000))) for _ in range(maps))
        yield
    yield found


def echo_through(pool, trips):
    with pool:
        (data,) = pool.map(echo, [bytes(LARGE)])
        yield
        found = 0
        for _ in range(trips):
            (data,) = pool.map(echo, [data])
            found += len(data)
        yield
    yield found


def executor_echo(trips):
    return echo_through(ProcessPoolExecutor(1, mp_context=fork), trips)


def pool_echo(trips):
    return echo_through(fork.Pool(1), trips)


def in_turn(fives):
    yield
    found = sum(fib(20) for _ in range(5 * fives))
    yield
    yield found


def five_threads(fives):
    found = []
    yield
    for _ in range(fives):
        threads = [threading.Thread(target=lambda: found.append(fib(20))) for _ in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    yield
    yield sum(found)


def five_processes(fives):
    with ready(fork.Pool(5)) as pool:
        yield
        found = sum(sum(pool.map(fib, [20] * 5)) for _ in range(fives))
        yield
    yield found
