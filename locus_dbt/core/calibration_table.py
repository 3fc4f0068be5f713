"""How what is known of a cell becomes a probability: weights of the evidence, and a curve for each image.

Made by ``benchmarks/fit_calibration.py`` from sets with gold; numbers only, nothing of their content.
"""

from __future__ import annotations

from collections.abc import Mapping

# fmt: off

#: Log-odds for a unit of each fact.
WEIGHTS: Mapping[str, float] = {
    "own": 0.822,
    "unfaithful": -8.0,
    "inferred": -0.774,
    "held": 0.505,
    "failed": -0.994,
    "addressed": 0.547,
}

#: Evidence and probability, all images together: for those without a set.
POOLED: tuple[tuple[float, ...], tuple[float, ...]] = (
    (-0.509, 0.53, 0.5314, 0.609, 0.6098, 0.6742, 0.6783, 0.7932, 0.7943, 0.9096, 0.9109, 0.9403, 0.9425,
         1.1112, 1.1115, 1.2947, 1.2967, 1.4635, 1.4648, 2.0046, 2.159, 2.1595, 3.5807, 3.5814, 4.1802,
         4.3242, 4.4144, 5.3342),
    (0.6512, 0.6512, 0.729, 0.729, 0.7752, 0.7752, 0.7848, 0.7848, 0.8017, 0.8017, 0.8324, 0.8324, 0.8807,
         0.8857, 0.91, 0.91, 0.938, 0.938, 0.9606, 0.9673, 0.9673, 0.9766, 0.9766, 0.9876, 0.9938, 0.9938,
         0.9994, 0.9994),
)

#: The same for each image that was measured, and for its outputs where several were.
CURVES: Mapping[str, tuple[tuple[float, ...], tuple[float, ...]]] = {
    # 24 documents, 366 cells
    "bank-statement-extractor": (
        (2.9302, 4.4292, 4.8292),
        (0.9935, 0.9991, 0.9991),
    ),
    # 16 documents, 67 cells
    "bank-statement-extractor/statements": (
        (3.1702, 4.1642, 4.3242, 4.6692, 4.8292),
        (0.9549, 0.9549, 0.9732, 0.9915, 0.9915),
    ),
    # 19 documents, 299 cells
    "bank-statement-extractor/transactions": (
        (2.9302, 4.6692),
        (0.9995, 0.9995),
    ),
    # 27 documents, 3626 cells
    "doc-to-tables": (
        (3.7772, 4.2822, 4.7872),
        (0.9888, 0.9966, 0.9966),
    ),
    # 54 documents, 281 cells
    "email-extractor": (
        (3.5502, 4.3242),
        (0.8724, 0.9379),
    ),
    # 41 documents, 2526 cells
    "invoice-extractor": (
        (-0.4488, 0.6521, 0.6783, 0.8795, 0.9458, 1.1571, 1.3171, 1.6461, 1.7081, 4.0491, 4.0552, 5.3342),
        (0.8768, 0.8768, 0.8965, 0.8965, 0.9723, 0.9723, 0.9796, 0.9796, 0.9862, 0.99, 0.9995, 0.9995),
    ),
    # 41 documents, 1564 cells
    "invoice-extractor/invoices": (
        (-0.4488, 0.8795, 0.9458, 4.0491, 4.0552, 5.3342),
        (0.9347, 0.9347, 0.9864, 0.9864, 0.9995, 0.9995),
    ),
    # 33 documents, 962 cells
    "invoice-extractor/lines": (
        (0.3655, 0.6521, 0.6965, 1.1571, 1.3171, 1.6461, 2.4203, 5.3342),
        (0.8207, 0.8207, 0.8948, 0.8948, 0.9699, 0.9699, 0.9991, 0.9991),
    ),
    # 50 documents, 4865 cells
    "scanned-ocr-to-table": (
        (-0.509, 0.4035, 0.4037, 0.4392, 0.4397, 0.5017, 0.5034, 0.5168, 0.5171, 0.5971, 0.5976, 0.6539, 0.6552,
         0.8516, 0.8534, 1.1127, 1.1128, 1.1766, 1.1785, 1.4548, 1.4552, 1.4784, 1.4785, 1.5432, 1.5442,
         1.8736, 1.8741, 3.7772),
        (0.4999, 0.5036, 0.5166, 0.5166, 0.5333, 0.5333, 0.6575, 0.6575, 0.6796, 0.6796, 0.7826, 0.7826, 0.7884,
         0.7884, 0.8163, 0.8175, 0.8709, 0.8709, 0.8806, 0.8811, 0.9014, 0.9014, 0.9251, 0.9251, 0.9558,
         0.9558, 0.9614, 0.9653),
    ),
    # 300 documents, 41702 cells
    "web-to-table": (
        (4.3242,),
        (0.9995,),
    ),
}
