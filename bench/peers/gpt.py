"""A GPT of 4 layers, 4 heads and width 128 over 256 tokens: steps of training with
batches of 16 texts of 128 tokens, or, asked for "sampling N", tokens of N texts at
once drawn one by one with a cache of keys and values."""

import math
import sys

import torch
from torch import nn
from torch.nn import functional as F

from rounds import serve

LAYERS, HEADS, WIDTH, CONTEXT, BATCH, VOCABULARY = 4, 4, 128, 128, 16, 256
mask = torch.full((CONTEXT, CONTEXT), float("-inf")).triu(1)


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm_1, self.norm_2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH, bias=False)
        self.out = nn.Linear(WIDTH, WIDTH, bias=False)
        self.up = nn.Linear(WIDTH, 4 * WIDTH, bias=False)
        self.down = nn.Linear(4 * WIDTH, WIDTH, bias=False)

    def forward(self, x, cache=None):
        batch, time, _ = x.shape
        q, k, v = (
            part.view(batch, time, HEADS, WIDTH // HEADS).transpose(1, 2)
            for part in self.qkv(self.norm_1(x)).split(WIDTH, 2)
        )
        if cache is not None:
            at = cache[2]
            cache[0][:, :, at : at + time], cache[1][:, :, at : at + time], cache[2] = k, v, at + time
            k, v = cache[0][:, :, : at + time], cache[1][:, :, : at + time]
        weights = (q @ k.transpose(-2, -1)) * (1 / math.sqrt(WIDTH // HEADS))
        if cache is None:
            weights = weights + mask
        x = x + self.out((F.softmax(weights, -1) @ v).transpose(1, 2).reshape(batch, time, WIDTH))
        return x + self.down(F.gelu(self.up(self.norm_2(x))))


class GPT(nn.Module):
    def __init__(self):
        super().__init__()
        self.tokens, self.positions = nn.Embedding(VOCABULARY, WIDTH), nn.Embedding(CONTEXT, WIDTH)
        self.layers = nn.ModuleList([Layer() for _ in range(LAYERS)])
        self.norm, self.head = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, VOCABULARY, bias=False)
        self.head.weight = self.tokens.weight
        for p in self.parameters():
            if p.dim() > 1:
                nn.init.normal_(p, 0, 0.02)

    def forward(self, tokens, caches=None, at=0):
        x = self.tokens(tokens) + self.positions.weight[at : at + tokens.shape[1]]
        for i, layer in enumerate(self.layers):
            x = layer(x, None if caches is None else caches[i])
        return self.head(self.norm(x))


model = GPT()
moves = torch.optim.AdamW(model.parameters(), 1e-3, (0.9, 0.99), weight_decay=0.1, foreach=True)
text = torch.randint(0, VOCABULARY, (100_000,))


def step():
    starts = torch.randint(0, len(text) - CONTEXT - 1, (BATCH,))
    read = torch.stack([text[i : i + CONTEXT] for i in starts])
    follows = torch.stack([text[i + 1 : i + CONTEXT + 1] for i in starts])
    loss = F.cross_entropy(model(read).view(-1, VOCABULARY), follows.view(-1))
    moves.zero_grad(set_to_none=True)
    loss.backward()
    moves.step()
    return loss.item()


@torch.inference_mode()
def draw(texts):
    """Draws texts of a whole context."""
    room = lambda: torch.empty(texts, HEADS, CONTEXT, WIDTH // HEADS)
    caches = [[room(), room(), 0] for _ in range(LAYERS)]
    token = torch.zeros(texts, 1, dtype=torch.long)
    for at in range(CONTEXT - 1):
        logits = model(token, caches, at)[:, -1]
        token = torch.multinomial(F.softmax(logits, -1), 1)


if sys.argv[1:2] == ["sampling"]:
    model.eval()
    texts = int(sys.argv[2])
    serve(lambda: draw(texts), texts * (CONTEXT - 1))
else:
    serve(step)
