"""The shapes of answers, for the OpenAPI document, the typed client and tests.

Answers are not passed through these shapes (that costs four fifths of a request); tests check every answer against them.
"""
