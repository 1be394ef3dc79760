"""See every multiplication of a convolution layer."""

__version__ = "0.1.0"
