"""A GAN of dense layers, 784 pixels, batch 64: an iteration is five updates of D and one of G."""

import torch
from torch import nn

from rounds import serve

BATCH, LATENT, CRITIC = 64, 100, 5


def dense(widths, last):
    layers = []
    for i, (a, b) in enumerate(zip(widths, widths[1:])):
        layers += [nn.Linear(a, b), nn.ReLU(inplace=True) if i < len(widths) - 2 else last]
    return nn.Sequential(*layers)


generator = dense([LATENT, 256, 512, 1024, 784], nn.Tanh())
discriminator = dense([784, 1024, 512, 256, 1], nn.Identity())
# On a processor the loop over tensors is faster than foreach.
adam = lambda net: torch.optim.Adam(net.parameters(), 2e-4, (0.5, 0.999), foreach=False)
moves_g, moves_d = adam(generator), adam(discriminator)
entropy = nn.BCEWithLogitsLoss()
pictures = torch.rand(4096, 784) * 2 - 1
real, both = torch.ones(BATCH, 1), torch.cat([torch.ones(BATCH, 1), torch.zeros(BATCH, 1)])
taken = 0


def batch():
    global taken
    at = taken % (len(pictures) // BATCH) * BATCH
    taken += 1
    return pictures[at : at + BATCH]


def iteration():
    for _ in range(CRITIC):
        with torch.no_grad():
            fakes = generator(torch.randn(BATCH, LATENT))
        moves_d.zero_grad(set_to_none=True)
        loss_d = entropy(discriminator(torch.cat([batch(), fakes])), both)
        loss_d.backward()
        moves_d.step()
    for p in discriminator.parameters():
        p.requires_grad_(False)
    moves_g.zero_grad(set_to_none=True)
    loss_g = entropy(discriminator(generator(torch.randn(BATCH, LATENT))), real)
    loss_g.backward()
    moves_g.step()
    for p in discriminator.parameters():
        p.requires_grad_(True)
    return loss_d.item(), loss_g.item()


serve(iteration)
