"""What people look at: one view, several printers."""
