"""The loops that people would write instead: by hand in NumPy, in PyTorch, in JAX.

Every one keeps θ, value and gradient of each step, in double precision. PyTorch runs in one thread:
for work as small as this that is its fastest setting.
"""

import numpy as np

from gdlab import data, models

BOWL, BOWL_START, BOWL_RATE = np.diag([1.0, 10.0]), np.array([-2.0, 1.5]), 0.15
BIRDS = data.standardize(data.penguins(["body_mass_g", "bill_depth_mm"], "sex"))
DIGITS, SIZES, BATCH = data.digits().take(slice(1792)), (64, 32, 10), 32  # 56 full batches


# --- the loop by hand, in NumPy ----------------------------------------------------------------------


def bowl_by_hand(steps):
    """The loop that a reader would write, with a record."""
    H, theta = BOWL, BOWL_START
    thetas, gradients = np.empty((2, steps + 1, 2))
    values = np.empty(steps + 1)
    for k in range(steps + 1):
        gradient = H @ theta
        thetas[k], values[k], gradients[k] = theta, 0.5 * theta @ gradient, gradient
        theta = theta - BOWL_RATE * gradient
    return values[-1]


def logistic_by_hand(steps):
    """The same for logistic regression."""
    A, y = np.column_stack([BIRDS.X, np.ones(len(BIRDS))]), BIRDS.y
    theta = np.zeros(A.shape[1])
    thetas, gradients = np.empty((2, steps + 1, A.shape[1]))
    values = np.empty(steps + 1)
    for k in range(steps + 1):
        z = A @ theta
        value = (np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z))) - y * z).mean()
        gradient = A.T @ (1 / (1 + np.exp(-z)) - y) / len(y)
        thetas[k], values[k], gradients[k] = theta, value, gradient
        theta = theta - gradient
    return values[-1]


def network_by_hand(start, batches):
    """The same for the network that reads digits, one mini-batch a step."""
    X, y, (p, h, c), n = DIGITS.X, DIGITS.y, SIZES, np.arange(BATCH)
    theta = start
    thetas, gradients = np.empty((2, len(batches), len(theta)))
    values = np.empty(len(batches))
    for k, rows in enumerate(batches):
        W, b = theta[: p * h].reshape(p, h), theta[p * h : p * h + h]
        V, a = theta[p * h + h : -c].reshape(h, c), theta[-c:]
        inputs, labels = X[rows], y[rows]
        hidden = np.tanh(inputs @ W + b)
        z = hidden @ V + a
        z -= z.max(axis=1, keepdims=True)
        odds = np.exp(z)
        total = odds.sum(axis=1)
        value = (np.log(total) - z[n, labels]).mean()
        slope = odds / total[:, None]
        slope[n, labels] -= 1
        slope /= BATCH
        back = slope @ V.T * (1 - hidden**2)
        parts = inputs.T @ back, back.sum(axis=0), hidden.T @ slope, slope.sum(axis=0)
        gradient = np.concatenate([part.ravel() for part in parts])
        thetas[k], values[k], gradients[k] = theta, value, gradient
        theta = theta - 0.1 * gradient
    return values[-1]


# --- the same in PyTorch and in JAX --------------------------------------------------------------------


def torch_loop(starts, value, rate, batches):
    """A loop with torch.optim; `value(rows, *parameters)`, and a batch a step."""
    import torch

    def flat(parts):
        return parts[0] if len(parts) == 1 else torch.cat([part.ravel() for part in parts])

    def loop():
        parts = [torch.tensor(start, requires_grad=True) for start in starts]
        rule = torch.optim.SGD(parts, lr=rate)
        size = sum(part.numel() for part in parts)
        thetas, gradients = torch.empty((2, len(batches), size), dtype=torch.float64)
        values = torch.empty(len(batches), dtype=torch.float64)
        for k, rows in enumerate(batches):
            rule.zero_grad()
            now = value(rows, *parts)
            now.backward()
            with torch.no_grad():
                thetas[k], values[k] = flat(parts), now
                gradients[k] = flat([part.grad for part in parts])
            rule.step()
        return float(values[-1])

    return loop


