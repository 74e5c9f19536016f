"""Lets `import torchvision` succeed beside a CPU-only torch; import this before it or any transformers model.

The stock torchvision wheel holds compiled operators that want CUDA libraries. Beside a torch without CUDA they are
skipped, and torchvision then dies while it registers shape functions for operators nobody defined
("operator torchvision::nms does not exist"). Defining the two missing schemas is enough: the operators have no
implementation here, and no model of ours calls them.
"""

import torch


def define_missing_operators() -> list[str]:
    """Define the schemas of torchvision's `nms` and `qnms` where torch has no CUDA build. Safe to call twice.

    Returns:
        The names defined by this call; empty on a CUDA build, or where they exist already.
    """
    if torch.version.cuda is not None or _torchvision_loaded_its_own():
        return []
    library = torch.library.Library("torchvision", "FRAGMENT")
    defined = []
    for name in ("nms", "qnms"):
        if not hasattr(torch.ops.torchvision, name):
            library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
            defined.append(name)
    _KEEP.append(library)  # a Library that is collected takes its definitions with it
    return defined


def _torchvision_loaded_its_own() -> bool:
    return hasattr(torch.ops.torchvision, "nms")


_KEEP: list[torch.library.Library] = []
define_missing_operators()
