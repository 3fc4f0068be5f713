"""Languages: near relatives are told apart, noise has none, a choice of languages is kept to."""

from __future__ import annotations

import pytest

from locus_dbt.errors import InputError
from locus_dbt.images.language_detector_translator.identify import identify, script_of

SENTENCES = [
    ("nb", "Hun visste ikke hva hun skulle si etter møtet i går."),
    ("nn", "Eg veit ikkje kva som skjer når dei kjem heim frå skulen."),
    ("da", "Regeringen vil bruge flere penge på veje og jernbaner næste år."),
    ("sv", "Regeringen vill använda mer pengar till vägar och järnvägar nästa år."),
    ("hr", "Tko želi doći na sastanak, neka se javi do kraja tjedna."),
    ("sr", "Ko želi da dođe na sastanak neka se javi do kraja nedelje."),
    ("sr", "Влада је одлучила да повећа буџет за образовање следеће године."),
    ("bs", "Historija ovog grada je duga, a općina gradi novi muzej."),
    ("sk", "Nevedel som, čo mám povedať, keď prišli domov."),
    ("cs", "Nevěděl jsem, co mám říct, když přišli domů."),
    ("sl", "Nisem vedel, kaj naj rečem, ko so prišli domov."),
    ("pt", "O governo aprovou na quinta-feira uma nova lei sobre as escolas."),
    ("gl", "O goberno aprobou unha nova lei sobre as escolas."),
    ("es", "El gobierno aprobó el jueves una nueva ley sobre las escuelas."),
    ("ca", "El govern ha aprovat una nova llei sobre les escoles."),
    ("ru", "Правительство приняло в четверг новый закон о школах."),
    ("uk", "Уряд ухвалив новий закон про школи у четвер."),
    ("be", "Урад прыняў новы закон аб школах у чацвер."),
    ("bg", "Правителството прие нов закон за училищата в четвъртък."),
    ("mk", "Владата го усвои новиот закон за училиштата во четврток."),
    ("fa", "دولت روز پنجشنبه قانون جدیدی درباره مدارس تصویب کرد."),
    ("ar", "وافقت الحكومة يوم الخميس على قانون جديد بشأن المدارس."),
    ("ur", "حکومت نے جمعرات کو اسکولوں کے بارے میں نیا قانون منظور کیا۔"),
    ("hi", "सरकार ने गुरुवार को स्कूलों के बारे में नया कानून पारित किया।"),
    ("mr", "सरकारने गुरुवारी शाळांबाबत नवीन कायदा मंजूर केला आहे."),
    ("ne", "सरकारले बिहीबार विद्यालयसम्बन्धी नयाँ कानुन पारित गर्‍यो।"),
    ("nl", "De regering heeft donderdag een nieuwe wet over scholen goedgekeurd."),
    ("af", "Die regering het Donderdag 'n nuwe wet oor skole goedgekeur."),
    ("zh", "政府周四通过了一项关于学校的新法律。"),
    ("ja", "政府は木曜日に学校に関する新しい法律を承認した。"),
    ("ko", "정부는 목요일에 학교에 관한 새 법을 승인했다."),
]


@pytest.mark.parametrize(("code", "text"), SENTENCES)
def test_a_sentence_in_each_of_many_languages(code: str, text: str) -> None:
    found = identify(text)
    assert found is not None
    assert found.code == code
    assert 0.5 < found.score <= 1


@pytest.mark.parametrize("text", ["", " \n", "4711 / 12", "https://example.com", "+++ --- §"])
def test_what_has_no_words_has_no_language(text: str) -> None:
    assert identify(text) is None


def test_a_choice_of_languages_is_kept_to() -> None:
    text = "Regeringen vil bruge flere penge"
    found = identify(text, only=("nb", "sv"))
    assert found is not None
    assert found.code == "nb"
    with pytest.raises(InputError, match="none of these is a known language"):
        identify(text, only=("xx",))


def test_scripts() -> None:
    assert [script_of(text) for text in ("abc", "где", "日本", "1 2", "ελ a")] == [
        "Latin",
        "Cyrillic",
        "Han",
        None,
        "Greek",
    ]
