"""Logistic regression: weights and bias by scikit-learn on a few hundred hash-made rows; of many features after standardization."""

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from common.hashing import short
from common.output import write

ROWS, WIDTH = 300, 5
MANY_ROWS, MANY_WIDTH = 200, 60


def solve(features: np.ndarray, labels: np.ndarray, ridge: float, counts: np.ndarray | None = None) -> dict:
    """counts: how much each row counts; 1 if there are none."""
    rows, width = features.shape
    own = np.ones(rows) if counts is None else counts
    model = LogisticRegression(C=1 / ridge, tol=1e-12, max_iter=1000, solver="newton-cholesky").fit(features, labels, own)
    # A few more of Newton's steps, written out, must change nothing but the last digits.
    weights = np.append(model.coef_[0], model.intercept_[0])
    full = np.hstack([features, np.ones((rows, 1))])
    shrink = np.diag([ridge] * width + [0.0])
    for _ in range(20):
        p = 1 / (1 + np.exp(-full @ weights))
        weights = weights - np.linalg.solve(full.T @ (full * (own * p * (1 - p))[:, None]) + shrink, full.T @ (own * (p - labels)) + shrink @ weights)
    assert np.allclose(weights[:width], model.coef_[0], atol=1e-8), "Newton and scikit-learn part"
    return {"ridge": ridge, "weights": weights[:width].tolist(), "bias": float(weights[width])}


def many() -> dict:
    """Features on scales from 1 to 60, alike in pairs: column j is j + 1 times (own + the one before) + j; a class by three of them."""
    own = short(7010, (MANY_ROWS, MANY_WIDTH), 2.0)
    column = np.arange(MANY_WIDTH)
    features = (column + 1) * (own + np.roll(own, 1, axis=1)) + column
    labels = (own[:, 0] - own[:, 7] + 0.5 * own[:, 20] + short(7011, (MANY_ROWS,), 1.0) > 0.5).astype(int)
    scaler = StandardScaler().fit(features)
    cases = [solve(scaler.transform(features), labels, ridge) for ridge in (1.0, 10.0, 100.0)]
    return {
        "rows": MANY_ROWS,
        "width": MANY_WIDTH,
        "labels": labels.tolist(),
        "means": scaler.mean_.tolist(),
        "scales": scaler.scale_.tolist(),
        "cases": cases,
    }


def main() -> None:
    features = short(7000, (ROWS, WIDTH), 2.0)
    noise = short(7001, (ROWS,), 0.5)
    labels = (features @ np.array([1.0, -0.5, 0.25, 0.0, 0.5]) + 2 * noise > 0.2).astype(int)
    cases = [solve(features, labels, ridge) for ridge in (0.5, 1.0, 20.0)]
    counts = 1 + np.arange(ROWS) % 7 / 2
    weighted = {"row_weights": counts.tolist(), **solve(features, labels, 1.0, counts)}
    write(
        "logistic_regression",
        {
            "features": features.ravel().tolist(),
            "labels": labels.tolist(),
            "width": WIDTH,
            "cases": cases,
            "weighted": weighted,
            "many": many(),
        },
    )


if __name__ == "__main__":
    main()
