"""Public boards: donors, good neighbours, hours. Consent first; no other code shows a name in public."""
