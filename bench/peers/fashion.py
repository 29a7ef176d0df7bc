"""Pictures of clothes by a small DCGAN on Fashion-MNIST, trained for a time, as 2,000 PNG files.

python3 fashion.py FOLDER SECONDS OUT reads train-images-idx3-ubyte.gz in FOLDER.
Non-saturating loss, R1 (gamma 0.1) in every 8th step, Adam at 2e-3 (0.5, 0.99), batch
64, G's weights averaged at 0.999: the best for this machine of what was tried.
"""

import copy
import gzip
import os
import sys
import time

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.nn import functional as F

LATENT, WIDTH, BATCH, PICTURES = 64, 16, 64, 2000


def pictures(folder):
    with gzip.open(os.path.join(folder, "train-images-idx3-ubyte.gz")) as f:
        x = np.frombuffer(f.read(), np.uint8, offset=16)
    return torch.tensor(x.reshape(-1, 1, 28, 28).copy()).float() / 127.5 - 1


def generator(w=WIDTH):
    return nn.Sequential(
        nn.Linear(LATENT, w * 4 * 49), nn.BatchNorm1d(w * 4 * 49), nn.ReLU(), nn.Unflatten(1, (w * 4, 7, 7)),
        nn.ConvTranspose2d(w * 4, w * 2, 4, 2, 1), nn.BatchNorm2d(w * 2), nn.ReLU(),
        nn.ConvTranspose2d(w * 2, w, 4, 2, 1), nn.BatchNorm2d(w), nn.ReLU(),
        nn.Conv2d(w, 1, 3, 1, 1), nn.Tanh())


def discriminator(w=WIDTH):
    return nn.Sequential(
        nn.Conv2d(1, w, 4, 2, 1), nn.LeakyReLU(0.2), nn.Conv2d(w, w * 2, 4, 2, 1), nn.LeakyReLU(0.2),
        nn.Conv2d(w * 2, w * 4, 3, 1, 1), nn.LeakyReLU(0.2), nn.Flatten(), nn.Linear(w * 4 * 49, 1))


def train(real, seconds):
    g, d = generator(), discriminator()
    average = copy.deepcopy(g)
    of_g, of_d = (torch.optim.Adam(m.parameters(), 2e-3, (0.5, 0.99)) for m in (g, d))
    begin, step = time.time(), 0
    while time.time() - begin < seconds:
        x = real[torch.randint(0, len(real), (BATCH,))]
        with torch.no_grad():
            fake = g(torch.randn(BATCH, LATENT))
        penalty = 0
        x.requires_grad_(step % 8 == 0)
        of_real = d(x)
        if step % 8 == 0:
            slope = torch.autograd.grad(of_real.sum(), x, create_graph=True)[0]
            penalty = slope.pow(2).sum((1, 2, 3)).mean() * 0.5 * 0.1 * 8
        of_d.zero_grad()
        (F.softplus(-of_real).mean() + F.softplus(d(fake)).mean() + penalty).backward()
        of_d.step()
        of_g.zero_grad()
        F.softplus(-d(g(torch.randn(BATCH, LATENT)))).mean().backward()
        of_g.step()
        with torch.no_grad():
            keep = min(0.999, (1 + step) / (10 + step))
            for a, p in zip(average.parameters(), g.parameters()):
                a.lerp_(p, 1 - keep)
            for a, b in zip(average.buffers(), g.buffers()):
                a.copy_(b)
        step += 1
    print(f"{step} steps in {seconds:.0f} s, {step / seconds:.1f} steps/s")
    return average.eval()


def main(folder, seconds, out):
    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    torch.manual_seed(0)
    g = train(pictures(folder), float(seconds))
    with torch.no_grad():
        drawn = ((g(torch.randn(PICTURES, LATENT)) + 1) * 127.5).clamp(0, 255).byte().numpy()[:, 0]
    os.makedirs(out, exist_ok=True)
    for i, picture in enumerate(drawn):
        Image.fromarray(picture).save(f"{out}/{i:04d}.png")


main(*sys.argv[1:])
