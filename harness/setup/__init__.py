"""Set-up of `.venv`: a script for the system's Python, and pinned lists of what it installs."""
