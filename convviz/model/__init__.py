"""The frozen state of the program, its changes, and the scene derived from it."""
