"""Builds the shared vectors from committed keys and fixed inputs, without our own packages."""
