"""A cluster of Ray on this machine, whose replicas compute on one thread. Imports Ray only when it is begun."""

import os

from mmdemo.serving.ray import start
from tests.serving.proxies import free_port

ENVIRONMENT = {"OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", "PYTHONPATH": os.getcwd()}  # of its replicas


def begin() -> int:
    """Begin one; the port of its HTTP proxy."""
    port = free_port()
    start(port=port, num_cpus=4, object_store_memory=200_000_000, runtime_env={"env_vars": ENVIRONMENT})
    return port
