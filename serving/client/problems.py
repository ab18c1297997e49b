"""Problems that the service answers with (RFC 9457), each type an exception of its own."""

from __future__ import annotations

from typing import Any, ClassVar

PREFIX = "urn:frailty:problem:"


class ApiProblem(Exception):
    """What the service answered instead. ``kind`` is its stable type, without the prefix; ``more`` what else the document says."""

    KIND: ClassVar[str] = ""
    kinds: ClassVar[dict[str, type[ApiProblem]]] = {}

    def __init_subclass__(cls) -> None:
        cls.kinds[cls.KIND] = cls

    def __init__(self, kind: str, status: int, title: str, detail: str | None = None, request_id: str | None = None, **more: Any) -> None:  # fmt: skip
        super().__init__(f"{status} {kind}: {title}" + (f" ({detail})" if detail else ""))
        self.kind, self.status, self.title, self.detail = kind, status, title, detail
        self.request_id, self.more = request_id, more

    @classmethod
    def of(cls, status: int, document: dict[str, Any], request_id: str | None = None) -> ApiProblem:
        """The exception of a problem document; of a type that is not known here, an :class:`ApiProblem`."""
        told = dict(document)
        kind = str(told.pop("type", "about:blank")).removeprefix(PREFIX)
        title, detail = str(told.pop("title", "no problem document")), told.pop("detail", None)
        told.pop("status", None)
        return cls.kinds.get(kind, ApiProblem)(kind, status, title, detail, request_id, **told)


class Unauthenticated(ApiProblem):
    """The token is no good any more, and neither was a new one."""

    KIND = "unauthenticated"


class InvalidClient(ApiProblem):
    """The id or secret is wrong, or the client's access has ended."""

    KIND = "invalid-client"


class InsufficientScope(ApiProblem):
    KIND = "insufficient-scope"


class NotFound(ApiProblem):
    """There is none, or it is not for this client to see: the service does not say which."""

    KIND = "not-found"


class NothingPublished(ApiProblem):
    KIND = "nothing-published"


class UnfitParameter(ApiProblem):
    """``errors``: where and why, one each."""

    KIND = "unfit-parameter"

    @property
    def errors(self) -> list[dict[str, str]]:
        return list(self.more.get("errors", ()))


class TooLittle(ApiProblem):
    """What was posted is too little for a score. ``lacking``: ``table``, ``columns``, ``why`` and where it is time ``months``, one each."""

    KIND = "too-little"

    @property
    def lacking(self) -> list[dict[str, Any]]:
        return list(self.more.get("lacking", ()))


class TooLarge(ApiProblem):
    KIND = "too-large"


class ChangedSince(ApiProblem):
    """Somebody wrote of the person since: read again, and decide on what stands now."""

    KIND = "changed-since"


class Conflict(ApiProblem):
    KIND = "conflict"


class KeyReused(ApiProblem):
    KIND = "key-reused"


class ModelUnavailable(ApiProblem):
    KIND = "model-unavailable"


class Busy(ApiProblem):
    KIND = "busy"


class Unavailable(ApiProblem):
    KIND = "unavailable"
