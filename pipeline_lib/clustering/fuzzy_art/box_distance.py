"""L1 distances from points to boxes of whole numbers 0…255: the cheap bound of Fuzzy ART.

A point inside a box has distance 0 from it. Per byte that is |clamp(x, low, high) − x|: a maximum,
a minimum, and a sum of absolute differences, which x86 processors have as one instruction
(``psadbw``, 64 bytes with AVX-512, 32 with AVX2) that no compiler finds in a loop in Python. So
the loop is written here in LLVM's language. Distances are exact whole numbers, equal for every kind
of processor.
"""

from typing import Any

import llvmlite.binding
import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils, config
from numba.extending import intrinsic

AVX512, AVX2, PORTABLE = 64, 32, 16  # bytes taken at once
LINE = 64  # rows of points and boxes are this many bytes, or a multiple
POINTS, BOXES = 4, 4  # of one block; a table of distances has room for whole blocks

_INT, _LONG, _BYTE = ir.IntType(32), ir.IntType(64), ir.IntType(8)
_SUM = {AVX512: "llvm.x86.avx512.psad.bw.512", AVX2: "llvm.x86.avx2.psad.bw"}
_SHAPE = {AVX512: (4, 4), AVX2: (2, 4), PORTABLE: (2, 2)}  # points × boxes that fit the registers


def supported() -> list[int]:
    """Return the widths that numba may use on this processor, the best first.

    ``NUMBA_CPU_NAME``, ``NUMBA_CPU_FEATURES`` and ``NUMBA_ENABLE_AVX`` restrict it.
    """
    if config.CPU_NAME or config.CPU_FEATURES:
        named = (config.CPU_FEATURES or "").split(",")
        features = {name: f"+{name}" in named for name in ("avx512bw", "avx2")}
    else:
        features = dict(llvmlite.binding.get_host_cpu_features()) if config.ENABLE_AVX else {}
    found = [AVX512] if features.get("avx512bw") else []
    return [*found, *([AVX2] if features.get("avx2") else []), PORTABLE]


