"""Atomic counters for threads that run compiled code without Python's lock.

A counter is one element of an int64 array. Every operation is sequentially consistent: what a
thread wrote before it changed a counter is seen by a thread that read the change.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

APART = 8  # int64 elements between two counters: one cache line each


def counters(count: int) -> np.ndarray:
    """Return ``count`` counters at zero; counter k is element k · APART."""
    return np.zeros(count * APART, np.int64)


def _place(context: Any, builder: Any, kind: Any, array: Any, index: Any) -> Any:
    view = context.make_array(kind)(context, builder, array)
    return cgutils.get_item_pointer(context, builder, kind, view, [index])


@intrinsic
def _load(typing: Any, array: Any, index: Any) -> Any:
    """Return counter ``index`` of the array."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        place = _place(context, builder, signature.args[0], *args)
        return builder.load_atomic(place, "seq_cst", 8)

    return types.int64(array, types.intp), code


@intrinsic
def _store(typing: Any, array: Any, index: Any, value: Any) -> Any:
    """Set a counter."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        place = _place(context, builder, signature.args[0], *args[:2])
        builder.store_atomic(args[2], place, "seq_cst", 8)
        return context.get_dummy_value()

    return types.void(array, types.intp, types.int64), code


@intrinsic
def _add(typing: Any, array: Any, index: Any, value: Any) -> Any:
    """Add to a counter, and return what it was before."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        place = _place(context, builder, signature.args[0], *args[:2])
        return builder.atomic_rmw("add", place, args[2], "seq_cst")

    return types.int64(array, types.intp, types.int64), code


@intrinsic
def _swap_if(typing: Any, array: Any, index: Any, expected: Any, value: Any) -> Any:
    """Set a counter to ``value`` if it is ``expected``, and return whether it was."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        place = _place(context, builder, signature.args[0], *args[:2])
        pair = builder.cmpxchg(place, args[2], args[3], "seq_cst", "seq_cst")
        return builder.extract_value(pair, 1)

    return types.boolean(array, types.intp, types.int64, types.int64), code


@intrinsic
def _give_way(typing: Any) -> Any:
    """Let another thread run on this core."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        kind = ir.FunctionType(ir.IntType(32), [])
        builder.call(cgutils.get_or_insert_function(builder.module, kind, "sched_yield"), [])
        return context.get_dummy_value()

    return types.void(), code


# Typed as what compiled code calls, not as what numba's decorator returns.
load: Any = _load
store: Any = _store
add: Any = _add
swap_if: Any = _swap_if
give_way: Any = _give_way
