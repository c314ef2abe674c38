"""Numbers that a text states, however they are written: `8,192`, `8 KiB`, `two minutes`, `120 s`, `3.11.4`, `50%`."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from lorewright.text.number_words import EACH, HAN, ONES, ORDINALS, PARTS, SCALES, WORTH

_TIME = {
    1e-9: "ns nanosecond nanoseconds",
    1e-6: "us µs μs microsecond microseconds",
    1e-3: "ms msec msecs millisecond milliseconds millisekunde millisekunden milliseconde millisecondes"
    " миллисекунда миллисекунды миллисекунд 毫秒",
    1: "s sec secs second seconds sekunde sekunden seconde secondes segundo segundos secondo secondi"
    " секунда секунды секунд секунду 秒 秒钟",
    60: "m min mins minute minutes minuten minuto minutos minuti минута минуты минут минуту 分钟 分",
    3600: "h hr hrs hour hours stunde stunden heure heures hora horas ora ore час часа часов 小时",
    86400: "d day days tag tage tagen jour jours día días giorno giorni день дня дней сутки суток 天 日",
    604800: "w week weeks woche wochen semaine semaines semana semanas неделя недели недель неделю 周",
    2592000: "month months monat monate monaten mois mes meses месяц месяца месяцев 个月",
    31536000: "year years jahr jahre jahren an ans année années año años год года лет 年",
}
_BYTES = {
    (1,): "b byte bytes octet octets байт байта байтов 字节",
    (1e3, 1024): "k kb kib kilobyte kilobytes kibibyte kibibytes ko кб",
    (1e6, 1024**2): "mb mib megabyte megabytes mebibyte mebibytes mo мб",
    (1e9, 1024**3): "g gb gib gi gigabyte gigabytes gibibyte gibibytes go гб",
    (1e12, 1024**4): "t tb tib terabyte terabytes tebibyte tebibytes to тб",
}
_UNITS: dict[str, tuple[str, tuple[float, ...]]] = {
    **{word: ("time", (factor,)) for factor, words in _TIME.items() for word in words.split()},
    **{word: ("size", factors) for factors, words in _BYTES.items() for word in words.split()},
    "%": ("share", (0.01,)),
    "percent": ("share", (0.01,)),
    "prozent": ("share", (0.01,)),
    "процент": ("share", (0.01,)),
    "процента": ("share", (0.01,)),
    "процентов": ("share", (0.01,)),
}
_ATTACHED = {"s", "m", "h", "d", "w", "b", "k", "g", "t", "ko", "mo", "go", "to", "an", "gi", "us"}
"""Units that are words or letters otherwise: they count only right behind the digits."""
_FIRST_OF_HAN = "\u2e80"
_HAN_UNIT = "|".join(
    sorted(
        (word for word in _UNITS if not word[0].isascii() and word[0] > _FIRST_OF_HAN), key=len, reverse=True
    )
)
_WORD_UNIT = "|".join(
    sorted(
        (re.escape(word) for word in _UNITS if word.isalpha() and word[0] < _FIRST_OF_HAN),
        key=len,
        reverse=True,
    )
)
_UNIT = (
    rf"(?P<unit>[\s\u00a0-]?(?:{_WORD_UNIT})(?!\w)|[ \u00a0]?%|[ ]?per ?cent\b|[ ]?pour cent\b|[ ]?(?:{_HAN_UNIT})"
    r"|(?:x|st|nd|rd|th)(?!\w)|×)?"
)
_DIGITS = (
    # Han and kana stand before digits without a space.
    r"(?P<sign>(?<![\w.)\]-])[-\u2212])?(?:(?<![\w.])|(?<=[\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff]))(?<![A-Za-z]-)"
    r"(?P<digits>v?\d+(?:[.,'\u2019\u202f]\d+|_\d{3})*(?:e[+-]?\d+)?)"
)
_NUMBER = re.compile(rf"{_DIGITS}{_UNIT}(?![A-Za-z\d]|_\w)", re.IGNORECASE)
_NAMED = "|".join(sorted({*WORTH, *SCALES, "one"}, key=len, reverse=True))
_ALONE = "|".join(sorted(ONES, key=len, reverse=True))
_IN_WORDS = re.compile(
    rf"(?<![\w-])(?P<words>(?:half|(?:a |one |two |three |four )?(?:third|quarter|fifth)s?)(?: of)? an?|half an?"
    rf"|(?:half|(?:two|three|four) (?:thirds|quarters|fifths)|a (?:third|quarter|fifth))"
    rf"|(?:an? )?(?:{_NAMED})(?:(?:[ -]| and )(?:{_NAMED}))*|(?:{_ALONE}))(?!\w)"
    rf"{_UNIT}(?!\w)",
    re.IGNORECASE,
)
_HAN_NUMBER = re.compile(
    rf"(?P<han>[{''.join(HAN)}]{{1,9}})(?:个(?=半?小时))?(?:(?P<unit>{_HAN_UNIT})(?P<half>半钟?)?)?|(?P<only>半)个?(?P<of>{_HAN_UNIT})"
)
_FACTORS: dict[str, tuple[float, ...]] = {
    "time": (1e-3, 1.0, 60.0, 3600.0, 86400.0),
    "size": (1.0, 1024.0, 1e3, 1024.0**2, 1e6),
    "share": (1.0,),
    "": (1.0,),
}
_LIST_MARK = re.compile(r"^[ \t>]*\d{1,3}[.)](?=\s)", re.MULTILINE)
_GROUPED = re.compile(r"\d{1,3}(?:[.,'\u2019\u202f_]\d{3})+")
_LEAST_VERSION = 2
_PRECISION = 1e-9
_ROUNDED = 0.005
_MOST_DIGITS = 300
_AFTERNOON = re.compile(r"(?::\d\d)? ?p\.?m\b", re.IGNORECASE)
_PRODUCT = re.compile(r"(?<![\w.])(\d{1,6}) ?(\*|<<) ?(\d{1,2}|(?<=\*)\d{1,6}|(?<=\* )\d{1,6})(?![\w.])")
_EACH = re.compile(
    rf"\b(?:per|each|every|pro|jede[rns]?|par|chaque|каждый|каждую|каждые) (?P<per>{_WORD_UNIT})\b"
    rf"|\b(?:{'|'.join(word for word in EACH if word[0] < _FIRST_OF_HAN)})\b"
    rf"|{'|'.join(word for word in EACH if word[0] > _FIRST_OF_HAN)}",
    re.IGNORECASE,
)
# Of a timestamp (`2026-04-02T08:14`) the letter in the middle counts as a space.
_BEHIND_LETTER = re.compile(r"(?<!\d)[^\W\d_]$|(?![T])[^\W\d_]$")
_RUN = re.compile(r"\d+")


@dataclass(frozen=True)
class Number:
    """A number as a text states it.

    Attributes:
        said: As it is written, unit included.
        values: What its digits may be worth; several where a sign may part thousands or decimals. Empty for a
            version.
        version: Its parts where it has dots, as `3.11.4`; two may be a decimal.
        unit: `time` (in seconds), `size` (in bytes), `share`, or empty.
        worth: What it may be worth with its unit; the values where it has none.
        start: Where it begins in the text.
        in_words: Whether it is written in words.
    """

    said: str
    values: frozenset[float]
    version: tuple[int, ...]
    unit: str
    worth: frozenset[float]
    start: int
    in_words: bool = False

    def equals(self, other: "Number") -> bool:
        """Whether two numbers may be the same; one without a unit may have any."""
        if not (self.values and other.values):
            return len(self.version) >= _LEAST_VERSION and self.version == other.version[: len(self.version)]
        if self.unit and other.unit:
            return self.unit == other.unit and _meet(self.worth, other.worth)
        if "share" in (self.unit, other.unit) and self.in_words != other.in_words and _is_near(self, other):
            return True
        return _meet(self.values, other.values) or _meet(_in_any_unit(self), _in_any_unit(other))


def numbers(text: str) -> list[Number]:
    """Return the numbers of a text in order; digits inside of names (`sha256`) and marks of lists are none."""
    text = _LIST_MARK.sub(lambda match: " " * len(match[0]), text)
    found = [_read_digits(match) for match in _NUMBER.finditer(text) if not _is_full_hour(match)]
    found += [one for match in _IN_WORDS.finditer(text) if (one := _read_words(match))]
    found += [_read_han(match) for match in _HAN_NUMBER.finditer(text)]
    return sorted(found, key=lambda one: one.start)


@lru_cache(maxsize=4096)
def known_numbers(text: str) -> tuple[Number, ...]:
    """Return what a text states, and every other run of digits in it: what an answer may repeat."""
    found = numbers(text)
    found += [_product(match) for match in _PRODUCT.finditer(text)]
    found += [
        _number(match[0], frozenset({1.0}), match["per"] or EACH[match[0].casefold()], match.start())
        for match in _EACH.finditer(text)
    ]
    covered = {place for one in found for place in range(one.start, one.start + len(one.said))}
    runs = [
        Number(match[0], frozenset({float(match[0])}), (), "", frozenset({float(match[0])}), match.start())
        for match in _RUN.finditer(text)
        if match.start() not in covered
        and not _BEHIND_LETTER.search(text, max(0, match.start() - 2), match.start())
        and len(match[0]) <= _MOST_DIGITS
    ]
    return (*found, *runs)


def is_unit(word: str) -> bool:
    """Whether a word is a unit of time or size, or its sign: `ms`, `KiB`, `minutes`."""
    return word.casefold() in _UNITS


def is_stated(one: Number, known: Iterable[Number]) -> bool:
    """Whether a number is among others: a version, or the first two parts of one, and any other by its worth."""
    return any(one.equals(other) for other in known)


def _is_full_hour(match: re.Match[str]) -> bool:
    """Whether digits only say that no minutes have passed: `09:00`."""
    return match[0] == "00" and re.search(r"\d:$", match.string[: match.start()]) is not None


def _product(match: re.Match[str]) -> Number:
    """Return what two factors of code make: `24 * 3600`, `1 << 20`."""
    one, other = int(match[1]), int(match[3])
    value = float(one * other if match[2] == "*" else one << other)
    return Number(match[0], frozenset({value}), (), "", frozenset({value}), match.start())


def _is_near(one: Number, other: Number) -> bool:
    """Whether a share is a rounded one: 33 % and a third."""
    return any(abs(own - there) <= _ROUNDED for own in one.worth for there in other.worth)


def _in_any_unit(one: Number) -> frozenset[float]:
    """Return what a bare number may say instead: `interval_ms = 10_000` is ten seconds."""
    return frozenset(value / factor for value in one.worth for factor in _FACTORS[one.unit])


def _meet(some: frozenset[float], others: frozenset[float]) -> bool:
    """Whether values meet; one that says nothing of its sign may have any."""
    return any(
        one == other or abs(one - (abs(other) if one > 0 else other)) <= _PRECISION * max(1e-3, abs(one))
        for one in some
        for other in others
    )


def _read_digits(match: re.Match[str]) -> Number:
    written = match["digits"]
    bare = written.lstrip("vV").rstrip(".,")
    unit = (match["unit"] or "").strip("\u00a0-\n\t ").casefold()
    spaced = match["unit"] is not None and (match["unit"][0].isspace() or match["unit"][0] == "-")
    if spaced and unit in _ATTACHED and unit != "s":
        unit = ""
    parts = bare.split(".")
    version = tuple(int(part) for part in parts) if len(parts) > 1 and all(map(str.isdecimal, parts)) else ()
    if (len(version) > _LEAST_VERSION and not _GROUPED.fullmatch(bare)) or (version and written[0] in "vV"):
        return Number(match[0].strip(), frozenset(), version, "", frozenset(), match.start())
    values = frozenset(_values(bare, negative=bool(match["sign"])))
    if _AFTERNOON.match(match.string, match.end()):
        values |= {value + 12 for value in values if 0 < value < 12}
    return _number(match[0].strip(), values, unit, match.start(), version=version)


def _values(bare: str, *, negative: bool) -> Iterable[float]:
    """Yield what digits with signs between them may be worth: `8.192` is 8192 in German."""
    readings = {bare.replace(",", "."), re.sub(r"[,'\u2019\u202f_]", "", bare)}
    if _GROUPED.fullmatch(bare):
        readings.add(re.sub(r"\D", "", bare))
    for reading in readings:
        try:
            value = float(reading)
        except ValueError:
            continue
        yield -value if negative else value


def _read_words(match: re.Match[str]) -> Number | None:
    said = re.split(r"[ -]", match["words"].casefold())
    unit = (match["unit"] or "").strip("\u00a0-\n\t ").casefold()
    if unit in _ATTACHED:
        unit = ""
    if parts := [
        PARTS[word] for word in said if word in PARTS and (word[-1] == "s" or word == "half" or len(said) > 1)
    ]:
        share = WORTH.get(said[0], 1) / parts[0]
        return _number(match[0].strip(), frozenset({share}), unit, match.start(), in_words=True)
    if len(said) == 1 and said[0] in ONES and not unit and said[0] not in {"one", "once", "single"}:
        return None
    if ORDINALS.get(said[-1]):
        unit = ""
    total = current = 0
    for word in said:
        if word in SCALES:
            current = max(current, 1) * SCALES[word]
            if SCALES[word] > 100:
                total, current = total + current, 0
        elif word in WORTH or (word in ONES and word not in {"a", "an"}) or len(said) == 1:
            current += WORTH.get(word, 1)
    return _number(match[0].strip(), frozenset({float(total + current)}), unit, match.start(), in_words=True)


def _read_han(match: re.Match[str]) -> Number:
    if match["only"]:
        return _number(match[0], frozenset({0.5}), match["of"], match.start(), in_words=True)
    tens, ten, ones = match["han"].partition("十")
    if ten:
        value = (HAN.get(tens[-1:], 1)) * 10 + HAN.get(ones[:1], 0)
    else:
        value = int("".join(str(HAN[sign]) for sign in tens if HAN[sign] < 10) or 0)
    exact = value + 0.5 * bool(match["half"])
    return _number(match[0], frozenset({float(exact)}), match["unit"] or "", match.start(), in_words=True)


def _number(
    said: str,
    values: frozenset[float],
    unit: str,
    start: int,
    *,
    version: tuple[int, ...] = (),
    in_words: bool = False,
) -> Number:
    unit = {"per cent": "percent", "pour cent": "percent"}.get(unit, unit)
    kind, factors = _UNITS.get(unit, ("", (1.0,)))
    worth = frozenset(value * factor for value in values for factor in factors)
    return Number(said, values, version, kind, worth, start, in_words)
