"""Landscapes: objectives given by a formula, with exact gradient and Hessian.

| | |
|---|---|
| `f(theta)`, `f.gradient(theta)`, `f.hessian(theta)` | (...), (..., d), (..., d, d) for theta (..., d) |
| `f.minima` | (m, d) known minima, the lowest first; m = 0 where there is none |
| `f.window` | ((low, high), ...) one pair a coordinate: where to look |
| `f.source` | who made it, and when |

`GALLERY` holds one of each.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import ClassVar

import numpy as np

from gdlab._arguments import array, frozen, number, points, vector, whole


def _points(*rows) -> np.ndarray:
    """Rows of parameters as one read-only array (m, d)."""
    array = np.array(rows, dtype=float)
    frozen(array)
    return array


class Landscape:
    """What every landscape shares."""

    dimension: int = 2
    minima: np.ndarray = np.empty((0, 2))  # read-only by having no rows
    window: tuple = ((-2.0, 2.0), (-2.0, 2.0))
    source: str = ""

    def value_and_gradient(self, theta):
        """f(theta) and its gradient."""
        return self(theta), self.gradient(theta)


class Plane(Landscape):
    """A landscape over (x, y): its formulas in x and y are all that a subclass states."""

    def __call__(self, theta):
        return self._value(*self._xy(theta))

    def gradient(self, theta):
        """(∂f/∂x, ∂f/∂y), shape (..., 2)."""
        return np.stack(self._gradient(*self._xy(theta)), axis=-1)

    def hessian(self, theta):
        """Second derivatives, shape (..., 2, 2)."""
        x, y = self._xy(theta)
        xx, xy, yy = (second + 0 * x for second in self._hessian(x, y))
        return np.stack([np.stack([xx, xy], axis=-1), np.stack([xy, yy], axis=-1)], axis=-2)

    def _xy(self, theta):
        theta = points("theta", theta, 2)
        return theta[..., 0], theta[..., 1]


@dataclass(frozen=True, eq=False)
class Quadratic(Landscape):
    """½ (θ − c)ᵀ H (θ − c), where H has the given curvatures as eigenvalues.

    `curvatures` λ₁ … λ_d > 0; `rotation` in degrees turns the first two axes; `center` c, by default 0.
    Gradient descent converges exactly when 0 < α < 2/λ_max, fastest at α = 2/(λ_min + λ_max).

    >>> Quadratic([1, 10])([2.0, 1.0]), Quadratic([1, 10]).gradient([2.0, 1.0])
    (np.float64(7.0), array([ 2., 10.]))
    """

    curvatures: tuple[float, ...]
    rotation: float = 0.0
    center: tuple[float, ...] | None = None
    source: ClassVar[str] = "the second-order Taylor polynomial, Taylor (1715)"

    def __post_init__(self):
        curvatures = array("curvatures", self.curvatures, "(d,)", ndim=1)
        if (curvatures <= 0).any():
            raise ValueError(f"curvatures: positive numbers are expected, {curvatures.min():g} given")
        d = len(curvatures)
        angle = np.radians(number("rotation", self.rotation))
        if angle and d < 2:
            raise ValueError("rotation: 0 is expected in one dimension")
        turn = np.eye(d)
        if angle:
            turn[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
        center = np.zeros(d) if self.center is None else vector("center", self.center, d)
        span = [(float(c - 3), float(c + 3)) for c in center]
        for name, value in (
            ("curvatures", tuple(map(float, curvatures))),
            ("center", tuple(map(float, center))),
            ("dimension", d),
            ("window", tuple(span)),
            ("minima", _points(center)),
            ("_H", turn @ np.diag(curvatures) @ turn.T),
            ("_upright", curvatures if not angle else None),
            ("_c", center if center.any() else None),
            ("_halves", np.full(d, 0.5)),
        ):
            object.__setattr__(self, name, value)

    def __call__(self, theta):
        return self.value_and_gradient(theta)[0]

    def gradient(self, theta):
        """H (θ − c), shape (..., d)."""
        return self.value_and_gradient(theta)[1]

    def hessian(self, theta):
        """H, shape (..., d, d)."""
        theta = points("theta", theta, self.dimension)
        return np.broadcast_to(self._H, (*theta.shape, self.dimension)).copy()

    def value_and_gradient(self, theta):
        """Both from one product H (θ − c)."""
        offset = points("theta", theta, self.dimension)
        if self._c is not None:  # with many lanes the subtraction takes as long as the product
            offset = offset - self._c
        # Upright, each axis is a parabola of its own: one that overflows must not spoil the others.
        gradient = offset @ self._H if self._upright is None else offset * self._upright
        return (offset * gradient) @ self._halves, gradient  # with many lanes the fastest sum


@dataclass(frozen=True, eq=False)
class DoubleWell(Landscape):
    """(w² − 1)² + tilt · w in one dimension: two valleys; the left one is deeper when tilt > 0."""

    tilt: float = 0.3
    dimension: ClassVar[int] = 1
    window: ClassVar[tuple] = ((-2.0, 2.0),)
    source: ClassVar[str] = "the quartic double well, Landau (1937)"

    def __post_init__(self):
        # From |tilt| = 8/√27 = 1.54 on there is one well only.
        number("tilt", self.tilt, -1.5, 1.5)
        w = np.roots([4, 0, -4, self.tilt]).real[:, None]  # the three points of zero slope
        w = w - self.gradient(w) / self.hessian(w)[..., 0]  # one Newton step, to the last digit
        wells = w[self.hessian(w)[:, 0, 0] > 0]
        object.__setattr__(self, "minima", _points(*wells[np.argsort(self(wells), kind="stable")]))

    def __call__(self, theta):
        w = points("theta", theta, 1)[..., 0]
        return (w**2 - 1) ** 2 + self.tilt * w

    def gradient(self, theta):
        """4 w (w² − 1) + tilt, shape (..., 1)."""
        w = points("theta", theta, 1)
        return 4 * w * (w**2 - 1) + self.tilt

    def hessian(self, theta):
        """12 w² − 4, shape (..., 1, 1)."""
        return (12 * points("theta", theta, 1) ** 2 - 4)[..., None]


@dataclass(frozen=True, eq=False)
class Rosenbrock(Plane):
    """(1 − x)² + 100 (y − x²)²: a curved valley, easy to enter and slow to follow."""

    minima: ClassVar[np.ndarray] = _points([1.0, 1.0])
    window: ClassVar[tuple] = ((-2.0, 2.0), (-1.0, 3.0))
    source: ClassVar[str] = "Rosenbrock (1960)"

    def _value(self, x, y):
        return (1 - x) ** 2 + 100 * (y - x**2) ** 2

    def _gradient(self, x, y):
        return -2 * (1 - x) - 400 * x * (y - x**2), 200 * (y - x**2)

    def _hessian(self, x, y):
        return 2 - 400 * (y - 3 * x**2), -400 * x, 200


@dataclass(frozen=True, eq=False)
class Himmelblau(Plane):
    """(x² + y − 11)² + (x + y² − 7)²: four equally deep minima, one maximum, four saddles."""

    minima: ClassVar[np.ndarray] = _points(
        [3.0, 2.0],
        [-2.80511808695274, 3.13131251825057],
        [-3.77931025337775, -3.28318599128617],
        [3.58442834033049, -1.8481265269644],
    )
    window: ClassVar[tuple] = ((-5.0, 5.0), (-5.0, 5.0))
    source: ClassVar[str] = "Himmelblau (1972)"

    def _value(self, x, y):
        return (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2

    def _gradient(self, x, y):
        u, v = x**2 + y - 11, x + y**2 - 7
        return 4 * x * u + 2 * v, 2 * u + 4 * y * v

    def _hessian(self, x, y):
        u, v = x**2 + y - 11, x + y**2 - 7
        return 4 * u + 8 * x**2 + 2, 4 * x + 4 * y, 2 + 4 * v + 8 * y**2


@dataclass(frozen=True, eq=False)
class Beale(Plane):
    """(1.5 − x + xy)² + (2.25 − x + xy²)² + (2.625 − x + xy³)²: flat in the middle, steep corners."""

    minima: ClassVar[np.ndarray] = _points([3.0, 0.5])
    window: ClassVar[tuple] = ((-4.5, 4.5), (-4.5, 4.5))
    source: ClassVar[str] = "Beale (1958)"

    def _parts(self, x, y):
        """For each of the three squares u²: u, ∂u/∂x, ∂u/∂y, ∂²u/∂x∂y, ∂²u/∂y². (∂²u/∂x² is 0.)"""
        for i, constant in ((1, 1.5), (2, 2.25), (3, 2.625)):
            bend = i * (i - 1) * x * y ** (i - 2) if i > 1 else 0 * x
            yield constant - x + x * y**i, y**i - 1, i * x * y ** (i - 1), i * y ** (i - 1), bend

    def _value(self, x, y):
        return sum(u**2 for u, *_ in self._parts(x, y))

    def _gradient(self, x, y):
        parts = list(self._parts(x, y))
        return sum(2 * u * ux for u, ux, *_ in parts), sum(2 * u * uy for u, _, uy, *_ in parts)

    def _hessian(self, x, y):
        parts = list(self._parts(x, y))
        return (
            sum(2 * ux**2 for _, ux, *_ in parts),
            sum(2 * (ux * uy + u * uxy) for u, ux, uy, uxy, _ in parts),
            sum(2 * (uy**2 + u * uyy) for u, _, uy, _, uyy in parts),
        )


@dataclass(frozen=True, eq=False)
class Booth(Plane):
    """(x + 2y − 7)² + (2x + y − 5)²: a slanted bowl with curvatures 2 and 18."""

    minima: ClassVar[np.ndarray] = _points([1.0, 3.0])
    window: ClassVar[tuple] = ((-10.0, 10.0), (-10.0, 10.0))
    source: ClassVar[str] = "listed by Jamil and Yang (2013)"

    def _value(self, x, y):
        return (x + 2 * y - 7) ** 2 + (2 * x + y - 5) ** 2

    def _gradient(self, x, y):
        u, v = x + 2 * y - 7, 2 * x + y - 5
        return 2 * u + 4 * v, 4 * u + 2 * v

    def _hessian(self, x, y):
        return 10, 8, 10


@dataclass(frozen=True, eq=False)
class Saddle(Plane):
    """x² − y²: up along x, down along y, without a floor."""

    source: ClassVar[str] = "the hyperbolic paraboloid, Euler (1748)"

    def _value(self, x, y):
        return x**2 - y**2

    def _gradient(self, x, y):
        return 2 * x, -2 * y

    def _hessian(self, x, y):
        return 2, 0, -2


@dataclass(frozen=True, eq=False)
class MonkeySaddle(Plane):
    """x³ − 3xy²: three ways down, and a Hessian of zeros in the middle, which says nothing."""

    source: ClassVar[str] = "Hilbert and Cohn-Vossen (1932)"

    def _value(self, x, y):
        return x**3 - 3 * x * y**2

    def _gradient(self, x, y):
        return 3 * x**2 - 3 * y**2, -6 * x * y

    def _hessian(self, x, y):
        return 6 * x, -6 * y, -6 * x


@dataclass(frozen=True, eq=False)
class Plateau(Plane):
    """1 − exp(−½ (x² + y²)): a hole of radius about 1 in a plain that is nearly flat."""

    minima: ClassVar[np.ndarray] = _points([0.0, 0.0])
    window: ClassVar[tuple] = ((-6.0, 6.0), (-6.0, 6.0))
    source: ClassVar[str] = "an upturned Gaussian bell, Gauss (1809)"

    def _value(self, x, y):
        return 1 - np.exp(-0.5 * (x**2 + y**2))

    def _gradient(self, x, y):
        bell = np.exp(-0.5 * (x**2 + y**2))
        return x * bell, y * bell

    def _hessian(self, x, y):
        bell = np.exp(-0.5 * (x**2 + y**2))
        return (1 - x**2) * bell, -x * y * bell, (1 - y**2) * bell


@dataclass(frozen=True, eq=False)
class Spread(Landscape):
    """A landscape of any dimension d, the same along every axis."""

    dimension: int = 2

    def __post_init__(self):
        whole("dimension", self.dimension, low=1)
        object.__setattr__(self, "window", (self._span,) * self.dimension)
        object.__setattr__(self, "minima", _points(*self._minima()))

    def _minima(self):
        return np.zeros((1, self.dimension))

    def _diagonal(self, second):
        return second[..., None] * np.eye(self.dimension)


@dataclass(frozen=True, eq=False)
class Rastrigin(Spread):
    """10 d + Σ (xᵢ² − 10 cos 2πxᵢ): a bowl covered with some ten dips a coordinate."""

    _span: ClassVar[tuple] = (-5.12, 5.12)
    source: ClassVar[str] = "Rastrigin (1974)"

    def __call__(self, theta):
        x = points("theta", theta, self.dimension)
        return (10 + x**2 - 10 * np.cos(2 * np.pi * x)).sum(axis=-1)

    def gradient(self, theta):
        """2xᵢ + 20π sin 2πxᵢ, shape (..., d)."""
        x = points("theta", theta, self.dimension)
        return 2 * x + 20 * np.pi * np.sin(2 * np.pi * x)

    def hessian(self, theta):
        """Diagonal: 2 + 40π² cos 2πxᵢ, shape (..., d, d)."""
        x = points("theta", theta, self.dimension)
        return self._diagonal(2 + 40 * np.pi**2 * np.cos(2 * np.pi * x))


@dataclass(frozen=True, eq=False)
class Ackley(Spread):
    """20 + e − 20 exp(−r/5) − exp(mean cos 2πxᵢ), r = √(mean xᵢ²): ripples around a sharp funnel.

    The tip of the funnel, at 0, is a kink: there gradient and Hessian of r are taken as 0.
    """

    _span: ClassVar[tuple] = (-5.0, 5.0)
    source: ClassVar[str] = "Ackley (1987)"

    def _parts(self, theta):
        """x, the funnel's depth, the ripples' height, and 1/(d r), 0 at the tip."""
        x = points("theta", theta, self.dimension) * 1.0
        r = np.sqrt((x**2).mean(axis=-1, keepdims=True))
        inverse = np.divide(1, self.dimension * r, out=np.zeros_like(r), where=r != 0)
        ripple = np.exp(np.cos(2 * np.pi * x).mean(axis=-1, keepdims=True))
        return x, 20 * np.exp(-0.2 * r), ripple, inverse

    def __call__(self, theta):
        _, funnel, ripple, _ = self._parts(theta)
        return (20 + np.e - funnel - ripple)[..., 0]

    def gradient(self, theta):
        """funnel/5 · xᵢ/(d r) + ripple · 2π sin(2πxᵢ)/d, shape (..., d)."""
        x, funnel, ripple, inverse = self._parts(theta)
        return 0.2 * funnel * x * inverse + ripple * 2 * np.pi * np.sin(2 * np.pi * x) / self.dimension

    def hessian(self, theta):
        """Second derivatives, shape (..., d, d)."""
        x, funnel, ripple, inverse = self._parts(theta)
        d, u = self.dimension, x * inverse  # u = ∂r/∂x
        s = 2 * np.pi * np.sin(2 * np.pi * x) / d
        outer_u, outer_s = u[..., :, None] * u[..., None, :], s[..., :, None] * s[..., None, :]
        on_axis = 0.2 * funnel * inverse + ripple * (2 * np.pi) ** 2 * np.cos(2 * np.pi * x) / d
        bend = -(0.2 * funnel * (0.2 + d * inverse))[..., None] * outer_u
        return self._diagonal(on_axis) + bend - ripple[..., None] * outer_s


@dataclass(frozen=True, eq=False)
class StyblinskiTang(Spread):
    """½ Σ (xᵢ⁴ − 16xᵢ² + 5xᵢ): a double well along every axis, 2ᵈ minima, one of them the lowest."""

    _span: ClassVar[tuple] = (-5.0, 5.0)
    source: ClassVar[str] = "Styblinski and Tang (1990)"

    def _minima(self):
        wells = (-2.903534027771177, 2.7468027709908354)  # the two roots of 4x³ − 32x + 5 with f'' > 0
        all_of_them = np.array(list(product(wells, repeat=min(self.dimension, 10))))
        if self.dimension > 10:  # 2ᵈ rows would be too many to list: the lowest only
            return np.full((1, self.dimension), wells[0])
        return all_of_them[np.argsort(self(all_of_them), kind="stable")]

    def __call__(self, theta):
        x = points("theta", theta, self.dimension)
        return 0.5 * (x**4 - 16 * x**2 + 5 * x).sum(axis=-1)

    def gradient(self, theta):
        """2xᵢ³ − 16xᵢ + 5/2, shape (..., d)."""
        x = points("theta", theta, self.dimension)
        return 2 * x**3 - 16 * x + 2.5

    def hessian(self, theta):
        """Diagonal: 6xᵢ² − 16, shape (..., d, d)."""
        return self._diagonal(6 * points("theta", theta, self.dimension) ** 2 - 16)


@dataclass(frozen=True, eq=False)
class SixHumpCamel(Plane):
    """(4 − 2.1x² + x⁴/3) x² + xy + (4y² − 4) y²: six minima, two of them lowest."""

    minima: ClassVar[np.ndarray] = _points(
        [0.0898420131003181, -0.71265640302074],
        [-0.0898420131003181, 0.71265640302074],
    )
    window: ClassVar[tuple] = ((-2.0, 2.0), (-1.0, 1.0))
    source: ClassVar[str] = "Dixon and Szegő (1978)"

    def _value(self, x, y):
        return (4 - 2.1 * x**2 + x**4 / 3) * x**2 + x * y + (4 * y**2 - 4) * y**2

    def _gradient(self, x, y):
        return 8 * x - 8.4 * x**3 + 2 * x**5 + y, x - 8 * y + 16 * y**3

    def _hessian(self, x, y):
        return 8 - 25.2 * x**2 + 10 * x**4, 1, 48 * y**2 - 8


GALLERY = (
    Quadratic((1.0, 10.0), rotation=30.0),
    DoubleWell(),
    Rosenbrock(),
    Himmelblau(),
    Beale(),
    Booth(),
    Saddle(),
    MonkeySaddle(),
    Plateau(),
    Rastrigin(),
    Ackley(),
    StyblinskiTang(),
    SixHumpCamel(),
)
