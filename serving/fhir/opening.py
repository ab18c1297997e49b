"""FHIR, put into the application."""

from __future__ import annotations

from fastapi import FastAPI

from serving.fhir import audit_event, capability, flag, group, list_of_practice, patient, risk_assessment, smart
from serving.fhir.bulk import routes as bulk
from serving.fhir.bulk.working import Working
from serving.fhir.outcomes import Outcomes


def add_fhir(app: FastAPI) -> None:
    """The resources' routes. Called after every other middleware is added, so that all errors under /fhir become OperationOutcomes."""
    for module in (capability, smart, risk_assessment, list_of_practice, flag, patient, bulk, group, audit_event):
        app.include_router(module.router)
    app.state.bulk = Working(app.state.installation)
    app.add_middleware(Outcomes)
