"""What vectors cannot hold: memory, processes, libraries side by side, and what is never told."""
