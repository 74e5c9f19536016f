"""The short texts are what their docstring says: balanced, distinct, and recognised whatever their punctuation."""

import pytest

from mmdemo.training.data.short_texts import is_kept_apart, listed, read, squeezed

MEASURED, DEVELOPMENT = read("measured"), read("development")


@pytest.mark.parametrize("language", ["English", "Chinese"])
def test_thirty_texts_a_language_with_each_feeling_at_least_eight_times(language):
    assert len(listed(MEASURED, language)) == 30
    assert all(len(texts) >= 8 for texts in MEASURED[language].values())


def test_no_text_of_the_measure_serves_to_choose_settings():
    measured, development = (
        {squeezed(text) for name in texts for text, _ in listed(texts, name)} for texts in (MEASURED, DEVELOPMENT)
    )
    assert not measured & development
    assert len(measured) == 60, "two of the measured texts are one"


def test_a_measured_text_is_recognised_whatever_its_case_and_punctuation():
    assert is_kept_apart("So good!") and is_kept_apart(" 不错。") and is_kept_apart("😭")
    assert not is_kept_apart("so good to be home") and not is_kept_apart("😀")
