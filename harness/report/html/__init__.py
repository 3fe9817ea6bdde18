"""A report as one HTML page that needs nothing else: figures that stand in it, and transcripts to look into."""
