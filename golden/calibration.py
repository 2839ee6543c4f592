"""Temperatures (scipy), reliability and operating points (scikit-learn), net benefit -> values/calibration.json."""

import numpy as np
import scipy
import sklearn
from common.output import write
from scipy.optimize import minimize_scalar
from scipy.special import expit, logit
from sklearn.calibration import calibration_curve
from sklearn.metrics import confusion_matrix, log_loss, roc_curve

ROUND_TRIP_DIGITS = 17
LARGEST_LOGIT = 24 * np.log(2)
BINS = 10
SENSITIVITIES = SPECIFICITIES = [0.8, 0.9, 0.95, 0.99, 1.0]
COSTS = [0.2, 1, 5]
THRESHOLDS = [0.05, 0.1, 0.25, 0.5, 0.75, 0.9]


def cases():
    """Yields (name, labels, probabilities, temperature they were made with or None)."""
    random = np.random.RandomState(20171706)

    def made(n, temperature, shift=-1.0):
        """Labels drawn from the probabilities, whose logits are then multiplied by the temperature."""
        logits = random.normal(shift, 2, n)
        labels = (random.uniform(size=n) < expit(logits)).astype(int)
        return labels, expit(logits * temperature).round(9)

    for temperature in (0.3, 1.0, 2.5):
        yield f"made with temperature {temperature}", *made(400, temperature), temperature
    labels, probabilities = made(300, 6.0)
    yield "saturated float32", labels, probabilities.astype(np.float32).astype(np.float64), 6.0
    labels, probabilities = made(200, 1.0)
    yield "heavy ties", labels, np.round(probabilities * 8) / 8, None
    yield "imbalanced", *made(300, 1.5, shift=-5.0), None


def scaled(probabilities, temperature):
    with np.errstate(divide="ignore"):
        return expit(np.clip(logit(probabilities), -LARGEST_LOGIT, LARGEST_LOGIT) / temperature)


def temperature_of(labels, probabilities):
    loss = lambda log_t: log_loss(labels, scaled(probabilities, np.exp(log_t)), labels=[0, 1])
    found = minimize_scalar(loss, bounds=np.log([0.05, 20]), method="bounded", options={"xatol": 1e-10})
    return {
        "temperature": round(float(np.exp(found.x)), 6),
        "lossBefore": float(loss(0.0)),
        "lossAfter": float(found.fun),
        "scaledBy2": scaled(probabilities, 2).round(14).tolist(),
    }


def points(labels, probabilities):
    """For each rule the lowest score that is still called IDC; None stands for none (infinity)."""
    alarms, found, scores = roc_curve(labels, probabilities, drop_intermediate=False)
    positives, negatives = labels.sum(), (1 - labels).sum()
    score = lambda place: None if place == 0 else float(scores[place])
    first_best = lambda worth: score(int(np.argmax(np.round(worth, 12))))
    rules = {"youden": first_best(found - alarms)}
    for value in SENSITIVITIES:
        rules[f"sensitivity={value:g}"] = first_best(np.where(found >= value, 1 - alarms, -1))
    for value in SPECIFICITIES:
        rules[f"specificity={value:g}"] = first_best(np.where(1 - alarms >= value, found, -1))
    for value in COSTS:
        rules[f"cost={value:g}"] = first_best(-(value * (1 - found) * positives + alarms * negatives))
    return rules


def net_benefit(labels, probabilities, threshold):
    (_, fp), (_, tp) = confusion_matrix(labels, probabilities >= threshold, labels=[0, 1])
    cost = threshold / (1 - threshold)
    return {
        "threshold": threshold,
        "model": float(tp / len(labels) - fp / len(labels) * cost),
        "all": float(labels.mean() - (1 - labels.mean()) * cost),
    }


def expected(name, labels, probabilities, made_with):
    share, mean_probability = calibration_curve(labels, probabilities, n_bins=BINS, strategy="uniform")
    return {
        "name": name,
        "labels": labels.tolist(),
        "probabilities": probabilities.tolist(),
        "madeWith": made_with,
        **temperature_of(labels, probabilities),
        "reliability": {"share": share.tolist(), "meanProbability": mean_probability.tolist()},
        "points": points(labels, probabilities),
        "netBenefit": [net_benefit(labels, probabilities, threshold) for threshold in THRESHOLDS],
    }


def main():
    document = {
        "source": f"scikit-learn {sklearn.__version__}, scipy {scipy.__version__}, numpy {np.__version__}",
        "cases": [expected(*case) for case in cases()],
    }
    write("calibration", document, ROUND_TRIP_DIGITS)


if __name__ == "__main__":
    main()
