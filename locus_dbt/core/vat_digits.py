"""Check digits of VAT numbers, by member state of the EU; the number comes without its prefix.

As published by the states and collected by the European Commission (VIES, structure of VAT numbers).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

_DNI = "TRWAGMYFPDXBNJZSQVHLCKE"
_CY_ODD = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21)
_IE = "WABCDEFGHIJKLMNOPQRSTUV"


def _dot(number: str, weights: Sequence[int]) -> int:
    return sum(int(c) * w for c, w in zip(number, weights, strict=False))


def _shape(pattern: str) -> Callable[[Callable[[str], bool]], Callable[[str], bool | None]]:
    """``False`` for another shape than the state's own."""
    whole = re.compile(pattern, re.ASCII)

    def wrap(check: Callable[[str], bool]) -> Callable[[str], bool | None]:
        return lambda number: check(number) if whole.fullmatch(number) else False

    return wrap


def _luhn(number: str) -> bool:
    doubled = [int(c) * (1 + i % 2) for i, c in enumerate(reversed(number))]
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def _mod_11_10(number: str) -> bool:
    """ISO 7064 MOD 11,10."""
    rest = 10
    for c in number[:-1]:
        rest = (rest + int(c)) % 10 or 10
        rest = rest * 2 % 11
    return (11 - rest) % 10 == int(number[-1])


def _weighted(weights: Sequence[int], modulus: int, rest: int = 0) -> Callable[[str], bool]:
    return lambda number: _dot(number, weights) % modulus == rest


@_shape(r"U\d{8}")
def _at(number: str) -> bool:
    total = sum(sum(divmod(int(c) * (1 + i % 2), 10)) for i, c in enumerate(number[1:8]))
    return (96 - total) % 10 == int(number[8])


@_shape(r"[01]\d{9}")
def _be(number: str) -> bool:
    return 97 - int(number[:8]) % 97 == int(number[8:])


def _bg(number: str) -> bool | None:
    if re.fullmatch(r"\d{10}", number):
        return None  # persons: several ways that overlap
    if not re.fullmatch(r"\d{9}", number):
        return False
    rest = _dot(number[:8], range(1, 9)) % 11
    return (rest if rest < 10 else _dot(number[:8], range(3, 11)) % 11 % 10) == int(number[8])


@_shape(r"\d{8}[A-Z]")
def _cy(number: str) -> bool:
    total = sum(_CY_ODD[int(c)] if i % 2 == 0 else int(c) for i, c in enumerate(number[:8]))
    return chr(65 + total % 26) == number[8]


def _cz(number: str) -> bool | None:
    if re.fullmatch(r"\d{9,10}", number):
        return None  # persons
    return bool(re.fullmatch(r"\d{8}", number)) and (11 - _dot(number[:7], range(8, 1, -1)) % 11) % 10 == int(number[7])


@_shape(r"\d{9}")
def _el(number: str) -> bool:
    return _dot(number[:8], [2**i for i in range(8, 0, -1)]) % 11 % 10 == int(number[8])


@_shape(r"[A-Z0-9]\d{7}[A-Z0-9]")
def _es(number: str) -> bool:
    if number[0] in "0123456789XYZKLM":
        head = number[:8].translate(str.maketrans("XYZKLM", "012000"))
        return _DNI[int(head) % 23] == number[8]
    total = sum(int(c) if i % 2 else sum(divmod(int(c) * 2, 10)) for i, c in enumerate(number[1:8]))
    check = -total % 10
    return number[8] in (str(check), "JABCDEFGHI"[check])


def _fr(number: str) -> bool | None:
    if not re.fullmatch(r"[A-HJ-NP-Z0-9]{2}\d{9}", number):
        return False
    if not number[:2].isdigit():
        return None  # keys with letters are of a younger scheme
    return (12 + 3 * (int(number[2:]) % 97)) % 97 == int(number[:2])


@_shape(r"\d{7}[A-W][A-IW]?")
def _ie(number: str) -> bool:
    second = 0 if len(number) < 9 or number[8] == "W" else ord(number[8]) - 64
    return _IE[(_dot(number[:7], range(8, 1, -1)) + 9 * second) % 23] == number[7]


@_shape(r"\d{9}|\d{12}")
def _lt(number: str) -> bool:
    body = number[:-1]
    rest = sum((1 + i % 9) * int(c) for i, c in enumerate(body)) % 11
    if rest == 10:
        rest = sum((1 + (i + 2) % 9) * int(c) for i, c in enumerate(body)) % 11 % 10
    return rest == int(number[-1])


@_shape(r"\d{8}")
def _lu(number: str) -> bool:
    return int(number[:6]) % 89 == int(number[6:])


def _lv(number: str) -> bool | None:
    if re.fullmatch(r"[0-3]\d{10}", number):
        return None  # persons, by day of birth
    return bool(re.fullmatch(r"\d{11}", number)) and _dot(number, (9, 1, 4, 8, 3, 10, 2, 5, 7, 6, 1)) % 11 == 3


@_shape(r"[A-Z0-9+*]{9}B\d{2}")
def _nl(number: str) -> bool:
    letters = "".join(str(int(c, 36)) if c.isalnum() else {"+": "36", "*": "37"}[c] for c in "NL" + number)
    old = number[:9].isdigit() and (_dot(number, range(9, 1, -1)) - int(number[8])) % 11 == 0
    return old or int(letters) % 97 == 1


@_shape(r"\d{9}")
def _pt(number: str) -> bool:
    return (11 - _dot(number[:8], range(9, 1, -1)) % 11) % 11 % 10 == int(number[8])


@_shape(r"\d{2,10}")
def _ro(number: str) -> bool:
    full = number.zfill(10)
    return _dot(full[:9], (7, 5, 3, 2, 1, 7, 5, 3, 2)) * 10 % 11 % 10 == int(full[9])


@_shape(r"\d{10}01")
def _se(number: str) -> bool:
    return _luhn(number[:10])


@_shape(r"\d{8}")
def _si(number: str) -> bool:
    check = 11 - _dot(number[:7], range(8, 1, -1)) % 11
    return check != 11 and check % 10 == int(number[7])


VAT_CHECKS: Mapping[str, Callable[[str], bool | None]] = {
    "AT": _at, "BE": _be, "BG": _bg, "CY": _cy, "CZ": _cz, "EL": _el, "ES": _es, "FR": _fr, "IE": _ie, "LT": _lt,
    "LU": _lu, "LV": _lv, "NL": _nl, "PT": _pt, "RO": _ro, "SE": _se, "SI": _si,
    "DE": _shape(r"\d{9}")(_mod_11_10),
    "DK": _shape(r"\d{8}")(_weighted((2, 7, 6, 5, 4, 3, 2, 1), 11)),
    "EE": _shape(r"\d{9}")(_weighted((3, 7, 1, 3, 7, 1, 3, 7, 1), 10)),
    "FI": _shape(r"\d{8}")(_weighted((7, 9, 10, 5, 8, 4, 2, 1), 11)),
    "HR": _shape(r"\d{11}")(_mod_11_10),
    "HU": _shape(r"\d{8}")(_weighted((9, 7, 3, 1, 9, 7, 3, 1), 10)),
    "IT": _shape(r"\d{11}")(_luhn),
    "MT": _shape(r"\d{8}")(_weighted((3, 4, 6, 7, 8, 9, 10, 1), 37)),
    "PL": _shape(r"\d{10}")(_weighted((6, 5, 7, 2, 3, 4, 5, 6, 7, -1), 11)),
    "SK": _shape(r"\d{10}")(lambda number: int(number) % 11 == 0),
}  # fmt: skip
