"""The registry over HTTP, for phones and desks: `create_app`. It carries; every rule is the registry's."""
