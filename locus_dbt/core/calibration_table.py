"""How what is known of a cell becomes a probability: weights of the evidence, and a curve for each image.

Made by ``benchmarks/fit_calibration.py`` from sets with gold; numbers only, nothing of their content.
"""

from __future__ import annotations

from collections.abc import Mapping

#: Log-odds for a unit of each fact.
WEIGHTS: Mapping[str, float] = {
    "own": 0.81,
    "unfaithful": -8.0,
    "inferred": -0.773,
    "held": 0.497,
    "addressed": 0.5,
    "failed": -0.992,
}

#: Evidence and probability, all images together: for those without a set.
POOLED: tuple[tuple[float, ...], tuple[float, ...]] = (
    (-0.5016, 0.335, 0.3354, 0.4817, 0.4829, 0.5223, 0.5236, 0.5821, 0.5902, 0.6278, 0.632, 0.6643, 0.6654, 0.7817, 0.7827, 0.8963, 0.8976, 0.9266, 0.9288, 1.095, 1.0953, 1.2758, 1.2778, 1.4421, 1.4435, 1.7348, 1.7375, 1.9749, 1.9753, 2.1275, 2.128, 3.562, 3.564, 3.9864, 4.059, 4.716),
    (0.6267, 0.6267, 0.6375, 0.6375, 0.6657, 0.6657, 0.7233, 0.7233, 0.7555, 0.7555, 0.7689, 0.7689, 0.7768, 0.7768, 0.7896, 0.7896, 0.8319, 0.8319, 0.8801, 0.8829, 0.9044, 0.9044, 0.9316, 0.9316, 0.9523, 0.9523, 0.9592, 0.9592, 0.966, 0.966, 0.9765, 0.9765, 0.9905, 0.9905, 0.9989, 0.9989),
)

#: The same for each image that was measured.
CURVES: Mapping[str, tuple[tuple[float, ...], tuple[float, ...]]] = {
    # 24 documents, 366 cells
    "bank-statement-extractor": (
        (2.33, 3.819, 4.219),
        (0.9935, 0.9987, 0.9987),
    ),
    # 27 documents, 3626 cells
    "doc-to-tables": (
        (3.722, 4.219, 4.716),
        (0.9888, 0.9965, 0.9965),
    ),
    # 54 documents, 281 cells
    "email-extractor": (
        (2.949, 3.722),
        (0.8724, 0.9379),
    ),
    # 41 documents, 2547 cells
    "invoice-extractor": (
        (-0.4547, 0.6278, 0.632, 0.8563, 0.929, 1.6198, 1.6802, 3.9864, 4.059, 4.716),
        (0.8543, 0.8543, 0.9223, 0.9223, 0.9625, 0.9625, 0.9802, 0.9802, 0.9992, 0.9992),
    ),
    # 50 documents, 4865 cells
    "scanned-ocr-to-table": (
        (-0.5016, 0.3976, 0.3978, 0.4328, 0.4333, 0.4944, 0.496, 0.5092, 0.5095, 0.5884, 0.5889, 0.6443, 0.6456, 0.8392, 0.8409, 1.0965, 1.0965, 1.1594, 1.1613, 1.4335, 1.434, 1.4568, 1.4569, 1.5206, 1.5216, 1.8462, 1.8467, 3.722),
        (0.4998, 0.5036, 0.5166, 0.5166, 0.5333, 0.5333, 0.6575, 0.6575, 0.6796, 0.6796, 0.7825, 0.7825, 0.7884, 0.7884, 0.8163, 0.8174, 0.8709, 0.8709, 0.8806, 0.8811, 0.9013, 0.9013, 0.9251, 0.9251, 0.9558, 0.9558, 0.9614, 0.9653),
    ),
    # 300 documents, 41702 cells
    "web-to-table": (
        (3.722,),
        (0.9995,),
    ),
}
