"""/livez says that the process runs; /readyz asks every dependency and names the ones that are down."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from attune_contracts.base import Output
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

Probe = Callable[[], Awaitable[None]]
PROBE_TIMEOUT_S = 2.0


class Readiness(Output):
    """`checks` maps a dependency to "ok" or to the name of the error. `degraded` ones do not make us unready."""

    ready: bool
    degraded: bool
    checks: dict[str, str]


async def run_probe(probe: Probe) -> str:
    """Runs one probe: "ok", or the class name of what it raised (no message: messages may hold addresses)."""
    try:
        async with asyncio.timeout(PROBE_TIMEOUT_S):
            await probe()
    except Exception as error:  # noqa: BLE001  a probe may raise anything; the answer is that it is down
        return type(error).__name__
    return "ok"


async def check(required: Mapping[str, Probe], optional: Mapping[str, Probe]) -> Readiness:
    """Runs every probe at once. Required ones decide readiness, optional ones only mark the service degraded."""
    probes = {**required, **optional}
    answers = dict(zip(probes, await asyncio.gather(*map(run_probe, probes.values())), strict=True))
    return Readiness(
        ready=all(answers[name] == "ok" for name in required),
        degraded=any(answers[name] != "ok" for name in optional),
        checks=answers,
    )


def health_router(version: str) -> APIRouter:
    """Routes /livez, /readyz, /healthz, /version. Probes: `request.state.required_probes` and `.optional_probes`."""
    router = APIRouter(tags=["health"])

    @router.get("/livez")
    async def livez() -> dict[str, str]:
        """The process runs. Depends on nothing else."""
        return {"status": "ok"}

    async def readiness(request: Request) -> JSONResponse:
        """Ready to serve, with each dependency's state."""
        required: Mapping[str, Probe] = getattr(request.state, "required_probes", {})
        optional: Mapping[str, Probe] = getattr(request.state, "optional_probes", {})
        result = await check(required, optional)
        return JSONResponse(result.model_dump(), status_code=200 if result.ready else 503)

    router.add_api_route("/readyz", readiness, response_model=Readiness)
    router.add_api_route("/healthz", readiness, response_model=Readiness, include_in_schema=False)

    @router.get("/version")
    async def read_version() -> dict[str, str]:
        """The version of this service."""
        return {"version": version}

    return router
