"""Who watches over the platform itself: what could not be delivered, and giving it another life."""
