"""Rounds of work on demand: what the programs beside it share.

The program that asks writes a line with a number of seconds and reads a line with
how many units of work were done a second, by the clock and by processor time.
Between rounds nothing runs.
"""

import os
import sys
import time

import torch

torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
torch.set_flush_denormal(True)
torch.manual_seed(0)


LEAD = 0.1  # part of a round's length that goes before it, as bench/engine_rounds.go has it


def repeat(step, seconds):
    """Does steps for so long, one at least, and returns how many it did a second, by
    the clock and by processor time."""
    steps, begin, used = 0, time.perf_counter(), time.process_time()
    while True:
        step()
        steps += 1
        took = time.perf_counter() - begin
        if took >= seconds:
            return steps / took, steps / max(time.process_time() - used, 1e-9)


def serve(step, units=1):
    """Does rounds of step, which does so many units of work, until the input ends."""
    for _ in range(3):
        step()
    print("ready", flush=True)
    for line in sys.stdin:
        repeat(step, LEAD * float(line))
        print(*(rate * units for rate in repeat(step, float(line))), flush=True)
