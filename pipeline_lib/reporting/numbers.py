"""Numbers as the page writes them."""

from pipeline_lib.evaluation.intervals import Estimate

MINUS = "\N{MINUS SIGN}"
MOST_DIGITS = 4  # after the point


def percent(share: float) -> str:
    """Write a share of 1 in percent, without the sign: 61.3."""
    return f"{100 * share:.1f}"


def interval(estimate: Estimate) -> str:
    """Write a share and its interval in percent: 61.3 [58.0, 64.5]."""
    return f"{percent(estimate.value)} [{percent(estimate.low)}, {percent(estimate.high)}]"


def points(difference: float) -> str:
    """Write a difference of shares in percentage points, with its sign: +1.2."""
    return _signed(difference, 1)


def difference_of(estimate: Estimate) -> tuple[str, str, str]:
    """Write a difference and the ends of its interval in points.

    A number gets as many digits as show on which side of 0 it lies, where the interval does not
    cover it: "[−12.8, −0.02]" and not "[−12.8, 0.0]", beside which "worse" would look wrong.
    """
    numbers = (estimate.value, estimate.low, estimate.high)
    if estimate.covers_zero:
        return points(numbers[0]), points(numbers[1]), points(numbers[2])
    value, low, high = (_signed(number, _digits(number)) for number in numbers)
    return value, low, high


def _digits(number: float) -> int:
    enough = (n for n in range(1, MOST_DIGITS) if round(100 * number, n))
    return next(enough, MOST_DIGITS)


def _signed(number: float, digits: int) -> str:
    return f"{round(100 * number, digits) + 0.0:+.{digits}f}".replace("-", MINUS)
