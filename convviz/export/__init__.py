"""Scenes become files."""
