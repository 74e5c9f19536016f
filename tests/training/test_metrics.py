"""Known answers for the figures on the cards."""

import numpy as np
import pytest

from mmdemo.training.measure import metrics


def test_retrieval_by_hand():
    images = np.eye(3)
    texts = np.array([[1.0, 0, 0], [0, 0.6, 0.8], [0, 0.1, 0.9]])  # text 1 is nearer to photo 2 than to its own
    figures = metrics.retrieval(images, texts, np.array([0, 1, 2]))
    assert figures["text_to_image_R@1"] == pytest.approx(200 / 3)
    assert figures["image_to_text_R@1"] == pytest.approx(100)
    assert figures["text_to_image_R@5"] == 100


def test_calibration_error_by_hand():
    probability = np.array([0.95, 0.95, 0.05, 0.05])
    assert metrics.calibration_error(probability, np.array([1, 1, 0, 0])) == pytest.approx(0.05)
    assert metrics.calibration_error(probability, np.array([1, 0, 0, 1])) == pytest.approx(0.45)


def test_yes_no_and_classes_by_hand():
    found = metrics.yes_no(np.array([0.9, 0.6, 0.4, 0.1]), np.array([1, 0, 1, 0]))
    assert found["AUC"] == pytest.approx(0.75) and found["accuracy"] == pytest.approx(50)
    found = metrics.classes(np.array([0, 0, 2, 2]), np.array([0, 1, 2, 2]))
    assert found["accuracy"] == pytest.approx(75)
    assert found["macro_F1"] == pytest.approx(100 * (2 / 3 + 0 + 1) / 3)
