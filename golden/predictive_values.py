"""PPV and NPV at other prevalences with intervals, by another way -> values/predictive_values.json.

As intervals.py: what a patch contributes is found by weighing it a little more and a little less in scikit-learn's recall,
from which Bayes' theorem gives the predictive value; the standard error from matrices over the cases.
"""

import warnings

import numpy as np
import scipy
import sklearn
from common.output import write
from intervals import STEP, ROUND_TRIP_DIGITS, samples, spread, interval
from scipy.stats import beta
from sklearn.metrics import recall_score

PREVALENCES = [0.01, 0.1, 0.35, 0.8]


def bayes(sensitivity, specificity, prevalence):
    """PPV and NPV; None if the probability of the call is 0."""
    joint = np.diag([1 - prevalence, prevalence]) @ np.array([[specificity, 1 - specificity], [1 - sensitivity, sensitivity]])
    called = joint.sum(axis=0)
    return {
        "ppv": None if called[1] == 0 else joint[1, 1] / called[1],
        "npv": None if called[0] == 0 else joint[0, 0] / called[0],
    }


def rates(labels, calls, weights=None):
    return [float(recall_score(labels, calls, pos_label=of, sample_weight=weights)) for of in (1, 0)]


def effective_cases(of_case, member):
    sizes = np.bincount(of_case[member])
    return sizes.sum() ** 2 / (sizes**2).sum()


def at_end(name, measured, labels, of_case, prevalence):
    """The interval if the rate that sets the value is 0 or 1: Clopper and Pearson's bound of that rate, then Bayes' theorem."""
    sensitivity, specificity = measured
    value = bayes(sensitivity, specificity, prevalence)[name]
    rate_is_specificity = (name == "ppv") == (value == 1)
    cases = effective_cases(of_case, labels == (0 if rate_is_specificity else 1))
    bound = beta.ppf(0.025, cases, 1) if value == 1 else beta.ppf(0.975, 1, cases)
    changed = (sensitivity, bound) if rate_is_specificity else (bound, specificity)
    other = float(bayes(*changed, prevalence)[name])
    return {"low": other, "high": 1} if value == 1 else {"low": 0, "high": other}


def estimates(labels, calls, of_case, prevalence):
    measured = rates(labels, calls)
    values = bayes(*measured, prevalence)
    found = {}
    for name, value in values.items():
        if value is None:
            found[name] = {"value": None, "low": None, "high": None}
            continue
        influence = np.zeros(labels.size)
        for patch in range(labels.size):
            for sign in (1, -1):
                weights = np.ones(labels.size)
                weights[patch] += sign * STEP
                influence[patch] += sign * bayes(*rates(labels, calls, weights), prevalence)[name] / (2 * STEP)
        # "balanced_accuracy" stands for a mean over two sets: patches with IDC, and those without.
        variation = spread("balanced_accuracy", influence, of_case, labels)
        if variation is not None and variation[0] < 1e-10 and value in (0, 1):
            bounds = at_end(name, measured, labels, of_case, prevalence)
        else:
            bounds = interval(name, value, variation)
        found[name] = {"value": float(value), **bounds}
    return {"prevalence": prevalence, **found}


def main():
    warnings.simplefilter("ignore")
    document = {
        "source": f"scikit-learn {sklearn.__version__}, scipy {scipy.__version__}, numpy {np.__version__}",
        "samples": [],
    }
    for name, cases, labels, models in samples():
        _, of_case = np.unique(cases, return_inverse=True)
        probabilities, threshold = models[0]
        highest = [probabilities[labels == label].max() for label in (0, 1)]
        # Also the lowest threshold that no patch without IDC reaches, if it leaves some with IDC.
        thresholds = [threshold, 0.3] + ([float((highest[0] + highest[1]) / 2)] if highest[0] < highest[1] else [])
        for cut in dict.fromkeys(thresholds):
            calls = (probabilities >= cut).astype(int)
            document["samples"].append(
                {
                    "name": name,
                    "cases": cases.tolist(),
                    "labels": labels.tolist(),
                    "probabilities": probabilities.tolist(),
                    "threshold": cut,
                    "at": [estimates(labels, calls, of_case, prevalence) for prevalence in PREVALENCES],
                }
            )
    write("predictive_values", document, ROUND_TRIP_DIGITS)


if __name__ == "__main__":
    main()
