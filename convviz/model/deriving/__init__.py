"""The parts of a scene, each derived from the session."""
