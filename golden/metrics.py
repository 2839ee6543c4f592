"""scikit-learn's metrics, curves and reports on small inputs -> values/metrics.json, every number an exact float64.

Runs with scikit-learn 1.2 or later. A metric is null where its definition divides by zero and scikit-learn answers with
a stand-in.
"""

import re
import warnings

import numpy as np
import sklearn
from common.output import write
from sklearn import metrics
from sklearn.calibration import calibration_curve

ROUND_TRIP_DIGITS = 17
BINS = 10
NAMES = ["no IDC", "IDC"]


def cases():
    """Yields (name, labels, probabilities, threshold)."""
    random = np.random.RandomState(20190218)

    def informative(n, share):
        labels = (random.uniform(size=n) < share).astype(int)
        return labels, np.clip(random.normal(0.35 + 0.3 * labels, 0.2), 0, 1).round(6)

    labels, probabilities = informative(70, 0.3)
    yield "random", labels, probabilities, 0.5
    yield "float32 probabilities", labels, probabilities.astype(np.float32).astype(np.float64), 0.4
    yield "threshold on a score", labels, probabilities, float(np.sort(probabilities)[40])
    yield "heavy ties", labels, np.round(probabilities * 5) / 5, 0.6
    yield "ties in tenths", labels, np.round(probabilities, 1), 0.3
    yield "on the edges of calibration bins", labels, np.round(probabilities * 20) / 20, 0.5
    yield "uninformative", labels, random.uniform(size=labels.size).round(6), 0.5
    yield "constant", labels, np.full(labels.size, 0.25), 0.5
    yield "constant above", labels, np.full(labels.size, 0.75), 0.5
    yield "perfect", labels, np.where(labels == 1, 0.9, 0.1), 0.5
    yield "inverted", labels, np.where(labels == 1, 0.1, 0.9), 0.5
    yield "sure and right", labels, labels.astype(float), 0.5
    yield "sure and wrong", labels, 1.0 - labels, 0.5
    yield "nothing predicted", labels, probabilities, 1.01
    yield "everything predicted", labels, probabilities, 0.0
    yield "no IDC", np.zeros(9, int), random.uniform(size=9).round(6), 0.5
    yield "all IDC", np.ones(9, int), random.uniform(size=9).round(6), 0.5
    yield "one patch with IDC", np.array([1]), np.array([0.8]), 0.5
    yield "one patch without", np.array([0]), np.array([0.8]), 0.5
    yield "one of each", np.array([0, 1]), np.array([0.3, 0.3]), 0.3
    labels, probabilities = informative(250, 0.02)
    yield "imbalanced", labels, probabilities, 0.5
    # Rates of an odd number of eighths, which Python rounds to the even digit.
    yield "eighths", np.array([1] * 8 + [0] * 8), np.array([1.0] + [0.0] * 7 + [1.0] * 3 + [0.0] * 5), 0.5
    yield "more eighths", np.array([1] * 8 + [0] * 8), np.array([1.0] * 5 + [0.0] * 3 + [1.0] * 1 + [0.0] * 7), 0.5


def calibration_error(labels, probabilities):
    """The mean gap of scikit-learn's reliability curve, each bin weighed by its patches."""
    true_share, mean_probability = calibration_curve(labels, probabilities, n_bins=BINS, strategy="uniform")
    edges = np.linspace(0, 1, BINS + 1)
    sizes = np.bincount(np.searchsorted(edges[1:-1], probabilities), minlength=BINS)
    return float(np.average(np.abs(true_share - mean_probability), weights=sizes[sizes > 0]))


