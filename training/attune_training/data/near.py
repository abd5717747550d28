"""Exact and near duplicates in bounded memory: MinHash signatures in numpy, banded, verified, one survivor a group.

Broder 1997; banding as in Leskovec, Rajaraman & Ullman, ch. 3. Signatures lie on disk as one array a shard; finding
the groups sorts one band at a time, so memory is that of one column and time is n log n.
"""

import hashlib
import re
from typing import NamedTuple
from zlib import crc32

import numpy as np

SHINGLE_WORDS = 3
PERMUTATIONS = 64
BANDS = 16  # of 4 rows: pairs alike to 0.8 are found with probability 0.9998, to 0.5 with 0.64 (and then refused)
ALIKE_MIN = 0.8
EQUAL_MIN = ALIKE_MIN * PERMUTATIONS
REPRESENTATIVES_MAX = 1_024  # in one bucket of one band; bounds the work when thousands share a passage
PRIME = np.uint64((1 << 61) - 1)
_random = np.random.Generator(np.random.PCG64(20261122))
# 32-bit hashes times 29-bit factors stay below 2^61, so one 64-bit multiplication needs no wider type.
FACTORS = _random.integers(1, 1 << 29, PERMUTATIONS, dtype=np.uint64)
OFFSETS = _random.integers(0, 1 << 60, PERMUTATIONS, dtype=np.uint64)
# Odd, so that each place in a run permutes the 64-bit ring in its own way.
MULTIPLIERS = _random.integers(1 << 62, 1 << 63, SHINGLE_WORDS, dtype=np.uint64) | np.uint64(1)
WORD = re.compile(r"[^\W_]+")


def words_of(text: str) -> list[str]:
    """Words without case and punctuation, so that formatting makes no difference."""
    return WORD.findall(text.lower())


def exact_key(text: str) -> int:
    """64 bits that are equal for equal words."""
    return int.from_bytes(hashlib.blake2b(" ".join(words_of(text)).encode(), digest_size=8).digest(), "little")


def signature(text: str) -> np.ndarray:
    """PERMUTATIONS minima (uint32) over the hashes of all runs of SHINGLE_WORDS words.

    Words are hashed one by one and the runs combined in numpy: a tenth of the time of hashing each run as text.
    """
    words = words_of(text)
    padded = words + [""] * (SHINGLE_WORDS - len(words))
    hashes = np.fromiter((crc32(word.encode()) for word in padded), np.uint64, len(padded))
    count = len(padded) - SHINGLE_WORDS + 1
    runs = sum(hashes[place : place + count] * MULTIPLIERS[place] for place in range(SHINGLE_WORDS)) >> np.uint64(32)
    mixed = (np.unique(runs)[:, None] * FACTORS + OFFSETS) % PRIME
    minima: np.ndarray = (mixed.min(axis=0) & np.uint64(0xFFFFFFFF)).astype(np.uint32)
    return minima


class Groups(NamedTuple):
    """`first` (n,) is the index of the first row of each row's group; `exact` (n,) marks word-for-word repeats."""

    first: np.ndarray
    exact: np.ndarray

    @property
    def near(self) -> np.ndarray:
        """Mask of rows that are near duplicates of an earlier one, but no exact repeats."""
        found: np.ndarray = (self.first != np.arange(len(self.first))) & ~self.exact
        return found


def duplicates(exact: np.ndarray, signatures: np.ndarray) -> Groups:
    """Groups of like rows. `exact` is (n,) uint64, `signatures` (n, PERMUTATIONS) uint32."""
    repeated = np.ones(len(exact), bool)
    repeated[np.unique(exact, return_index=True)[1]] = False
    parents = np.arange(len(exact))
    rows = signatures.shape[1] // BANDS
    for band in range(BANDS):
        columns = signatures[:, band * rows : (band + 1) * rows].astype(np.uint64)
        keys = columns[:, 0].copy()
        for column in columns.T[1:]:
            keys = keys * np.uint64(0x9E3779B97F4A7C15) + column
        order = np.argsort(keys, kind="stable")
        borders = np.flatnonzero(np.diff(keys[order]) != 0) + 1
        starts, ends = np.concatenate([[0], borders]), np.concatenate([borders, [len(order)]])
        for start, end in zip(starts[ends - starts > 1].tolist(), ends[ends - starts > 1].tolist(), strict=True):
            join_bucket(order[start:end].tolist(), signatures, parents)
    return Groups(np.array([root(parents, index) for index in range(len(parents))]), repeated)


def join_bucket(members: list[int], signatures: np.ndarray, parents: np.ndarray) -> None:
    """Joins each row (in ascending order) to the first representative it is alike to, else makes it one."""
    representatives, roots = members[:1], {root(parents, members[0])}
    for index in members[1:]:
        own = root(parents, index)
        if own in roots:
            continue
        equal = (signatures[representatives] == signatures[index]).sum(axis=1)
        hits = np.flatnonzero(equal >= EQUAL_MIN)
        if len(hits):
            other = root(parents, representatives[int(hits[0])])
            parents[max(other, own)] = min(other, own)
            roots.add(min(other, own))
        elif len(representatives) < REPRESENTATIVES_MAX:
            representatives.append(index)
            roots.add(own)


def root(parents: np.ndarray, index: int) -> int:
    """The first row of a group, with path halving."""
    while parents[index] != index:
        parents[index] = parents[parents[index]]
        index = int(parents[index])
    return index


def leaks(groups: Groups, validation: np.ndarray) -> int:
    """How many rows have their group's first row on the other side of a split. `validation` is a mask (n,)."""
    return int((validation != validation[groups.first]).sum())
