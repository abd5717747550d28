"""Reads which country a person says they are in. Only plain statements count: a wrong line is worse than none. Pure."""

import re
from functools import cache

from attune_safety.resources import load_registry

from attune_dialogue.domain.cues import plain

ALIASES = {
    "GB": ("uk", "england", "scotland", "wales", "britain", "great britain", "بريطانيا"),
    "US": ("usa", "us", "u.s", "u.s.a", "america", "the states", "the us", "the usa", "امريكا"),
    "AE": ("uae", "emirates", "الامارات"),
    "SA": ("ksa", "saudi", "السعوديه"),
    "NL": ("holland", "the netherlands"),
    "MX": ("mexico", "méxico"),
    "EG": ("masr", "مصر"),
    "IN": ("bharat", "hindustan"),
    "TR": ("turkey", "تركيا"),
    "SY": ("سوريا",),
    "DE": ("المانيا",),
    "FR": ("فرنسا",),
    "CA": ("كندا",),
    "PS": ("فلسطين",),
    "IQ": ("العراق",),
    "YE": ("اليمن",),
    "TN": ("تونس",),
    "SD": ("السودان",),
}
STATED = re.compile(
    r"(?:^|\b)(?:"
    r"i(?:'m| am)? (?:live |living |based |currently |from |now )*(?:in|from)|we(?:'re| are)? (?:live |living )?in"
    r"|my country is|the country is|it's|its|in|from"
    r"|انا (?:عايش |عايشه |ساكن |ساكنه )?(?:في|من)|عايش في|بلدي|من|في"
    r"|vivo en|soy de|estoy en|j'habite (?:en|au|aux)|je vis (?:en|au|aux)|je suis (?:en|au|aux)|main|mai"
    r") (.+)$"
)
POLITE = re.compile(r"[\s,]*(?:please|thanks|thank you|btw|right now|now|من فضلك|لو سمحت|por favor|svp)$")


@cache
def names() -> dict[str, str]:
    """Every name of a country of the registry, folded, with its code."""
    found = {plain(alias): code for code, aliases in ALIASES.items() for alias in aliases}
    for entry in load_registry().countries:
        for name in (entry.name, entry.native_name):
            if name:
                found[plain(name)] = entry.country_code
    return found


def country_stated(text: str, *, asked: bool) -> str | None:
    """The ISO code of a country that the message names. A bare name counts only after the question."""
    folded = POLITE.sub("", plain(text))
    if asked and folded in names():
        return names()[folded]
    match = STATED.search(folded)
    if match is None or not (asked or len(folded.split()) <= 8):
        return None
    return names().get(POLITE.sub("", match.group(1)).strip(" .,"))
