"""Intervals from resampled cases, by scikit-learn on the patches written out again in every draw -> values/intervals.json.

Draw d takes, at each of n places, the case floor(hash * n / 2^32) of the n sorted names, the hash being that of the place in
tensor 6000 + d: the tests make the same draws.
"""

import warnings

import numpy as np
import sklearn
from common.hashing import hash32
from common.output import write
from metrics import expected_metrics

ROUND_TRIP_DIGITS = 17
FIRST_DRAW = 6000
DRAWS = 200
LOSSES = ["brier", "log_loss", "calibration_error"]


def samples():
    """Yields (name, cases, labels, [probabilities, threshold] of two models)."""
    random = np.random.RandomState(20070101)

    def answers(labels, hardness, spread, digits):
        logits = random.normal((2 * labels - 1) * 1.2 + hardness, spread)
        return (1 / (1 + np.exp(-logits))).round(digits)

    sizes = random.randint(3, 25, 40)
    cases = np.repeat([str(number) for number in range(85, 125)], sizes)
    shares = np.repeat(random.beta(1, 2, 40), sizes)
    hardness = np.repeat(random.normal(0, 0.8, 40), sizes)
    labels = (random.uniform(size=cases.size) < shares).astype(int)
    # Patches of a case do not stand together.
    order = random.permutation(cases.size)
    models = [[answers(labels, hardness, 1.0, 6)[order], 0.5], [answers(labels, hardness, 1.6, 6)[order], 0.35]]
    yield "40 cases", cases[order], labels[order], models

    cases = np.repeat([f"case {number}" for number in range(14)], 8)
    labels = ((cases == "case 3") | (cases == "case 11")).astype(int) * random.randint(0, 2, cases.size)
    coarse = [np.round(answers(labels, 0.0, 1.0, 6) * 20) / 20 for _ in range(2)]
    yield "IDC in two cases, many ties", cases, labels, [[coarse[0], 0.5], [coarse[1], 0.6]]

    cases = np.repeat(["a", "b", "c"], [4, 5, 6])
    scores = random.uniform(0.1, 0.4, cases.size).round(6)
    models = [[np.where(cases == "b", scores + 0.5, scores), 0.5], [scores, 0.3]]
    yield "three cases, metrics mostly undefined", cases, (cases == "a").astype(int), models


def draws_of(count):
    return [hash32(FIRST_DRAW + draw, count).astype(np.int64) * count >> 32 for draw in range(DRAWS)]


def all_metrics(labels, probabilities, threshold):
    return expected_metrics(labels, probabilities, (probabilities >= threshold).astype(int))


def interval(values):
    defined = [value for value in values if value is not None]
    usable = 2 * len(defined) >= len(values)
    low, high = np.percentile(defined, [2.5, 97.5]).tolist() if usable else (None, None)
    return {"low": low, "high": high, "undefinedDraws": len(values) - len(defined)}


def by_name(dictionaries):
    return {name: [dictionary[name] for dictionary in dictionaries] for name in dictionaries[0]}


def minus(second, first):
    return None if second is None or first is None else second - first


def favours_second(name, gaps):
    # The same value by another way differs by rounding.
    defined = np.array([gap for gap in gaps if gap is not None]).round(12)
    better = defined < 0 if name in LOSSES else defined > 0
    return float(np.mean(better + (defined == 0) / 2)) if defined.size else None


def mean(values):
    defined = [value for value in values if value is not None]
    return float(np.mean(defined)) if defined else None


def expected(name, cases, labels, models):
    names = sorted(set(cases.tolist()))
    patches = [np.flatnonzero(cases == case) for case in names]
    draws = draws_of(len(names))
    values, drawn = [], []
    for probabilities, threshold in models:
        values.append(all_metrics(labels, probabilities, threshold))
        resampled = [np.concatenate([patches[case] for case in draw]) for draw in draws]
        drawn.append(by_name([all_metrics(labels[at], probabilities[at], threshold) for at in resampled]))
    gaps = {key: [minus(b, a) for a, b in zip(drawn[0][key], drawn[1][key])] for key in drawn[0]}
    probabilities, threshold = models[0]
    rows = by_name([all_metrics(labels[at], probabilities[at], threshold) for at in patches])
    return {
        "name": name,
        "cases": cases.tolist(),
        "labels": labels.tolist(),
        "models": [{"probabilities": p.tolist(), "threshold": t} for p, t in models],
        "estimates": [
            {key: {"value": values[model][key], **interval(drawn[model][key])} for key in values[model]}
            for model in range(2)
        ],
        "differences": {
            key: {
                "value": minus(values[1][key], values[0][key]),
                **interval(gaps[key]),
                "favoursSecond": favours_second(key, gaps[key]),
            }
            for key in gaps
        },
        "macro": {
            key: {
                "value": mean(row),
                **interval([mean([row[case] for case in draw]) for draw in draws]),
                "cases": sum(value is not None for value in row),
            }
            for key, row in rows.items()
        },
    }


def main():
    warnings.simplefilter("ignore")
    document = {
        "source": f"scikit-learn {sklearn.__version__}, numpy {np.__version__}",
        "draws": DRAWS,
        "samples": [expected(*sample) for sample in samples()],
    }
    write("intervals", document, ROUND_TRIP_DIGITS)


if __name__ == "__main__":
    main()
