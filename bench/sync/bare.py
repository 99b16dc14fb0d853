"""The floor: httpx2 as it comes, posting bodies that lie ready. Nothing is claimed, looked up,
signed, judged or written down: `python -m sync.bare URL BODIES HANDS`.

Waits for a line on standard input before each turn, and prints the processor seconds of it.
"""

import asyncio
import json
import sys
import time
from base64 import b64decode
from pathlib import Path

import httpx2

HEADERS = {
    "content-type": "application/json",
    "authorization": "Bearer bench",
    "user-agent": "bare",
}


async def turn(url: str, bodies: list[bytes], hands: int) -> None:
    left = iter(enumerate(bodies))
    limits = httpx2.Limits(max_connections=hands, max_keepalive_connections=hands)
    async with httpx2.AsyncClient(limits=limits, trust_env=False) as client:

        async def post() -> None:
            for number, body in left:
                headers = {**HEADERS, "webhook-id": str(number)}
                answer = await client.post(url, content=body, headers=headers)
                answer.raise_for_status()

        await asyncio.gather(*(post() for _ in range(hands)))


def main() -> None:
    url, file, hands = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    bodies = [b64decode(each) for each in json.loads(file.read_bytes())]
    for _ in sys.stdin:
        began = time.process_time()
        asyncio.run(turn(url, bodies, hands))
        print(time.process_time() - began, flush=True)


if __name__ == "__main__":
    main()
