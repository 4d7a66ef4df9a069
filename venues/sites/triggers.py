"""Guards of the site table that a CHECK cannot express."""

import pgtrigger


def key_version_forward() -> pgtrigger.Trigger:
    """Refuse a lower key version: photographs of codes signed by a retired key would work again."""
    return pgtrigger.Trigger(
        name="site_key_version_forward",
        when=pgtrigger.Before,
        operation=pgtrigger.UpdateOf("key_version"),
        func=(
            "IF NEW.key_version < OLD.key_version THEN "
            "RAISE EXCEPTION 'site_key_version_forward: a retired key never signs again' "
            "USING ERRCODE = 'check_violation', CONSTRAINT = 'site_key_version_forward'; "
            "END IF; RETURN NEW;"
        ),
    )


def poster_version_forward() -> pgtrigger.Trigger:
    """Refuse a lower edition: posters taken down would count again."""
    return pgtrigger.Trigger(
        name="site_poster_version_forward",
        when=pgtrigger.Before,
        operation=pgtrigger.UpdateOf("poster_version"),
        func=(
            "IF NEW.poster_version < OLD.poster_version THEN "
            "RAISE EXCEPTION 'site_poster_version_forward: a retired poster never counts again' "
            "USING ERRCODE = 'check_violation', CONSTRAINT = 'site_poster_version_forward'; "
            "END IF; RETURN NEW;"
        ),
    )
