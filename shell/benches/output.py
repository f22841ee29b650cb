"""The Python rows of benches/output.rs."""

import subprocess


def run_true(runs):
    yield
    ran = [subprocess.run(["true"], capture_output=True) for _ in range(runs)]
    yield
    yield sum(it.returncode == 0 for it in ran)


def capture(captures):
    printed = 0
    yield
    for _ in range(captures):
        ran = subprocess.run(["sh", "-c", FLOOD], capture_output=True)
        printed += len(ran.stdout) + len(ran.stderr)
    yield
    yield printed
