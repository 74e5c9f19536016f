"""Our Grad-CAM and Layer-CAM beside those of the package `grad-cam`, on our own image tower: equal, and no slower.

Not a dependency: skipped where it is not installed. To run it: `pip install grad-cam`, then
`python -m pytest tests/benchmarks/test_gradcam_package.py -s`.
"""

import statistics
import time

import numpy as np
import pytest

import mmdemo
import mmdemo.torchvision_ops
from mmdemo.benchmark.gradcam import our_map, their_map, whole_network
from mmdemo.explain.gradcam import GradCam
from mmdemo.explain.layercam import LayerCam
from tests.pictures import picture

package = pytest.importorskip("pytorch_grad_cam")
TEXTS = ("a dog on a beach", "two people in the snow", "一只狗")
SIDES = (320, 240)


@pytest.fixture(scope="module")
def engine():
    return mmdemo.load(device="cpu", offline=True)


def theirs(method, engine, case) -> tuple[np.ndarray, float]:
    """The package's map in [0, 1], of the input's size, and its milliseconds."""
    network = whole_network(engine, case)
    start = time.perf_counter()
    cam = their_map(method, network, case)
    return cam, 1000 * (time.perf_counter() - start)


def ours(method, case) -> tuple[np.ndarray, float]:
    """Our map through the package's own scaling, and its milliseconds, the picture's forward included."""
    start = time.perf_counter()
    patch_map = our_map(method, case)
    took = 1000 * (time.perf_counter() - start)
    from pytorch_grad_cam.utils.image import scale_cam_image

    side = case.subject.image.start.shape[-1]
    stretched = scale_cam_image(patch_map[None], (side, side))
    return scale_cam_image(stretched)[0], took  # the package scales before and after stretching


@pytest.mark.parametrize(("mine", "name"), [(GradCam(), "GradCAM"), (LayerCam(), "LayerCAM")])
def test_maps_are_equal_within_a_ten_thousandth(engine, mine, name):
    for seed, text in enumerate(TEXTS):
        case = engine.case("matching", picture(seed, SIDES), text)
        one, _ = ours(mine, case)
        other, _ = theirs(getattr(package, name), engine, case)
        assert one.shape == other.shape and other.max() > 0.99
        assert np.abs(one - other).max() < 1e-4


def test_ours_is_no_slower(engine):
    case = engine.case("matching", picture(0, SIDES), TEXTS[0])
    times = {"ours": [], "theirs": []}
    for turn in range(12):  # by turns, so that a busy moment falls on both alike
        mine, package_took = ours(GradCam(), case)[1], theirs(package.GradCAM, engine, case)[1]
        if turn >= 2:
            times["ours"].append(mine)
            times["theirs"].append(package_took)
    medians = {name: statistics.median(t) for name, t in times.items()}
    print({name: f"{m:.1f} ms" for name, m in medians.items()})
    assert medians["ours"] <= 1.1 * medians["theirs"]
