"""Names, companies, addresses and numbers in the form in which they say who somebody is.

Case, accents, umlauts, titles, legal forms and blanks go; what is left is compared, and never shown.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from triage.domain.folding import shown_folded


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_LONGEST = 160
"""Characters that are looked at: no name needs more."""
_QUOTES = str.maketrans("", "", "'’‘`´ʼ\"“”״׳")
_NAME_ENDS = re.compile(r"[\s.,;:/|()\[\]{}<>_+*&=!?@#\-‐‑–—・·]+")
_COMPANY_ENDS = re.compile(r"[\s,;:|()\[\]{}<>_+*&=!?@#\-‐‑–—・·]+")
_TITLES = _words(
    "dr prof mr mrs ms miss mx herr frau mme sir dame dipl ing mag jr sr ii iii phd mba msc bsc ba ma"
)
_LEGAL = _words(
    "gmbh mbh ggmbh ag se kg kgaa ohg ug gbr ev eg co cie und and the ltd limited llc llp lp inc incorporated"
    " corp corporation company plc sa sas sasu sarl srl spa bv nv ab as asa aps oy oyj sp z oo sro spol doo"
    " kft zrt pty pte sdn bhd kk gk lda ltda sl slu cv holding group gruppe בעמ شركة ذمم شمم"
)
_EASTERN_FORMS = re.compile(
    "株式会社|有限会社|合同会社|股份有限公司|有限責任公司|有限责任公司|有限公司|주식회사"
)
_IDEOGRAPHS = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]")
_SHARED = _words(
    "info sales office contact kontakt mail email hello support service admin einkauf vertrieb marketing team"
    " purchasing procurement accounting finance hr jobs career press noreply donotreply webmaster postmaster"
    " test asdf none na xxx abc"
)
"""Mailboxes that many read, or nobody."""
_FREE = _words(
    "gmail googlemail outlook hotmail live msn yahoo ymail icloud me mac aol gmx web freenet t-online mail"
    " yandex proton protonmail pm qq 163 126 naver daum hanmail libero orange wanadoo laposte hey fastmail"
    " zoho tutanota posteo mailbox bk inbox seznam wp onet btinternet comcast verizon"
)
"""First labels of the domains of those who give mailboxes to anyone."""
_FREE_DOMAINS = 3
_EXTENSION = re.compile(r"(?:ext|x|durchwahl|dw|#)\D*\d*\s*$")
_LEAST_DIGITS, _MOST_DIGITS = 7, 18


def has_ideographs(text: str) -> bool:
    """Whether a text has characters of which one makes a word: there a near miss is another name."""
    return not text.isascii() and _IDEOGRAPHS.search(text) is not None


def name_parts(name: str) -> tuple[str, tuple[str, ...]]:
    """Return a name in its own order without blanks, and its words sorted; titles are left out."""
    words = [word for word in _NAME_ENDS.split(_folded(name)) if word]
    kept = [word for word in words if word not in _TITLES] or words
    return "".join(kept), tuple(sorted(kept))


def without_titles(words: list[str]) -> list[str]:
    """Return the words of a name that are no titles; all of them where there are no others."""
    return [word for word in words if word.casefold().strip(".") not in _TITLES] or words


@lru_cache(maxsize=4096)
def plain_company(company: str) -> str:
    """Return a company's words sorted, without its legal form."""
    text = _folded(company).replace(".", "").replace("/", "")
    if not text.isascii():
        text = _EASTERN_FORMS.sub(" ", text)
    words = [word for word in _COMPANY_ENDS.split(text) if word]
    return " ".join(sorted([word for word in words if word not in _LEGAL] or words))


def mailbox(email: str) -> tuple[str, str]:
    """Return a person's own mailbox, and the domain if it is a company's; empty where it is neither."""
    local, _, domain = email[:_LONGEST].strip().casefold().rpartition("@")
    local = local.partition("+")[0].replace(".", "")
    if not local or "." not in domain or " " in domain:
        return "", ""
    labels = domain.split(".")
    is_free = labels[0] in _FREE and len(labels) <= _FREE_DOMAINS
    if labels[0] == "googlemail":
        domain = "gmail.com"
    own = "" if local in _SHARED or local.replace("-", "") in _SHARED else f"{local}@{domain}"
    return own, "" if is_free else domain


def number(phone: str) -> str:
    """Return a telephone number's digits without leading zeros; empty where it cannot be somebody's."""
    text = phone[:_LONGEST]
    if not text.isascii():
        text = "".join([_digit(character) for character in text])
    text = _EXTENSION.sub("", text.lower()).replace("(0)", "")
    digits = "".join(filter(str.isdigit, text)).lstrip("0")
    if not _LEAST_DIGITS <= len(digits) <= _MOST_DIGITS or len(set(digits)) == 1:
        return ""
    return digits


def _digit(character: str) -> str:
    """Return a digit of any script as ours, and whatever else is ASCII."""
    value = unicodedata.decimal(character, None)
    if value is not None:
        return str(value)
    return character if character.isascii() else " "


def _folded(text: str) -> str:
    """Fold a text, and umlauts that were typed as two letters with those that were not."""
    folded = shown_folded(text[:_LONGEST].translate(_QUOTES))
    return folded.replace("ae", "a").replace("oe", "o").replace("ue", "u")
