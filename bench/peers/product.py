"""A product of matrices, m × k by k × n: products a second."""

import sys

import torch

from rounds import serve

m, k, n = map(int, sys.argv[1:])
a, b, c = torch.randn(m, k), torch.randn(k, n), torch.empty(m, n)

serve(lambda: torch.mm(a, b, out=c))
