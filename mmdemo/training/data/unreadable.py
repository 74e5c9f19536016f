"""Texts that nobody should believe, made by code: what the text side of `tasks/familiarity.py` is taught to doubt.

Two tables, as in `unlike_photos.py`: kinds in `FITTED` are shown when it is fitted, those in `MEASURED` never. A maker
gets a random source and a true caption, of which some kinds keep the letters. Read next: `recipes/familiarity.py`.
"""

import random
import string
from collections.abc import Callable, Sequence

Make = Callable[[random.Random, str, str], str]  # (random source, an English caption, a Chinese one) -> text

ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
AZERTY = ("azertyuiop", "qsdfghjklm", "wxcvbn")
VOWELS, CONSONANTS = "aeiou", "bcdfghjklmnpqrstvwxyz"
ENGLISH = "eeeeeeeeeeeetttttttttaaaaaaaaooooooooiiiiiiinnnnnnnsssssshhhhhhrrrrrrddddllllcccuuummmwwffggyyppbbvk"
EMOJI = [chr(c) for low, high in ((0x1F300, 0x1F64F), (0x1F680, 0x1F6C5), (0x1F90D, 0x1F9FF)) for c in range(low, high)]
SIGNS = "!@#$%^&*()_+-=[]{};:'\",.<>/?\\|`~"
BLOCKS = {  # first and last code point of each script's letters
    "cyrillic": (0x430, 0x44F), "arabic": (0x627, 0x64A), "devanagari": (0x905, 0x939), "thai": (0xE01, 0xE2E),
    "kana": (0x3042, 0x3093), "korean": (0xAC00, 0xD7A3), "greek": (0x3B1, 0x3C9), "hebrew": (0x5D0, 0x5EA),
    "georgian": (0x10D0, 0x10F0),
}  # fmt: skip
SENTENCES = {
    "russian": "собака бежит по пляжу и играет с мячом две кошки на красном диване я очень люблю этот город ночью",
    "arabic": "كلب يجري على الشاطئ قطتان على أريكة حمراء أحب هذه المدينة في الليل رجل يركب دراجة في الشارع",
    "japanese": "犬がビーチを走っています 赤いソファの上に二匹の猫 この街が大好きです 男の人が自転車に乗っている",
    "hindi": "एक कुत्ता समुद्र तट पर दौड़ रहा है लाल सोफे पर दो बिल्लियाँ मुझे यह शहर बहुत पसंद है",
    "thai": "สุนัข วิ่ง บน ชายหาด แมว สอง ตัว บน โซฟา สีแดง ฉัน รัก เมือง นี้",
    "korean": "개가 해변을 달리고 있다 빨간 소파 위의 고양이 두 마리 나는 이 도시를 정말 좋아한다",
    "greek": "ένας σκύλος τρέχει στην παραλία δύο γάτες σε κόκκινο καναπέ αγαπώ αυτή την πόλη τη νύχτα",
    "hebrew": "כלב רץ על החוף שני חתולים על ספה אדומה אני אוהב את העיר הזאת בלילה",
}


def words_of(rng: random.Random, letters: Sequence[str], longest: int = 8, most: int = 7) -> str:
    """Words of 3 to `longest` letters by chance, 1 to `most` of them."""
    return " ".join("".join(rng.choices(letters, k=rng.randint(3, longest))) for _ in range(rng.randint(1, most)))


def keyboard_rows(rng: random.Random, english: str, chinese: str, rows: Sequence[str] = ROWS) -> str:
    """Runs along a row of the keyboard, either way: "asdf poiu"."""
    words = []
    for _ in range(rng.randint(1, 6)):
        row = rng.choice(rows)
        length = rng.randint(3, 6)
        at = rng.randrange(len(row) - length + 1)
        words.append(row[at : at + length][:: rng.choice((1, -1))])
    return rng.choice((" ", " ", "")).join(words)


def mashing(rng: random.Random, english: str, chinese: str) -> str:
    """Letters that lie near each other, hit in any order: "dfjgh sdkfj"."""
    return words_of(rng, rng.choice((ROWS[1], ROWS[1] + "ghjdfk", ROWS[0][:6] + ROWS[1][:5], ROWS[2] + ROWS[1])))


def random_letters(rng: random.Random, english: str, chinese: str) -> str:
    """Every letter by chance."""
    text = words_of(rng, string.ascii_lowercase)
    return text.upper() if rng.random() < 0.2 else text


def frequent_letters(rng: random.Random, english: str, chinese: str) -> str:
    """Letters as often as English has them, in no order."""
    return words_of(rng, ENGLISH, longest=9)


def syllables(rng: random.Random, english: str, chinese: str) -> str:
    """Consonant and vowel in turn: "bako timulu"."""

    def word() -> str:  # fmt: skip
        return "".join(rng.choice(CONSONANTS) + rng.choice(VOWELS) for _ in range(rng.randint(2, 4)))

    return " ".join(word() for _ in range(rng.randint(2, 6)))


def anagrams(rng: random.Random, english: str, chinese: str) -> str:
    """A caption, the letters of every word mixed."""
    return " ".join("".join(rng.sample(word, len(word))) for word in english.lower().rstrip(" .").split())


def letters_and_digits(rng: random.Random, english: str, chinese: str) -> str:
    """Keys and hashes: "x7k29fqa"."""
    return words_of(rng, string.ascii_letters + string.digits * 2, longest=14, most=4)


def shuffled_han(rng: random.Random, english: str, chinese: str) -> str:
    """A Chinese caption, its characters mixed."""
    return "".join(rng.sample(chinese, len(chinese)))


def any_han(rng: random.Random, english: str, chinese: str) -> str:
    """Characters by chance."""
    return "".join(chr(rng.randint(0x4E00, 0x9FA5)) for _ in range(rng.randint(2, 14)))


