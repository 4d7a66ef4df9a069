"""The crowd's phones: one cheap process, one connection per client, one request at a time on each.

    python -m tests.benchmarks.client plan.json > result.json

Runs beside the server on the same machine, so it must cost little: requests are bytes made beforehand, one
thread waits for all connections, and of an answer only status, length and one expected word are read.
"""

import json
import selectors
import socket
import sys
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_WINDOW_SECONDS = 30
_PLACEHOLDER = b"@" * 40  # as long as a site's token


class Phone:
    """One client: its connection, what it still has to send, and what it waits for."""

    def __init__(self, plan: Mapping[str, Any], requests: list[Mapping[str, Any]]) -> None:
        self.connection = socket.create_connection((plan["host"], plan["port"]))
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.tokens = plan.get("tokens", {})
        self.todo = [
            (_bytes_of(request, plan), str(request.get("site", ""))) for request in reversed(requests)
        ]
        self.received = b""
        self.sent_at = 0.0

    def send(self) -> bool:
        """Send the next request; False when there is none left."""
        if not self.todo:
            return False
        message, site = self.todo.pop()
        if site:
            window = str(int(time.time()) // _WINDOW_SECONDS)
            message = message.replace(_PLACEHOLDER, self.tokens[site][window].encode())
        self.received = b""
        self.sent_at = time.perf_counter()
        self.connection.sendall(message)
        return True

    def receive(self) -> tuple[int, bytes] | None:
        """Take what has come; status and body once the answer is whole."""
        piece = self.connection.recv(65536)
        if not piece:
            raise ConnectionError("the server closed the connection")
        self.received += piece
        head, found, body = self.received.partition(b"\r\n\r\n")
        if not found:
            return None
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        return (int(head[9:12]), body) if len(body) >= length else None


def _bytes_of(request: Mapping[str, Any], plan: Mapping[str, Any]) -> bytes:
    body = json.dumps(request["body"], separators=(",", ":")).encode() if request.get("body") else b""
    lines = [f"{request['method']} {request['path']} HTTP/1.1", f"Host: {plan['host']}:{plan['port']}"]
    if request.get("jwt"):
        lines.append(f"Authorization: Bearer {request['jwt']}")
    if request.get("cookie"):
        lines.append(f"Cookie: {request['cookie']}")
    if request.get("key"):
        lines.append(f"Idempotency-Key: {request['key']}")
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


def run(plan: Mapping[str, Any]) -> dict[str, Any]:
    """Send everything; the value says how long it took and what was answered."""
    phones = [Phone(plan, requests) for requests in plan["clients"]]
    expected = plan["expect"].encode()
    latencies: list[float] = []
    statuses: Counter[str] = Counter()
    matched = 0
    sample = ""
    with selectors.DefaultSelector() as waiting:
        for phone in phones:
            waiting.register(phone.connection, selectors.EVENT_READ, phone)
        begun = time.perf_counter()
        busy = sum(phone.send() for phone in phones)
        while busy:
            for key, _ in waiting.select():
                answer = key.data.receive()
                if answer is None:
                    continue
                latencies.append((time.perf_counter() - key.data.sent_at) * 1000)
                statuses[str(answer[0])] += 1
                if expected in answer[1]:
                    matched += 1
                else:
                    sample = sample or answer[1][:2000].decode(errors="replace")
                busy -= not key.data.send()
        seconds = time.perf_counter() - begun
    return {
        "seconds": seconds,
        "latencies_ms": sorted(latencies),
        "statuses": dict(statuses),
        "matched": matched,
        "unexpected": sample,
    }


if __name__ == "__main__":
    json.dump(run(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))), sys.stdout)
