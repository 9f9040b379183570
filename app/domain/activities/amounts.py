"""Amounts: integers scaled by the indicator's decimals inside, decimal texts outside."""

from decimal import Decimal


def scaled(value: str, decimals: int) -> int | None:
    """Return a decimal text as an integer scaled by `decimals`, or None where it does not fit."""
    whole = Decimal(value).scaleb(decimals)
    return int(whole) if whole == whole.to_integral_value() else None


def unscaled(amount: int, decimals: int) -> str:
    """Return a scaled integer as the decimal text that it stands for, without idle zeros."""
    whole, part = divmod(amount, 10**decimals)
    digits = f"{part:0{decimals}}".rstrip("0") if decimals else ""
    return f"{whole}.{digits}" if digits else str(whole)
