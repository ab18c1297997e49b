"""FHIR, put into the application."""

from __future__ import annotations

from fastapi import FastAPI

from serving.fhir import capability, flag, list_of_practice, patient, risk_assessment, smart
from serving.fhir.outcomes import Outcomes


def add_fhir(app: FastAPI) -> None:
    """The resources' routes. Called after every other middleware is added, so that all errors under /fhir become OperationOutcomes."""
    for module in (capability, smart, risk_assessment, list_of_practice, flag, patient):
        app.include_router(module.router)
    app.add_middleware(Outcomes)
