"""Data: real penguins and digits, shipped with the package, and synthetic sets from a seed."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from gdlab._arguments import (
    altered,
    array,
    frozen,
    instance,
    number,
    numbers,
    option,
    shown,
    texts,
    whole,
)

DATASETS = Path(__file__).with_name("datasets")


@dataclass(frozen=True, eq=False)
class Dataset:
    """Examples: inputs `X` (n, p), targets `y` (n,), their names with units, and the source.

    The arrays are read-only copies. Whole-number targets (class labels) stay whole numbers.
    """

    X: np.ndarray
    y: np.ndarray
    features: tuple[str, ...]
    target: str
    source: str

    def __post_init__(self):
        X, y = array("X", self.X, "(n, p)", ndim=2), array("y", self.y, "(n,)", ndim=1)
        if len(X) != len(y):
            raise ValueError(f"y: {len(X)} targets are expected, one a row of X, {len(y)} given")
        features = texts("features", self.features)
        if len(features) != X.shape[1]:
            raise ValueError(f"features: {X.shape[1]} names are expected, {len(features)} given")
        if np.asarray(self.y).dtype.kind in "iu":
            y = y.astype(int)
        frozen(X, y)
        for name, value in (("X", X), ("y", y), ("features", features)):
            object.__setattr__(self, name, value)

    def __len__(self):
        return len(self.y)

    def __repr__(self):
        return f"Dataset({len(self)} examples: {', '.join(self.features)} -> {self.target})"

    def take(self, rows) -> Dataset:
        """The examples in those rows: whole numbers, a mask, or a slice."""
        if not isinstance(rows, slice):
            rows = numbers("rows", rows, "iub")
        try:
            X, y = self.X[rows], self.y[rows]
        except IndexError:
            given = f"{shown(rows)} for {len(self)} examples"
            raise ValueError(f"rows: row numbers of the data are expected, {given} given") from None
        if X.ndim != 2:
            raise ValueError(f"rows: shape (n,) is expected, shape {rows.shape} given")
        if len(X) == 0:
            raise ValueError(f"rows: at least one of {len(self)} examples is expected, none given")
        frozen(X, y)
        return altered(self, X=X, y=y)  # they were checked when the whole was


# --- real data -----------------------------------------------------------------------------------

UNITS = {"_mm": "mm", "_g": "g"}


def _label(column: str) -> str:
    """'body_mass_g' -> 'body mass (g)'."""
    for ending, unit in UNITS.items():
        if column.endswith(ending):
            return f"{column.removesuffix(ending).replace('_', ' ')} ({unit})"
    return column


def penguins(features=("flipper_length_mm",), target="body_mass_g", species=None) -> Dataset:
    """Penguins of the Palmer Archipelago: 344 birds, rows with a missing entry dropped.

    `features`, `target`: columns bill_length_mm, bill_depth_mm, flipper_length_mm, body_mass_g, year;
    the target may be sex (male = 1) or species (numbered in the order of `species`).
    `species`: names to keep, all three if None. Source: Gorman, Williams and Fraser (2014), CC0.

    >>> penguins()
    Dataset(342 examples: flipper length (mm) -> body mass (g))
    """
    with open(DATASETS / "penguins.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    numeric = ("bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g", "year")
    every = ("Adelie", "Chinstrap", "Gentoo")
    features = [option("features", column, numeric) for column in texts("features", features)]
    option("target", target, (*numeric, "sex", "species"))
    species = every if species is None else texts("species", species)
    species = [option("species", name, every) for name in species]
    rows = [row for row in rows if row["species"] in species]
    rows = [row for row in rows if all(row[column] != "NA" for column in (*features, target))]
    read = {"sex": ("female", "male").index, "species": species.index}.get(target, float)
    return Dataset(
        X=[[float(row[column]) for column in features] for row in rows],
        y=[read(row[target]) for row in rows],
        features=[_label(column) for column in features],
        target=_label(target),
        source="Palmer penguins, Gorman, Williams and Fraser (2014), CC0",
    )


def digits() -> Dataset:
    """Handwritten digits: 1,797 images of 8 × 8 pixels, values 0 to 1, and the digit 0 to 9.

    Source: Alpaydin and Kaynak (1998), UCI repository, CC BY 4.0; the original's values are 0 to 16.
    """
    with open(DATASETS / "digits.npz", "rb") as file:
        stored = np.load(file, allow_pickle=False)
        images, labels = stored["images"], stored["labels"]
    return Dataset(
        X=images / 16,
        y=labels,
        features=[f"pixel {i}" for i in range(64)],
        target="digit",
        source="Optical recognition of handwritten digits, Alpaydin and Kaynak (1998), CC BY 4.0",
    )


# --- synthetic data ------------------------------------------------------------------------------


def line(n: int = 50, weight: float = 2.0, bias: float = 1.0, noise: float = 0.0, seed: int = 0):
    """y = weight · x + bias + noise · N(0, 1), with x uniform in [−2, 2]."""
    rng = np.random.default_rng(whole("seed", seed, high=2**64))
    x = rng.uniform(-2, 2, whole("n", n, low=1))
    y = number("weight", weight) * x + number("bias", bias)
    y = y + number("noise", noise, low=0) * rng.normal(size=n)
    return Dataset(x[:, None], y, ["x"], "y", f"synthetic line, seed {seed}")


def blobs(n: int = 100, distance: float = 3.0, seed: int = 0):
    """Two classes of n points in all: unit normal clouds whose centres are `distance` apart."""
    rng = np.random.default_rng(whole("seed", seed, high=2**64))
    y = np.arange(whole("n", n, low=2)) % 2
    X = rng.normal(size=(n, 2)) + number("distance", distance, low=0) * (y - 0.5)[:, None] * [1, 0]
    return Dataset(X, y, ["x", "y"], "class", f"synthetic blobs, seed {seed}")


def xor():
    """The four points of exclusive or: no line separates them. Source: Minsky and Papert (1969)."""
    X = [[-1, -1], [-1, 1], [1, -1], [1, 1]]
    return Dataset(X, [0, 1, 1, 0], ["x", "y"], "x differs from y", "exclusive or")


# --- preparing -----------------------------------------------------------------------------------


def standardize(dataset: Dataset, like: Dataset | None = None) -> Dataset:
    """The same examples, each feature shifted to mean 0 and scaled to standard deviation 1.

    Mean and deviation (dividing by n) are those of `like`, by default of the dataset itself: a test
    set is standardized like its training set. ValueError for a constant feature, and for a `like` with
    other features.
    """
    instance("dataset", dataset, Dataset)
    model = dataset if like is None else instance("like", like, Dataset)
    if model.features != dataset.features:
        expected, given = (", ".join(each.features) for each in (dataset, model))
        raise ValueError(f"like: one with the features {expected} is expected, {given} given")
    mean, deviation = model.X.mean(axis=0), model.X.std(axis=0)
    constant = np.ptp(model.X, axis=0) == 0  # the deviation of a constant may be rounded to not quite 0
    if constant.any():
        names = [name for name, same in zip(dataset.features, constant, strict=True) if same]
        raise ValueError(f"dataset: features that vary are expected, {', '.join(names)} is constant")
    names = [f"{name.split(' (')[0]} (standardized)" for name in dataset.features]
    return replace(dataset, X=(dataset.X - mean) / deviation, features=names)


def split(dataset: Dataset, share: float, seed: int) -> tuple[Dataset, Dataset]:
    """(train, test): a random `share` of the examples, rounded, is kept for the test."""
    instance("dataset", dataset, Dataset)
    number("share", share, 0, 1, open_low=True, open_high=True)
    order = np.random.default_rng(whole("seed", seed, high=2**64)).permutation(len(dataset))
    cut = round(share * len(dataset))
    if not 0 < cut < len(dataset):
        raise ValueError(f"share: both parts must hold an example, {share} of {len(dataset)} given")
    return dataset.take(np.sort(order[cut:])), dataset.take(np.sort(order[:cut]))


def batches(n: int, size: int, seed: int) -> Iterator[np.ndarray]:
    """Row numbers of one mini-batch after another, without end.

    Each pass over the n rows deals a new random order into parts of `size`; the last part of a pass
    may be smaller. Within a batch the rows stand in order, so size = n is the full data as it is.

    >>> from itertools import islice
    >>> [len(rows) for rows in islice(batches(10, size=4, seed=0), 6)]
    [4, 4, 2, 4, 4, 2]
    """
    n, size = whole("n", n, low=1), whole("size", size, low=1)
    rng = np.random.default_rng(whole("seed", seed, high=2**64))
    if size > n:
        raise ValueError(f"size: at most n = {n} rows are expected, {size} given")

    def deal():
        while True:
            order = rng.permutation(n)
            for at in range(0, n, size):
                yield np.sort(order[at : at + size])

    return deal()
