"""harness: tool-call evaluation and regression for models served through vLLM."""

__version__ = "0.1.0"
