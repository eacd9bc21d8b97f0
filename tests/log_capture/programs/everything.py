"""Writes in every way that Python has, many lines of it, and ends badly."""

import io
import logging
import os
import subprocess
import sys
import threading

import agentops

agentops.init()
logging.basicConfig(level=logging.DEBUG, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")
log = logging.getLogger("everything")

print("plain", 1, None, sep="|")
print("partial", end=" ")
print("line")
print("\x1b[1;31mred\x1b[0m and \x1b]0;title\x07")
print("umlaut ä, euro €, crab 🦀")
for percent in range(0, 101, 10):
    print(f"\r{percent:3d}%", end="", flush=True)
print()
sys.stdout.writelines(["several ", "texts\n", "in a row\n"])
sys.stdout.write("")
sys.stdout.flush()
sys.stdout.buffer.write(b"\x00\xff raw bytes \xe2\x82\n")
sys.stdout.buffer.writelines([b"more ", bytearray(b"of "), memoryview(b"them\n")])
sys.stdout.flush()
print("text that stays behind", end="")
sys.stdout.buffer.write(b"bytes that overtake it\n")
print()
sys.stdout.flush()
os.write(1, b"around all of it\n")
subprocess.run([sys.executable, "-c", "print('from a child')"], check=True)

print("on stderr", file=sys.stderr)
sys.stderr.write("no newline, ")
log.info("logged %s", "once")
log.warning("with an exception", exc_info=ValueError("here"))
try:
    {}["missing"]
except KeyError:
    log.exception("caught")
log.info("%d", "no number")

print(sys.stdout.fileno(), sys.stdout.isatty(), sys.stdout.encoding, sys.stdout.errors, sys.stdout.line_buffering)
print(type(sys.stdout), isinstance(sys.stdout, io.TextIOWrapper), sys.stdout is sys.__stdout__, sys.stdout.mode)
print(sys.stdout.write("count me\n"), sys.stdout.buffer.write(b"") if sys.stdout.buffer else None)
sys.stdout.reconfigure(line_buffering=True, errors="backslashreplace")
print("reconfigured \udcff")
try:
    sys.stdout.write(3)
except TypeError as error:
    print("refused:", error)


def work(number):
    """Writes its lines."""
    for count in range(500):
        sys.stdout.write(f"thread {number} line {count}\n")


threads = [threading.Thread(target=work, args=(number,)) for number in range(1)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
for count in range(2000):
    print("line", count, "x" * (count % 100))
print("y" * 200_000)
sys.stdout = io.TextIOWrapper(sys.stdout.detach(), encoding="utf-8", write_through=True)
print("through another wrapper")
sys.stdout.flush()


def deeper(depth):
    """Fails far down."""
    if depth:
        deeper(depth - 1)
    raise LookupError("the end")


deeper(3)
