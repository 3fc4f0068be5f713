"""Secrets out of every message."""

from __future__ import annotations

import pytest

from locus_dbt.core.secrets import mask


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("key sk-" + "a1" * 12, "a1a1"),
        ("ghp_" + "b2" * 12 + " pushed", "b2b2"),
        ("AKIA" + "ABCD1234EFGH5678", "EFGH5678"),
        ("xoxb-1234567890-abc", "1234567890"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcdefgh", "eyJzdWIi"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----", "MIIE"),
        ("-----BEGIN PRIVATE KEY-----\ncut off", "cut off"),
        ("password: hunter22", "hunter22"),
        ("PASSWORD='hunter22' rest", "hunter22"),
        ("api_key=abcd1234&x=1", "abcd1234"),
        ("cannot open postgres://me:s3cret@host/db", "s3cret"),
    ],
)
def test_a_secret_is_masked(text: str, hidden: str) -> None:
    assert hidden not in mask(text)
    assert "***" in mask(text)


@pytest.mark.parametrize(
    "text",
    ["Total 119.00 EUR", "the token of thanks", "https://example.org/path?page=2", "a@b.example", "", "risk-free"],
)
def test_plain_text_stays(text: str) -> None:
    assert mask(text) == text


def test_what_stands_around_a_secret_stays() -> None:
    assert mask("user=me password=hunter22 host=db") == "user=me password=*** host=db"
