"""A tiny sentence encoder, made here."""

from pathlib import Path

import pytest
import torch

LETTERS = [chr(c) for c in range(ord("a"), ord("z") + 1)]
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *LETTERS, *(f"##{c}" for c in LETTERS)]


def make_sentences(folder: Path, *parts: str, pooling: str = "mean") -> Path:
    """Save a BERT with random weights as Sentence-Transformers does; it reads letters.

    Args:
        folder: to write into.
        parts: modules behind the pooling: "Normalize", "Dense".
        pooling: of the tokens.
    """
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer import modules
    from transformers import BertConfig, BertModel, BertTokenizerFast

    (folder / "vocab.txt").write_text("\n".join(WORDS))
    torch.manual_seed(0)
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    config = BertConfig(vocab_size=len(WORDS), intermediate_size=16, **sizes)
    BertModel(config).save_pretrained(folder / "model")
    BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(folder / "model")
    inner = modules.Transformer(str(folder / "model"))
    made = {"Normalize": modules.Normalize, "Dense": lambda: modules.Dense(16, 8)}
    behind = [made[part]() for part in parts]
    whole = [inner, modules.Pooling(16, pooling_mode=pooling), *behind]
    SentenceTransformer(modules=whole, device="cpu").save(str(folder / "saved"))
    return folder / "saved"


@pytest.fixture(scope="session")
def tiny_sentences(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny BERT with random weights and mean pooling."""
    return make_sentences(tmp_path_factory.mktemp("bert"))
