"""Why each line of a statement is what it is, and the statement as a file."""
