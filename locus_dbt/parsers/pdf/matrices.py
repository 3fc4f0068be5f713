"""Transformation matrices of page objects, and what they give together."""

from __future__ import annotations

import ctypes

from locus_dbt.parsers.pdf import native

Matrix = tuple[float, float, float, float, float, float]

IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)

_floats = (ctypes.c_float * 6)()
_AT = ctypes.addressof(_floats)


def matrix_of(handle: int) -> Matrix:
    """The matrix of a page object; the identity where it has none."""
    if not native.object_matrix(handle, _AT):
        return IDENTITY
    a, b, c, d, e, f = _floats
    return (a, b, c, d, e, f)


def product(m: Matrix, n: Matrix) -> Matrix:
    """First ``m``, then ``n``."""
    return (
        m[0] * n[0] + m[1] * n[2],
        m[0] * n[1] + m[1] * n[3],
        m[2] * n[0] + m[3] * n[2],
        m[2] * n[1] + m[3] * n[3],
        m[4] * n[0] + m[5] * n[2] + n[4],
        m[4] * n[1] + m[5] * n[3] + n[5],
    )
