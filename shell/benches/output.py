"""The Python rows of benches/output.rs."""

import subprocess
import sys


def run_true(runs):
    return sum(subprocess.run(["true"], capture_output=True).returncode == 0 for _ in range(runs))


def capture(captures):
    printed = 0
    for _ in range(captures):
        ran = subprocess.run(["sh", "-c", FLOOD], capture_output=True)
        printed += len(ran.stdout) + len(ran.stderr)
    return printed
