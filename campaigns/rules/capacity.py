"""How many callbacks can be promised for a span of time? (RULES 8)"""

from datetime import timedelta

HOUR = timedelta(hours=1)
TARGET_LOAD_PERCENT = 85


def places(
    agents: int,
    handle_seconds: int,
    *,
    span: timedelta = HOUR,
    load_percent: int = TARGET_LOAD_PERCENT,
) -> int:
    """Whole callbacks that ``agents`` finish in ``span`` at ``handle_seconds`` each.

    Agents × span / handle time × target load, rounded down: a place begun is no place. Raises
    ValueError for a handle time that is not positive, or for fewer agents than none.
    """
    if handle_seconds <= 0:
        raise ValueError(f"A callback takes more than {handle_seconds} seconds")
    if agents < 0:
        raise ValueError(f"There cannot be {agents} agents")
    # In whole numbers, so that no place is lost to the rounding of floats.
    return agents * (span // timedelta(seconds=1)) * load_percent // (handle_seconds * 100)
