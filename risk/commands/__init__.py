"""The subcommands of ``frailty``, one module a group. Heavy imports happen inside a command, when it runs."""
