"""Runs each posted text with bash, and answers with JSON: its status, stdout and stderr."""

import http.server
import json
import subprocess


class Control(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        command = self.rfile.read(int(self.headers["content-length"])).decode()
        done = subprocess.run(["bash", "-c", command], capture_output=True, stdin=subprocess.DEVNULL)
        answer = {"status": done.returncode, "stdout": done.stdout.decode(), "stderr": done.stderr.decode()}
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


http.server.ThreadingHTTPServer(("0.0.0.0", 5000), Control).serve_forever()
