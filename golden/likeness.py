"""Cases like a training's: distances by explicit covariances, exact chances, axes, patch statistics -> values/likeness.json.

Needs numpy alone. The distances are computed from the covariance matrix of a case's mean, between + within / n, which
the software never forms; the chances are fractions of whole numbers.
"""

from fractions import Fraction
from math import ceil, factorial

import numpy as np
from common.output import write

DIGITS = 12
WIDTH = 5
CASES = 24
LEAST_BETWEEN = 0.02
BEYOND_SHARE = Fraction(1, 20)


def made_cases(random, count, shift=0.0):
    """Cases of 2 to 12 patches with correlated statistics; their scales differ by a factor of a hundred."""
    mixing = random.normal(size=(WIDTH, WIDTH))
    scales = np.array([0.1, 1, 10, 0.3, 2])
    cases = []
    for _ in range(count):
        center = random.normal(size=WIDTH) * np.array([1, 0.5, 0.2, 0, 2]) + shift
        patches = center + random.normal(size=(random.randint(2, 13), WIDTH))
        cases.append(np.round((patches @ mixing) * scales, 6))
    return cases


def distribution(cases):
    counts = np.array([len(case) for case in cases])
    means = np.array([case.mean(axis=0) for case in cases])
    within = sum(np.cov(case, rowvar=False) * (len(case) - 1) for case in cases) / (counts.sum() - len(cases))
    # Whitened by the symmetric root of the covariance within cases; any root gives the same distances.
    values, vectors = np.linalg.eigh(within)
    root = vectors @ np.diag(values**0.5) @ vectors.T
    scaled = (means - means.mean(axis=0)) @ np.linalg.inv(root)
    covariance = np.cov(scaled, rowvar=False)
    target = np.trace(covariance) / WIDTH * np.eye(WIDTH)
    noise = sum(np.linalg.norm(np.outer(row, row) - covariance) ** 2 for row in scaled) / len(cases) ** 2
    intensity = min(1, noise / np.linalg.norm(covariance - target) ** 2)
    values, vectors = np.linalg.eigh((1 - intensity) * covariance + intensity * target)
    between = np.maximum(values - np.mean(1 / counts), LEAST_BETWEEN)
    half = root @ vectors
    return means.mean(axis=0), half @ np.diag(between) @ half.T, within


def distance(fitted, case):
    center, between, within = fitted
    apart = case.mean(axis=0) - center
    return float(np.sqrt(apart @ np.linalg.solve(between + within / len(case), apart)))


def chance(beyond, judged, cases):
    """The tail of the beta-binomial distribution, as a fraction."""
    rank = ceil((1 - BEYOND_SHARE) * (cases + 1))
    above, below = cases + 1 - rank, rank
    beta = lambda x, y: Fraction(factorial(x - 1) * factorial(y - 1), factorial(x + y - 1))
    choose = lambda n, k: Fraction(factorial(n), factorial(k) * factorial(n - k))
    terms = [
        choose(judged, count) * beta(above + count, below + judged - count) / beta(above, below)
        for count in range(beyond, judged + 1)
    ]
    return float(sum(terms))


def patch(random, side):
    """A picture with smooth colours and noise, and its statistics."""
    rows, columns = np.mgrid[0:side, 0:side]
    waves = np.stack([np.sin(rows / 5), np.cos(columns / 4), np.sin((rows + columns) / 7)], axis=-1)
    pixels = np.clip(150 + 70 * waves + random.normal(0, 12, (side, side, 3)), 0, 255).astype(np.uint8)
    density = np.log(256) - np.log(pixels.astype(float) + 1)
    mean = density.mean(axis=-1)
    inner = mean[1:-1, 1:-1]
    right, below, left, above = mean[1:-1, 2:], mean[2:, 1:-1], mean[1:-1, :-2], mean[:-2, 1:-1]
    edges = np.abs(right - inner) + np.abs(below - inner)
    detail = np.abs(4 * inner - right - below - left - above)
    flat = density.reshape(-1, 3)
    return {
        "side": side,
        "pixels": pixels.ravel().tolist(),
        "statistics": [*flat.mean(axis=0).tolist(), *flat.std(axis=0).tolist(), float(edges.mean()), float(detail.mean())],
    }


def axes(random):
    rows = np.round(random.normal(size=(40, 12)) * np.linspace(3, 0.3, 12) + 5, 3).astype(np.float32)
    vectors = np.linalg.svd(rows.astype(float) - rows.astype(float).mean(axis=0), full_matrices=False)[2][:4]
    upright = [vector * np.sign(vector[np.argmax(np.abs(vector))]) for vector in vectors]
    return {"rows": rows.astype(float).tolist(), "axes": np.array(upright).T.tolist()}


def main():
    random = np.random.RandomState(20171706)
    training = made_cases(random, CASES)
    others = made_cases(random, 6, shift=1.5)
    fitted = distribution(training)
    left_out = [distance(distribution(training[:k] + training[k + 1 :]), case) for k, case in enumerate(training)]
    document = {
        "source": f"numpy {np.__version__}",
        "training": [case.tolist() for case in training],
        "others": [case.tolist() for case in others],
        "center": fitted[0].tolist(),
        "distances": [distance(fitted, case) for case in others],
        "leftOut": left_out,
        "limit": sorted(left_out)[ceil((1 - BEYOND_SHARE) * (CASES + 1)) - 1],
        "chances": [
            {"beyond": beyond, "judged": judged, "cases": cases, "chance": chance(beyond, judged, cases)}
            for cases in (19, 24, 82, 300)
            for judged in (1, 49, 60)
            for beyond in (0, 1, 3, 9, 49)
            if beyond <= judged
        ],
        "patches": [patch(random, side) for side in (16, 21)],
        "axes": axes(random),
    }
    write("likeness", document, DIGITS)


if __name__ == "__main__":
    main()
