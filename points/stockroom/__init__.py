"""The stockroom: what the keepers of a store do so that not one bag is unaccounted for."""
