"""A typed client of the service. It needs ``httpx2`` and ``pydantic`` (a client that signs: ``joserfc``), and nothing of the service but the shapes of its answers."""

from serving.client.client import Client
from serving.client.lists import File, Tagged
from serving.client.problems import ApiProblem
from serving.client.proof import Key

__all__ = ["ApiProblem", "Client", "File", "Key", "Tagged"]
