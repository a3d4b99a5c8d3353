"""A name server on loopback: answers TXT questions from what it was told, or fails as real ones do."""

import socket
import threading
from types import TracebackType

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset


class FakeDns:
    """Answers over UDP; names without a record do not exist."""

    def __init__(self) -> None:
        self.records: dict[str, list[str]] = {}
        self.rcode = dns.rcode.NOERROR
        self.asked: list[str] = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def address(self) -> str:
        """Return host:port."""
        return "{}:{}".format(*self._socket.getsockname())

    def __enter__(self) -> "FakeDns":
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        # An empty datagram ends the loop, since closing a socket does not wake its reader.
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as knock:
            knock.sendto(b"", self._socket.getsockname())
        self._thread.join(5)
        self._socket.close()

    def _serve(self) -> None:
        while True:
            wire, caller = self._socket.recvfrom(4096)
            if not wire:
                return
            self._socket.sendto(self._answer(dns.message.from_wire(wire)).to_wire(), caller)

    def _answer(self, question: dns.message.Message) -> dns.message.Message:
        asked = question.question[0]
        name = asked.name.to_text(omit_final_dot=True)
        self.asked.append(name)
        answer = dns.message.make_response(question)
        answer.flags |= dns.flags.RA
        answer.set_rcode(self.rcode)
        if self.rcode == dns.rcode.NOERROR:
            values = self.records.get(name)
            if values is None:
                answer.set_rcode(dns.rcode.NXDOMAIN)
            elif asked.rdtype == dns.rdatatype.TXT:
                texts = [f'"{value}"' for value in values]
                answer.answer.append(dns.rrset.from_text_list(asked.name, 60, "IN", "TXT", texts))
        return answer
