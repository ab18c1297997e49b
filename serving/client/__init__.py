"""A typed client of the service. It needs ``httpx2`` and ``pydantic``, and nothing of the service but the shapes of its answers."""

from serving.client.client import Client, Tagged
from serving.client.problems import ApiProblem

__all__ = ["ApiProblem", "Client", "Tagged"]
