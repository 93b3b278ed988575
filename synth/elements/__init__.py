"""Drawn elements of datasheet pages, one class family a file, and the pen that draws them."""
