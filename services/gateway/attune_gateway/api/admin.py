"""Reports for the operator. Not part of the public surface: without the admin key there is nothing at this address."""

import hmac
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.exceptions import HTTPException

from attune_gateway.referrals import ReferralReport
from attune_gateway.state import gateway_of, limit_request

router = APIRouter(prefix="/v1/admin", include_in_schema=False)


@router.get("/reports/crisis-referrals", response_model=ReferralReport)
async def crisis_referrals(request: Request, year: Annotated[int, Query(ge=2026, le=2100)]) -> ReferralReport:
    """Counts by tier, country and day. The key comes as X-API-Key."""
    await limit_request(request)
    gateway = gateway_of(request)
    key = gateway.settings.admin_key
    stated = request.headers.get("x-api-key", "")
    if key is None or not hmac.compare_digest(stated.encode(), key.get_secret_value().encode()):
        raise HTTPException(404, "There is nothing at this address.")
    return await gateway.referrals.report(year)
