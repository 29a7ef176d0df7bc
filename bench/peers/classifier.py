"""The network by which pictures are scored, trained by turns.

    classifier.py FILE

The file holds the numbers of training pictures, test pictures and classes and the side as
32-bit integers, then all pictures of 3 bytes a pixel, then a label each of a byte. Each line of
standard input is a turn: the share of the whole training that is done at its end, by which the
learning rate falls along a cosine, and the seconds of processor time used by then. The answer is the
number of steps. At the end of the input, the share of test pictures that are classified rightly.
"""

import math
import os
import sys
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
torch.set_flush_denormal(True)
torch.manual_seed(1)
BATCH, RATE, SMOOTHING, WIDTH, FEATURES = 64, 2e-3, 0.05, 16, 128

raw = np.fromfile(sys.argv[1], np.uint8)
train, test, classes, side = (int(n) for n in raw[:16].view(np.int32))
end = 16 + (train + test) * side * side * 3
pictures = torch.from_numpy(raw[16:end].reshape(-1, side, side, 3)).permute(0, 3, 1, 2).float() / 127.5 - 1
labels = torch.from_numpy(raw[end:]).long()


def conv(inputs, outputs, size, stride):
    layer = nn.Conv2d(inputs, outputs, size, stride, size // 2, bias=False)
    nn.init.normal_(layer.weight, 0, math.sqrt((2 if size == 3 else 1) / (inputs * size * size)))
    return nn.Sequential(layer, nn.BatchNorm2d(outputs))


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.first, self.second = conv(inputs, outputs, 3, stride), conv(outputs, outputs, 3, 1)
        same = stride == 1 and inputs == outputs
        self.short = nn.Identity() if same else conv(inputs, outputs, 1, stride)

    def forward(self, x):
        return F.relu(self.second(F.relu(self.first(x))) + self.short(x))


class Mean(nn.Module):
    def forward(self, x):
        return x.mean((2, 3))


model = nn.Sequential(
    conv(3, WIDTH, 3, 1), nn.ReLU(),
    Block(WIDTH, WIDTH, 1), Block(WIDTH, 2 * WIDTH, 2), Block(2 * WIDTH, 4 * WIDTH, 2),
    Mean(), nn.Linear(4 * WIDTH, FEATURES), nn.ReLU(), nn.Linear(FEATURES, classes),
)
moves = torch.optim.Adam(model.parameters(), RATE, (0.9, 0.999), foreach=True)


def augmented(x):
    """Shifts by up to a tenth, zooms by up to a tenth, and flips half of the pictures."""
    n = len(x)
    zoom = torch.empty(n).uniform_(0.9, 1.1)
    flip = torch.where(torch.rand(n) < 0.5, -1.0, 1.0)
    shift = torch.empty(n, 2).uniform_(-0.2, 0.2)
    map = torch.zeros(n, 2, 3)
    map[:, 0, 0], map[:, 1, 1], map[:, :, 2] = zoom * flip, zoom, shift
    return F.grid_sample(x, F.affine_grid(map, x.shape, align_corners=False), padding_mode="border", align_corners=False)


def used():
    return time.process_time()


begin, steps, order = used(), 0, torch.empty(0, dtype=torch.long)
done = since = 0.0
for line in sys.stdin:
    share, seconds = (float(word) for word in line.split())
    while (now := used() - begin) < seconds:
        at = done + (share - done) * max(0, now - since) / (seconds - since)
        for group in moves.param_groups:
            group["lr"] = RATE * 0.5 * (1 + math.cos(math.pi * at))
        if len(order) < BATCH:
            order = torch.randperm(train)
        take, order = order[:BATCH], order[BATCH:]
        loss = F.cross_entropy(model(augmented(pictures[take])), labels[take], label_smoothing=SMOOTHING)
        moves.zero_grad(set_to_none=True)
        loss.backward()
        moves.step()
        steps += 1
    done, since = share, seconds
    print(steps, flush=True)
model.eval()
with torch.no_grad():
    right = sum((model(pictures[i : i + 256]).argmax(1) == labels[i : i + 256]).sum().item() for i in range(train, train + test, 256))
print(right / test)
