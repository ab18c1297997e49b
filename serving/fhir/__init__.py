"""FHIR R4 (4.0.1): the API's own answers in the shapes that other systems read, one module a resource."""
