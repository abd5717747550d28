"""Lists which tune cases the rules miss or overshoot, by id. For whoever writes rules; frozen cases never appear."""

from collections.abc import Iterator

from tests.safety_report import own_sets
from tests.safety_report.readers import SecondReader
from tests.support.safety_cases import AT_RISK_FAMILIES, BENIGN_FAMILIES, LANGUAGES, load_all, load_conversations


def write(reader: SecondReader) -> str:
    """Family × language recall and ids, as plain text."""
    return "\n".join(_lines(reader)) + "\n"


def _lines(reader: SecondReader) -> Iterator[str]:
    cases = load_all("tune")
    reads = own_sets.read_cases(cases, reader.votes([case.text for case in cases]))
    table = own_sets.grouped(reads)
    yield "# Tune cases, rules alone"
    for family in (*AT_RISK_FAMILIES, *BENIGN_FAMILIES):
        for language in LANGUAGES:
            group = table[family].get(language, [])
            if not group:
                continue
            low = [f"{read.case.id}({read.rules})" for read in own_sets.missed(group)]
            high = [f"{read.case.id}({read.rules})" for read in group if read.rules.rank > read.case.expected_max.rank]
            yield f"{family:26} {language}  n={len(group):3}  recall {own_sets.recall(group, second=False)}"
            if low:
                yield f"    too low:  {' '.join(low)}"
            if high:
                yield f"    too high: {' '.join(high)}"
    yield "# Tune conversations, rules alone"
    for case in load_conversations("tune"):
        arc = own_sets.follow(case, None)
        if arc.by_cue is False or not arc.at_end or arc.alarmed:
            yield f"{case.id} {case.arc}: by_cue={arc.by_cue} at_end={arc.at_end} alarmed={arc.alarmed}"
