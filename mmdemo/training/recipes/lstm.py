"""Trains weights/lstm: the LSTM text tower, taught by our own BERT.

    python -m mmdemo.training.recipes.lstm --out RUN [--data DATA] [--seed 0]

For 91,000 captions in both languages and the sentiment lines, what weights/bert says (its pooled vector) is computed
once; the LSTM is asked for the same vector, number by number in units of each number's spread, and for the same order
among the batch's texts (relational distillation, Park et al. 2019, arXiv 1904.05068). Each word starts as the mean of
what BERT says of the texts it stands in; what order adds, the LSTM must find out. Ten minutes on one core of its own.
Run `recipes/tune.py` first. Read next: `resnet_lstm.py`.
"""

import argparse
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from mmdemo.encoders.lstm import LstmEncoder
from mmdemo.loading import WEIGHTS, load_module
from mmdemo.training import cards, metrics, pairs
from mmdemo.training import distillation as distil
from mmdemo.training.command import recipe_parser
from mmdemo.training.features import photo_tokens, text_points
from mmdemo.training.loop import Average, Log, build_optimisers, run_steps, training_device
from mmdemo.training.photos import plain_view, read_index
from mmdemo.training.recipes.matching import Side, cosine_pairs
from mmdemo.training.recipes.sentiment import training_lines
from mmdemo.training.recipes.tune import caption_recalls
from mmdemo.training.student import distil_loss
from mmdemo.training.word_lists import encode_words, word_list, write_words
from mmdemo.training.wordpiece import Encoded, bucketed
from mmdemo.types import mean_pool

WORDS, BATCH, CAPTIONS_SHARE = 4000, 128, 0.7


@dataclass
class Taught:
    """Texts, and what the teacher says of them: points [T, 256]; `weight` [T] is how often each is drawn."""

    texts: Encoded
    points: Tensor
    weight: Tensor


def read_texts(args: argparse.Namespace, log: Log) -> tuple[list[str], Tensor, Tensor]:
    """Training texts, the teacher's points [T, D] and draw weights [T]: captions first, then sentiment lines."""
    rows, device = read_index(args.data), training_device()
    captions = pairs.flickr8k(rows, "train").texts
    lines = [line["text"] for line in training_lines(rows, args.data)]
    said = [text_points(some, args.out, log, device=device) for some in (captions, lines)]
    shares = (CAPTIONS_SHARE, 1 - CAPTIONS_SHARE)
    weight = [torch.full((len(s),), share / len(s)) for s, share in zip(said, shares, strict=True)]
    return captions + lines, torch.cat(said), torch.cat(weight)


def read(tower: LstmEncoder, texts: Encoded, index: Tensor) -> Tensor:
    """Pooled vectors of the texts of `index`, [B, D]."""
    ids, mask = texts.padded(index)
    return mean_pool(tower.tokens(ids), mask)


def loss(point: Tensor, target: Tensor, centre: Tensor, scale: Tensor) -> dict[str, Tensor]:
    """How far from the teacher's points, and from the order among them. point, target [B, D]; centre, scale [D]."""
    ours, theirs = point - centre, F.normalize(target - centre, dim=-1)
    return {"point": distil.hint(point, target, scale), "order": distil_loss(ours, theirs)}


@torch.no_grad()
def start_from_meanings(tower: LstmEncoder, taught: Taught, centre: Tensor) -> None:
    """Give each word the mean point of the texts it stands in, in the points' first principal directions.

    A word's first vector then says already what it is about; rare words profit most.
    """
    away = taught.points - centre  # [T, D]
    _, _, directions = torch.linalg.svd(torch.cov(away[::7].T))
    table, lengths = tower.embedding.weight, taught.texts.lengths  # [V, E], [T]
    meanings = away @ directions[: table.shape[1]].T  # [T, E]
    text = torch.repeat_interleave(torch.arange(len(away)), lengths)
    share = 1.0 / lengths[text].float()
    sums = torch.zeros_like(table).index_add_(0, taught.texts.ids, meanings[text] * share[:, None])
    means = sums / torch.zeros(len(table)).index_add_(0, taught.texts.ids, share).clamp_min(1e-6)[:, None]
    table.copy_(means / means.std(0).clamp_min(1e-6))
    table[tower.embedding.padding_idx] = 0


@torch.no_grad()
def explained(tower: LstmEncoder, captions: list[str], points: Tensor) -> float:
    """Per cent of the variance of the teacher's points [T, D] that the tower's pooled vectors explain."""
    texts = encode_words(captions, tower)
    found = torch.cat([read(tower, texts, i) for i in torch.arange(len(points)).split(256)])
    return 100 * (1 - float((found - points).square().sum() / (points - points.mean(0)).square().sum()))


