"""What is said of a text does not hang on which texts were read with it, to the last digit: replicas answer alike.

On one thread, as replicas on pinned cores have it. Pictures of one batch are read alike anyway; see `FEWEST`.
"""

import random

import pytest
import torch

import mmdemo
from mmdemo.types import TokenSet
from tests.pictures import picture

SAID = "a the dog cat runs on in red house street people three 狗 在 沙滩 上 跑 孩子 very long sunset happily"
LENGTHS = (1, 2, 3, 5, 8, 12, 20, 30, 60)

pytestmark = pytest.mark.skipif(
    torch.backends.cpu.get_cpu_capability() != "AVX512", reason="`FEWEST` was found for the kernels of AVX-512"
)


@pytest.fixture(scope="module")
def models():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield mmdemo.load(device="cpu", offline=True).models
    torch.set_num_threads(threads)


def groups(items: list, rng: random.Random, count: int = 12) -> list[list[int]]:
    """Items that are read together, by number."""
    return [rng.sample(range(len(items)), rng.randint(2, len(items))) for _ in range(count)]


@torch.no_grad()
def test_a_text_alone_and_among_others(models) -> None:
    rng = random.Random(0)
    texts = [" ".join(rng.choices(SAID.split(), k=length)) for length in LENGTHS for _ in range(3)]
    tower = models.tower("matching", "text").encoder
    head, judge = models.load("matching"), models.load("text_familiarity")
    alone = [tower(tower.prepare([text])).item(0) for text in texts]
    vectors, understood = [head.embed_text(one) for one in alone], [judge.predict(one) for one in alone]
    for chosen in groups(texts, rng):
        read = tower(tower.prepare([texts[i] for i in chosen]))
        joined = TokenSet.join([alone[i] for i in chosen])
        vector, judged = head.embed_text(joined), judge.predict(joined)
        for row, i in enumerate(chosen):
            assert torch.equal(read.item(row).tokens, alone[i].tokens), texts[i]
            assert torch.equal(vector[row], vectors[i][0]) and judged[row] == understood[i][0], texts[i]


@torch.no_grad()
def test_a_picture_alone_and_among_others(models) -> None:
    pictures, tower = [picture(seed, (90 + seed, 60)) for seed in range(6)], models.tower("matching", "image").encoder
    alone = [tower(tower.prepare([one])).tokens[0] for one in pictures]
    for chosen in groups(pictures, random.Random(0), 4):
        read = tower(tower.prepare([pictures[i] for i in chosen])).tokens
        assert all(torch.equal(read[row], alone[i]) for row, i in enumerate(chosen))
