"""Help lines by country. No token, no consent, no limit, no dependency."""

from datetime import UTC, datetime
from typing import Annotated

from attune_contracts.base import Output
from attune_contracts.dialogue import Country
from attune_contracts.risk import ResourceCard
from attune_safety.resources import card_for, countries
from fastapi import APIRouter, Query

from attune_gateway.api.documented import problems

router = APIRouter(prefix="/v1/resources", tags=["resources"])


class CountryName(Output):
    """A country that has a card."""

    code: str
    name: str


class Countries(Output):
    """All countries that have a card, by name."""

    countries: tuple[CountryName, ...]


@router.get("", response_model=ResourceCard, responses=problems(422))
async def read_resources(
    country: Annotated[Country | None, Query(description="ISO 3166 alpha-2, such as EG. Never guessed.")] = None,
) -> ResourceCard:
    """Emergency numbers and crisis lines. Without a country, the card that asks for it and names directories."""
    return card_for(country, today=datetime.now(UTC).date())


@router.get("/countries", response_model=Countries)
async def read_countries() -> Countries:
    """The countries to choose from."""
    return Countries(countries=tuple(CountryName(code=code, name=name) for code, name in countries()))
