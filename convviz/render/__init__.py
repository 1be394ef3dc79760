"""Scenes become pixels: QtGui only, no widgets."""
