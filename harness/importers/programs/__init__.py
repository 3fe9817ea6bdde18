"""Programs that the importers start in processes of their own. They import nothing of this package."""
