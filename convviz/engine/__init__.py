"""Convolution layers on numpy arrays: arrays in, arrays out."""
