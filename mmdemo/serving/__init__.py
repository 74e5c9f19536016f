"""Many visitors at once: what waits for the same network is read by one forward.

`patience` says how long a caller waits, `batcher` gathers what callers wait for, `sizes` measures how much one forward
should take on the device at hand; `metrics` tells Prometheus, `deploy/` puts several pages behind one address. No model
is named here and no tensor touched. Read next: `batcher.py`.
"""

from mmdemo.serving.batcher import Batcher, Caller
from mmdemo.serving.patience import Patience, current_patience, patience
from mmdemo.serving.sizes import choose_size, measure_size

__all__ = ["Batcher", "Caller", "Patience", "choose_size", "current_patience", "measure_size", "patience"]
