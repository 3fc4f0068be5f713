"""The recognition networks: where their weights lie, one session of each a process, made when first needed."""

from __future__ import annotations

import importlib.metadata
import importlib.util
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

#: The package whose wheel holds the weights; only its files are used, its code is not imported.
PACKAGE = "rapidocr_onnxruntime"
INSTALL = "pip install 'locus-dbt[ocr]'"

Network = Literal["detect", "recognise"]
_FILES: dict[Network, str] = {
    "detect": "ch_PP-OCRv4_det_infer.onnx",
    "recognise": "ch_PP-OCRv4_rec_infer.onnx",
}

Tensor = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Session:
    """One network: :meth:`run` maps a batch to its first output; ``letters`` are the classes a recogniser tells."""

    inner: Any
    letters: tuple[str, ...]

    def run(self, batch: Tensor) -> Tensor:
        """The network's first output; ``MemoryError`` where it does not fit."""
        try:
            out: Tensor = self.inner.run(None, {self.inner.get_inputs()[0].name: batch})[0]
        except Exception as error:
            # the runtime has exceptions of its own for what it could not allocate
            if "alloc" in str(error).lower():
                raise MemoryError(str(error)) from error
            raise
        return out


@lru_cache(maxsize=1)
def installed() -> bool:
    """Whether weights, runtime and picture operations are there; imports none of them."""
    return all(_found(name) for name in (PACKAGE, "onnxruntime", "cv2"))


def _found(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False


def version() -> str:
    """Name and version of the engine, for a document's metadata."""
    return f"rapidocr-onnxruntime {importlib.metadata.version('rapidocr-onnxruntime')}"


@lru_cache(maxsize=2)
def session(network: Network) -> Session:
    """The session for ``network``, on one thread: Locus runs one worker process for each core."""
    import cv2  # noqa: PLC0415 - only where pictures are read
    import onnxruntime  # noqa: PLC0415

    cv2.setNumThreads(1)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    # lines differ in width: a plan of memory for each would never be used again
    options.enable_mem_pattern = False
    inner = onnxruntime.InferenceSession(str(_weights(network)), options, providers=["CPUExecutionProvider"])
    letters = inner.get_modelmeta().custom_metadata_map.get("character", "").split("\n")
    return Session(inner, ("", *letters, " "))


def _weights(network: Network) -> Path:
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise FileNotFoundError(PACKAGE)
    return Path(spec.origin).parent / "models" / _FILES[network]
