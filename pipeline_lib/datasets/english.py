"""Words of English that are no names of things, whatever else a dictionary says of them.

Classes of words that take no new members (Quirk et al., A Comprehensive Grammar of the English
Language, 1985, Sec. 2.39). WordNet has nouns of the same letters: "in" is an inch, "he" helium.
"""


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


DETERMINERS = _set(
    "a an the this that these those each every either neither another some any several many few "
    "both all no my your his her its our their one two three four five six seven eight nine ten "
    "eleven twelve"
)
PREPOSITIONS = _set(
    "about above across after against along alongside amid among around as at atop before behind "
    "below beneath beside besides between beyond by down during except for from in inside into "
    "like near of off on onto out outside over past per through throughout to toward towards "
    "under underneath until up upon via with within without"
)
OTHERS = _set(  # pronouns, conjunctions, auxiliary verbs, adverbs that stand as freely
    "i me you he him she it we us they them mine yours hers ours theirs himself herself itself "
    "themselves who whom whose which what someone something somebody others and or but nor so yet "
    "if while when where because than then am is are was were be been being has have had having "
    "do does did doing can could will would shall should may might must not there here very too "
    "also just away back together"
)
CLOSED = DETERMINERS | PREPOSITIONS | OTHERS