def torch_loops(steps, start, batches):
    """The three problems in PyTorch: name, loop."""
    import torch
    from torch.nn import functional as F

    torch.set_num_threads(1)
    H, birds, digits = map(torch.tensor, (BOWL, BIRDS.X, DIGITS.X))
    A = torch.column_stack([birds, torch.ones(len(birds))])
    sex, labels = torch.tensor(BIRDS.y).double(), torch.tensor(DIGITS.y)
    network = models.Network(SIZES).layers(start)
    layers = [np.squeeze(part).copy() for layer in network for part in layer]

    def read(rows, W, b, V, a):
        return F.cross_entropy(torch.tanh(digits[rows] @ W + b) @ V + a, labels[rows])

    def regress(_, theta):
        return F.binary_cross_entropy_with_logits(A @ theta, sex)

    def bowl(_, theta):
        return 0.5 * theta @ H @ theta

    every = range(steps + 1)
    return {
        "bowl": torch_loop([BOWL_START], bowl, BOWL_RATE, every),
        "logistic regression": torch_loop([np.zeros(3)], regress, 1.0, every),
        "digits network": torch_loop(layers, read, 0.1, [torch.tensor(rows) for rows in batches]),
    }


def jax_loop(start, value, rate, batches):
    """A loop around a jitted step; `value(theta, rows)`, and a batch a step."""
    import jax

    @jax.jit
    def step(theta, rows):
        now, gradient = jax.value_and_grad(value)(theta, rows)
        return theta - rate * gradient, now, gradient

    def loop():
        theta = jax.numpy.array(start)
        thetas, gradients = np.empty((2, len(batches), len(start)))
        values = np.empty(len(batches))
        for k, rows in enumerate(batches):
            after, now, gradient = step(theta, rows)
            thetas[k], values[k], gradients[k] = theta, now, gradient
            theta = after
        return values[-1]

    return loop


def jax_loops(steps, start, batches):
    """The three problems in JAX: name, loop."""
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    H, sex, X, labels = map(jnp.array, (BOWL, BIRDS.y, DIGITS.X, DIGITS.y))
    A, (p, h, c) = jnp.column_stack([BIRDS.X, np.ones(len(BIRDS))]), SIZES

    def bowl(theta, _):
        return 0.5 * theta @ H @ theta

    def regress(theta, _):
        z = A @ theta
        return jnp.mean(jax.nn.softplus(z) - sex * z)

    def read(theta, rows):
        W, b, V, a = jnp.split(theta, np.cumsum([p * h, h, h * c]))
        z = jnp.tanh(X[rows] @ W.reshape(p, h) + b) @ V.reshape(h, c) + a
        return jnp.mean(jax.nn.logsumexp(z, axis=1) - z[jnp.arange(BATCH), labels[rows]])

    every = [0] * (steps + 1)
    return {
        "bowl": jax_loop(BOWL_START, bowl, BOWL_RATE, every),
        "logistic regression": jax_loop(np.zeros(3), regress, 1.0, every),
        "digits network": jax_loop(start, read, 0.1, batches),
    }


def jax_lanes(rates, steps):
    """All learning rates on the bowl by `vmap` of a `scan`, compiled, with the record."""
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    H, rates = jnp.array(BOWL), jnp.array(rates)

    def run(rate):
        def step(theta, _):
            value, gradient = jax.value_and_grad(lambda theta: 0.5 * theta @ H @ theta)(theta)
            return theta - rate * gradient, (theta, value, gradient)

        return jax.lax.scan(step, jnp.array(BOWL_START), None, steps + 1)[1]

    compiled = jax.jit(jax.vmap(run, out_axes=1))
    return lambda: jax.block_until_ready(compiled(rates))
