"""Every error this package raises on purpose. A message says what was expected, what came, and what to do.

    MMDemoError
    ├── InputError            what a person gave cannot be used
    │   ├── ImageError        the picture: missing, damaged, too large, not a picture
    │   └── TextError         the text: missing, too long, too many lines, unknown word
    ├── ChoiceError           a name that is not in the table (method, label, checkpoint); lists the names
    ├── ShapeError            two tensors that do not fit each other
    ├── IncompatibleError     an encoder, a head or a method that cannot work with the other
    ├── WeightsError          a weight file that is missing, damaged, or cannot be fetched
    ├── BusyError             too many ask at once, or whoever asked has no more patience
    └── TrainingError         a step of the training chain that failed, or did not write what it should

An error of the input family carries a `code` and the `values` of its sentence, so that a page in another language can
say the same thing in its own words; `str(error)` is the English sentence.
"""


class MMDemoError(Exception):
    """Base of the family: catch this to catch everything below.

    Args:
        message: the English sentence.
        code: short stable name of the case ("image_too_large"), or "" where no page shows it.
        **values: what the sentence speaks of, by name: numbers, names, limits.
    """

    def __init__(self, message: str, code: str = "", **values: object) -> None:
        super().__init__(message)
        self.code = code
        self.values = values


class InputError(MMDemoError):
    """What a person gave cannot be used."""


class ImageError(InputError):
    """The picture is missing, damaged, too large, or not a picture."""


class TextError(InputError):
    """The text is missing, too long, or names a word that is not in it."""


class ChoiceError(MMDemoError):
    """A name that is not in the table; the message lists the names that are."""

    def __init__(self, what: str, got: object, choices: list[str]) -> None:
        message = f"{what} must be one of {', '.join(map(repr, choices))}; got {str(got)[:80]!r}."
        super().__init__(message, "unknown_choice", what=what, got=str(got)[:80], choices=list(choices))


class ShapeError(MMDemoError):
    """Two tensors whose sizes do not fit each other."""


class IncompatibleError(MMDemoError):
    """An encoder, a head or a method that cannot work with what it was given."""


class WeightsError(MMDemoError):
    """A weight file is missing, damaged, or could not be fetched."""


class BusyError(MMDemoError):
    """No answer: too many ask at once, or whoever asked has left or waits no longer."""


class TrainingError(MMDemoError):
    """A step of the training chain failed, or did not write what it should."""
