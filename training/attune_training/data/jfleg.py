"""Measures the spelling step on JFLEG's development set: GLEU (Napoles et al. 2015, 2016), four references."""

from collections import Counter
from collections.abc import Sequence
from math import exp, log
from pathlib import Path

from attune_training.data.spelling import correct

ORDER = 4


def ngrams(words: Sequence[str], size: int) -> Counter[tuple[str, ...]]:
    """Counts of runs of `size` words."""
    return Counter(tuple(words[start : start + size]) for start in range(len(words) - size + 1))


def gleu(sources: Sequence[str], outputs: Sequence[str], references: Sequence[Sequence[str]]) -> float:
    """Corpus GLEU without tuning, averaged over the reference sets. `references` is one list of sentences a set."""
    return sum(gleu_one(sources, outputs, one) for one in references) / len(references)


def gleu_one(sources: Sequence[str], outputs: Sequence[str], references: Sequence[str]) -> float:
    """BLEU whose matches lose what the output kept of the source against the reference."""
    matched, total, output_words, reference_words = [0] * ORDER, [0] * ORDER, 0, 0
    for triple in zip(sources, outputs, references, strict=True):
        source, output, reference = (text.split() for text in triple)
        output_words += len(output)
        reference_words += len(reference)
        for size in range(1, ORDER + 1):
            s, o, r = (ngrams(words, size) for words in (source, output, reference))
            only_source = Counter({gram: count for gram, count in s.items() if gram not in r})
            matched[size - 1] += max(0, sum((o & r).values()) - sum((o & only_source).values()))
            total[size - 1] += max(0, len(output) - size + 1)
    if min(matched) == 0:
        return 0.0
    brevity = min(0.0, 1 - reference_words / max(output_words, 1))
    return exp(brevity + sum(log(m / t) for m, t in zip(matched, total, strict=True)) / ORDER)


def measure(folder: Path) -> dict[str, float]:
    """GLEU of the source, of the corrected source, and of each reference against the other three; changes in all."""
    sources = read(folder / "dev.src")
    references = [read(folder / f"dev.ref{number}") for number in range(4)]
    outputs = [correct(source) for source in sources]
    human = [
        gleu(sources, references[number], [other for i, other in enumerate(references) if i != number])
        for number in range(4)
    ]
    changed = [
        (s, o, [one[i] for one in references]) for i, (s, o) in enumerate(zip(sources, outputs, strict=True)) if s != o
    ]
    edits = [word for s, o, _ in changed for word in (Counter(o.split()) - Counter(s.split())).elements()]
    wanted = [
        word
        for s, o, refs in changed
        for word in (Counter(o.split()) - Counter(s.split())).elements()
        if any(word in one.split() for one in refs)
    ]
    return {
        "sentences": len(sources),
        "changed": len(changed),
        "new_words": len(edits),
        "new_words_that_a_reference_has": round(len(wanted) / max(len(edits), 1), 4),
        "gleu_source": round(gleu(sources, sources, references), 4),
        "gleu_corrected": round(gleu(sources, outputs, references), 4),
        "gleu_spell_checked_by_jfleg": round(gleu(sources, read(folder / "dev.spellchecked.src"), references), 4),
        "gleu_human_mean": round(sum(human) / 4, 4),
    }


def read(path: Path) -> list[str]:
    """Sentences, one a line."""
    return path.read_text(encoding="utf-8").splitlines()
