"""Sends every shared vector to every driver and compares."""
