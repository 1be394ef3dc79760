"""Files from outside and back: arrays and images."""
