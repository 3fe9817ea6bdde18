"""The HTTP side: one chat completion with retries, and token ids back into text."""

from harness.client.detokenizer import TAIL, Detokenizer
from harness.client.http import Answer, Client, Policy, header_value

__all__ = ["TAIL", "Answer", "Client", "Detokenizer", "Policy", "header_value"]
