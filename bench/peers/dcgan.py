"""A DCGAN of 64×64 pictures in colour, batch 32: a step is an update of D and one of G on the same fakes."""

import torch
from torch import nn

from rounds import serve

BATCH, LATENT = 32, 100


def up(a, b, stride, padding):
    return [nn.ConvTranspose2d(a, b, 4, stride, padding, bias=False), nn.BatchNorm2d(b), nn.ReLU(True)]


def down(a, b):
    return [nn.Conv2d(a, b, 4, 2, 1, bias=False), nn.BatchNorm2d(b), nn.LeakyReLU(0.2, True)]


layout = torch.channels_last  # the faster one
generator = nn.Sequential(
    *up(LATENT, 512, 1, 0), *up(512, 256, 2, 1), *up(256, 128, 2, 1), *up(128, 64, 2, 1),
    nn.ConvTranspose2d(64, 3, 4, 2, 1, bias=False), nn.Tanh(),
).to(memory_format=layout)
discriminator = nn.Sequential(
    nn.Conv2d(3, 64, 4, 2, 1, bias=False), nn.LeakyReLU(0.2, True),
    *down(64, 128), *down(128, 256), *down(256, 512),
    nn.Conv2d(512, 1, 4, 1, 0, bias=False),
).to(memory_format=layout)
adam = lambda net: torch.optim.Adam(net.parameters(), 2e-4, (0.5, 0.999))
moves_g, moves_d = adam(generator), adam(discriminator)
entropy = nn.BCEWithLogitsLoss()
pictures = (torch.rand(BATCH, 3, 64, 64) * 2 - 1).contiguous(memory_format=layout)
ones, zeros = torch.ones(BATCH), torch.zeros(BATCH)


def judge(x):
    return discriminator(x).view(-1)


def step():
    moves_d.zero_grad(set_to_none=True)
    fakes = generator(torch.randn(BATCH, LATENT, 1, 1))
    loss_d = entropy(judge(pictures), ones) + entropy(judge(fakes.detach()), zeros)
    loss_d.backward()
    moves_d.step()
    for p in discriminator.parameters():
        p.requires_grad_(False)
    moves_g.zero_grad(set_to_none=True)
    loss_g = entropy(judge(fakes), ones)
    loss_g.backward()
    moves_g.step()
    for p in discriminator.parameters():
        p.requires_grad_(True)
    return loss_d.item(), loss_g.item()


serve(step)
