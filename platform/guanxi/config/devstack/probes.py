"""Is it there? Questions over the network, answered within a second."""

import http.client
import socket

PATIENCE = 1.0


def listens(port: int) -> bool:
    """Somebody accepts connections there."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE):
            return True
    except OSError:
        return False


def answers(port: int, path: str, *, host: str = "") -> bool:
    """An HTTP server there gives a good answer."""
    return status(port, path, host=host) in range(200, 400)


def status(port: int, path: str, *, host: str = "", patience: float = PATIENCE) -> int:
    """The status of an answer to GET, 0 when there is none."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=patience)
    try:
        connection.request("GET", path, headers={"Host": host} if host else {})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()
