"""The one exception whose message is written for the person at the keyboard."""


class InputError(ValueError):
    """An input that its owner can mend: a parameter, a file, an image, an environment.

    The message says where the fault is, what was found, what was expected and what to do. Stages
    and commands print it without a traceback; everything else that is raised is a bug of ours.
    """