def emoji(rng: random.Random, english: str, chinese: str) -> str:
    """One to eight emoji."""
    return rng.choice(("", " ")).join(rng.choices(EMOJI, k=rng.randint(1, 8)))


def signs(rng: random.Random, english: str, chinese: str) -> str:
    """Marks of the keyboard, by chance or one again and again."""
    return words_of(rng, rng.choice((SIGNS, rng.choice(SIGNS))), most=4)


def digits(rng: random.Random, english: str, chinese: str) -> str:
    """Numbers alone."""
    return words_of(rng, string.digits, longest=10, most=4)


def foreign(rng: random.Random, names: Sequence[str]) -> str:
    """A run of words out of a sentence of one of these languages."""
    words = SENTENCES[rng.choice(names)].split()
    begin = rng.randrange(len(words))
    return " ".join(words[begin : begin + rng.randint(1, 8)])


def other_scripts(rng: random.Random, english: str, chinese: str) -> str:
    """Russian, Arabic, Japanese, Hindi or Thai; or letters of their scripts by chance."""
    if rng.random() < 0.5:
        return foreign(rng, ("russian", "arabic", "japanese", "hindi", "thai"))
    low, high = BLOCKS[rng.choice(("cyrillic", "arabic", "devanagari", "thai", "kana"))]
    return words_of(rng, [chr(c) for c in range(low, high + 1)])


def one_word_in_noise(rng: random.Random, english: str, chinese: str, noise: Sequence[Make] = ()) -> str:
    """One word of a caption among three to six made by another kind."""
    kinds = noise or (keyboard_rows, mashing, random_letters, frequent_letters, letters_and_digits)
    words = [word for _ in range(4) for word in rng.choice(kinds)(rng, english, chinese).split()][: rng.randint(3, 6)]
    words.insert(rng.randint(0, len(words)), rng.choice(english.split()))
    return " ".join(words)


def other_keyboard(rng: random.Random, english: str, chinese: str) -> str:
    """Rows of a French keyboard, and columns of an English one: "azer qaz wsx"."""
    columns = ("qazwsxedc", "rfvtgbyhn", "ujmikolp")
    return keyboard_rows(rng, english, chinese, rng.choice((AZERTY, columns)))


def rotated(rng: random.Random, english: str, chinese: str) -> str:
    """A caption, every letter moved on by the same 3 to 20 places of the alphabet."""
    by, low = rng.randint(3, 20), string.ascii_lowercase
    return english.lower().translate(str.maketrans(low, low[by:] + low[:by]))


def backwards(rng: random.Random, english: str, chinese: str) -> str:
    """A caption read from its end, letter by letter."""
    return english.rstrip(" .").lower()[::-1]


def closed_syllables(rng: random.Random, english: str, chinese: str) -> str:
    """Consonant, vowel, consonant: "zib vok jud"."""

    def word() -> str:  # fmt: skip
        return "".join(
            rng.choice(CONSONANTS) + rng.choice(VOWELS) + rng.choice(CONSONANTS) for _ in range(rng.randint(1, 3))
        )

    return " ".join(word() for _ in range(rng.randint(2, 6)))


def no_vowels(rng: random.Random, english: str, chinese: str) -> str:
    """Consonants alone."""
    return words_of(rng, CONSONANTS)


def backwards_han(rng: random.Random, english: str, chinese: str) -> str:
    """A Chinese caption read from its end."""
    return chinese.rstrip("。.")[::-1]


def common_han(rng: random.Random, english: str, chinese: str) -> str:
    """Frequent characters by chance."""
    common = (
        "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后"
    )
    return "".join(rng.choices(common, k=rng.randint(5, 14)))


def arrows_and_boxes(rng: random.Random, english: str, chinese: str) -> str:
    """Arrows, frames, mathematics, full-width marks."""
    return words_of(rng, "←↑→↓↔═║╔╗╚╝█▓▒░∑∏√∞≈≠≤≥★☆◆○●■□※￥！？（）；", most=3)


def sums(rng: random.Random, english: str, chinese: str) -> str:
    """Numbers with marks between: "12/7 + 3.5 = 88"."""
    return " ".join(f"{rng.randint(0, 9999)}{rng.choice('+-*/=:.,%')}" for _ in range(rng.randint(2, 6)))


def unseen_scripts(rng: random.Random, english: str, chinese: str) -> str:
    """Korean, Greek, Hebrew; or letters of these and of Georgian by chance."""
    if rng.random() < 0.6:
        return foreign(rng, ("korean", "greek", "hebrew"))
    low, high = BLOCKS[rng.choice(("korean", "greek", "hebrew", "georgian"))]
    return words_of(rng, [chr(c) for c in range(low, high + 1)])


def one_word_in_other_noise(rng: random.Random, english: str, chinese: str) -> str:
    """One word of a caption among words of the kinds that are only measured."""
    return one_word_in_noise(
        rng, english, chinese, (other_keyboard, rotated, closed_syllables, no_vowels, unseen_scripts)
    )


FITTED: dict[str, Make] = {
    f.__name__: f
    for f in (
        keyboard_rows, mashing, random_letters, frequent_letters, syllables, anagrams, letters_and_digits, shuffled_han,
        any_han, emoji, signs, digits, other_scripts, one_word_in_noise,
    )
}  # fmt: skip
MEASURED: dict[str, Make] = {
    f.__name__: f
    for f in (
        other_keyboard, rotated, backwards, closed_syllables, no_vowels, backwards_han, common_han, arrows_and_boxes,
        sums, unseen_scripts, one_word_in_other_noise,
    )
}  # fmt: skip
