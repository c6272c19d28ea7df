"""A far link in one network namespace: what is sent to 10.9.0.2 comes back from there to 10.9.0.1 after half a round trip.

Packets through the tunnel get their addresses swapped (which leaves every checksum as it is), so that both ends of a
connection live in this machine and the kernel's own TCP meets a real round-trip time. Usage: far-link.py <rtt in ms>;
it ends when its standard input does.
"""

import collections
import fcntl
import os
import select
import struct
import sys
import time

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000

half = float(sys.argv[1]) / 2000
tunnel = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
fcntl.ioctl(tunnel, TUNSETIFF, struct.pack("16sH22x", b"far0", IFF_TUN | IFF_NO_PI))
print("ready", flush=True)

under_way = collections.deque()
while True:
    wait = max(0.0, under_way[0][0] - time.monotonic()) if under_way else None
    readable, _, _ = select.select([tunnel, sys.stdin], [], [], wait)
    if sys.stdin in readable:
        sys.exit(0)
    if readable:
        try:
            while True:
                packet = os.read(tunnel, 65536)
                if packet[0] >> 4 == 4:
                    swapped = packet[:12] + packet[16:20] + packet[12:16] + packet[20:]
                    under_way.append((time.monotonic() + half, swapped))
        except BlockingIOError:
            pass
    now = time.monotonic()
    while under_way and under_way[0][0] <= now:
        os.write(tunnel, under_way.popleft()[1])
