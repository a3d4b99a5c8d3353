"""Lets daphne send the close codes that the protocol keeps for servers, such as 1012 for a restart.

autobahn, on which daphne stands, gives an application only 1000 and 3000–4999; the frame itself can carry any.
"""

import sys
from typing import Any

SERVER_CODES = frozenset({1001, 1009, 1011, 1012, 1013})


def allow_server_codes() -> None:
    """Mend daphne's protocol when this process runs under daphne; other servers need nothing."""
    module = sys.modules.get("daphne.ws_protocol")
    if module is None or getattr(module.WebSocketProtocol, "guanxi_server_codes", False):
        return
    plain = module.WebSocketProtocol.serverClose

    def server_close(protocol: Any, code: int | None = None) -> None:
        if code in SERVER_CODES:
            protocol.sendCloseFrame(code=code)
        else:
            plain(protocol, code)

    module.WebSocketProtocol.serverClose = server_close
    module.WebSocketProtocol.guanxi_server_codes = True
