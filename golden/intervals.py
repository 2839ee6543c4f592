"""Intervals for other cases like these, by another way -> values/intervals.json.

What a patch contributes to a metric is found by weighing it a little more and a little less in scikit-learn's metrics; the
standard error from matrices over the cases, the variance between cases by a root finder; quantiles by scipy.
"""

import warnings

import numpy as np
import scipy
import sklearn
from common.output import write
from metrics import BINS, expected_metrics
from scipy.optimize import brentq
from scipy.stats import t as student
from sklearn import metrics

ROUND_TRIP_DIGITS = 17
STEP = 1e-4
OVER = {"auroc": "both", "balanced_accuracy": "both", "sensitivity": "idc", "specificity": "none"}
QUANTILES = [1, 1.5, 2, 3.3, 6.55, 10, 48, 500]


def samples():
    """Yields (name, cases, labels, [probabilities, threshold] of two models)."""
    random = np.random.RandomState(20070101)

    def answers(labels, hardness, spread, digits):
        logits = random.normal((2 * labels - 1) * 1.2 + hardness, spread)
        return (1 / (1 + np.exp(-logits))).round(digits)

    sizes = np.r_[60, 45, random.randint(3, 15, 23)]
    cases = np.repeat([str(number) for number in range(85, 110)], sizes)
    shares = np.repeat(random.beta(1, 2, 25), sizes)
    hardness = np.repeat(random.normal(0, 0.8, 25), sizes)
    labels = (random.uniform(size=cases.size) < shares).astype(int)
    # Patches of a case do not stand together.
    order = random.permutation(cases.size)
    models = [[answers(labels, hardness, 1.0, 6)[order], 0.5], [answers(labels, hardness, 1.6, 6)[order], 0.35]]
    yield "25 cases, two large", cases[order], labels[order], models

    cases = np.repeat([f"case {number}" for number in range(14)], 8)
    labels = ((cases == "case 3") | (cases == "case 11")).astype(int) * random.randint(0, 2, cases.size)
    coarse = [np.round(answers(labels, 0.0, 1.0, 6) * 20) / 20 for _ in range(2)]
    yield "IDC in two cases, many ties", cases, labels, [[coarse[0], 0.5], [coarse[1], 0.6]]

    cases = np.repeat(["a", "b", "c"], [4, 5, 6])
    scores = random.uniform(0.1, 0.4, cases.size).round(6)
    models = [[np.where(cases == "b", scores + 0.5, scores), 0.5], [scores, 0.3]]
    yield "three cases, IDC in one of them", cases, (cases == "a").astype(int), models

    cases = np.repeat(["a", "b", "c", "d"], [3, 9, 5, 7])
    labels = np.tile([0, 1], 12)
    yield "perfect", cases, labels, [[0.2 + 0.6 * labels, 0.5], [0.1 + 0.8 * labels, 0.5]]


def weighted_metrics(labels, probabilities, threshold, weights):
    calls = (probabilities >= threshold).astype(int)
    of = {"sample_weight": weights}
    bins = np.maximum(np.ceil(probabilities * BINS).astype(int) - 1, 0)
    gaps = np.abs(np.bincount(bins, weights * (probabilities - labels))).sum() / weights.sum()
    return {
        "auroc": lambda: metrics.roc_auc_score(labels, probabilities, **of),
        "auprc": lambda: metrics.average_precision_score(labels, probabilities, **of),
        "accuracy": lambda: metrics.accuracy_score(labels, calls, **of),
        "sensitivity": lambda: metrics.recall_score(labels, calls, **of),
        "specificity": lambda: metrics.recall_score(labels, calls, pos_label=0, **of),
        "balanced_accuracy": lambda: metrics.balanced_accuracy_score(labels, calls, **of),
        "ppv": lambda: metrics.precision_score(labels, calls, **of),
        "npv": lambda: metrics.precision_score(labels, calls, pos_label=0, **of),
        "f1": lambda: metrics.f1_score(labels, calls, **of),
        "mcc": lambda: metrics.matthews_corrcoef(labels, calls, **of),
        "brier": lambda: metrics.brier_score_loss(labels, probabilities, pos_label=1, **of),
        "log_loss": lambda: metrics.log_loss(labels, probabilities, labels=[0, 1], **of),
        "calibration_error": lambda: gaps,
    }


