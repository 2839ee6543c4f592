"""Differences of two settings over cases and seeds, by another way -> values/seeds.json.

Spread over cases as in intervals.py. The part that is in both, cases and seeds, is found by leaving the averages out: from
the mean covariance between seeds for the case by case differences, from the deviations of the seeds for the influences.
"""

import warnings

import numpy as np
import scipy
import sklearn
from common.output import write
from intervals import influences, spread
from metrics import expected_metrics
from scipy.stats import t as student
from sklearn.metrics import roc_auc_score

ROUND_TRIP_DIGITS = 17
THRESHOLDS = [0.5, 0.42]


def samples():
    """Yields (name, cases, labels, [setting][seed] probabilities)."""
    random = np.random.RandomState(20070102)
    for name, count, seeds, quality, noise in [
        ("14 cases, three seeds that differ much", 14, 3, 0.8, 0.3),
        ("12 cases, four seeds that differ case by case", 12, 4, 0.0, 0.9),
        ("9 cases, one seed", 9, 1, 0.3, 0.4),
    ]:
        sizes = random.randint(6, 14, count)
        of_case = np.repeat(np.arange(count), sizes)
        labels = np.tile([0, 1, 0], of_case.size)[: of_case.size]
        base = random.normal(2 * labels - 1, 1.2) + random.normal(0, 0.5, count)[of_case]
        models = []
        for setting in range(2):
            own = random.normal(0, 0.3, count)
            runs = []
            for _ in range(seeds):
                better = 0.4 * setting + random.normal(0, quality)
                logits = base + (labels - 0.5) * better + (own + random.normal(0, noise, count))[of_case]
                runs.append((1 / (1 + np.exp(-logits + random.normal(0, 0.4, labels.size)))).round(6))
            models.append(runs)
        yield name, np.array([f"case {one}" for one in of_case]), labels, models


def combined(gaps, whole, part):
    """The difference over seeds, from the spread over cases of the average and the mean variance of both, as a dict."""
    gaps, seeds = np.array(gaps), len(gaps)
    error, free, _ = whole
    if seeds > 1:
        between = gaps.var(ddof=1) / seeds
        if between > part:
            total = error**2 + between - min(part, error**2)
            free = max(1, total**2 / (error**4 / free + between**2 / (seeds - 1)))
            error = np.sqrt(total)
    reach = student.ppf(0.975, free) * error
    return {"value": gaps.mean(), "low": gaps.mean() - reach, "high": gaps.mean() + reach, "standardError": error, "degrees": free}


def clipped(row, most, seeds):
    low, high = float(max(row["low"], -most)), float(min(row["high"], most))
    return {**{key: float(value) for key, value in row.items()}, "low": low, "high": high, "seeds": seeds}


def over_patches(cases, labels, models):
    of_case = np.unique(cases, return_inverse=True)[1]
    seeds = len(models[0])
    values, moves = [], []
    for runs, threshold in zip(models, THRESHOLDS):
        values.append([expected_metrics(labels, run, (run >= threshold).astype(int)) for run in runs])
        moves.append([influences(labels, run, threshold, value) for run, value in zip(runs, values[-1])])
    found = {}
    for name in values[0][0]:
        gaps = [after[name] - before[name] for before, after in zip(*values)]
        changes = np.array([after[name] - before[name] for before, after in zip(*moves)])
        whole = spread(name, changes.mean(0), of_case, labels)
        deviations = [spread(name, change - changes.mean(0), of_case, labels)[0] ** 2 for change in changes]
        part = np.mean(deviations) / (seeds - 1) if seeds > 1 else 0
        found[name] = clipped(combined(gaps, whole, part), {"mcc": 2, "log_loss": np.inf}.get(name, 1), seeds)
    return found


def over_cases(cases, labels, models):
    """The AUROC of each case: a complete table of cases and seeds, so that covariances between seeds serve."""
    names = np.unique(cases)
    table = np.array([[[roc_auc_score(labels[cases == one], run[cases == one]) for one in names] for run in runs] for runs in models])
    changes = table[1] - table[0]
    count, seeds = names.size, changes.shape[0]
    covariance = np.atleast_2d(np.cov(changes))
    own = np.trace(covariance) / seeds
    shared = (covariance.sum() - np.trace(covariance)) / (seeds * (seeds - 1)) if seeds > 1 else own
    whole = (np.sqrt((shared + (own - shared) / seeds) / count), count - 1, count)
    return clipped(combined(changes.mean(1), whole, (own - shared) / seeds / count), 1, seeds)


def main():
    warnings.simplefilter("ignore")
    document = {
        "source": f"scikit-learn {sklearn.__version__}, scipy {scipy.__version__}, numpy {np.__version__}",
        "thresholds": THRESHOLDS,
        "samples": [
            {
                "name": name,
                "cases": cases.tolist(),
                "labels": labels.tolist(),
                "models": [[run.tolist() for run in runs] for runs in models],
                "differences": over_patches(cases, labels, models),
                "auroc_over_cases": over_cases(cases, labels, models),
            }
            for name, cases, labels, models in samples()
        ],
    }
    write("seeds", document, ROUND_TRIP_DIGITS)


if __name__ == "__main__":
    main()
