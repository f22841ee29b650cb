"""Execute a shell command: run a program, and get what it printed, how it ended and what it cost."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from subprocess import PIPE


def say(line):
    try:
        sys.stdout.write(line + "\n")  # one write, so that the line stays whole
        sys.stdout.flush()
    except OSError:  # nobody reads any more; the programs that we ran have ended
        os._exit(1)


def main():
    hello = run("say hello")
    say(f"stdout: {json.dumps(hello.stdout.decode())}")
    say(f"stderr: {json.dumps(hello.stderr.decode())}")
    say(f"ended: {ending(hello.returncode)}")

    flood = run("fill both pipes")
    out, err = len(flood.stdout), len(flood.stderr)
    say(f"more than a pipe holds: {out} bytes on stdout, {err} bytes on stderr")

    say(f"gave up: {ending(run('give up').returncode)}")
    say(f"was killed: {ending(run('be killed').returncode)}")

    start = time.perf_counter()
    # The times of all children reaped so far: only the difference belongs to this one.
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run("compute")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    real = (time.perf_counter() - start) * 1000
    user = (after.ru_utime - before.ru_utime) * 1000
    system = (after.ru_stime - before.ru_stime) * 1000
    say(f"computed: {real:.1f}ms real, {user:.1f}ms user, {system:.1f}ms system (python)")

    # Waits for any child: the error "no such child" says that all have been reaped.
    try:
        os.waitpid(-1, 0)
        say("a child is left")
    except ChildProcessError:
        say("no child is left")


def run(role):
    return subprocess.run([sys.executable, __file__, role], stdout=PIPE, stderr=PIPE)


def ending(code):
    """The two kinds of end come as one number: the signals are the negative ones."""
    if code >= 0:
        return f"exit status: {code}"
    return f"signal: {-code} ({signal.Signals(-code).name})"


def program(role):
    """What the programs that `main` runs do."""
    if role == "say hello":
        sys.stdout.write("hello rust\n")
        sys.stderr.write("two words said\n")
    elif role == "fill both pipes":
        # By turns: a caller that reads only one of the pipes soon waits for us, and we for it.
        for _ in range(64):
            os.write(1, b"." * 16384)
            os.write(2, b"!" * 16384)
    elif role == "give up":
        sys.exit(3)
    elif role == "be killed":
        os.kill(os.getpid(), signal.SIGKILL)
    else:
        # Until the system says that 50 ms of user time are spent, however fast the machine is.
        while resource.getrusage(resource.RUSAGE_SELF).ru_utime < 0.05:
            sum(range(10000))


if len(sys.argv) > 1:
    program(sys.argv[1])
else:
    main()