def influences(labels, probabilities, threshold, values):
    """By metric [n] the derivative by the weight of each patch; None if the metric is undefined."""
    found = {name: np.zeros(labels.size) for name, value in values.items() if value is not None}
    for patch in range(labels.size):
        for sign in (1, -1):
            weights = np.ones(labels.size)
            weights[patch] += sign * STEP
            of = weighted_metrics(labels, probabilities, threshold, weights)
            for name, column in found.items():
                column[patch] += sign * of[name]() / (2 * STEP)
    return {name: found.get(name) for name in values}


def stratum(influence, of_case, member):
    """Shares, means, variances between and within: arrays over all cases, zero for a case without patches."""
    size = np.array([(of_case == case)[member].sum() for case in range(of_case.max() + 1)], float)
    has, total = size > 0, size.sum()
    share, mean = size / total, np.zeros(size.size)
    single = influence * total
    for case in np.flatnonzero(has):
        mean[case] = single[member & (of_case == case)].mean()
    within = ((single - mean[of_case])[member] ** 2).sum() / (total - has.sum()) if total > has.sum() else 0.0
    noise = np.where(has, within / np.where(has, size, 1), 0)

    def score(between):
        v = np.where(has, between + noise, 0)
        pull = np.eye(size.size) - np.outer(np.ones(size.size), share)
        shrink = np.diag(pull @ np.diag(v) @ pull.T)[has] / v[has]
        return ((mean[has] ** 2 / shrink - noise[has] - between) / v[has] ** 2).sum()

    highest = 1e4 * (mean**2).sum() + 1e-300
    lowest = 1e-15 * highest
    # What a case contributes by rounding is no variation.
    if has.sum() < 2 or np.abs(single).max() < 1e-7 or score(lowest) <= 0:
        between = 0.0
    else:
        between = brentq(score, lowest, highest, xtol=1e-300, rtol=1e-14, maxiter=1000)
    return {"share": share, "mean": mean, "v": np.where(has, between + noise, 0), "between": between, "has": has, "size": size}


def spread(name, influence, of_case, labels):
    """(standard error, degrees of freedom, effective cases), or None."""
    over = OVER.get(name, "all")
    members = {"all": [labels >= 0], "idc": [labels == 1], "none": [labels == 0], "both": [labels == 1, labels == 0]}[over]
    strata = [stratum(influence, of_case, member) for member in members]
    if min(one["has"].sum() for one in strata) < 2:
        return None
    count, k = strata[0]["share"].size, len(strata)
    shares = np.array([one["share"] for one in strata])
    precision = np.array([np.where(one["v"] > 0, 1 / np.where(one["v"] > 0, one["v"], 1), 0) for one in strata])
    both = np.zeros((k, k))
    if k == 2:
        weight = precision[0] * precision[1]
        expected = (weight * (1 - shares[0] - shares[1] + shares[0] @ shares[1])).sum()
        bound = np.sqrt(strata[0]["between"] * strata[1]["between"])
        product = (weight * strata[0]["mean"] * strata[1]["mean"]).sum()
        both[0, 1] = both[1, 0] = np.clip(product / expected, -bound, bound) if expected > 0 else 0
    variance = uncertainty = 0.0
    gram = shares @ shares.T
    for case in range(count):
        covariance = np.diag([one["v"][case] for one in strata])
        present = all(one["v"][case] > 0 for one in strata)
        variance += shares[:, case] @ (covariance + both) @ shares[:, case]
        form = np.zeros((k, k))
        for i in range(k):
            for j in range(k):
                weights = precision[i] * precision[j]
                form[i, j] = gram[i, j] * weights[case] / weights.sum() if weights.sum() > 0 else 0
        seen = form @ (covariance + both * present)
        uncertainty += 2 * np.trace(seen @ seen)
    cases = min(one["has"].sum() for one in strata)
    free = 2 * variance**2 / uncertainty if uncertainty > 0 else np.inf
    effective = min(one["size"].sum() ** 2 / (one["size"] ** 2).sum() for one in strata)
    return np.sqrt(max(variance, 0)), max(1, min(cases - 1, free)), effective


