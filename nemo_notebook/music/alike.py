"""Arithmetic that gives the same bits on every kind of CPU.

Kinds of CPU differ in the last bit of an exponential, and in whether a product is rounded before it is added to
another. So functions of float32 are worked out with twice the digits and rounded once, which hides such a bit but for
one value in some thousand million, and products of complex numbers are written out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Complex = NDArray[np.complexfloating[Any, Any]]
Real = TypeVar("Real", np.float32, np.float64)


def exp(values: NDArray[Real]) -> NDArray[Real]:
    """Exponential; as many digits as it is given."""
    return _rounded_once(np.exp, values)


def sin(values: NDArray[Real]) -> NDArray[Real]:
    """Sine; likewise."""
    return _rounded_once(np.sin, values)


def cos(values: NDArray[Real]) -> NDArray[Real]:
    """Cosine; likewise."""
    return _rounded_once(np.cos, values)


def tanh(values: NDArray[Real]) -> NDArray[Real]:
    """Hyperbolic tangent; likewise."""
    return _rounded_once(np.tanh, values)


def times(one: Complex, other: Complex) -> Complex:
    """The products of complex numbers; shapes are broadcast."""
    product = np.empty(np.broadcast_shapes(one.shape, other.shape), np.result_type(one, other))
    product.real = one.real * other.real - one.imag * other.imag
    product.imag = one.real * other.imag + one.imag * other.real
    return product


def power(values: Complex) -> NDArray[np.floating[Any]]:
    """The squares of the absolute values of complex numbers."""
    return np.asarray(np.square(values.real) + np.square(values.imag))


def _rounded_once(function: Callable[[Any], Any], values: NDArray[Real]) -> NDArray[Real]:
    return np.asarray(function(values.astype(np.float64)), values.dtype)
