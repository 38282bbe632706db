"""One module per topic; each has build() and gives one or more files."""