class _Code:
    """Builds the instructions of one width."""

    def __init__(self, builder: Any, width: int, shape: tuple[int, int] | None = None) -> None:
        self.builder = builder
        self.width = width
        self.points, self.boxes = shape or _SHAPE[width]
        self.bytes = ir.VectorType(_BYTE, width)
        self.sums = ir.VectorType(_LONG, width // 8)

    def load(self, base: Any, offset: Any) -> Any:
        place = self.builder.bitcast(self.builder.gep(base, [offset]), self.bytes.as_pointer())
        return self.builder.load(place, align=1)

    def larger(self, a: Any, b: Any, wanted: str) -> Any:
        return self.builder.select(self.builder.icmp_unsigned(wanted, a, b), a, b)

    def distance(self, x: Any, low: Any, high: Any) -> Any:
        """Return the distance per byte, summed over each eight bytes."""
        nearest = self.larger(self.larger(x, low, ">"), high, "<")
        if self.width in _SUM:
            kind = ir.FunctionType(self.sums, [self.bytes, self.bytes])
            name = _SUM[self.width]
            function = cgutils.get_or_insert_function(self.builder.module, kind, name)
            return self.builder.call(function, [nearest, x])
        b = self.builder
        folded = b.sub(self.larger(nearest, x, ">"), self.larger(nearest, x, "<"))
        for bits in (16, 32, 64):
            kind = ir.VectorType(ir.IntType(bits), self.width * 8 // bits)
            half = ir.Constant(kind, [bits // 2] * kind.count)
            mask = ir.Constant(kind, [(1 << bits // 2) - 1] * kind.count)
            folded = b.bitcast(folded, kind)
            folded = b.add(b.and_(folded, mask), b.lshr(folded, half))
        return folded

    def picked(self, a: Any, b: Any, lanes: list[int]) -> Any:
        mask = ir.Constant(ir.VectorType(_INT, len(lanes)), lanes)
        return self.builder.shuffle_vector(a, b, mask)

    def totals(self, sums: list[Any]) -> Any:
        """Return the total of every vector, int32, in order: a tree of pairs."""
        ints = ir.VectorType(_INT, 2 * self.sums.count)
        halves = [self.builder.bitcast(s, ints) for s in sums]
        even = list(range(0, 2 * ints.count, 2))
        rows = [self.picked(a, b, even) for a, b in zip(halves[::2], halves[1::2], strict=True)]
        while len(rows) > 1:
            rows = [
                self.builder.add(self.picked(a, b, even), self.picked(a, b, [i + 1 for i in even]))
                for a, b in zip(rows[::2], rows[1::2], strict=True)
            ]
        (row,) = rows
        while row.type.count > len(sums):  # fewer vectors than lanes
            lanes = list(range(0, row.type.count, 2))
            row = self.builder.add(
                self.picked(row, row, lanes), self.picked(row, row, [i + 1 for i in lanes])
            )
        return row

    def add_up(self, sums: list[Any], points: Any, boxes: Any, first: Any, last: Any) -> None:
        """Add the distances over bytes ``first`` to ``last`` to the sums (places in memory)."""
        b, step = self.builder, ir.Constant(_LONG, self.width)
        with cgutils.for_range_slice(b, first, last, step, intp=_LONG) as (offset, _):
            samples = [self.load(row, offset) for row in points]
            for j, (low, high) in enumerate(boxes):
                corners = self.load(low, offset), self.load(high, offset)
                for i, x in enumerate(samples):
                    place = sums[i * self.boxes + j]
                    b.store(b.add(b.load(place), self.distance(x, *corners)), place)

    def write(self, found: Any, table: list[Any], more: Any) -> None:
        """Store the totals in the rows of the table, or with ``more`` add them."""
        b = self.builder
        for k, row in enumerate(table):
            part = self.picked(found, found, list(range(k * self.boxes, (k + 1) * self.boxes)))
            place = b.bitcast(row, part.type.as_pointer())
            empty = ir.Constant(part.type, [0] * self.boxes)
            before = b.select(more, b.load(place, align=4), empty)
            b.store(b.add(part, before), place, align=4)


class _Rows:
    """Finds rows of the arrays that compiled code passes."""

    def __init__(self, context: Any, builder: Any, signature: Any, args: Any) -> None:
        self.builder = builder
        self.views = [
            context.make_array(kind)(context, builder, value)
            for kind, value in zip(signature.args, args, strict=True)
            if isinstance(kind, types.Array)
        ]

    def width(self, array: int) -> Any:
        """Return the second dimension of an array."""
        return cgutils.unpack_tuple(self.builder, self.views[array].shape)[1]

    def at(self, array: int, first: Any, count: int = 1) -> list[Any]:
        """Return pointers to bytes: rows ``first`` and later."""
        b, view = self.builder, self.views[array]
        stride = cgutils.unpack_tuple(b, view.strides)[0]
        base = b.bitcast(view.data, _BYTE.as_pointer())
        places = [b.add(first, ir.Constant(_LONG, k)) for k in range(count)]
        return [b.gep(base, [b.mul(place, stride)]) for place in places]

    def ints(self, array: int, row: Any, column: Any, count: int, kind: Any) -> list[Any]:
        """Return pointers to vectors of int32 in rows ``row`` and later."""
        b = self.builder
        column = b.shl(column, ir.Constant(_LONG, 2))
        return [b.bitcast(b.gep(r, [column]), kind) for r in self.at(array, row, count)]


def _block(width: int) -> Any:
    """Make the intrinsic that computes one block of the table of distances."""

    @intrinsic
    def block(
        typing: Any, points: Any, boxes: Any, table: Any, i: Any, j: Any, first: Any, last: Any
    ) -> Any:
        def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            rows, writer = _Rows(context, builder, signature, args), _Code(builder, width)
            corners = rows.at(1, builder.shl(args[4], ir.Constant(_LONG, 1)), 2 * writer.boxes)
            sums = [
                cgutils.alloca_once(builder, writer.sums)
                for _ in range(writer.points * writer.boxes)
            ]
            for place in sums:
                builder.store(ir.Constant(writer.sums, [0] * writer.sums.count), place)
            pairs = list(zip(corners[::2], corners[1::2], strict=True))
            writer.add_up(sums, rows.at(0, args[3], writer.points), pairs, args[5], args[6])
            found = writer.totals([builder.load(s) for s in sums])
            more = builder.icmp_signed(">", args[5], ir.Constant(_LONG, 0))
            places = rows.ints(2, args[3], args[4], writer.points, _BYTE.as_pointer())
            writer.write(found, places, more)
            return context.get_dummy_value()

        long = types.intp
        return types.void(points, boxes, table, long, long, long, long), code

    return block


@intrinsic
def _within_limits(
    typing: Any, table: Any, slack: Any, cap: Any, limit: Any, i: Any, j: Any
) -> Any:
    """Return whether any distance of a block is within its limit."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        rows, four = _Rows(context, builder, signature, args), ir.VectorType(_INT, BOXES)
        limit_ = builder.load(
            rows.ints(3, args[5], ir.Constant(_LONG, 0), 1, four.as_pointer())[0], align=4
        )
        any_ = ir.Constant(ir.VectorType(ir.IntType(1), BOXES), [0] * BOXES)
        for k, place in enumerate(rows.ints(0, args[4], args[5], POINTS, four.as_pointer())):
            row = builder.add(args[4], ir.Constant(_LONG, k))
            at = [rows.ints(n, row, ir.Constant(_LONG, 0), 1, _INT.as_pointer())[0] for n in (1, 2)]
            spread = [_spread(builder, builder.load(a), four) for a in at]
            allowed = builder.add(spread[0], limit_)
            least = builder.icmp_signed("<", allowed, spread[1])
            allowed = builder.select(least, allowed, spread[1])
            near = builder.icmp_signed("<=", builder.load(place, align=4), allowed)
            any_ = builder.or_(any_, near)
        bits = builder.bitcast(any_, ir.IntType(BOXES))
        return builder.icmp_unsigned("!=", bits, ir.Constant(bits.type, 0))

    return types.boolean(table, slack, cap, limit, types.intp, types.intp), code


_within: Any = _within_limits  # typed as what compiled code calls


def _spread(builder: Any, value: Any, kind: Any) -> Any:
    """Return a vector of one value."""
    one = builder.insert_element(ir.Constant(kind, ir.Undefined), value, ir.Constant(_INT, 0))
    mask = ir.Constant(ir.VectorType(_INT, kind.count), [0] * kind.count)
    return builder.shuffle_vector(one, one, mask)


def _single(width: int) -> Any:
    """Make the intrinsic that returns the distance of one point from one box."""

    @intrinsic
    def single(typing: Any, points: Any, boxes: Any, i: Any, j: Any) -> Any:
        def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            rows, writer = (_Rows(context, builder, signature, args), _Code(builder, width, (1, 1)))
            low, high = rows.at(1, builder.shl(args[3], ir.Constant(_LONG, 1)), 2)
            total = cgutils.alloca_once(builder, writer.sums)
            builder.store(ir.Constant(writer.sums, [0] * writer.sums.count), total)
            start = ir.Constant(_LONG, 0)
            writer.add_up([total], rows.at(0, args[2]), [(low, high)], start, rows.width(0))
            kind = ir.FunctionType(_LONG, [writer.sums])
            name = f"llvm.vector.reduce.add.v{writer.sums.count}i64"
            function = cgutils.get_or_insert_function(builder.module, kind, name)
            return builder.call(function, [builder.load(total)])

        return types.int64(points, boxes, types.intp, types.intp), code

    return single


_BEST = supported()
_block_avx512 = _block(AVX512 if AVX512 in _BEST else PORTABLE)
_block_avx2 = _block(AVX2 if AVX2 in _BEST else PORTABLE)
_block_portable = _block(PORTABLE)
distance = _single(_BEST[0])


@njit(nogil=True)
def fill(
    points: np.ndarray, boxes: np.ndarray, table: np.ndarray, first: int, last: int, known: int,
    begin: int, end: int, width: int,
) -> None:  # fmt: skip
    """Compute the distances of points ``first`` to ``last`` from boxes 0 to ``known``.

    Args:
        points: uint8 (points, bytes), bytes a multiple of LINE.
        boxes: uint8 (2 · boxes, bytes), the lower corner of a box and then its upper one.
        table: int32 (points, boxes); changed in place. It has room for whole blocks.
        first: a multiple of POINTS.
        last: past the last point.
        known: number of boxes.
        begin: the first byte; where it is not 0, distances are added to what the table holds.
        end: past the last byte; both multiples of LINE.
        width: of the instructions, one of ``supported()``.
    """
    for j in range(0, known, BOXES):
        for i in range(first, last, POINTS):
            _blocks(points, boxes, table, i, j, begin, end, width)


@njit(nogil=True)
def complete(
    points: np.ndarray, boxes: np.ndarray, table: np.ndarray, first: int, last: int, known: int,
    begin: int, width: int, slack: np.ndarray, cap: np.ndarray, limit: np.ndarray,
) -> int:  # fmt: skip
    """Add the bytes from ``begin`` to distances, but for blocks that are beyond their limits.

    What is left out keeps its distance over the bytes before, which is a lower bound.

    The limit of point i and box j is the smaller of slack[i] + limit[j] and cap[i], all int32;
    ``limit`` has room for whole blocks. The other arguments are those of ``fill``.

    Returns:
        How many distances were left out.
    """
    left = 0
    for j in range(0, known, BOXES):
        for i in range(first, last, POINTS):
            if _within(table, slack, cap, limit, i, j):
                _blocks(points, boxes, table, i, j, begin, points.shape[1], width)
            else:
                left += POINTS * BOXES
    return left


@njit(nogil=True)
def _blocks(
    points: np.ndarray, boxes: np.ndarray, table: np.ndarray, i: int, j: int, begin: int, end: int,
    width: int,
) -> None:  # fmt: skip
    """Compute POINTS × BOXES distances, in as many pieces as fit the registers."""
    if width == AVX512:
        _block_avx512(points, boxes, table, i, j, begin, end)
    elif width == AVX2:
        for k in range(i, i + POINTS, 2):
            _block_avx2(points, boxes, table, k, j, begin, end)
    else:
        for k in range(i, i + POINTS, 2):
            for n in range(j, j + BOXES, 2):
                _block_portable(points, boxes, table, k, n, begin, end)
