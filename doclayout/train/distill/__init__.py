"""Distillation: what a teacher knows, given to a smaller student or to one that sees smaller pages."""
