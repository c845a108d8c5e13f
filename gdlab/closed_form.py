"""The closed form: least squares without descent, three ways, and what they cost.

All minimize 1/n Σ (ŷᵢ − yᵢ)² of a linear model with theta = (w₁ … w_p, b), the bias last.
"""

from __future__ import annotations

import numpy as np

from gdlab._arguments import array, whole


def design(X) -> np.ndarray:
    """X (n, p) with a last column of ones: ŷ = A θ."""
    X = array("X", X, "(n, p)", ndim=2)
    return np.column_stack([X, np.ones(len(X))])


def _system(X, y):
    A, y = design(X), array("y", y, "(n,)", ndim=1)
    if len(A) != len(y):
        raise ValueError(f"y: {len(A)} targets are expected, one a row of X, {len(y)} given")
    if len(A) < A.shape[1]:
        raise ValueError(f"X: at least {A.shape[1]} rows are expected, {len(A)} given")
    return A, y


def normal_equation(X, y) -> np.ndarray:
    """θ = (AᵀA)⁻¹Aᵀy, as the solution of AᵀA θ = Aᵀy: no inverse is formed.

    cond(AᵀA) = cond(A)²: twice as many digits are lost as need be. Source: Gauss (1809).
    """
    A, y = _system(X, y)
    return _solve(A.T @ A, A.T @ y)


def qr(X, y) -> np.ndarray:
    """θ from A = QR: R θ = Qᵀy. Loses only cond(A). Source: Golub (1965)."""
    A, y = _system(X, y)
    Q, R = np.linalg.qr(A)
    return _solve(R, Q.T @ y)


def _solve(M, v):
    try:
        return np.linalg.solve(M, v)
    except np.linalg.LinAlgError:
        raise ValueError("X: independent columns are expected; lstsq takes any") from None


def lstsq(X, y) -> np.ndarray:
    """θ from the singular values of A; the smallest θ where there are many. NumPy's `lstsq`.

    >>> lstsq([[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0]).round(12)
    array([2., 1.])
    """
    A, y = _system(X, y)
    return np.linalg.lstsq(A, y, rcond=None)[0]


def cost(n: int, d: int) -> dict[str, float]:
    """What n examples and d parameters cost, computed: multiplications and bytes (8 a number).

    The normal equation needs n d² for AᵀA, d³/3 to solve, and d² numbers of memory; one step of
    descent needs 2 n d, and d numbers.
    """
    n, d = whole("n", n, 1, 10**18), whole("d", d, 1, 10**18)
    return {
        "normal equation: multiplications": n * d**2 + d**3 / 3,
        "normal equation: bytes": 8.0 * d**2,
        "one step: multiplications": 2.0 * n * d,
        "one step: bytes": 8.0 * d,
    }
