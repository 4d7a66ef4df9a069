"""When will my points come? What a volunteer's service waits for before it is points."""