def interval(name, value, found):
    none = {"low": None, "high": None}
    if value is None or found is None:
        return none
    error, free, cases = found
    if name == "log_loss":
        reach = error * student.ppf(0.975, free) / value if value > 0 else 0
        return none if error < 1e-10 else {"low": value * np.exp(-reach), "high": value * np.exp(reach)}
    low, high = (-1, 1) if name == "mcc" else (0, 1)
    share, width = (value - low) / (high - low), high - low
    if error < 1e-10:
        if abs(share - 1) < 1e-9:
            return {"low": low + width * 0.025 ** (1 / cases), "high": high}
        return {"low": low, "high": high - width * 0.025 ** (1 / cases)} if abs(share) < 1e-9 else none
    reach = student.ppf(0.975, free) * error / width / (2 * np.sqrt(share * (1 - share)))
    ends = np.clip(np.arcsin(np.sqrt(share)) + np.array([-reach, reach]), 0, np.pi / 2)
    return dict(zip(["low", "high"], (low + width * np.sin(ends) ** 2).tolist()))


def difference(name, values, influence, of_case, labels):
    if None in values:
        return {"value": None, "low": None, "high": None}
    gap = values[1] - values[0]
    found = spread(name, influence[1] - influence[0], of_case, labels)
    if found is None or found[0] < 1e-10:
        return {"value": gap, "low": None, "high": None}
    most = {"mcc": 2, "log_loss": np.inf}.get(name, 1)
    reach = found[0] * student.ppf(0.975, found[1])
    return {"value": gap, "low": float(max(gap - reach, -most)), "high": float(min(gap + reach, most))}


def macro(name, row):
    values = np.array([value for value in row if value is not None])
    if values.size < 2:
        return {"value": float(values[0]) if values.size else None, "low": None, "high": None, "cases": values.size}
    error = float(values.std(ddof=1) / np.sqrt(values.size))
    found = (error, values.size - 1, values.size)
    return {"value": float(values.mean()), **interval(name, float(values.mean()), found), "cases": values.size}


def expected(name, cases, labels, models):
    names, of_case = np.unique(cases, return_inverse=True)
    values, moves, estimates = [], [], []
    for probabilities, threshold in models:
        values.append(expected_metrics(labels, probabilities, (probabilities >= threshold).astype(int)))
        moves.append(influences(labels, probabilities, threshold, values[-1]))
        estimates.append(
            {
                key: {"value": value, **interval(key, value, None if value is None else spread(key, moves[-1][key], of_case, labels))}
                for key, value in values[-1].items()
            }
        )
    probabilities, threshold = models[0]
    rows = []
    for case in range(names.size):
        at = of_case == case
        rows.append(expected_metrics(labels[at], probabilities[at], (probabilities[at] >= threshold).astype(int)))
    return {
        "name": name,
        "cases": cases.tolist(),
        "labels": labels.tolist(),
        "models": [{"probabilities": p.tolist(), "threshold": t} for p, t in models],
        "estimates": estimates,
        "differences": {
            key: difference(key, [value[key] for value in values], [move[key] for move in moves], of_case, labels)
            for key in values[0]
        },
        "macro": {key: macro(key, [row[key] for row in rows]) for key in rows[0]},
    }


def main():
    warnings.simplefilter("ignore")
    document = {
        "source": f"scikit-learn {sklearn.__version__}, scipy {scipy.__version__}, numpy {np.__version__}",
        "quantiles": [{"degrees": free, "value": float(student.ppf(0.975, free))} for free in QUANTILES],
        "samples": [expected(*sample) for sample in samples()],
    }
    write("intervals", document, ROUND_TRIP_DIGITS)


if __name__ == "__main__":
    main()