def measure(tower: LstmEncoder, args: argparse.Namespace, log: Log) -> dict[str, dict[str, float]]:
    """Figures on Flickr8k val: nearness to the teacher, captions of one photo, and the tower in the teacher's place."""
    tower.eval()
    val, ask = pairs.flickr8k(read_index(args.data), "val"), {"device": training_device()}
    points = text_points(val.texts, args.out, log, **ask)
    images = photo_tokens(val.photos, plain_view, args.out, log, **ask)
    figures: dict[str, dict[str, float]] = {"captions": caption_recalls(tower, val)}
    texts = encode_words(val.texts, tower)
    with torch.no_grad():
        pooled = torch.cat([read(tower, texts, i) for i in torch.arange(len(val.texts)).split(256)])
    for name, kind in (("English", "en"), ("Chinese", "zh")):
        index = val.of_kind(kind)
        some = [val.texts[i] for i in index]
        figures[name] = {"variance_of_bert_explained": explained(tower, some, points[torch.from_numpy(index)])}
        side = Side(images.unsqueeze(0), pooled, [], val)
        cosine, truth, _ = cosine_pairs(load_module("matching"), side, (kind,), args.seed)
        in_place = metrics.yes_no(torch.sigmoid(cosine).numpy(), truth.numpy())["AUC"]
        figures[name]["AUC_in_the_place_of_bert"] = in_place
    tower.train()
    return figures


def train(args: argparse.Namespace) -> None:
    """The whole recipe."""
    torch.manual_seed(args.seed)
    log = Log(args.out / "lstm.jsonl")
    found, points, weight = read_texts(args, log)
    words = word_list(found, WORDS)
    tower = LstmEncoder(words, dropout=0.05)
    taught = Taught(encode_words(found, tower), points, weight)
    centre, scale = points.mean(0), distil.spread(points)
    tower.out.bias.data.copy_(centre)
    start_from_meanings(tower, taught, centre)
    batches = bucketed(taught.texts.lengths, taught.weight, BATCH, args.seed)
    average = Average(tower, 0.998)

    def step(i: int) -> dict[str, float]:
        index = next(batches)
        losses = loss(read(tower, taught.texts, index), taught.points[index], centre, scale)
        (losses["point"] + 0.3 * losses["order"]).backward()
        torch.nn.utils.clip_grad_norm_(tower.parameters(), 1.0)
        average.update(tower)
        return {name: value.item() for name, value in losses.items()}

    def check() -> dict[str, float]:
        return {f"{kind}_{k}": v for kind, some in measure(tower, args, log).items() for k, v in some.items()}

    run_steps(
        step, [tower, average], build_optimisers([tower], 3e-3), steps=args.steps, name="lstm", log=log,
        checkpoint=args.out / "lstm.pt", evaluate=check, log_every=50, evaluate_every=500,
    )  # fmt: skip
    tower.load_state_dict(cards.half_rounded(average.values))
    write_words(words, WEIGHTS / "lstm")
    ship(tower.eval(), len(found), args, log)


def ship(tower: LstmEncoder, texts: int, args: argparse.Namespace, log: Log) -> None:
    """Measure what is stored, write weights/lstm."""
    found, rows = measure(tower, args, log), []
    shared = {"split": "val (998 photos)", "seed": args.seed}
    rows += cards.metrics(found["captions"], dataset="Flickr8k and Flickr8k-CN", n=998, unit="%", **shared)
    for name in ("English", "Chinese"):
        auc = {"AUC_in_the_place_of_bert": found[name].pop("AUC_in_the_place_of_bert")}
        dataset = f"Flickr8k, {name} captions"
        rows += cards.metrics(found[name], dataset=dataset, n=4990, unit="%", **shared)
        rows += cards.metrics(auc, dataset=f"{dataset}, weights/matching, own or another photo", n=9980, **shared)
    card = {
        "kind": "encoder",
        "architecture": "torch.nn.LSTM, two layers, 100 -> 256, one direction; a linear layer on every state; mean",
        "parameters": cards.count_parameters(tower),
        "words": len(tower.vocab),
        "trained_on": [cards.FLICKR8K, f"{texts:,} captions and sentiment lines in all; teacher: weights/bert"],
        "licences": ["Weights: Apache-2.0", "Captions, tweets and Weibo lines: research and education"],
        "recipe": f"python -m mmdemo.training.recipes.lstm --out RUN --seed {args.seed} --steps {args.steps}",
        "seed": args.seed,
        "history": cards.log_phases(args.out / "lstm.jsonl", ["lstm"]),
        "metrics": rows,
        "known_failures": [
            "A word outside its list of 4,000 is [UNK]: names, rare things, most spelling mistakes.",
            "It reads Chinese character by character and has never seen most words as wholes.",
            "It can be no better than its teacher, weights/bert, and is worse.",
        ],
    }
    cards.write_weights("lstm", tower.state_dict(), card)


def evaluate(args: argparse.Namespace, log: Log) -> dict[str, float]:
    """The card's figures again, from weights/."""
    found = measure(load_module("lstm"), args, log)
    return {f"{kind}_{name}": value for kind, some in found.items() for name, value in some.items()}


def main() -> None:
    """Read the command line and train."""
    train(recipe_parser(__doc__, steps=1600).parse_args())


if __name__ == "__main__":
    main()
