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
from numba.core import cgutils
from numba.extending import intrinsic

AVX512, AVX2, PORTABLE = 64, 32, 16  # bytes taken at once
LINE = 64  # rows of points and boxes are this many bytes, or a multiple
POINTS, BOXES = 4, 4  # of one block; a table of distances has room for whole blocks

_INT, _LONG, _BYTE = ir.IntType(32), ir.IntType(64), ir.IntType(8)
_SUM = {AVX512: "llvm.x86.avx512.psad.bw.512", AVX2: "llvm.x86.avx2.psad.bw"}
_SHAPE = {AVX512: (4, 4), AVX2: (2, 4), PORTABLE: (2, 2)}  # points × boxes that fit the registers


def supported() -> list[int]:
    """Return the widths that this processor has, the best first."""
    features = llvmlite.binding.get_host_cpu_features()
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

    def limits(self, slack: Any, limit: Any) -> Any:
        """Return slack[i] + limit[j] for every pair, in the order of the totals."""
        b, pairs = self.builder, range(self.points * self.boxes)
        rows = b.load(b.bitcast(slack, ir.VectorType(_INT, self.points).as_pointer()), align=4)
        columns = b.load(b.bitcast(limit, ir.VectorType(_INT, self.boxes).as_pointer()), align=4)
        row = self.picked(rows, rows, [k // self.boxes for k in pairs])
        return b.add(row, self.picked(columns, columns, [k % self.boxes for k in pairs]))

    def within(self, found: Any, limits: Any) -> Any:
        """Return whether any total is at most its limit."""
        b = self.builder
        bits = b.bitcast(b.icmp_signed("<=", found, limits), ir.IntType(found.type.count))
        return b.icmp_unsigned("!=", bits, ir.Constant(bits.type, 0))

    def write(self, found: Any, table: list[Any]) -> None:
        """Store the totals in the rows of the table."""
        for k, row in enumerate(table):
            part = self.picked(found, found, list(range(k * self.boxes, (k + 1) * self.boxes)))
            self.builder.store(part, self.builder.bitcast(row, part.type.as_pointer()), align=4)


def _block(width: int) -> Any:
    """Make the intrinsic that computes one block of the table of distances."""

    @intrinsic
    def block(
        typing: Any, points: Any, boxes: Any, table: Any, slack: Any, limit: Any, i: Any, j: Any,
        half: Any,
    ) -> Any:  # fmt: skip
        def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            def rows(array: int, first: Any, count: int) -> list[Any]:
                view = context.make_array(signature.args[array])(context, builder, args[array])
                stride = cgutils.unpack_tuple(builder, view.strides)[0]
                base = builder.bitcast(view.data, _BYTE.as_pointer())
                places = [builder.add(first, ir.Constant(_LONG, k)) for k in range(count)]
                return [builder.gep(base, [builder.mul(p, stride)]) for p in places]

            zero, writer = ir.Constant(_LONG, 0), _Code(builder, width)
            size = cgutils.unpack_tuple(
                builder, context.make_array(points)(context, builder, args[0]).shape
            )[1]
            corners = rows(1, builder.shl(args[6], ir.Constant(_LONG, 1)), 2 * writer.boxes)
            places = (rows(0, args[5], writer.points),
                      list(zip(corners[::2], corners[1::2], strict=True)))  # fmt: skip
            empty = ir.Constant(writer.sums, [0] * writer.sums.count)
            sums = [
                cgutils.alloca_once(builder, writer.sums)
                for _ in range(writer.points * writer.boxes)
            ]
            for place in sums:
                builder.store(empty, place)
            column = builder.shl(args[6], ir.Constant(_LONG, 2))
            table_rows = [builder.gep(r, [column]) for r in rows(2, args[5], writer.points)]
            stopped = cgutils.alloca_once_value(builder, cgutils.false_bit)
            with builder.if_then(builder.icmp_signed(">", args[7], zero)):
                writer.add_up(sums, *places, zero, args[7])
                found = writer.totals([builder.load(s) for s in sums])
                limits = writer.limits(rows(3, args[5], 1)[0], rows(4, args[6], 1)[0])
                none = builder.not_(writer.within(found, limits))
                builder.store(none, stopped)
                with builder.if_then(none, likely=False):
                    writer.write(found, table_rows)
            with builder.if_then(builder.not_(builder.load(stopped))):
                writer.add_up(sums, *places, args[7], size)
                writer.write(writer.totals([builder.load(s) for s in sums]), table_rows)
            return builder.load(stopped)

        long = types.intp
        return types.boolean(points, boxes, table, slack, limit, long, long, long), code

    return block


def _single(width: int) -> Any:
    """Make the intrinsic that returns the distance of one point from one box."""

    @intrinsic
    def single(typing: Any, points: Any, boxes: Any, i: Any, j: Any) -> Any:
        def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            def row(array: int, index: Any) -> Any:
                view = context.make_array(signature.args[array])(context, builder, args[array])
                stride = cgutils.unpack_tuple(builder, view.strides)[0]
                base = builder.bitcast(view.data, _BYTE.as_pointer())
                return builder.gep(base, [builder.mul(index, stride)])

            writer, one = _Code(builder, width, (1, 1)), ir.Constant(_LONG, 1)
            size = cgutils.unpack_tuple(
                builder, context.make_array(points)(context, builder, args[0]).shape
            )[1]
            low = builder.shl(args[3], one)
            corners = [(row(1, low), row(1, builder.add(low, one)))]
            total = cgutils.alloca_once(builder, writer.sums)
            builder.store(ir.Constant(writer.sums, [0] * writer.sums.count), total)
            writer.add_up([total], [row(0, args[2])], corners, ir.Constant(_LONG, 0), size)
            found = builder.load(total)
            kind = ir.FunctionType(_LONG, [writer.sums])
            name = f"llvm.vector.reduce.add.v{writer.sums.count}i64"
            return builder.call(cgutils.get_or_insert_function(builder.module, kind, name), [found])

        return types.int64(points, boxes, types.intp, types.intp), code

    return single


_BEST = supported()
_block_avx512 = _block(AVX512 if AVX512 in _BEST else PORTABLE)
_block_avx2 = _block(AVX2 if AVX2 in _BEST else PORTABLE)
_block_portable = _block(PORTABLE)
distance = _single(_BEST[0])


@njit(nogil=True)
def fill(
    points: np.ndarray,
    boxes: np.ndarray,
    table: np.ndarray,
    slack: np.ndarray,
    limit: np.ndarray,
    first: int,
    last: int,
    known: int,
    half: int,
    width: int,
) -> int:
    """Compute the distances of points ``first`` to ``last`` from boxes 0 to ``known``.

    Pieces of a block (POINTS × BOXES) of which the first ``half`` bytes show that every distance
    exceeds its limit are not finished: those distances are of these bytes only.

    Args:
        points: uint8 (points, bytes), bytes a multiple of LINE.
        boxes: uint8 (2 · boxes, bytes), the lower corner of a box and then its upper one.
        table: int32 (points, boxes); changed in place. It has room for whole blocks.
        slack: int32 (points,); the limit of a point's distance from box j is slack + limit[j].
        limit: int32 (boxes,), with room for whole blocks.
        first: a multiple of POINTS.
        last: past the last point.
        known: number of boxes.
        half: a multiple of LINE; 0 finishes every distance.
        width: of the instructions, one of ``supported()``.

    Returns:
        How many distances were not finished.
    """
    stopped = 0
    for j in range(0, known, BOXES):
        for i in range(first, last, POINTS):
            if width == AVX512:
                stopped += 16 * _block_avx512(points, boxes, table, slack, limit, i, j, half)
            elif width == AVX2:
                for k in range(i, i + POINTS, 2):
                    stopped += 8 * _block_avx2(points, boxes, table, slack, limit, k, j, half)
            else:
                for k in range(i, i + POINTS, 2):
                    for n in range(j, j + BOXES, 2):
                        stopped += 4 * _block_portable(
                            points, boxes, table, slack, limit, k, n, half
                        )
    return stopped
