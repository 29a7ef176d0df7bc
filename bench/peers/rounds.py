"""Rounds of work on demand: what the programs beside it share.

The program that asks writes a line with a number of seconds and reads a line with
how many units of work were done a second. Between rounds nothing runs.
"""

import os
import sys
import time

import torch

torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
torch.set_flush_denormal(True)
torch.manual_seed(0)


def serve(step, units=1):
    """Does rounds of step, which does so many units of work, until the input ends."""
    for _ in range(3):
        step()
    print("ready", flush=True)
    for line in sys.stdin:
        seconds, steps, begin = float(line), 0, time.perf_counter()
        while True:
            step()
            steps += 1
            took = time.perf_counter() - begin
            if took >= seconds:
                break
        print(steps * units / took, flush=True)
