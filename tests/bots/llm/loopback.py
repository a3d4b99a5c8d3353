"""What the operator allows while the tests run: the stand-ins on this machine."""


class Loopback:
    """Holds every port of 127.0.0.1."""

    def __contains__(self, place: object) -> bool:
        return str(place).startswith("127.0.0.1:")
