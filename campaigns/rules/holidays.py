"""Public holidays by country, from the ``holidays`` library; observed days included (RULES 4)."""

from datetime import date
from functools import cache

import holidays


@cache
def _supported() -> frozenset[str]:
    return frozenset(holidays.list_supported_countries(include_aliases=False))


@cache
def _of_year(country: str, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays(country, years=year, observed=True))


def is_holiday(country: str, day: date) -> bool:
    """Whether the local date is a nation-wide public holiday of the country (ISO code).

    A country that the library does not know has none.
    """
    # A holiday of one year can be observed in the last days of the year before.
    return country in _supported() and (
        day in _of_year(country, day.year) or day in _of_year(country, day.year + 1)
    )
