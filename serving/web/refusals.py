"""What somebody sees in the place of a page: where to log in, that there is none, that it cannot be had now."""

from __future__ import annotations

from fastapi import Response

from serving.problems import KINDS, Problem
from serving.web.rendering import html

#: In people's words; the others as the API titles them.
SAYS = {
    "not-found": ("Nothing to see here", "There is no such page or person, or it is not for you to see."),
    "link-over": ("This link cannot be used", "A link from another system works once, for a few minutes, and for whom it was made. Ask for another there."),
    "insufficient-scope": ("Not for your role", "Your role at the organisation that you selected does not reach this page."),
    "nothing-published": ("Nothing is published yet", "No run has been published; there is no list to look at."),
    "changed-since": ("Somebody wrote of this person since", "Nothing was written. Go back, read what stands now, and decide again."),
    "version-needed": ("The form was not whole", "Nothing was written. Go back and try again."),
    "form-refused": ("This form cannot be used any more", "Nothing was written. It was not made for this log-in, or you logged in anew since. Go back, load the page again and try once more."),
    "too-many": ("Too many pages in a short time", "Wait a minute and load the page again."),
    "unavailable": ("The list cannot be read now", "Try again in a minute. Nothing that was acknowledged is lost."),
    "reasons-unavailable": ("This person's reasons cannot be told now", "A score is not shown without them."),
}  # fmt: skip


def of(problem: Problem) -> Response:
    """A page that says what the problem is. It is the same for everybody who meets it."""
    kind = KINDS[problem.kind]
    title, says = SAYS.get(problem.kind, (kind.title, ""))
    page = html("refusal.html", kind.status, title=title, says=says, detail=problem.detail or "", errors=problem.more.get("errors", []))  # fmt: skip
    page.headers.update({name: value for name, value in problem.headers.items() if name == "Retry-After"})
    return page


def logged_out() -> Response:
    """Where to log in; the answer to anything behind the people's door that has no session."""
    return html("logged-out.html", 401)


def unavailable() -> Response:
    return of(Problem("unavailable"))
