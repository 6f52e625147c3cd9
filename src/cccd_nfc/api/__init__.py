"""The registry over HTTP, for phones: `create_app`. It carries; every rule is the registry's."""
