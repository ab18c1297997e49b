"""Style and script of the pages: the same for everybody, named by what is in them, and so kept by browsers for good."""

from __future__ import annotations

from typing import Any

from fastapi import Response
from starlette.staticfiles import StaticFiles

from serving.web.rendering import STATIC_FOLDER


class Files(StaticFiles):
    """The files of :data:`serving.web.rendering.STATIC_FOLDER`."""

    def __init__(self) -> None:
        super().__init__(directory=STATIC_FOLDER)

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        answer = super().file_response(*args, **kwargs)
        answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return answer
