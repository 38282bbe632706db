"""The nginx module, driven through the real nginx."""
