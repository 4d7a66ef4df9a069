"""Ballots for scarce goods: who wants one enters, a seed nobody could know decides, anybody can recount."""
