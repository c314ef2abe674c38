"""Numbers in words, of six languages: what they are worth."""

_UNITS = {
    0: "zero null нуль ноль",
    2: "two twice double doubles doubled zwei zweimal doppelt deux dos due два две двух двумя дважды",
    3: "three thrice triple triples tripled drei dreimal trois tres tre три трёх трех тремя трижды",
    4: "four quadruple vier viermal quatre cuatro quattro четыре четырёх четырех",
    5: "five fünf fünfmal cinq cinco cinque пять пяти",
    6: "six sechs seis sei шесть шести",
    7: "seven sieben sept siete sette семь семи",
    8: "eight acht huit ocho otto восемь восьми",
    9: "nine neun nueve nove девять девяти",
    10: "ten zehn dix diez dieci десять десяти",
    11: "eleven elf onze одиннадцать",
    12: "twelve dozen zwölf douze doce dodici двенадцать двенадцати",
    13: "thirteen dreizehn treize тринадцать",
    14: "fourteen vierzehn quatorze четырнадцать",
    15: "fifteen fünfzehn quinze quince пятнадцать пятнадцати",
    16: "sixteen sechzehn seize шестнадцать",
    17: "seventeen siebzehn семнадцать",
    18: "eighteen achtzehn восемнадцать",
    19: "nineteen neunzehn девятнадцать",
    20: "twenty zwanzig vingt veinte venti двадцать двадцати",
    30: "thirty dreißig dreissig trente treinta trenta тридцать тридцати",
    40: "forty vierzig quarante cuarenta quaranta сорок",
    50: "fifty fünfzig cinquante cincuenta cinquanta пятьдесят",
    60: "sixty sechzig soixante sesenta sessanta шестьдесят",
    70: "seventy siebzig setenta settanta семьдесят",
    80: "eighty achtzig ochenta ottanta восемьдесят",
    90: "ninety neunzig noventa novanta девяносто",
}
_SCALES = {
    100: "hundred hundert cent cien cento сто",
    1000: "thousand tausend mille mil тысяча тысячи тысяч",
    1_000_000: "million millions millionen миллион миллионов",
}
_ORDINALS = {
    3: "third", 4: "fourth", 5: "fifth", 6: "sixth", 7: "seventh", 8: "eighth", 9: "ninth", 10: "tenth"
}  # fmt: skip
WORTH = {
    word: value for table in (_UNITS, _ORDINALS) for value, words in table.items() for word in words.split()
}
"""Word to value, 1 left out: its words are articles."""
ORDINALS = {word: value for value, word in _ORDINALS.items()}
"""Word that says a place in an order to that place."""
PARTS = {
    "half": 2, "halves": 2, "third": 3, "thirds": 3, "quarter": 4, "quarters": 4, "fifth": 5, "fifths": 5
}  # fmt: skip
"""Word to what it divides by."""
SCALES = {word: value for value, words in _SCALES.items() for word in words.split()}
HAN = {sign: value for value, sign in enumerate("零一二三四五六七八九十")} | {"两": 2, "兩": 2}
_ONES = "one once single first a an ein eine einen einem einer einmal un une uno una один одна одну одного"
ONES = frozenset(_ONES.split())
"""Words that may mean 1."""
EACH = {
    word: unit
    for unit, words in {
        "minute": "минуту",
        "hour": "hourly stündlich час 每小时",
        "day": "daily nightly täglich ежедневно день сутки 每天 每日",
        "week": "weekly wöchentlich еженедельно неделю 每周",
        "month": "monthly monatlich ежемесячно месяц 每月",
        "year": "yearly annually jährlich ежегодно год 每年",
    }.items()
    for word in words.split()
}
"""Word that is an interval, or stands for one of a unit without a number, to the unit."""
