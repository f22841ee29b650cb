"""The Python rows of benches/thread_pool.rs."""

from concurrent.futures import ThreadPoolExecutor
from multiprocessing.pool import ThreadPool

ran = []


def job(number):
    ran.append(number)


def executor(jobs):
    with ThreadPoolExecutor(2) as pool:
        yield
        for number in range(jobs):
            pool.submit(job, number)
        pool.shutdown(wait=True)
        yield
    yield len(ran)


def pool(jobs):
    with ThreadPool(2) as pool:
        yield
        results = [pool.apply_async(job, (number,)) for number in range(jobs)]
        for result in results:
            result.wait()
        yield
    yield len(ran)
