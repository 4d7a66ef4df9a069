"""The roof and the floor of Jishan: wiring, pages, accounts, regions, core."""
