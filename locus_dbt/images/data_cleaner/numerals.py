"""SQL expressions that read numbers as people write them.

A number is brought to a normal form (sign, digits, points and commas), then to a class: what it says about
the decimal sign of its column. Only where a number can be read both ways does the column decide.
"""

from __future__ import annotations

from locus_dbt.model.relation import literal

# Signs that stand for a minus, an apostrophe and a space.
_FROM = "−–—‐‑‒﹣－’‘´`ʼ＇\u00a0\u2007\u2009\u202f\t０１２３４５６７８９"
_TO = "--------''''''" + "     " + "0123456789"

_CODES = (
    "EUR USD GBP CHF JPY CNY SEK NOK DKK ISK PLN CZK HUF RON BGN TRY CAD AUD NZD INR BRL MXN ZAR KRW SGD HKD"
    " UAH ILS AED SAR"
)
_MONEY = (
    rf"(?i:[a-z]{{0,3}}\p{{Sc}}|{'|'.join(_CODES.split())}|euros?|s?fr\.?|kr\.?|z\x{{0142}}|k\x{{010D}}|ft|lei|rs\.?)"
)
_BODY = (
    r"[0-9]{1,3}(?:'[0-9]{3})+(?:[.,][0-9]+)?"
    r"|[0-9]{1,3}(?: [0-9]{3})+(?:[.,][0-9]+)?"
    r"|[0-9]+(?:[.,][0-9]+)*(?:[eE][+-]?[0-9]{1,3})?"
    r"|[.,][0-9]+"
)
_PRINTED = (
    rf"^(\()? ?([+-])? ?(?:{_MONEY})? ?([+-])? ?({_BODY})(?:[.,]-{{0,2}})? ?(?:{_MONEY}|%)? ?(-)? ?(?:{_MONEY})?(\))?$"
)
_PLAIN = r"-?[0-9]+(?:[.,][0-9]+)*"
_WHOLE = r"-?[0-9]+"
_EXPONENT = r"-?[0-9]+(?:[.,][0-9]+)?[eE][+-]?[0-9]{1,3}"
_EITHER = r"-?[1-9][0-9]{0,2}[.,][0-9]{3}"
_EITHER_WHOLE = r"-?[1-9][0-9]{0,2}[.,]000"

# One sign of evidence among twenty against it is a slip of the pen, more is a second habit in the column.
_SLIPS = 19


def normal_form(text: str) -> str:
    """Sign, digits, points, commas and exponent of a printed number; NULL when it is none.

    Takes away currency, percent sign, blanks and apostrophes between thousands, and turns a minus at the end
    and parentheses into a leading minus.
    """
    printed = f"translate({text}, {literal(_FROM)}, {literal(_TO)})"
    names = "['open', 'a', 'b', 'body', 'c', 'close']"
    parts = f"regexp_extract({printed}, {literal(_PRINTED)}, {names})"
    assembled = (
        "list_transform([" + parts + "], lambda p: CASE"
        " WHEN p['body'] = '' OR (p['open'] = '') <> (p['close'] = '')"
        " OR length(p['a'] || p['b'] || p['c']) + length(p['open']) > 1 THEN NULL"
        " ELSE CASE WHEN p['open'] <> '' OR contains(p['a'] || p['b'] || p['c'], '-') THEN '-' ELSE '' END"
        " || replace(replace(p['body'], ' ', ''), '''', '') END)[1]"
    )
    return f"CASE WHEN {_is(text, _PLAIN)} THEN {text} WHEN {text} IS NOT NULL THEN {assembled} END"


def reading(form: str, *, whole: bool) -> str:
    """The class of a normal form; NULL when the form is no number.

    ``.`` or ``,`` (that is the decimal sign), ``?`` (it may be either), ``i`` (neither occurs), ``e`` (exponent).
    ``whole``: the column is to hold integers, so that 1.234 speaks for the comma.
    """
    either = _EITHER_WHOLE if whole else _EITHER
    cases = [
        (_WHOLE, "i"),
        (_certain(".", ",", whole=whole), "."),
        (_certain(",", ".", whole=whole), ","),
        (either, "?"),
        (_EXPONENT, "e"),
    ]
    return "CASE " + " ".join(f"WHEN {_is(form, p)} THEN '{c}'" for p, c in cases) + " END"


