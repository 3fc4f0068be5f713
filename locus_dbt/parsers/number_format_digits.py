"""Numbers by a section of a number format: digits into placeholders, thousands, percent, exponents, fractions."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from functools import lru_cache

from locus_dbt.parsers.number_format_section import Section, Token

#: General shows at most this many signs, the point among them and the minus not.
_GENERAL_WIDTH = 11
_GENERAL_FROM = 1e-4
_GENERAL_TO = 1e11
_MAX_DENOMINATOR_DIGITS = 5
#: Powers of ten that signs of percent and thousands may come to.
_MAX_POWER = 60
#: Below this many units of the last decimal, what fifteen digits leave out is far from the edge of rounding.
_QUICK_TO = 1e11
#: Wide enough for any float with all of its zeros and any format's decimals.
_EXACT = Context(prec=1500, rounding=ROUND_HALF_UP)


def general(value: float) -> str:
    """A number as the format General shows it in a column that is wide enough.

    >>> general(1234567.891), general(1e11 / 3), general(0.00001), general(123456789012)
    ('1234567.891', '33333333333', '0.00001', '1.23457E+11')
    """
    if value != value or value in (float("inf"), float("-inf")):  # noqa: PLR0124 - the test for NaN
        return str(value)
    size = abs(value)
    if size < _GENERAL_TO and value == int(value):
        return str(int(value))
    sign, digits = ("-" if value < 0 else ""), f"{size:.15g}"
    if "e" not in digits and len(digits) <= _GENERAL_WIDTH and size < _GENERAL_TO:
        return sign + digits
    if _GENERAL_FROM <= size < _GENERAL_TO:
        whole = len(str(int(size)))
        shown = f"{_rounded(Decimal(digits), max(0, _GENERAL_WIDTH - 1 - whole)):f}"
        return sign + _short(shown)
    plain = _short(f"{size:.12f}") if size < 1 else ""
    if plain and len(plain) <= _GENERAL_WIDTH and float(plain) == float(digits):
        return sign + plain
    mantissa, exponent = f"{size:.5e}".split("e")
    return f"{sign}{_short(mantissa)}E{exponent[0]}{int(exponent[1:]):02}"


def number_text(value: float) -> str:
    """A float without binary noise, and without an exponent where that stays readable."""
    if value != value or value in (float("inf"), float("-inf")):  # noqa: PLR0124 - the test for NaN
        return str(value)
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    short = f"{value:.15g}"
    if float(short) in (float("inf"), float("-inf")):
        return repr(value)
    if "e" not in short:
        return short
    digits, exponent = short.split("e")
    if not -10 < int(exponent) < 21:
        return short
    places = max(0, len(digits.lstrip("-").replace(".", "")) - 1 - int(exponent))
    return f"{value:.{places}f}"


def _short(digits: str) -> str:
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def _rounded(value: Decimal, places: int) -> Decimal:
    """Half away from zero, as people round."""
    return value.quantize(Decimal(1).scaleb(-places), context=_EXACT)


def show_number(section: Section, size: float) -> str:
    """``size`` (not negative) as the section displays it."""
    if section.simple is not None:
        before, thousands, places, behind = section.simple
        scaled = size * 10**places
        # a value that lies on the edge of rounding needs exact decimals
        if scaled < _QUICK_TO and not 0.499 < scaled % 1 < 0.501:
            return f"{before}{size:{thousands}.{places}f}{behind}"
    tokens = section.tokens
    kinds = _kinds(tokens)
    if "general" in kinds or "at" in kinds:
        return "".join(general(size) if kind in ("general", "at") else text for kind, text in tokens if kind != "comma")
    if "digit" not in kinds:
        return "".join(text for kind, text in tokens if kind not in ("comma", "point"))
    value = Decimal(f"{size:.15g}") if size < float("inf") else Decimal(0)
    if "exp" in kinds:
        return _scientific(tokens, value)
    if "slash" in kinds:
        return _fraction(tokens, value)
    return _decimal(tokens, value)


@lru_cache(maxsize=4096)
def _kinds(tokens: tuple[Token, ...]) -> frozenset[str]:
    return frozenset(kind for kind, _ in tokens)


@lru_cache(maxsize=4096)
def _shape(tokens: tuple[Token, ...]) -> tuple[int, int, bool, int, frozenset[int]]:
    """Where the point stands (the length for none), decimals, thousands or not, power of ten, commas to leave out."""
    point = next((i for i, (kind, _) in enumerate(tokens) if kind == "point"), len(tokens))
    digits = [i for i, (kind, _) in enumerate(tokens) if kind == "digit"]
    whole = [i for i in digits if i < point]
    power = 2 * sum(kind == "percent" for kind, _ in tokens)
    thousands, silent = False, set()
    for i, (kind, _) in enumerate(tokens):
        if kind != "comma":
            continue
        if whole and whole[0] < i < whole[-1]:
            thousands = True
            silent.add(i)
        elif (i > digits[-1] or (whole and whole[-1] < i < point)) and _follows_digit(tokens, i):
            power -= 3
            silent.add(i)
    return point, len(digits) - len(whole), thousands, max(-_MAX_POWER, min(power, _MAX_POWER)), frozenset(silent)


def _follows_digit(tokens: Sequence[Token], i: int) -> bool:
    while i > 0 and tokens[i][0] == "comma":
        i -= 1
    return tokens[i][0] == "digit"


def _decimal(tokens: tuple[Token, ...], value: Decimal) -> str:
    point, decimals, thousands, power, silent = _shape(tokens)
    rounded = _rounded(value.scaleb(power, _EXACT) if power else value, decimals)
    whole, _, fraction = f"{rounded:f}".partition(".")
    head = _whole([*tokens[:point]], whole if whole != "0" else "", silent, thousands=thousands)
    return head + _behind_point(tokens[point:], fraction, silent, point)


def _whole(tokens: Sequence[Token], digits: str, silent: frozenset[int], *, thousands: bool) -> str:
    """Digits into the placeholders from the right; the first placeholder takes what is left over."""
    spots = [i for i, (kind, _) in enumerate(tokens) if kind == "digit"]
    out: dict[int, str] = {}
    left, placed = digits, 0
    for spot in reversed(spots):
        take = left[-1:] if spot != spots[0] else left
        left = left[: len(left) - len(take)]
        if not take:
            take = {"0": "0", "?": " "}.get(tokens[spot][1], "")
        shown = ""
        for digit in reversed(take):
            shown = digit + ("," if thousands and placed and placed % 3 == 0 and digit != " " else "") + shown
            placed += 1
        out[spot] = shown
    if not spots and digits:
        return "".join(text for i, (_, text) in enumerate(tokens) if i not in silent) + digits
    return "".join(out.get(i, "" if i in silent else text) for i, (_, text) in enumerate(tokens))


def _behind_point(tokens: Sequence[Token], fraction: str, silent: frozenset[int], start: int) -> str:
    """The point and what follows; ``#`` shows no zeros at the end, ``?`` blanks for them."""
    out, used = "", 0
    for i, (kind, text) in enumerate(tokens, start):
        if kind == "digit":
            zeros = not fraction[used:].strip("0")
            out += {"#": "", "?": " "}.get(text, "0") if zeros else fraction[used]
            used += 1
        elif i not in silent:
            out += text
    return out


