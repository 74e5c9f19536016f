"""torchvision and transformers' CLIP can be imported beside a torch without CUDA, because our file went first."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)


def test_torchvision_and_clip_import_and_run_after_our_file() -> None:
    done = run(
        "import mmdemo.torchvision_ops, torch\n"
        "from torchvision.models import mobilenet_v2\n"
        "from transformers import CLIPModel\n"
        "print(tuple(mobilenet_v2(weights=None).eval().features(torch.zeros(1, 3, 64, 64)).shape), CLIPModel.__name__)"
    )
    assert done.stdout.strip() == "(1, 1280, 2, 2) CLIPModel", done.stderr


def test_a_second_call_defines_nothing() -> None:
    done = run(
        "from mmdemo.torchvision_ops import define_missing_operators as define\n"
        "import torch\n"
        "assert torch.version.cuda or hasattr(torch.ops.torchvision, 'nms')\n"
        "first = define(); import torchvision; print(first, define())"
    )
    assert done.stdout.strip() == "[] []", done.stderr


def test_on_a_cuda_build_nothing_is_defined() -> None:
    done = run(
        "import torch; torch.version.cuda = '12.8'\n"
        "from mmdemo.torchvision_ops import define_missing_operators as define\n"
        "print(define(), hasattr(torch.ops.torchvision, 'nms'))"
    )
    assert done.stdout.strip() == "[] False", done.stderr
