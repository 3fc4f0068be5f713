"""Which patterns are one event: words that branch against words that vary, in linear time.

Patterns of equal length are compared column by column, after an idea of the Brain log parser: the words of a line that
occur equally often belong together (they are the constant text of one event). Then columns with few words branch, the
others vary. Last, groups that differ in one column only are joined where that column holds names.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from locus_dbt.images.log_parser.tokens import STATES, WILD

Key = tuple[str, ...]
#: A column with more words than this varies, unless its words are states ...
MAX_BRANCHES = 3
#: ... written in capitals ...
MAX_STATES = 10
#: ... or each so frequent that it is no name.
MAX_FREQUENT, FREQUENT = 6, 5
#: A word behind one of these names something.
_NAMES_FOLLOW = frozenset(("user", "users", "username", "from", "host", "hostname", "client", "account", "named"))
#: So does one between "for" and one of these.
_NAMES_END = frozenset(("from", "by", "on", "at", "via"))
#: A word that is a name by its form: digits, or a sign between letters.
_NAME = re.compile(r"#|\w[._/\\]\w")
_LETTER = re.compile(r"[^\W\d_]")
_WORD = re.compile(r"[^\W\d_]{2}")
#: Groups are joined that share this many words, in a few rounds; beyond these sizes the time would not be linear.
MIN_SHARED, MAX_ROUNDS, MAX_JOINED, MAX_COLUMNS, MAX_DEPTH = 2, 4, 5_000, 100, 12


def group_keys(counts: Mapping[Key, int]) -> dict[Key, int]:
    """The group of each key, numbered in the order of the groups' smallest keys; ``counts`` are lines."""
    by_length: dict[int, list[Key]] = defaultdict(list)
    for key in sorted(counts):
        by_length[len(key)].append(key)
    groups: list[list[Key]] = []
    for keys in by_length.values():
        groups.extend(_joined(_grouped(keys, counts)))
    return {key: number for number, keys in enumerate(sorted(groups)) for key in keys}


def _grouped(keys: Sequence[Key], counts: Mapping[Key, int]) -> list[list[Key]]:
    n = len(keys[0])
    frequency: list[Counter[str]] = [Counter() for _ in range(n)]
    for key in keys:
        lines = counts[key]
        for column, word in zip(frequency, key, strict=True):
            column[word] += lines
    roots: dict[tuple[tuple[int, str], ...], list[Key]] = defaultdict(list)
    for key in keys:
        roots[_root(key, frequency)].append(key)
    out: list[list[Key]] = []
    for root in sorted(roots):
        fixed = frozenset(column for column, _ in root)
        _branch(roots[root], fixed, counts, out)
    return out


def _root(key: Key, frequency: Sequence[Counter[str]]) -> tuple[tuple[int, str], ...]:
    """The constant words by which the event is known: the largest set of equally frequent ones."""
    often = [0 if word == WILD else frequency[column][word] for column, word in enumerate(key)]
    sets = Counter(o for o, word in zip(often, key, strict=True) if o and _LETTER.search(word))
    if not sets:
        sets = Counter(o for o in often if o)
    if not sets:
        return ()
    most = max(sets)
    chosen = max((o for o in sets if o * 2 >= most), key=lambda o: (sets[o], o))
    return tuple((column, word) for column, (o, word) in enumerate(zip(often, key, strict=True)) if o == chosen)


def _branch(
    keys: list[Key], fixed: frozenset[int], counts: Mapping[Key, int], out: list[list[Key]], *, depth: int = 0
) -> None:
    """Split ``keys`` at the column with the fewest words, as long as one has few enough."""
    best: tuple[int, int] | None = None
    lines = [counts[key] for key in keys]
    for column in range(min(len(keys[0]), MAX_COLUMNS)) if len(keys) > 1 and depth < MAX_DEPTH else ():
        if column in fixed:
            continue
        words: Counter[str] = Counter()
        for key, n in zip(keys, lines, strict=True):
            words[key[column]] += n
        if len(words) > 1 and WILD not in words and _branches(column, words, keys):
            best = min(best or (len(words), column), (len(words), column))
    if best is None:
        out.append(keys)
        return
    parts: dict[str, list[Key]] = defaultdict(list)
    for key in keys:
        parts[key[best[1]]].append(key)
    for word in sorted(parts):
        _branch(parts[word], fixed | {best[1]}, counts, out, depth=depth + 1)


def _branches(column: int, words: Counter[str], keys: Sequence[Key]) -> bool:
    """Whether the words of a column tell events apart, rather than being values."""
    if all(word in STATES for word in words):
        return True
    if column + 1 < len(keys[0]) and all(key[column + 1] == "=" for key in keys):
        return True
    if all("#" in word for word in words) or all(_names(key, column) for key in keys):
        return False
    if len(words) <= MAX_BRANCHES:
        return True
    if all(word.isupper() for word in words):
        return len(words) <= MAX_STATES
    return len(words) <= MAX_FREQUENT and min(words.values()) >= FREQUENT


def _joined(groups: list[list[Key]]) -> list[list[Key]]:
    """Groups of one length that differ in one column only, where that column holds names or values, are one."""
    if len(groups) > MAX_JOINED or len(groups[0][0]) > MAX_COLUMNS:
        return groups
    for _ in range(MAX_ROUNDS):
        buckets: dict[tuple[int, Key], list[int]] = defaultdict(list)
        for number, keys in enumerate(groups):
            shape = _shape(keys)
            words = [_WORD.search(word) is not None for word in shape]
            for column, word in enumerate(shape):
                if sum(words) - words[column] >= MIN_SHARED and _may_name(shape, column, word):
                    buckets[column, (*shape[:column], WILD, *shape[column + 1 :])].append(number)
        parent = list(range(len(groups)))
        for numbers in buckets.values():
            first = _top(parent, numbers[0])
            for other in numbers[1:]:
                parent[_top(parent, other)] = first
        together: dict[int, list[Key]] = defaultdict(list)
        for number, keys in enumerate(groups):
            together[_top(parent, number)].extend(keys)
        if len(together) == len(groups):
            break
        groups = [sorted(keys) for keys in together.values()]
    return groups


def _shape(keys: Sequence[Key]) -> Key:
    """The word of each column, ``<*>`` where there are several."""
    return tuple(column[0] if len(set(column)) == 1 else WILD for column in zip(*keys, strict=True))


def _may_name(shape: Key, column: int, word: str) -> bool:
    if word == WILD:
        return True
    if column + 1 < len(shape) and shape[column + 1] == "=":
        return False
    if _names(shape, column):
        return True
    return column > 0 and not word.isupper() and _NAME.search(word) is not None


def _names(key: Key, column: int) -> bool:
    """Whether the words around a column say that a name stands there."""
    before = key[column - 1].lower() if column else ""
    behind = key[column + 1].lower() if column + 1 < len(key) else ""
    return before in _NAMES_FOLLOW or (before == "for" and behind in _NAMES_END)


def _top(parent: list[int], i: int) -> int:
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i
