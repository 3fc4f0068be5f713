"""Which letters and small words belong to which language: what statistics of byte pairs miss in short texts.

``LETTERS``: letters beyond a to z (beyond а to я of Russian for Cyrillic) that texts of the language are written with.
``WORDS``: small, frequent words that near relatives write differently. Codes are ISO 639-1.
"""

from __future__ import annotations

#: Letters beyond ASCII of languages in Latin script.
LETTERS: dict[str, frozenset[str]] = {
    code: frozenset(letters)
    for code, letters in {
        "af": "áéèêëíîïóôöúûü", "az": "çəğıöşü", "bs": "čćđšž", "ca": "àçèéíïòóúü·", "cs": "áčďéěíňóřšťúůýž",
        "cy": "âêîôûŵŷäëïöáéíóúẅÿ", "da": "åæøéáü", "de": "äöüßé", "en": "éèïêâçñöü", "eo": "ĉĝĥĵŝŭ",
        "es": "áéíñóúü¡¿ªº", "et": "äõöüšž", "eu": "ñçü", "fi": "äöåšž", "fr": "àâæçéèêëîïôœùûüÿ", "ga": "áéíóú",
        "gl": "áéíñóúüï", "hr": "čćđšž", "ht": "èéòà", "hu": "áéíóöőúüű", "id": "é", "is": "áðéíóúýþæö", "it": "àèéìíòóùúî",
        "la": "āēīōūæœ", "lb": "äéëöü", "lt": "ąčęėįšųūž", "lv": "āčēģīķļņšūž", "ms": "é", "mt": "àċèġħìòùż",
        "nb": "åæøéòóôèêàü", "nl": "ëïéèêöüáóíà", "nn": "åæøéòóôèêàü", "oc": "àáçèéíïòóúü", "pl": "ąćęłńóśźż",
        "pt": "áâãàçéêíóôõúüªº", "ro": "ăâîșțşţ", "sk": "áäčďéíĺľňóôŕšťúýž", "sl": "čšžćđ", "sq": "çë", "sv": "åäöéàü",
        "sw": "", "tl": "ñ", "tr": "çğıöşüâîûİ", "vi": "ăâđêôơưàáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ",
        "zu": "", "xh": "", "so": "", "sn": "", "yo": "ẹọṣáàéèíìóòúùńǹḿ",
        "ru": "абвгдежзийклмнопрстуфхцчшщъыьэюяё", "uk": "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя",
        "be": "абвгдеёжзійклмнопрстуўфхцчшыьэюя", "bg": "абвгдежзийклмнопрстуфхцчшщъьюяѝ",
        "mk": "абвгдѓежзѕијклљмнњопрстќуфхцчџшѐѝ", "sr": "абвгдђежзијклљмнњопрстћуфхцчџшčćđšž",
        "kk": "абвгдежзийклмнопрстуфхцчшщъыьэюяёәғқңөұүһі", "ky": "абвгдежзийклмнопрстуфхцчшщъыьэюяёңөү",
        "mn": "абвгдежзийклмнопрстуфхцчшщъыьэюяёөү", "tt": "абвгдежзийклмнопрстуфхцчшщъыьэюяёәҗңөүһ",
        "tg": "абвгдежзийклмнопрстуфхцчшъыьэюяёғӣқӯҳҷ", "ba": "абвгдежзийклмнопрстуфхцчшщъыьэюяёәғҙҡңөҫүһ",
        "ar": "ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىي", "fa": "ءآأؤئابپتثجچحخدذرزژسشصضطظعغفقکگلمنهوی",
        "ur": "ءآأؤئابپتٹثجچحخدڈذرڑزژسشصضطظعغفقکگلمنںوہھیے",
    }.items()
}  # fmt: skip

#: Languages a text of some length cannot be in without one of these letters.
NEEDED: dict[str, frozenset[str]] = {
    code: frozenset(letters)
    for code, letters in {
        "be": "іўё", "uk": "іїєґ", "mk": "јѓќљњџѕ", "tt": "әҗңөүһ", "ky": "ңөү", "kk": "әғқңөұүһі", "ba": "әғҙҡңөҫүһ",
        "mn": "өү", "tg": "ғӣқӯҳҷ", "vi": "ăâđêôơưàáảãạ", "hu": "áéöőóüűí", "tk": "äňöşüýžç",
        "ur": "ٹڈڑںہھے", "fa": "یکپچگژ",
    }.items()
}  # fmt: skip

