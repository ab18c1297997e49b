"""The compiled part of the explanation: tables of cases, and the pass of people through them.

For a leaf of value v whose path has the predictors 1..d, of which predictor j goes the leaf's way (o_j = 1) or not (0), and of whose
training rows a share z_j went that way, the path-dependent contribution (Lundberg and others 2020, "From local explanations to
global understanding with explainable AI for trees") is v (o_j - z_j) times the integral over t from 0 to 1 of the product over the
other predictors i of t o_i + (1 - t) z_i: a polynomial in t of degree d - 1, which Gauss and Legendre's rule of (d + 1) / 2 points gives
exactly. No arithmetic here may be re-ordered by the compiler: contributions add up to the raw score.
"""

from __future__ import annotations

import numpy as np

from features.engine.compiling import compiled


@compiled
def encode(X, column, missing, starts, cuts, codes, line):  # type: ignore[no-untyped-def]
    """Codes (columns, n) of rows (n, p), as :class:`models.explain.columns.Columns` says. ``line`` (n,) float32 is room to work in."""
    n = X.shape[0]
    for c in range(column.shape[0]):
        for r in range(n):
            line[r] = X[r, column[c]]
        found = codes[c]
        if missing[c] == 0:
            for r in range(n):
                if np.isnan(line[r]):
                    line[r] = 0.0
        for r in range(n):
            found[r] = 1
        for k in range(starts[c], starts[c + 1]):
            cut = cuts[k]
            for r in range(n):
                found[r] += np.uint16(line[r] > cut)
        if missing[c] == 2:
            for r in range(n):
                if np.isnan(line[r]):
                    found[r] = 0
        elif missing[c] == 1:
            for r in range(n):
                if np.isnan(line[r]) or abs(line[r]) <= np.float32(1e-35):
                    found[r] = 0


@compiled
def cases(codes, bits, first, last, case):  # type: ignore[no-untyped-def]
    """The case (n,) of each row in a group: bit b is whether condition ``first + b`` of ``bits`` (column, low, width, missing) holds."""
    n = case.shape[0]
    for r in range(n):
        case[r] = 0
    for b in range(first, last):
        code = codes[bits[b, 0]]
        low, width, missing = np.uint16(bits[b, 1]), np.uint16(bits[b, 2]), np.uint16(bits[b, 3])
        bit = np.uint32(1 << (b - first))
        for r in range(n):
            inside = np.uint16(code[r] - low) <= width
            absent = code[r] < missing
            case[r] |= bit if inside | absent else np.uint32(0)


@compiled
def add(codes, bits, starts, columns, of, offsets, tables, case, out):  # type: ignore[no-untyped-def]
    """Add to ``out`` (p, n) what the groups with tables add. Of group g: its conditions ``starts[g]`` to ``starts[g + 1]``; its
    predictors ``of[columns[g]:columns[g + 1]]``, a stretch of ``tables`` from ``offsets[g]`` for each."""
    n = case.shape[0]
    for g in range(offsets.shape[0]):
        cases(codes, bits, starts[g], starts[g + 1], case)
        size = 1 << (starts[g + 1] - starts[g])
        for j in range(columns[g + 1] - columns[g]):
            start = offsets[g] + j * size
            table = tables[start : start + size]
            row = out[of[columns[g] + j]]
            for r in range(n):
                row[r] += table[case[r]]


@compiled
def add_deep(codes, bits, starts, columns, of, care, want, cover, value, points, weights, case, room, out):  # type: ignore[no-untyped-def]
    """Add to ``out`` (p, n) what leaves without a table add, one at a time. ``room`` (points, n) is room to work in."""
    n = case.shape[0]
    for g in range(value.shape[0]):
        cases(codes, bits, starts[g], starts[g + 1], case)
        first, last = columns[g], columns[g + 1]
        many = (last - first + 1) // 2
        for q in range(many):
            t, product = points[many, q], room[q]
            product[:] = weights[many, q] * value[g]
            for j in range(first, last):
                short = (1 - t) * cover[j]
                for r in range(n):
                    product[r] *= t + short if case[r] & care[j] == want[j] else short
        for j in range(first, last):
            row = out[of[j]]
            for q in range(many):
                short = (1 - points[many, q]) * cover[j]
                held = (1 - cover[j]) / (points[many, q] + short)
                not_held = -cover[j] / short
                product = room[q]
                for r in range(n):
                    row[r] += product[r] * (held if case[r] & care[j] == want[j] else not_held)


@compiled
def leaf_cases(value, cover, points, weights):  # type: ignore[no-untyped-def]
    """What a leaf adds to each of its d predictors (2^d, d), by which of them go its way."""
    d = cover.shape[0]
    many = (d + 1) // 2
    out = np.zeros((1 << d, d))
    before, factor = np.empty(d + 1), np.empty(d)
    for case in range(1 << d):
        for q in range(many):
            t = points[many, q]
            before[0] = weights[many, q] * value
            for j in range(d):
                factor[j] = t * (case >> j & 1) + (1 - t) * cover[j]
                before[j + 1] = before[j] * factor[j]
            after = 1.0
            for j in range(d - 1, -1, -1):
                out[case, j] += ((case >> j & 1) - cover[j]) * before[j] * after
                after *= factor[j]
    return out


@compiled
def fill(starts, columns, offsets, leaves, shares, place, care, want, cover, value, points, weights, tables):  # type: ignore[no-untyped-def]
    """Fill the tables. Of group g: leaves ``leaves[g]`` to ``leaves[g + 1]``; of leaf l: predictors ``shares[l]`` to ``shares[l + 1]``,
    of which each has its ``place`` among the group's."""
    for g in range(offsets.shape[0]):
        size = 1 << (starts[g + 1] - starts[g])
        for leaf in range(leaves[g], leaves[g + 1]):
            first, last = shares[leaf], shares[leaf + 1]
            added = leaf_cases(value[leaf], cover[first:last], points, weights)
            for case in range(size):
                own = 0
                for j in range(first, last):
                    if case & care[j] == want[j]:
                        own |= 1 << (j - first)
                for j in range(first, last):
                    tables[offsets[g] + place[j] * size + case] += added[own, j - first]
