"""Who works here, as the system calls them."""

import getpass
import os


def user_name() -> str:
    """Return the name of the user who runs this process; their number where they have none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user need not have a name
        return str(os.getuid())
