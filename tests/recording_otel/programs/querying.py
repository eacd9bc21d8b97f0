"""A program that asks a database and a server on this machine; knows nothing of agentops."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import requests
import sqlalchemy


class Silent(BaseHTTPRequestHandler):
    """Has nothing to say."""

    def do_GET(self):
        """No content."""
        self.send_response(204)
        self.end_headers()

    def log_message(self, *words):
        """Nothing is logged."""


with sqlalchemy.create_engine("sqlite://").connect() as connection:
    print(connection.execute(sqlalchemy.text("SELECT 1")).scalar())
server = HTTPServer(("127.0.0.1", 0), Silent)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(requests.get(f"http://127.0.0.1:{server.server_port}/x", timeout=10).status_code)
server.shutdown()
server.server_close()
