"""A WordNet of a few words, built without a file."""

from pipeline_lib.wordnet import Lexicon

ABOVE = {  # by synset
    "dog": ["animal"], "puppy": ["dog"], "animal": [], "bat": ["animal"], "bat.2": ["club"],
    "club": [], "ball": [], "tennis ball": ["ball"], "tench": ["animal"], "crane": ["animal"],
    "crane.2": [], "white": [], "run": [], "man": [], "boy": ["man"], "field": [], "play": [],
    "baseball bat": ["club"], "wheel": [], "in": [],
}  # fmt: skip
SYNSETS = {name: [name] for name in ABOVE if "." not in name} | {
    "hound": ["dog"], "bat": ["bat", "bat.2"], "crane": ["crane", "crane.2"],
    "tinca tinca": ["tench"],
}  # fmt: skip

LEXICON = Lexicon(SYNSETS, ABOVE, {}, {}, {"men": ["man"]})
