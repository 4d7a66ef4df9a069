"""Before and after a change of rules: the dry run, and the recomputation that posts only differences."""
