"""What service is worth: ledger, scoring, market, giving, boards."""
