"""Our Grad-CAM beside that of the package `grad-cam`, on our own image tower.

The package is not needed for anything else: `pip install grad-cam`, or the row says that it is not installed.
Read next: `encoder_loop.py`.
"""

import importlib
import importlib.util
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

import mmdemo.torchvision_ops  # noqa: F401  (the package imports torchvision)
from mmdemo.benchmark.rounds import TEXTS, Setting, photos, take_turns
from mmdemo.benchmark.rows import Row, per_round, row
from mmdemo.checkpoints import find
from mmdemo.engine import Engine
from mmdemo.engine.cases import Case
from mmdemo.explain.base import ExplanationMethod
from mmdemo.explain.gradcam import GradCam

MODEL, PACKAGE, KEY = "matching", "pytorch_grad_cam", "gradcam"


def measure(setting: Setting) -> list[Row]:
    """One picture and one text, forward and map together."""
    if importlib.util.find_spec(PACKAGE) is None:
        return [row(KEY, (), note={"en": "not installed", "zh": "未安装"})]
    case = setting.engine.case(MODEL, next(photos(setting.seed)), TEXTS[0])
    method = importlib.import_module(PACKAGE).GradCAM
    calls = {
        "ours": lambda: our_map(GradCam(), case),
        "theirs": lambda: their_map(method, whole_network(setting.engine, case), case),
    }
    times = take_turns(calls, setting.rounds)
    return [per_round(KEY, times["ours"], times["theirs"])]


class WholeNetwork(nn.Module):
    """Pixels to the cosine with one text, as one network, for the package asks for one."""

    def __init__(self, tower: nn.Module, case: Case) -> None:
        super().__init__()
        self.features, self.case = tower.features, case

    def forward(self, pixels: Tensor) -> Tensor:
        """[B, 3, height, width] -> [B, 1]."""
        tokens = self.features(pixels).flatten(2).transpose(1, 2)
        return self.case.subject.score(self.case.image.with_tokens(tokens), self.case.text).unsqueeze(-1)


def whole_network(engine: Engine, case: Case) -> WholeNetwork:
    """The tower and the head of a case."""
    return WholeNetwork(engine.models.load(find(MODEL).image_encoder), case).eval()


def their_map(method: Any, network: WholeNetwork, case: Case) -> np.ndarray:
    """The package's map in [0, 1], of the input's size."""
    pixels = case.subject.image.start.clone().requires_grad_()  # as the package wants it
    with method(model=network, target_layers=[network.features[-1]]) as cam:
        return cam(input_tensor=pixels, targets=[lambda out: out.sum()])[0]


def our_map(method: ExplanationMethod, case: Case) -> np.ndarray:
    """Ours, one weight a patch, the picture's forward included."""
    with torch.no_grad():
        image = case.subject.image.read(case.subject.image.start, None)
    return method.explain(case.subject, image, case.text).patches.reshape(image.layout[0].grid).numpy()
