"""Confident learning by the formulas of Northcutt, Jiang and Chuang (2021) -> values/suspected_labels.json.

For any number of classes, as the paper writes them: thresholds t_j (equation 2), the confident joint C (equation 1), its
calibration to the joint Q (equation 3), and the off-diagonals of C as the suspected examples.
"""

import numpy as np
from common.output import write

ROUND_TRIP_DIGITS = 17


def samples():
    """Yields (name, labels, probabilities of class 1)."""
    random = np.random.RandomState(20210701)
    for name, size, share, shift, flips in [
        ("one in four positive, a tenth flipped", 120, 0.25, 1.5, 0.1),
        ("positives flipped only", 90, 0.5, 1.2, 0.0),
        ("a model that prefers class 0", 100, 0.4, 1.0, 0.05),
        ("ties in tenths", 80, 0.4, 1.0, 0.1),
    ]:
        true = (random.uniform(size=size) < share).astype(int)
        logits = random.normal((2 * true - 1) * shift - (1.5 if "prefers" in name else 0), 1)
        probabilities = (1 / (1 + np.exp(-logits))).round(1 if "tenths" in name else 6)
        flipped = random.uniform(size=size) < flips
        if "only" in name:
            flipped = (true == 1) & (random.uniform(size=size) < 0.3)
        yield name, np.where(flipped, 1 - true, true), probabilities
    yield "perfect", np.array([0, 0, 1, 1, 1]), np.array([0.1, 0.2, 0.8, 0.9, 0.7])
    yield "all alike", np.array([0, 1, 1, 0]), np.full(4, 0.75)


def confident_learning(labels, matrix):
    classes = matrix.shape[1]
    thresholds = [matrix[labels == j, j].mean() for j in range(classes)]
    joint = np.zeros((classes, classes))
    suspected = []
    for k, (label, row) in enumerate(zip(labels, matrix)):
        confident = [j for j in range(classes) if row[j] >= thresholds[j]]
        if not confident:
            continue
        # Among equally probable classes the label is believed.
        best = max(confident, key=lambda j: (row[j], j == label))
        joint[label, best] += 1
        if best != label:
            suspected.append(k)
    of_label = np.array([(labels == i).sum() for i in range(classes)])
    calibrated = joint / joint.sum(axis=1, keepdims=True) * of_label[:, None]
    estimate = calibrated / calibrated.sum() * labels.size
    margins = [row[label] - max(np.delete(row, label)) for label, row in zip(labels, matrix)]
    suspected.sort(key=lambda k: (margins[k], k))
    return {
        "thresholds": {"none": float(thresholds[0]), "idc": float(thresholds[1])},
        "margins": [float(one) for one in margins],
        "suspected": suspected,
        "counts": {"none": int(joint[0, 1]), "idc": int(joint[1, 0])},
        "estimated": {"none": float(estimate[0, 1]), "idc": float(estimate[1, 0])},
    }


def main():
    document = {"source": f"numpy {np.__version__}", "samples": []}
    for name, labels, probabilities in samples():
        found = confident_learning(labels, np.column_stack([1 - probabilities, probabilities]))
        document["samples"].append(
            {"name": name, "labels": labels.tolist(), "probabilities": probabilities.tolist(), **found}
        )
    write("suspected_labels", document, ROUND_TRIP_DIGITS)


if __name__ == "__main__":
    main()
