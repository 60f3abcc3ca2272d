"""Cut a WordNet to its nouns and to what the project reads of them: data/wordnet/nouns.xml.xz.

``python -m tools.wordnet_nouns SOURCE [TARGET]``, with a WordNet in the format WN-LMF as SOURCE.
What is left: lemmas with their irregular plurals and their senses, in their order, and synsets with
their members, hypernyms, parts and wholes. Same input, same bytes.
"""

import lzma
import sys
import tempfile
from pathlib import Path
from typing import Any

from wn import lmf
from wn.project import iterpackages

from pipeline_lib.artifacts.atomic import write_bytes
from pipeline_lib.wordnet import NOUN, PARTS, UP

TARGET = Path("data/wordnet/nouns.xml.xz")


def cut(lexicon: Any) -> Any:
    """Return the nouns of a lexicon, as a lexicon of a version and a label of its own."""
    entries = [_entry(e) for e in lexicon["entries"] if e["lemma"]["partOfSpeech"] == NOUN]
    synsets = [_synset(s) for s in lexicon["synsets"] if s["partOfSpeech"] == NOUN]
    about = {k: lexicon[k] for k in ("id", "language", "email", "license", "url") if k in lexicon}
    named = {
        "label": f"{lexicon['label']}: nouns, without definitions",
        "version": f"{lexicon['version']}-nouns",
    }
    return {**about, **named, "entries": entries, "synsets": synsets}


def nouns_of(source: Path) -> bytes:
    """Return the cut lexicons of a file as WN-LMF, compressed by xz."""
    for package in iterpackages(source):
        if package.type != "wordnet":
            break
        resource = lmf.load(package.resource_file(), progress_handler=None)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "nouns.xml"
            lmf.dump({**resource, "lexicons": [cut(x) for x in resource["lexicons"]]}, path)
            return lzma.compress(path.read_bytes(), preset=9 | lzma.PRESET_EXTREME)
    raise SystemExit(f"{source}: holds no lexicon")


def _entry(entry: Any) -> Any:
    lemma = {k: entry["lemma"][k] for k in ("writtenForm", "partOfSpeech")}
    senses = [{"id": s["id"], "synset": s["synset"]} for s in entry["senses"]]
    plurals = [{"writtenForm": form["writtenForm"]} for form in entry.get("forms", ())]
    return {"id": entry["id"], "lemma": lemma, "forms": plurals, "senses": senses}


def _synset(synset: Any) -> Any:
    """Leave out what is not read; ``ili``, for other languages, must be there, but may be empty."""
    relations = [
        {k: r[k] for k in ("target", "relType")}
        for r in synset.get("relations", ())
        if r["relType"] in UP + PARTS
    ]
    kept = {k: synset[k] for k in ("id", "partOfSpeech", "members") if k in synset}
    return {**kept, "ili": "", "relations": relations}


def main(arguments: list[str]) -> None:
    """Cut the first file into the second."""
    source, *target = map(Path, arguments)
    write_bytes(target[0] if target else TARGET, nouns_of(source))


if __name__ == "__main__":
    main(sys.argv[1:])
