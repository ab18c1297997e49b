"""All the feeds of an area, named in one TOML file and taken in one after the other: see ``docs/sources/area.md``."""
