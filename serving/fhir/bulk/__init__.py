"""Bulk export of a Group as files of newline-delimited JSON: FHIR Bulk Data Access (https://hl7.org/fhir/uv/bulkdata/), asked for, waited for and fetched."""
