"""Emergency appeals: what is needed, what came, what is still missing, and who published it when."""
