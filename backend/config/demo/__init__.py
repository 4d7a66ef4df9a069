"""A demo community in Nanming, Guiyang, made through the services, deterministically."""
