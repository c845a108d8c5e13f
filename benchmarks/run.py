"""What gdlab costs, as ratios against a real alternative in the same run: `make bench`.

Each row times two things alternately, takes the median of their ratios, and prints both. A timing by
itself says nothing about another machine; a ratio says something.
"""

import statistics
import subprocess
import sys
import time

import numpy as np

from gdlab import EmpiricalRisk, GradientDescent, data, descend, landscapes, losses, models

ROUNDS = 9


def seconds(task) -> float:
    """How long one call takes."""
    start = time.perf_counter()
    task()
    return time.perf_counter() - start


def row(name, ours, theirs, unit, scale) -> str:
    """One line of the table: the median of both, and of their ratio round by round."""
    ours(), theirs()
    pairs = [(seconds(ours), seconds(theirs)) for _ in range(ROUNDS)]
    a, b = (statistics.median(column) * scale for column in zip(*pairs, strict=True))
    ratio = statistics.median(x / y for x, y in pairs)
    return f"| {name} | {a:.3g} {unit} | {b:.3g} {unit} | {ratio:.2f} |"


def bowl_by_hand(steps):
    """The loop that a reader would write, with a record."""
    H, theta = np.diag([1.0, 10.0]), np.array([-2.0, 1.5])
    thetas, gradients = np.empty((2, steps + 1, 2))
    values = np.empty(steps + 1)
    for k in range(steps + 1):
        gradient = H @ theta
        thetas[k], values[k], gradients[k] = theta, 0.5 * theta @ gradient, gradient
        theta = theta - 0.15 * gradient
    return values[-1]


def logistic_by_hand(X, y, steps):
    """The same for logistic regression."""
    A, theta = np.column_stack([X, np.ones(len(X))]), np.zeros(X.shape[1] + 1)
    thetas, gradients = np.empty((2, steps + 1, A.shape[1]))
    values = np.empty(steps + 1)
    for k in range(steps + 1):
        z = A @ theta
        value = (np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z))) - y * z).mean()
        gradient = A.T @ (1 / (1 + np.exp(-z)) - y) / len(y)
        thetas[k], values[k], gradients[k] = theta, value, gradient
        theta = theta - gradient
    return values[-1]


def fresh(code):
    """A new Python that runs one line."""
    return lambda: subprocess.run([sys.executable, "-c", code], check=True)


def main():
    """Print the table."""
    steps, rates = 1000, np.geomspace(1e-3, 0.19, 200)
    bowl, rule = landscapes.Quadratic([1, 10]), GradientDescent(0.15)
    birds = data.standardize(data.penguins(["body_mass_g", "bill_depth_mm"], "sex"))
    risk = EmpiricalRisk(models.Logistic(), losses.BinaryCrossEntropy(), birds)
    print(f"Python {sys.version.split()[0]}, NumPy {np.__version__}; medians of {ROUNDS} rounds\n")
    print("| what | gdlab | alternative | ratio |\n|---|---|---|---|")
    per_step = 1e6 / steps
    name = "recorded step on a bowl, against the loop by hand"
    print(
        row(
            name,
            lambda: descend(bowl, [-2, 1.5], rule, steps),
            lambda: bowl_by_hand(steps),
            "µs",
            per_step,
        )
    )
    name = "recorded step of logistic regression, against the loop by hand"
    ours = lambda: descend(risk, np.zeros(3), GradientDescent(1.0), steps)  # noqa: E731
    print(row(name, ours, lambda: logistic_by_hand(birds.X, birds.y, steps), "µs", per_step))
    name = "200 learning rates as lanes, against one after another"
    ours = lambda: descend(bowl, [-2, 1.5], GradientDescent(rates), 100)  # noqa: E731
    theirs = lambda: [descend(bowl, [-2, 1.5], GradientDescent(rate), 100) for rate in rates]  # noqa: E731
    print(row(name, ours, theirs, "ms", 1e3))
    name = "`import gdlab`, against `import numpy`"
    print(row(name, fresh("import gdlab"), fresh("import numpy"), "ms", 1e3))


if __name__ == "__main__":
    main()
