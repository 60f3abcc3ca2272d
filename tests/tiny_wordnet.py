"""A small WordNet in the genuine format WN-LMF, as Open English WordNet is published."""

# entity > animal > dog > puppy; animal > cat; entity > artifact > car, whose part a wheel is
SYNSETS = {
    "entity": (), "animal": ("entity",), "dog": ("animal",), "puppy": ("dog",), "cat": ("animal",),
    "artifact": ("entity",), "car": ("artifact",), "wheel": ("artifact",),
    "traffic-light": ("artifact",),
}  # fmt: skip
WORDS = {
    "entity": ["entity"], "animal": ["animal"], "dog": ["dog"], "hound": ["dog"],
    "puppy": ["puppy"], "cat": ["cat"], "artifact": ["artifact"], "car": ["car", "cat"],
    "wheel": ["wheel"], "traffic light": ["traffic-light"],
}  # fmt: skip
PARTS = {"car": [("mero_part", "wheel")], "wheel": [("holo_part", "car")]}


def lmf():
    entries, synsets = [], []
    for word, meanings in WORDS.items():
        senses = "".join(
            f'<Sense id="t-{word.replace(" ", "_")}-{m}" synset="t-{m}"/>' for m in meanings
        )
        entries.append(
            f'<LexicalEntry id="t-{word.replace(" ", "_")}-n">'
            f'<Lemma writtenForm="{word}" partOfSpeech="n"/>{senses}</LexicalEntry>'
        )
    for synset, above in SYNSETS.items():
        relations = [("hypernym", a) for a in above] + PARTS.get(synset, [])
        inside = "".join(f'<SynsetRelation relType="{r}" target="t-{t}"/>' for r, t in relations)
        synsets.append(
            f'<Synset id="t-{synset}" ili="in" partOfSpeech="n"><Definition>d</Definition>'
            f"{inside}</Synset>"
        )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE LexicalResource SYSTEM '
        '"http://globalwordnet.github.io/schemas/WN-LMF-1.1.dtd">\n'
        '<LexicalResource xmlns:dc="https://globalwordnet.github.io/schemas/dc/">\n'
        '<Lexicon id="t" label="Tiny" language="en" email="a@b.c" license="none" version="1">\n'
        + "\n".join([*entries, *synsets])
        + "\n</Lexicon>\n</LexicalResource>\n"
    )
