"""Every string a person can see, English and Chinese side by side, and the sentences of every error.

A `Say` speaks one language: `say("pair.button")` is a label, `say("match.percentile", percent="97 %")` a computed
sentence. A key that is missing is a mistake in the code and raises KeyError. Read next: `phrases/pages.py`.
"""

from dataclasses import dataclass

from mmdemo.errors import MMDemoError, WeightsError
from mmdemo.ui.phrases import ERRORS, GRADIO, PHRASES

LANGUAGES = {"en": 0, "zh": 1}
HTML_LANGUAGE = {"en": "en", "zh": "zh-CN"}


@dataclass(frozen=True)
class Say:
    """The strings of one language.

    Args:
        language: "en" or "zh".
    """

    language: str

    def __call__(self, key: str, **values: object) -> str:
        """The string of a key, its {names} filled in."""
        phrase = PHRASES[key][LANGUAGES[self.language]]
        return phrase.format(**values) if values else phrase

    def error(self, error: MMDemoError) -> str:
        """What went wrong and what to do, in this language; English text for a code that no page expects."""
        pair = ERRORS.get(error.code)
        if pair is None and isinstance(error, WeightsError):
            return self("error.weights", detail=str(error))
        if pair is None:
            return str(error)
        values = {name: self._spell(value) for name, value in error.values.items()}
        try:
            return pair[LANGUAGES[self.language]].format(**values)
        except KeyError:
            return str(error)

    @property
    def gradio_words(self) -> list[tuple[str, str]]:
        """Patterns of what gradio says by itself, each with what stands there instead; the first that fits counts."""
        return [(pattern, pair[LANGUAGES[self.language]]) for pattern, pair in GRADIO.items()]

    @property
    def gap(self) -> str:
        """What stands between a number and its unit."""
        return "" if self.language == "zh" else "\u00a0"

    def percent(self, share: float, digits: int = 0) -> str:
        """0.873 -> "87 %" ("87%" in Chinese); never a rounded 0 or 100 for what is neither."""
        gap = self.gap
        low, high = 10**-digits, 100 - 10**-digits
        value = 100 * share
        if 0 < value < low / 2:
            return f"<\u00a0{low:g}{gap}%"
        if 100 - low / 2 < value < 100:
            return f">\u00a0{high:g}{gap}%"
        return f"{value:.{digits}f}{gap}%"

    @staticmethod
    def number(value: float, digits: int = 2) -> str:
        """A cosine as it is read: two decimals, with a true minus sign; what rounds to zero has none."""
        return f"{round(float(value), digits) + 0.0:.{digits}f}".replace("-", "\u2212")

    def percentile(self, percentile: float) -> str:
        """97.3 -> "97 %", with a decimal above 99 and never a full 100: the sample behind it is finite."""
        if percentile < 99:
            return self.percent(percentile / 100)
        return self.percent(min(int(10 * percentile), 999) / 1000, 1)

    def joined(self, items: tuple[str, ...] | list[str]) -> str:
        """A list as people write it."""
        return ("、" if self.language == "zh" else ", ").join(items)

    def sentences(self, *sentences: str) -> str:
        """Sentences one after the other; Chinese puts no space between them."""
        return ("" if self.language == "zh" else " ").join(sentences)

    def _spell(self, value: object) -> object:
        if isinstance(value, (list, tuple)):
            return self.joined([str(v) for v in value][:40])
        if isinstance(value, int) and not isinstance(value, bool):
            return f"{value:,}"
        return value
