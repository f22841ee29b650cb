"""The Python rows of benches/map_performance.rs."""

from multiprocessing.pool import ThreadPool


def square(x):
    return x * x


def plain(maps):
    yield
    for _ in range(maps):
        squares = list(map(square, range(999_999)))
    yield
    yield sum(squares)


def pool(maps):
    with ThreadPool(10) as pool:
        yield
        for _ in range(maps):
            squares = pool.map(square, range(999_999))
        yield
    yield sum(squares)
