"""Closed-form matting (Levin et al. 2008) with the settings that pymatting publishes:
epsilon 1e-7, windows of radius 1, known pixels weighted by lambda = 100, solved to 1e-7.

    closedform.py PICTURE TRIMAP ALPHA
"""
import sys

import cv2
import numpy as np
import scipy.sparse as sparse
import scipy.sparse.linalg as linalg

picture, trimap, out = sys.argv[1:]
img = cv2.imread(picture)[:, :, ::-1].astype(np.float64) / 255
tri = cv2.imread(trimap, 0)
h, w = tri.shape
index = np.arange(h * w).reshape(h, w)
rows = np.stack([index[dy:h - 2 + dy, dx:w - 2 + dx].ravel() for dy in range(3) for dx in range(3)], 1)
win = img.reshape(-1, 3)[rows]  # [windows, 9, 3]
mean = win.mean(1, keepdims=True)
off = win - mean
cov = np.einsum("nki,nkj->nij", off, off) / 9 + np.eye(3) * 1e-7 / 9
inv = np.linalg.inv(cov)
values = (1 + np.einsum("nki,nij,nlj->nkl", off, inv, off)) / 9
values = np.eye(9) - values
i = np.repeat(rows, 9, 1).ravel()
j = np.tile(rows, (1, 9)).ravel()
lap = sparse.csr_matrix((values.ravel(), (i, j)), shape=(h * w, h * w))
known = ((tri == 0) | (tri == 255)).ravel()
matrix = lap + 100 * sparse.diags(known.astype(np.float64))
alpha = linalg.spsolve(matrix.tocsc(), 100.0 * (tri == 255).ravel())
cv2.imwrite(out, np.clip(alpha.reshape(h, w) * 255 + 0.5, 0, 255).astype(np.uint8))
