"""One spatial axis of a layer: how many windows fit, and what is left over."""

from dataclasses import dataclass

PerAxis = tuple[int, ...]


@dataclass(frozen=True)
class Axis:
    """Sizes along one spatial axis, in cells.

    Source: ``out = floor((W + L + R - K_eff) / S) + 1`` with ``K_eff = D (K - 1) + 1``, as torch
    documents for Conv2d.

    Examples
    --------
    >>> axis = Axis(size=28, kernel=3, stride=2)
    >>> axis.out, axis.unread
    (13, 1)
    """

    size: int
    kernel: int
    stride: int = 1
    dilation: int = 1
    before: int = 0
    after: int = 0
    ceil: bool = False

    @property
    def span(self) -> int:
        """Cells from the first to the last one that a kernel covers: ``D (K - 1) + 1``."""
        return self.dilation * (self.kernel - 1) + 1

    @property
    def padded(self) -> int:
        """Cells of the padded input."""
        return self.size + self.before + self.after

    @property
    def fits(self) -> bool:
        """Whether at least one window fits."""
        return self.out > 0

    @property
    def remainder(self) -> int:
        """The rest of the division in the formula of the output size."""
        return (self.padded - self.span) % self.stride

    @property
    def out(self) -> int:
        """Output cells, 0 when no window fits.

        With `ceil` a last window may reach beyond the padding, as torch's ceil_mode has it, unless
        it would begin beyond the input and the padding before it.

        >>> Axis(size=6, kernel=3, stride=2).out, Axis(size=6, kernel=3, stride=2, ceil=True).out
        (2, 3)
        """
        room = self.padded - self.span + (self.stride - 1 if self.ceil else 0)
        count = room // self.stride + 1
        if self.ceil and (count - 1) * self.stride >= self.size + self.before:
            count -= 1
        return max(count, 0)

    @property
    def overhang(self) -> int:
        """Cells that the last window reaches beyond the padding."""
        return max((self.out - 1) * self.stride + self.span - self.padded, 0)

    @property
    def unread(self) -> int:
        """Cells at the end of the padded input that no window reaches."""
        if not self.out:
            return self.padded
        return max(self.padded - ((self.out - 1) * self.stride + self.span), 0)

    def reads(self, index: int) -> tuple[int, ...]:
        """Return the padded cells under the kernel at output cell `index`.

        >>> Axis(size=9, kernel=3, stride=2, dilation=2).reads(1)
        (2, 4, 6)
        """
        start = index * self.stride
        return tuple(range(start, start + self.span, self.dilation))

    def reached_by(self, weight: int) -> tuple[int, ...]:
        """Return the padded cells that the weight at offset `weight` multiplies over all windows.

        >>> Axis(size=5, kernel=3, stride=2).reached_by(1)
        (1, 3)
        """
        start = weight * self.dilation
        return tuple(range(start, start + self.out * self.stride, self.stride))

    def users(self, cell: int) -> tuple[tuple[int, int], ...]:
        """Return the (output index, weight offset) pairs that read the padded cell `cell`.

        >>> Axis(size=5, kernel=3).users(1)
        ((0, 1), (1, 0))
        """
        pairs = (
            (divmod(cell - offset * self.dilation, self.stride), offset)
            for offset in reversed(range(self.kernel))
        )
        return tuple(
            (index, offset)
            for (index, rest), offset in pairs
            if rest == 0 and 0 <= index < self.out
        )


def per_axis(value: int | tuple[int, ...] | list[int], rank: int, name: str) -> PerAxis:
    """Return `value` as one whole number per axis.

    Raises
    ------
    ValueError
        When there are neither one nor `rank` numbers, or one is not whole.

    Examples
    --------
    >>> per_axis(2, 2, "stride")
    (2, 2)
    """
    values = tuple(value) if isinstance(value, (tuple, list)) else (value,) * rank
    if len(values) != rank:
        raise ValueError(
            f"{name} has {counted(len(values), 'number')}, "
            f"the kernel has {counted(rank, 'axis', 'axes')}"
        )
    try:
        return tuple(whole(v) for v in values)
    except TypeError:
        raise ValueError(f"{name} must be a whole number per axis, not {value!r}") from None


def counted(count: int, one: str, many: str = "") -> str:
    """Return `count` with its noun.

    >>> counted(1, "axis", "axes"), counted(2, "channel")
    ('1 axis', '2 channels')
    """
    return f"{count} {one if count == 1 else many or one + 's'}"


def whole(value: object) -> int:
    """Return a whole number as int, numpy's kinds included; booleans and fractions are refused.

    >>> whole(3)
    3
    """
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise TypeError(f"{value!r} is not a whole number")
    return int(value.__index__())
