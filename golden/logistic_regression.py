"""Logistic regression: weights and bias by scikit-learn on a few hundred hash-made rows."""

import numpy as np
from sklearn.linear_model import LogisticRegression

from common.hashing import short
from common.output import write

ROWS, WIDTH = 300, 5


def main() -> None:
    features = short(7000, (ROWS, WIDTH), 2.0)
    noise = short(7001, (ROWS,), 0.5)
    labels = (features @ np.array([1.0, -0.5, 0.25, 0.0, 0.5]) + 2 * noise > 0.2).astype(int)
    cases = []
    for ridge in (0.5, 1.0, 20.0):
        model = LogisticRegression(C=1 / ridge, tol=1e-12, max_iter=10_000, solver="lbfgs").fit(features, labels)
        # lbfgs stops early; Newton's method from there is exact.
        weights = np.append(model.coef_[0], model.intercept_[0])
        full = np.hstack([features, np.ones((ROWS, 1))])
        shrink = np.diag([ridge] * WIDTH + [0.0])
        for _ in range(20):
            p = 1 / (1 + np.exp(-full @ weights))
            weights = weights - np.linalg.solve(full.T @ (full * (p * (1 - p))[:, None]) + shrink, full.T @ (p - labels) + shrink @ weights)
        assert np.allclose(weights[:WIDTH], model.coef_[0], atol=1e-4), "Newton and scikit-learn part"
        cases.append({"ridge": ridge, "weights": weights[:WIDTH].tolist(), "bias": float(weights[WIDTH])})
    write("logistic_regression", {"features": features.ravel().tolist(), "labels": labels.tolist(), "width": WIDTH, "cases": cases})


if __name__ == "__main__":
    main()
