"""The same sentence in both languages: only what an example has in both is compared, and nothing is translated."""

import pytest

from mmdemo.ui.gallery import examples
from mmdemo.ui.tabs.match import events as match
from mmdemo.ui.text import Say
from tests.fakes import FakeEngine


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_examples_sentence_stands_beside_itself_in_the_other_language(photo, language):
    here, there = (examples(Say(one))[1] for one in ((language, "zh" if language == "en" else "en")))
    html = match.answer(FakeEngine(), Say(language), photo, here.true, "a line of my own", both=True)
    assert html.count(here.true) >= 2 and html.count(there.true) == 1
    assert there.true not in match.answer(FakeEngine(), Say(language), photo, here.true)


def test_a_sentence_of_ones_own_is_not_translated_and_the_page_says_so(photo):
    assert Say("en")("match.twice_none") in match.answer(FakeEngine(), Say("en"), photo, "my own words", both=True)
