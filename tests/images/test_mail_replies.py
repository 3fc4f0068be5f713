"""Which part of a mail's text is new, which is quoted and which is signature, in several languages."""

# ruff: noqa: E501 - a printed line is easier to read whole

from __future__ import annotations

import pytest

from locus_dbt.images.email_extractor.reply import shown_text, split

HISTORY = "Please confirm the order.\nKind regards"


@pytest.mark.parametrize(
    "announced",
    [
        "On Mon, Jan 5, 2026 at 10:00 AM Ann Lee <ann@example.org> wrote:",
        "On Mon, Jan 5, 2026 at 10:00 AM Ann Lee\n<ann@example.org> wrote:",
        "Am 05.01.2026 um 10:00 schrieb Ann Lee <ann@example.org>:",
        "Am Mo., 5. Jan. 2026 um 10:00 Uhr schrieb Ann Lee <\nann@example.org>:",
        "Ann Lee <ann@example.org> schrieb am Mo., 5. Jan. 2026, 10:00:",
        "Le lun. 5 janv. 2026 à 10:00, Ann Lee <ann@example.org> a écrit :",
        "El lun, 5 ene 2026 a las 10:00, Ann Lee (<ann@example.org>) escribió:",
        "Il giorno lun 5 gen 2026 alle ore 10:00 Ann Lee <ann@example.org> ha scritto:",
        "Op ma 5 jan 2026 om 10:00 schreef Ann Lee <ann@example.org>:",
        "-----Original Message-----",
        "-----Ursprüngliche Nachricht-----\nVon: Ann Lee\nGesendet: Montag\nAn: Bob\nBetreff: Bestellung",
        "----- Message d'origine -----",
        "---------- Forwarded message ---------\nFrom: Ann Lee <ann@example.org>",
        "From: Ann Lee\nSent: Monday, 5 January 2026 10:00\nTo: Bob\nSubject: Order",
        "________________________________\nVon: Ann Lee <ann@example.org>\nGesendet: Montag\nAn: Bob\nBetreff: Bestellung",
        "De : Ann Lee\nEnvoyé : lundi 5 janvier 2026\nÀ : Bob\nObjet : Commande",
        "De: Ann Lee\nEnviado: lunes\nPara: Bob\nAsunto: Pedido",
    ],
)
@pytest.mark.parametrize("marked", [False, True])
def test_history_is_no_part_of_the_reply(announced: str, marked: bool) -> None:  # noqa: FBT001
    history = "\n".join(f"> {line}" for line in HISTORY.split("\n")) if marked else HISTORY
    found = split(f"Yes, I do.\n\nBob\n\n{announced}\n\n{history}\n")
    assert found.reply is not None
    assert found.reply.text == "Yes, I do.\n\nBob"
    assert found.quoted is not None
    assert "confirm the order" in found.quoted.text
    assert announced.split("\n", maxsplit=1)[0] in found.quoted.text


def test_answers_between_quotes_are_new() -> None:
    found = split("Ann wrote:\n> Monday?\nYes.\n> Tuesday?\nNo.\n-- \nBob\nPhone 12\n")
    assert found.reply is not None
    assert found.reply.text == "Yes.\nNo."
    assert found.quoted is not None
    assert found.quoted.text == "Ann wrote:\n> Monday?\n> Tuesday?"
    assert found.signature is not None
    assert (found.signature.text, found.signature.line) == ("Bob\nPhone 12", 7)


@pytest.mark.parametrize(
    "text",
    [
        "He wrote to me: come on Monday.",
        "From: the beginning we knew.\nIt was so.",
        "Am Montag komme ich.",
        "The list:\n-- one\n-- two",
        "On Monday the following was decided:\nwe go on.",
        "a > b",
    ],
)
def test_prose_is_new(text: str) -> None:
    found = split(text)
    assert found.reply is not None
    assert found.reply.text == text
    assert found.quoted is None
    assert found.signature is None


@pytest.mark.parametrize(
    "line", ["Sent from my iPhone", "Von meinem iPhone gesendet", "Envoyé de mon iPhone", "Enviado desde mi iPhone"]
)
def test_telephones_sign(line: str) -> None:
    found = split(f"Yes.\n\n{line}\n")
    assert found.reply is not None
    assert (found.reply.text, found.signature and found.signature.text) == ("Yes.", line)


def test_quotes_in_html_are_marked() -> None:
    text = shown_text("<p>Yes.</p><div>Ann wrote:<blockquote><p>Monday?</p><p>At ten?</p></blockquote></div><p>Bob</p>")
    found = split(text)
    assert found.reply is not None
    assert found.reply.text == "Yes.\nBob"
    assert found.quoted is not None
    assert found.quoted.text == "Ann wrote:\n> Monday?\n> At ten?"


def test_no_text_makes_a_pattern_explode() -> None:
    for text in (
        "On " * 20_000,
        "> " * 20_000,
        "wrote " * 20_000 + ":",
        "From:\n" * 5_000,
        "-" * 50_000,
        "On \n" * 5_000,
    ):
        split(text)
