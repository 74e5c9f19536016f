"""The only room that knows disk, Hub, device and dtype: a row of the checkpoint table becomes a module, ready to run.

Read in this order: `device.py`, `cards.py` and `tensors.py` (the files of weights/), `hub.py`, `fetching.py` and
`transformers_folder.py` (those of the Hub), `modules.py`, `precision.py`.
"""

from mmdemo.errors import WeightsError
from mmdemo.loading.cards import SPEED, WEIGHTS, figure, from_card, lines, metric, read_card, read_checked, read_speed
from mmdemo.loading.device import choose_device, choose_offline, memory_bound
from mmdemo.loading.fetching import fetch, fetch_problem, require_offered, size_text
from mmdemo.loading.hub import differences, free_disk, is_here, is_usable, locked, refusal
from mmdemo.loading.modules import build_untrained, builder, load_module, read_config
from mmdemo.loading.precision import byte_count, choose_precision
from mmdemo.loading.tensors import load_state, renamed, unpack_four_bits, widened
from mmdemo.loading.zero_gpu import gpu_decorator

__all__ = [
    "SPEED", "WEIGHTS", "WeightsError", "build_untrained", "builder", "byte_count", "choose_device", "choose_offline",
    "choose_precision", "differences", "fetch", "fetch_problem", "figure", "free_disk", "from_card",
    "gpu_decorator", "is_here", "is_usable", "lines", "load_module", "load_state", "locked", "memory_bound",
    "metric", "read_card", "read_checked", "read_config", "read_speed", "refusal", "renamed", "require_offered",
    "size_text", "unpack_four_bits", "widened",
]  # fmt: skip
