"""Who did what, when: people, activities, presence, and the records they leave."""
