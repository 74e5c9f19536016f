"""Figures that every card states, each from plain arrays. Known answers stand in tests/training/test_metrics.py."""

from collections.abc import Sequence

import numpy as np
from sklearn.metrics import accuracy_score, f1_score, roc_auc_score

from mmdemo.engine.gallery_measures import KS, recall


def recall_at(similarity: np.ndarray, right: np.ndarray, ks: Sequence[int]) -> dict[int, float]:
    """Per cent of queries with their own candidate among the k most similar; arguments as of `recall`."""
    return {k: 100 * share for k, share in recall(similarity, right, ks).at.items()}


def retrieval(images: np.ndarray, texts: np.ndarray, photo_of_text: np.ndarray) -> dict[str, float]:
    """Recall at 1, 5 and 10 in both directions.

    Args:
        images: unit vectors [P, D].
        texts: unit vectors [T, D].
        photo_of_text: [T], the photo that each text describes.
    """
    similarity = images @ texts.T  # [P, T]
    right = photo_of_text[None, :] == np.arange(len(images))[:, None]  # [P, T]
    found, back = recall_at(similarity, right, KS), recall_at(similarity.T, right.T, KS)
    return {f"{way}_R@{k}": at[k] for k in KS for way, at in (("image_to_text", found), ("text_to_image", back))}


def calibration_error(probability: np.ndarray, truth: np.ndarray, bins: int = 10) -> float:
    """Expected calibration error in [0, 1]: mean |confidence - frequency| over equal-width bins, weighted by count.

    For a yes/no answer: `probability` is that of "yes", `truth` is 0 or 1 (Naeini et al. 2015; Guo et al. 2017, eq. 3).
    """
    which = np.minimum((probability * bins).astype(int), bins - 1)
    error = 0.0
    for b in range(bins):
        inside = which == b
        if inside.any():
            error += inside.mean() * abs(probability[inside].mean() - truth[inside].mean())
    return float(error)


def yes_no(probability: np.ndarray, truth: np.ndarray) -> dict[str, float]:
    """AUC, accuracy at 0.5 (per cent) and calibration error of yes/no probabilities [n] against truth [n]."""
    return {
        "AUC": float(roc_auc_score(truth, probability)),
        "accuracy": 100 * float(accuracy_score(truth, probability > 0.5)),
        "calibration_error": calibration_error(probability, truth),
    }


def classes(predicted: np.ndarray, truth: np.ndarray) -> dict[str, float]:
    """Accuracy and macro-F1 in per cent of class indices [n]."""
    return {
        "accuracy": 100 * float(accuracy_score(truth, predicted)),
        "macro_F1": 100 * float(f1_score(truth, predicted, average="macro")),
    }