WORDS: dict[str, frozenset[str]] = {
    code: frozenset(words.split())
    for code, words in {
        "nb": "av ikke hva mye etter noe noen opp nå blitt fremdeles også være slik hvordan hennes oss kun bare gjennom mellom",
        "nn": "ikkje eg ein eit frå då kva kven korleis vere vart berre noko nokon medan desse dei òg me blei sjølv",
        "da": "af ikke hvad meget efter noget nogle op nu blevet blev også være sådan hvordan hendes os kun bare gennem mellem",
        "sv": "av inte vad mycket efter något några upp nu blivit blev också vara sådan hur hennes oss endast bara genom mellan och",
        "hr": "što tko tjedan tjedna tijekom tisuća siječnja veljače ožujka travnja svibnja lipnja srpnja kolovoza rujna "
        "listopada studenoga prosinca općenito glede uopće vlak kruh hrvatska hrvatske hrvatski gdje prije vrijeme",
        "sr": "šta gde vreme svet pre posle reč ovde deo dve uvek nedelje hiljada srbija srbije srpski takođe lepo video "
        "januara februara marta aprila maja juna jula avgusta septembra oktobra novembra decembra",
        "bs": "šta gdje vrijeme prije poslije sedmica sedmice hiljada bosna bosne hercegovina hercegovine bosanski također "
        "historija uvjet općina",
        "cs": "že jsem jsou byl byla bylo jako který která které při také však nebo jeho jejich kteří protože už ještě ve ze",
        "sk": "že som sú bol bola bolo ako ktorý ktorá ktoré pri tiež však alebo jeho ich ktorí pretože už ešte vo zo",
        "sl": "da sem so bil bila bilo kot ki pri tudi pa ali njegov njihov ker že še ter lahko zaradi med",
        "pt": "não uma com para mais como pela pelo são foi ao às aos dos das nos nas em um isso você muito também",
        "gl": "non unha con para máis como pola polo son foi ao ás aos dos das nos nas en un iso vostede moito tamén",
        "es": "no una con para más como por los las son fue al del en un eso usted mucho también el la y",
        "ca": "no una amb per més com pel pels són va al dels les en un això molt també els i és",
        "id": "bahwa karena bisa saat namun sedangkan kamu nggak ia dimana pun agar seorang sebuah tahun indonesia mengatakan anak",
        "ms": "bahawa kerana boleh manakala beliau awak tak ialah daripada supaya seorang sebuah tahun malaysia berkata kanak",
        "nl": "het een van niet zijn worden naar ook maar dit deze wordt heeft je ik",
        "af": "die 'n nie van het is word na ook maar hierdie sy jy ek wat dit",
        "ru": "и в не на что это как но по из он она его был были для там за одним меня вот",
        "uk": "і в не на що це як але по з він вона його був були для там за мене та від",
        "bg": "и в не на че това как но по от той тя беше са за там един ми се да",
        "mk": "и во не на дека ова како но по од тој таа беше се за таму еден ми да",
        "be": "і ў не на што гэта як але па з ён яна яго быў былі для там за мяне ад",
        "hi": "है हैं के में की का से को और पर यह कि नहीं था थे",
        "mr": "आहे आहेत आणि च्या या हे ते होते नाही मध्ये केले करण्यात तर ला",
        "ne": "छ छन् छैन को का लाई र मा गर्न गरेको हो भएको पनि यो तथा",
        "de": "und der die das ist nicht ein eine mit für auf den dem von zu im auch sich",
        "fr": "et le la les des est une un dans pour que qui ne pas sur au aux du de d l",
        "it": "e il lo la gli le di che è un una per con non del della dei nel sono",
        "ro": "și şi de la cu pe nu o un în este care din pentru ce mai sunt să",
        "en": "the of and to in is that for it with as was on are by this be not",
        "sq": "dhe në e të për me një nga që është ka si u do më nuk",
        "tr": "ve bir bu için ile da de olarak çok daha gibi ne var olan",
        "az": "və bir bu üçün ilə da də olaraq çox daha kimi nə var olan",
    }.items()
}  # fmt: skip
