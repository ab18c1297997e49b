"""The weekly delivery: a file of each practice's own list with its manifest, in an outbox folder, from which whatever moves files takes them, or
which is sent through MESH."""
