"""Encodings: found by structure, declaration and statistics; wrong bytes and mojibake are told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locus_dbt.model.document import ReadOptions
from locus_dbt.parsers.declared_encoding import declared_in
from locus_dbt.parsers.decoding import decode, decoded
from locus_dbt.parsers.encoding_guess import guess

GERMAN = "Größe und Müller wohnen in Köln, schön grüßt die Straße über äußere Bäume, natürlich später."
FRENCH = "Été à l’hôtel: où êtes-vous passés? Le garçon a été très déçu par la fête, mais c’était là."
POLISH = "Zażółć gęślą jaźń; Łódź i Kraków są piękne, dziękuję bardzo za każdą pomoc, która była potrzebna."
CZECH = "Příliš žluťoučký kůň úpěl ďábelské ódy, děkuji za možnost být zítra v Praze, kde bude hezky."
RUSSIAN = "Привет, как дела? Всё хорошо, спасибо. Завтра мы поедем в Москву на поезде и вернёмся в субботу."
GREEK = "Καλημέρα κόσμε, αυτό είναι ένα κείμενο στα ελληνικά. Μία πρόταση για να δούμε."
TURKISH = "Türkçe şarkı söyleyen çocuklar güneşli bir günde parkta oynuyor; İstanbul çok güzel bir şehir."
HEBREW = "שלום עולם, זה טקסט בעברית שנכתב היום כדי לבדוק את הקידוד של הקובץ."
ARABIC = "مرحبا بالعالم هذا نص مكتوب باللغة العربية لاختبار الترميز في هذا الملف."
THAI = "สวัสดีชาวโลก นี่คือข้อความภาษาไทยสำหรับทดสอบ"
JAPANESE = "日本語のテキストです。文字コードを判定するためのサンプルになります。"
CHINESE = "这是一个用来测试编码的中文文本，我们今天天气很好。"
TAIWANESE = "這是一個用來測試編碼的中文文本，我們今天天氣很好。"
KOREAN = "안녕하세요, 이것은 인코딩을 시험하기 위한 한국어 텍스트입니다."

KNOWN = [
    *((GERMAN, name) for name in ("cp1252", "mac-roman", "cp850", "utf-8", "utf-16-le", "utf-16-be", "utf-32-le")),
    *((FRENCH, name) for name in ("cp1252", "mac-roman", "utf-8-sig", "utf-16", "utf-32")),
    *((POLISH, name) for name in ("cp1250", "iso8859-2", "cp852")),
    *((CZECH, name) for name in ("cp1250", "iso8859-2", "cp852")),
    *((RUSSIAN, name) for name in ("cp1251", "koi8-r", "cp866", "cp855", "iso8859-5", "mac-cyrillic", "utf-16-le")),
    *((GREEK, name) for name in ("cp1253", "iso8859-7")),
    *((TURKISH, name) for name in ("cp1254", "iso8859-9")),
    (HEBREW, "cp1255"),
    *((ARABIC, name) for name in ("cp1256", "iso8859-6")),
    *((THAI, name) for name in ("cp874", "tis-620")),
    *((JAPANESE, name) for name in ("shift_jis", "euc_jp", "iso2022_jp", "utf-16-le", "utf-16-be")),
    *((CHINESE, name) for name in ("gb2312", "gb18030", "hz", "utf-16-le")),
    (TAIWANESE, "big5"),
    *((KOREAN, name) for name in ("euc_kr", "johab", "iso2022_kr")),
]


@pytest.mark.parametrize(("text", "encoding"), KNOWN)
def test_a_sentence_is_read_as_it_was_written(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding))[0].removeprefix("\ufeff") == text


@given(st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn", "Co")), max_size=200))
def test_utf8_is_always_read_as_it_is(text: str) -> None:
    assert decode(text.encode())[0] == text.removeprefix("\ufeff")


@given(st.binary(max_size=400))
def test_any_bytes_give_a_text(data: bytes) -> None:
    text, encoding = decode(data)
    assert isinstance(text, str)
    assert encoding


@pytest.mark.parametrize("text", ["Bob,£65.60\n", "Eve – 12 €\n", "Café\n", "20 °C\n", "Müller;Groß\n"])
def test_few_foreign_letters_are_western(text: str) -> None:
    assert decode(("name;n\n" + text).encode("cp1252")) == ("name;n\n" + text, "cp1252")


def test_a_declaration_is_believed_when_the_bytes_agree() -> None:
    data = '<?xml version="1.0" encoding="iso-8859-2"?><a>Łódź</a>'.encode("iso8859-2")
    assert declared_in(data) == "iso-8859-2"
    assert guess(data, declared=declared_in(data)).encoding == "iso8859-2"
    wrong = '<meta charset="shift_jis">Größe und Maße'.encode("cp1252") + b"\xff"
    assert guess(wrong, declared=declared_in(wrong)).encoding != "shift_jis"
    utf8 = '<meta charset="iso-8859-1">Größe'.encode()
    assert guess(utf8, declared=declared_in(utf8)).encoding == "utf-8"


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b'<meta http-equiv="Content-Type" content="text/html; charset=EUC-KR">', "EUC-KR"),
        (b'@charset "koi8-r";', "koi8-r"),
        (b"#!/bin/sh\n# -*- coding: cp1251 -*-\n", "cp1251"),
        (b"no charset=utf-8 here", None),
    ],
)
def test_declarations(head: bytes, name: str | None) -> None:
    assert declared_in(head) == name


def test_of_nested_encodings_the_narrowest_is_named() -> None:
    assert guess(CHINESE.encode("gb18030")).encoding == "gb2312"
    assert guess((CHINESE + "镕").encode("gb18030")).encoding == "gbk"
    assert guess(GERMAN.encode("cp1252")).encoding == "iso8859-1"
    assert guess((GERMAN + "“").encode("cp1252")).encoding == "cp1252"


def test_the_option_takes_the_place_of_detection() -> None:
    data = RUSSIAN.encode("koi8-r")
    assert decode(data, options=ReadOptions(encoding="koi8-r")) == (RUSSIAN, "koi8-r")
    assert decode(data, options=ReadOptions(encoding="cp1251"))[0] != RUSSIAN


def test_mojibake_is_repaired_when_asked_for_and_told() -> None:
    twice = "plain\n" + "Größe – Maße\n".encode().decode("cp1252")
    assert decode(twice.encode())[0] == twice
    found = decoded(twice.encode(), options=ReadOptions(mojibake=True))
    assert found.text == "plain\nGröße – Maße\n"
    assert [(r.rule, r.place, r.after) for r in found.repairs] == [("mojibake", "line 2", "Größe – Maße")]


def test_lines_of_two_encodings_are_each_read_as_written() -> None:
    data = "Größe\nMaße\n".encode() + "Köln\n".encode("cp1252")
    found = decoded(data)
    assert (found.text, found.encoding) == ("Größe\nMaße\nKöln\n", "utf-8+cp1252")
    assert [(r.rule, r.place) for r in found.repairs] == [("line_encoding", "line 3")]
