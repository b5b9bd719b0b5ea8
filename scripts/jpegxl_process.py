"""JPEG XL of imagecodecs in memory, as a program: what `compare_speed.py` measures it by.

    python3 scripts/jpegxl_process.py encode SAMPLES.npy FILE.jxl [EFFORT] [DISTANCE] [THREADS]
    python3 scripts/jpegxl_process.py decode FILE.jxl SAMPLES.npy [THREADS]

Prints JSON: CPU and elapsed seconds of the call alone, and the memory that it added to what was
held, with the samples or the file themselves. An effort of 0 is the library's own; no distance, 0,
is lossless.
"""

import json
import sys
import time
from pathlib import Path

import imagecodecs
import numpy as np


def held(field):
    """Bytes that this process holds (VmRSS) or has held at most (VmHWM); None without /proc."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return None
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(field))


def encode(samples, effort, distance, threads):
    image = samples[..., 0] if samples.shape[2] == 1 else samples
    options = {"distance": distance, "lossless": False} if distance else {"lossless": True}
    if effort:
        options["effort"] = effort
    return imagecodecs.jpegxl_encode(image, numthreads=threads, **options)


def measured(call, size):
    """What a call returns, and what it took; `size` are the bytes of its input."""
    before = held("VmRSS")
    if before is not None:
        Path("/proc/self/clear_refs").write_text("5")  # the peak starts again
    cpu, start = time.process_time(), time.perf_counter()
    result = call()
    elapsed, cpu = time.perf_counter() - start, time.process_time() - cpu
    peak = None if before is None else held("VmHWM") - before + size
    return result, {"cpu": cpu, "elapsed": elapsed, "peak": peak}


def main(action, source, target, *numbers):
    if action == "encode":
        samples = np.ascontiguousarray(np.load(source))
        effort, distance, threads = int(numbers[0]), float(numbers[1]), int(numbers[2])
        data, cost = measured(lambda: encode(samples, effort, distance, threads), samples.nbytes)
        Path(target).write_bytes(data)
    else:
        data = Path(source).read_bytes()
        decode = lambda: imagecodecs.jpegxl_decode(data, numthreads=int(numbers[0]))  # noqa: E731
        samples, cost = measured(decode, len(data))
        np.save(target, samples[..., None] if samples.ndim == 2 else samples)
    print(json.dumps(cost))


if __name__ == "__main__":
    main(*sys.argv[1:])