def _scientific(tokens: tuple[Token, ...], value: Decimal) -> str:
    """Mantissa and exponent; several placeholders before the point make the exponent a multiple of their number."""
    at = next(i for i, (kind, _) in enumerate(tokens) if kind == "exp")
    mantissa, behind = tokens[:at], tokens[at + 1 :]
    point, decimals, _, _, silent = (
        _shape(mantissa) if "digit" in _kinds(mantissa) else (at, 0, False, 0, frozenset[int]())
    )
    step = max(1, sum(kind == "digit" for kind, _ in mantissa[:point]))
    exponent = value.adjusted() // step * step if value else 0
    rounded = _rounded(value.scaleb(-exponent, _EXACT), decimals)
    if rounded and rounded.adjusted() >= step:
        exponent += step
        rounded = _rounded(value.scaleb(-exponent, _EXACT), decimals)
    whole, _, fraction = f"{rounded:f}".partition(".")
    head = _whole(mantissa[:point], whole if whole != "0" else "", silent, thousands=False)
    sign = "-" if exponent < 0 else "+" if tokens[at][1].endswith("+") else ""
    power = _whole(behind, str(abs(exponent)) if exponent else "", frozenset(), thousands=False)
    return f"{head}{_behind_point(mantissa[point:], fraction, silent, point)}{tokens[at][1][0]}{sign}{power}"


def _fraction(tokens: tuple[Token, ...], value: Decimal) -> str:
    """``# ?/?``: a whole part where the code has one, and the nearest fraction the placeholders can hold."""
    at = next(i for i, (kind, _) in enumerate(tokens) if kind == "slash")
    bottom = tokens[at][1][1:].strip()
    first = at
    while first and tokens[first - 1][0] == "digit":
        first -= 1
    head, behind = tokens[:first], "".join(text for _, text in tokens[at + 1 :])
    mixed = any(kind == "digit" for kind, _ in head)
    whole = int(value) if mixed else 0
    rest = Fraction(value) - whole
    if bottom.isdigit() and bottom.strip("0"):
        denominator = int(bottom[:9])
        numerator = int(rest * denominator + Fraction(1, 2))
    else:
        near = rest.limit_denominator(10 ** min(len(bottom), _MAX_DENOMINATOR_DIGITS) - 1)
        numerator, denominator = near.numerator, near.denominator
    if mixed and numerator == denominator:
        whole, numerator = whole + 1, 0
    width, wide = at - first, len(bottom)
    if mixed and not numerator:
        shown = _whole(head, str(whole), frozenset(), thousands=False)
        return shown + " " * (width + wide + 1) + behind
    shown = _whole(head, str(whole) if whole else "", frozenset(), thousands=False)
    return f"{shown}{numerator:>{width}}/{denominator:<{wide}}{behind}"
