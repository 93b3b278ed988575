"""Ways to put elements on pages."""
