"""Goods and donors from a spreadsheet: checked whole, shown, then taken in whole or not at all."""