def reading_as(form: str, decimal: str) -> str:
    """The class of a normal form when the decimal sign is given."""
    group = "," if decimal == "." else "."
    d, g = f"[{decimal}]", f"[{group}]"
    valid = rf"-?(?:[0-9]*{d}[0-9]+|[0-9]{{1,3}}(?:{g}[0-9]{{3}})+(?:{d}[0-9]+)?|{_indian(d, g)})"
    exponent = rf"-?[0-9]+(?:{d}[0-9]+)?[eE][+-]?[0-9]{{1,3}}"
    cases = [(_WHOLE, "i"), (valid, decimal), (exponent, "e")]
    return "CASE " + " ".join(f"WHEN {_is(form, p)} THEN '{c}'" for p, c in cases) + " END"


def column_decides(klass: str) -> str:
    """Aggregate: the decimal sign of a column, NULL when its values do not tell or speak against each other."""
    return clear_majority(f"count_if({klass} = '.')", ".", f"count_if({klass} = ',')", ",")


def clear_majority(first: str, first_name: str, second: str, second_name: str) -> str:
    """The name of the count that outweighs the other; NULL for none."""
    return (
        f"CASE WHEN {first} > 0 AND {second} * {_SLIPS} <= {first} THEN {literal(first_name)}"
        f" WHEN {second} > 0 AND {first} * {_SLIPS} <= {second} THEN {literal(second_name)} END"
    )


def canonical(form: str, klass: str, decided: str) -> str:
    """The number with a decimal point and nothing else; NULL when undecided."""
    as_comma = f"replace(replace({form}, '.', ''), ',', '.')"
    as_point = f"replace({form}, ',', '')"
    return (
        f"CASE {klass} WHEN 'i' THEN {form} WHEN '.' THEN {as_point} WHEN ',' THEN {as_comma}"
        f" WHEN 'e' THEN replace({form}, ',', '.')"
        f" WHEN '?' THEN CASE {decided} WHEN '.' THEN {as_point} WHEN ',' THEN {as_comma} END END"
    )


def cast(number: str, sql_type: str, *, whole: bool) -> str:
    """The canonical number in its type; NULL when it does not fit. Integers are never rounded into being."""
    if not whole:
        return f"TRY_CAST({number} AS {sql_type})"
    exact = f"TRY_CAST({number} AS DECIMAL(38,18))"
    return f"CASE WHEN {exact} = trunc({exact}) THEN TRY_CAST({exact} AS {sql_type}) END"


def _certain(decimal: str, group: str, *, whole: bool) -> str:
    """Forms that can be read with this decimal sign only."""
    d, g = f"[{decimal}]", f"[{group}]"
    forms = [
        rf"[0-9]*{d}[0-9]{{1,2}}",
        rf"[0-9]*{d}[0-9]{{4,}}",
        rf"(?:0[0-9]*|[0-9]{{4,}}|){d}[0-9]{{3}}",
        rf"[0-9]{{1,3}}(?:{g}[0-9]{{3}})+{d}[0-9]+",
        rf"[0-9]{{1,3}}(?:{g}[0-9]{{3}}){{2,}}",
        _indian(d, g),
    ]
    if whole:
        # No integer as a fraction: 1.234 has its point between thousands.
        forms.append(rf"[1-9][0-9]{{0,2}}{g}(?:[1-9][0-9]{{2}}|0[1-9][0-9]|00[1-9])")
    return "-?(?:" + "|".join(forms) + ")"


def _indian(d: str, g: str) -> str:
    return rf"[0-9]{{1,2}}(?:{g}[0-9]{{2}})+{g}[0-9]{{3}}(?:{d}[0-9]+)?"


def _is(text: str, pattern: str) -> str:
    return f"regexp_full_match({text}, {literal(pattern)})"
