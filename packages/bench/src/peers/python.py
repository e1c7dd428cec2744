"""Python's own pools, measured by Python's own clock.

One line of JSON in is one measurement: {"pool", "how", "task", "inputs", "workers"}; one line out is its answer in seconds.
"""
import json
import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import Pool


def add(pair):
    return pair[0] + pair[1]


def increment(n):
    return n + 1


TASKS = {"add": add, "increment": increment}
MAKERS = {"Pool": Pool, "ProcessPoolExecutor": ProcessPoolExecutor, "ThreadPoolExecutor": ThreadPoolExecutor}


def inputs_of(task, count):
    return [(n, n) for n in range(count)] if task == "add" else range(count)


def run(pool, how, task, inputs):
    if how == "apply":
        for value in inputs:
            pool.apply(task, (value,))
    elif how == "apply_async":
        for result in [pool.apply_async(task, (value,)) for value in inputs]:
            result.get()
    elif how == "imap_unordered":
        for _ in pool.imap_unordered(task, inputs):
            pass
    elif how == "map":
        pool.map(task, inputs)
    elif how == "submit":
        for future in [pool.submit(task, value) for value in inputs]:
            future.result()
    elif how == "submit, one by one":
        for value in inputs:
            pool.submit(task, value).result()


def main():
    pools = {}
    for line in sys.stdin:
        request = json.loads(line)
        key = request["pool"], request["workers"]
        if key not in pools:
            pools[key] = MAKERS[request["pool"]](request["workers"])
        task = TASKS[request["task"]]
        inputs = inputs_of(request["task"], request["inputs"])
        start = time.perf_counter()
        run(pools[key], request["how"], task, inputs)
        print(json.dumps(time.perf_counter() - start), flush=True)
    for (name, _), pool in pools.items():
        pool.terminate() if name == "Pool" else pool.shutdown()


if __name__ == "__main__":
    main()