def expected_metrics(labels, probabilities, predictions):
    """Every metric; null where its definition divides by zero."""
    positives, negatives = int(labels.sum()), int((1 - labels).sum())
    predicted, rejected = int(predictions.sum()), int((1 - predictions).sum())
    both = positives > 0 and negatives > 0
    recall = lambda of: metrics.recall_score(labels, predictions, pos_label=of)
    precision = lambda of: metrics.precision_score(labels, predictions, pos_label=of)
    return {
        "auroc": metrics.roc_auc_score(labels, probabilities) if both else None,
        "auprc": metrics.average_precision_score(labels, probabilities) if positives else None,
        "accuracy": metrics.accuracy_score(labels, predictions),
        "sensitivity": recall(1) if positives else None,
        "specificity": recall(0) if negatives else None,
        "balanced_accuracy": metrics.balanced_accuracy_score(labels, predictions) if both else None,
        "ppv": precision(1) if predicted else None,
        "npv": precision(0) if rejected else None,
        "f1": metrics.f1_score(labels, predictions) if positives or predicted else None,
        "mcc": metrics.matthews_corrcoef(labels, predictions) if both and predicted and rejected else None,
        "brier": metrics.brier_score_loss(labels, probabilities, pos_label=1),
        "log_loss": metrics.log_loss(labels, probabilities, labels=[0, 1]),
        "calibration_error": calibration_error(labels, probabilities),
    }


def roc(labels, probabilities):
    """The curve without its first threshold, which is max + 1 in scikit-learn 1.2 and infinity later."""
    if labels.min() == labels.max():
        return None
    false_rate, true_rate, thresholds = metrics.roc_curve(labels, probabilities, drop_intermediate=False)
    return {
        "falsePositiveRate": false_rate.tolist(),
        "truePositiveRate": true_rate.tolist(),
        "thresholds": thresholds[1:].tolist(),
    }


def precision_recall(labels, probabilities):
    if labels.max() == 0:
        return None
    precision, recall, thresholds = metrics.precision_recall_curve(labels, probabilities, pos_label=1)
    return {"precision": precision.tolist(), "recall": recall.tolist(), "thresholds": thresholds.tolist()}


def expected(name, labels, probabilities, threshold):
    predictions = (probabilities >= threshold).astype(int)
    (tn, fp), (fn, tp) = metrics.confusion_matrix(labels, predictions, labels=[0, 1]).tolist()
    return {
        "name": name,
        "labels": labels.tolist(),
        "probabilities": probabilities.tolist(),
        "threshold": threshold,
        "confusion": {"tn": tn, "fp": fp, "fn": fn, "tp": tp},
        "metrics": expected_metrics(labels, probabilities, predictions),
        "roc": roc(labels, probabilities),
        "precisionRecall": precision_recall(labels, probabilities),
        "report": report_text(labels, predictions, NAMES),
    }


def report_text(labels, predictions, names):
    """The report, made the same for every version of scikit-learn and every input.

    Older versions call the accuracy row "micro avg", and fill it, where labels and predictions hold one class between
    them; all of them print the supports as floats where no prediction is right.
    """
    text = metrics.classification_report(labels, predictions, labels=[0, 1], target_names=names)
    text = re.sub(r"   micro avg {7}\d\.\d\d {6}\d\.\d\d", "    accuracy" + " " * 21, text)
    return re.sub(r"(?m)(\d+)\.0$", r"  \1", text)


def report_of(confusion, names):
    """The report of confusion counts [[tn, fp], [fn, tp]]."""
    counts = np.ravel(confusion)
    labels = np.repeat([0, 0, 1, 1], counts)
    predictions = np.repeat([0, 1, 0, 1], counts)
    return {"confusion": confusion, "classNames": names, "report": report_text(labels, predictions, names)}


def reports():
    """Reports of the tutorial's published confusion (PyImageSearch, 2019 and 2020) and of names short and long."""
    yield report_of([[33847, 5961], [2402, 13295]], ["0", "1"])
    yield report_of([[33107, 6746], [2303, 13349]], ["benign", "invasive ductal carcinoma"])
    yield report_of([[7, 0], [5, 0]], ["no IDC", "IDC"])
    yield report_of([[0, 3], [0, 5]], ["IDC \u2212", "IDC \U0001f52c\u2212 in a long name"])
    random = np.random.RandomState(8)
    for size in (4, 9, 17, 40, 150, 1000, 3000):
        yield report_of(random.randint(0, size, (2, 2)).tolist(), ["no IDC", "IDC"])


def main():
    warnings.simplefilter("ignore")
    document = {
        "source": f"scikit-learn {sklearn.__version__}, numpy {np.__version__}",
        "cases": [expected(*case) for case in cases()],
        "reports": list(reports()),
    }
    write("metrics", document, ROUND_TRIP_DIGITS)


if __name__ == "__main__":
    main()
