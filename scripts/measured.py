"""Runs a program and tells what its whole process took.

    python3 -I -S scripts/measured.py PROGRAM ARGUMENT...

Prints JSON: exit status, CPU and elapsed seconds, peak memory in bytes, the last line on standard
error. What the program prints on standard output is thrown away.

Linux counts the memory of a process from before its program is loaded, when it still is its
parent's, so programs are started by this small one: peaks below some 10 MB are its own.
"""

import json
import os
import sys
import tempfile
import time


def measure(arguments):
    """What a program took that runs in a child of this process."""
    with tempfile.TemporaryFile() as messages:
        actions = [
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
            (os.POSIX_SPAWN_DUP2, messages.fileno(), 2),
        ]
        start = time.perf_counter()
        child = os.posix_spawnp(arguments[0], arguments, os.environ, file_actions=actions)
        _, status, usage = os.wait4(child, 0)
        elapsed = time.perf_counter() - start
        messages.seek(0)
        lines = messages.read().decode(errors="replace").strip().splitlines()
    return {
        "status": os.waitstatus_to_exitcode(status),
        "cpu": usage.ru_utime + usage.ru_stime,
        "elapsed": elapsed,
        "peak": usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
        "message": lines[-1] if lines else "",
    }


def run(arguments):
    """What a program took; raises OSError where it cannot be started."""
    import subprocess  # not for the small process

    command = [sys.executable, "-I", "-S", __file__, *map(str, arguments)]
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode:
        raise OSError((result.stderr.strip().splitlines() or [f"no {arguments[0]}"])[-1])
    return json.loads(result.stdout)


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1:])))
